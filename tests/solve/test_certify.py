"""The certificate must see every kind of wrong answer, and a difference of 1e-7 of the objective."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.model.program import LinearProgram
from allocate.solve.certify import certify, dual_bound, primal_violation, proves_infeasible
from allocate.solve.loaded import LoadedProgram
from tests.solve.programs import INF, program


def simple() -> LinearProgram:
    """maximise x + y with x + 2 y <= 4, x <= 3, y <= 3: optimum 3.5 at (3, 0.5), dual -0.5 of the row."""
    return program([-1, -1], [3, 3], [(-INF, [1, 2], 4)])


def test_right_answer_is_verified() -> None:
    certificate = certify(simple(), np.array([3.0, 0.5]), np.array([-0.5]))
    assert certificate.verified
    assert certificate.objective == pytest.approx(-3.5)
    assert 0 <= certificate.gap < 1e-12


def test_plan_that_breaks_a_row_is_refused() -> None:
    certificate = certify(simple(), np.array([3.0, 0.6]), np.array([-0.5]))
    assert not certificate.verified
    assert certificate.primal_violation == pytest.approx(0.2 / 4.2)


@pytest.mark.parametrize("x", [[3.1, 0.4], [-0.1, 2.0], [np.nan, 0.0], [np.inf, 0.0]])
def test_plan_outside_its_bounds_is_refused(x: list[float]) -> None:
    assert not certify(simple(), np.array(x), np.array([-0.5])).verified


def test_worse_plan_is_refused_even_by_a_hair() -> None:
    hair = 3e-7
    assert not certify(simple(), np.array([3.0, 0.5 - hair]), np.array([-0.5])).verified
    assert certify(simple(), np.array([3.0, 0.5 - hair]), None, within=np.inf).verified


@pytest.mark.parametrize(("unit", "violation"), [(1.0, 1 / 5), (1e6, 1 / 8)])
def test_violation_does_not_hide_in_a_large_unit(unit: float, violation: float) -> None:
    """5,000 EUR in a pot of 4,000: a thousand too much, also where money is counted in millions."""
    pot = program([-1, -1], [5e3 / unit, 3e3 / unit], [(-INF, [1, 1], 4e3 / unit)])
    assert primal_violation(pot, np.array([5e3 / unit, 0.0])) == pytest.approx(violation)


def test_wrong_duals_never_give_a_bound_above_the_optimum() -> None:
    for dual in (-5.0, -0.7, -0.1, 0.0, 0.3, 100.0):
        assert dual_bound(simple(), np.array([dual])) <= -3.5 + 1e-12


def test_fraction_of_a_whole_offer_is_a_violation() -> None:
    whole = program([-1, -1], [3, 3], [(-INF, [1, 2], 4)], integer=[1])
    assert primal_violation(whole, np.array([3.0, 0.5])) == pytest.approx(0.5)
    assert primal_violation(whole, np.array([2.0, 1.0])) == 0


def test_infeasibility_is_proven_by_the_right_ray_only() -> None:
    impossible = program([1, 1], [1, 1], [(3, [1, 1], INF)])
    assert proves_infeasible(impossible, np.array([1.0]))
    assert proves_infeasible(impossible, np.array([-1.0]))
    assert not proves_infeasible(impossible, np.array([0.0]))
    possible = program([1, 1], [2, 1], [(3, [1, 1], INF)])
    assert not proves_infeasible(possible, np.array([1.0]))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_bound_and_objective_meet_on_random_programs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    columns, rows = rng.integers(2, 7), rng.integers(1, 6)
    inside = rng.uniform(0, 2, columns)
    lines = []
    for _ in range(rows):
        coefficients = rng.integers(-3, 4, columns).astype(float)
        value = float(coefficients @ inside)
        lines.append((value - rng.uniform(0, 1), coefficients.tolist(), value + rng.uniform(0, 1)))
    random = program(rng.normal(size=columns).tolist(), [2.0] * columns, lines)
    solution = LoadedProgram(random).solve()
    assert solution.x is not None
    certificate = certify(random, solution.x, solution.row_dual)
    assert certificate.verified
    assert dual_bound(random, rng.normal(size=rows)) <= certificate.objective + 1e-12
