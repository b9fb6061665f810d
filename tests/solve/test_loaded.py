"""A loaded program answers as a fresh one would, and is left as it was found."""

from __future__ import annotations

import numpy as np
import pytest

from allocate.checking.opening import read_case
from allocate.inputs.scenario.variant import apply
from allocate.model.compile import compile_variant
from allocate.model.program import LinearProgram
from allocate.solve.held import Row
from allocate.solve.loaded import LoadedProgram
from allocate.solve.solution import Limits, Status
from tests.conftest import ROOT
from tests.solve.programs import INF, knapsack, program


@pytest.fixture(scope="module")
def silo() -> LinearProgram:
    return compile_variant(apply(read_case(ROOT / "tests" / "cases" / "tiny"), "silo")).program


def test_warm_and_cold_agree_after_a_change_of_a_pot(silo: LinearProgram) -> None:
    loaded = LoadedProgram(silo)
    base = loaded.solve().objective
    pot = np.array([silo.rows_index.at("pot", "P2")])
    with loaded.what_if():
        loaded.change_row_bounds(pot, np.array([-INF]), np.array([3300.0]))
        warm = loaded.solve().objective
        cold = loaded.solve(warm=False).objective
    assert warm == pytest.approx(cold, abs=1e-12)
    assert warm == pytest.approx(base - 300 * (0.0125 + 0.02 / 30) / 150, abs=1e-12)
    assert loaded.solve().objective == pytest.approx(base, abs=1e-12)


def test_every_kind_of_change_is_undone(silo: LinearProgram) -> None:
    loaded = LoadedProgram(silo)
    base = loaded.solve()
    use = silo.columns_index["use"]
    with loaded.what_if():
        loaded.change_bounds(np.array([use.start]), np.array([0.0]), np.array([2.0]))
        loaded.change_cost(np.arange(use.start, use.stop), np.full(len(use), 0.001))
        row = loaded.add_row(Row(np.array([use.start, use.start + 1]), np.array([1.0, 1.0]), upper=7.0))
        column = loaded.add_column(-0.5, 0.0, 1.0, np.array([row]), np.array([1.0]))
        changed = loaded.solve()
        assert changed.x is not None
        assert changed.x[column] == pytest.approx(1.0)
        assert changed.x[use.start] + changed.x[use.start + 1] + changed.x[column] <= 7 + 1e-9
        assert changed.objective != pytest.approx(base.objective, abs=1e-6)
    again = loaded.solve(warm=False)
    assert again.objective == pytest.approx(base.objective, abs=1e-13)
    assert again.x is not None
    assert len(again.x) == silo.column_count


def test_added_row_keeps_the_meaning_of_its_numbers() -> None:
    loaded = LoadedProgram(program([-1, -1], [5e6, 3], [(-INF, [1e-3, 2e3], 4e3)]))
    loaded.add_row(Row(np.array([0]), np.array([1e-6]), upper=2.0))
    solution = loaded.solve()
    assert solution.x is not None
    assert solution.x[0] == pytest.approx(2e6)


def test_infeasible_is_said_and_leaves_the_program_usable(silo: LinearProgram) -> None:
    loaded = LoadedProgram(silo)
    base = loaded.solve().objective
    floor = np.array([silo.rows_index.at("floor", "F1", "S2")])
    with loaded.what_if():
        loaded.change_row_bounds(floor, np.array([29.9]), np.array([INF]))
        assert loaded.solve().status is Status.INFEASIBLE
    assert loaded.solve().objective == pytest.approx(base, abs=1e-12)


def test_suggested_point_is_kept_when_time_is_up() -> None:
    hard = knapsack(60, seed=3)
    loaded = LoadedProgram(hard, Limits(seconds=0.2))
    loaded.suggest(np.zeros(60))
    solution = loaded.solve()
    assert solution.status is Status.LIMIT
    assert solution.x is not None
    assert solution.objective <= 0
    assert solution.bound < solution.objective
