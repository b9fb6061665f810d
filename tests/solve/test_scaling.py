"""Scaling changes the size of numbers and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.solve.scaling import COST_SIZE, scale
from tests.solve.programs import INF, program


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000))
def test_scaled_program_is_the_same_program(seed: int) -> None:
    rng = np.random.default_rng(seed)
    dense = rng.normal(size=(4, 5)) * 10.0 ** rng.integers(-6, 7, size=(4, 5)) * (rng.random((4, 5)) < 0.6)
    costs = rng.normal(size=5) * 1e-7
    original = program(
        costs.tolist(), (10.0 ** rng.integers(0, 7, 5)).tolist(), [(-INF, row.tolist(), 1e5) for row in dense]
    )
    scaled = scale(original)
    x = rng.uniform(0, 1, 5) * original.upper
    inside = scaled.scale_x(x)
    assert np.array_equal(scaled.unscale_x(inside), x)
    assert np.allclose(scaled.program.activity(inside), original.activity(x) * scaled.row, rtol=1e-12)
    assert scaled.program.objective(inside) == pytest.approx(original.objective(x) * scaled.objective, rel=1e-9)
    dual = rng.normal(size=4)
    assert np.allclose(
        original.reduced_cost(scaled.unscale_dual(dual)) * scaled.objective * scaled.column,
        scaled.program.reduced_cost(dual),
        rtol=1e-9,
        atol=1e-9,
    )
    assert np.all(np.log2(scaled.row) % 1 == 0)
    assert np.all(np.log2(scaled.column) % 1 == 0)


def test_numbers_come_to_a_common_size() -> None:
    original = program([-1e-8, -1e-4], [1e6, 1e2], [(-INF, [1, 1500], 1e6), (0, [0, 0.1], INF)])
    scaled = scale(original).program
    assert 0.2 < np.abs(scaled.values).min() <= np.abs(scaled.values).max() < 5
    assert np.abs(scaled.cost).max() == pytest.approx(COST_SIZE, rel=0.5)


def test_whole_numbers_stay_whole() -> None:
    assert scale(program([1, 1], [1, 1e6], [(1, [3e5, 1], INF)], integer=[0])).column[0] == 1


def test_program_without_costs_rows_or_entries_is_left_alone() -> None:
    empty = program([0, 0], [1, 1], [])
    assert scale(empty).objective == 1
    assert np.array_equal(scale(empty).program.upper, empty.upper)
