"""Slopes at corners: left and right differ, and each is what a second solve finds."""

from __future__ import annotations

import math
from types import SimpleNamespace

import highspy
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from allocate.inputs.case import Case
from allocate.model.program import LinearProgram
from allocate.session import Session
from allocate.solve.basis import Basis
from allocate.solve.loaded import LoadedProgram
from allocate.solve.probe import Slope, slopes_at
from tests.solve.programs import INF, program
from tests.strategies import towns


def corner() -> LinearProgram:
    """Money for exactly the four places that are worth 3; further ones are worth 1, and end after six more."""
    return program([-3, -1], [4, 6], [(-INF, [1, 1], 4)])


def slope_of(asked: LinearProgram, step: float, row: int = 0) -> Slope:
    loaded = LoadedProgram(asked)
    return slopes_at(loaded, np.array([row]), loaded.solve(), [step])[0]


def test_right_and_left_slope_at_a_corner() -> None:
    right, left = slope_of(corner(), 2.0), slope_of(corner(), -2.0)
    assert (right.slope, left.slope) == (pytest.approx(-1), pytest.approx(-3))
    assert 0 < right.reach <= 6
    assert -4 <= left.reach < 0


def test_without_a_factorisation_a_basis_says_nothing() -> None:
    found = SimpleNamespace(col_value=[4, 0], row_value=[4], col_dual=[0, 2], row_dual=[-3])
    solver = SimpleNamespace(
        getSolution=lambda: found, getBasicVariables=lambda: (highspy.HighsStatus.kError, np.array([9, 9]))
    )
    basis = Basis(solver, corner())
    assert (basis.is_factorised, basis.reach(0, 1.0), basis.reach_of_column(0, 1.0, upper=True)) == (False, 0.0, 0.0)
    assert basis.change(np.array([0]), np.zeros(1), np.ones(1)) is None


def test_basis_proves_a_slope_as_far_as_it_holds() -> None:
    """Money for two of four places: two more of the same worth fit before the next corner, two fewer were bought."""
    short = program([-3, -1], [4, 6], [(-INF, [1, 1], 2)])
    assert slope_of(short, 1.0) == Slope(pytest.approx(-3), pytest.approx(2))
    assert slope_of(short, -1.0) == Slope(pytest.approx(-3), pytest.approx(-2))


def test_row_without_effect_has_no_slope_as_far_as_there_is_room() -> None:
    slack = program([-3, -1], [4, 6], [(-INF, [1, 1], 20)])
    assert slope_of(slack, 1.0).slope == 0
    assert slope_of(slack, -1.0) == Slope(0.0, pytest.approx(-10))


def test_step_past_the_next_corner_is_shortened_until_it_is_proven() -> None:
    right = slope_of(corner(), 20.0)
    assert right.slope == pytest.approx(-1)
    assert 0 < right.reach <= 6


def test_step_that_leaves_no_plan_has_no_slope() -> None:
    stuck = program([1, 1], [4, 6], [(10, [1, 1], INF)])
    assert math.isnan(slope_of(stuck, 1.0).slope)
    assert slope_of(stuck, -1.0).slope == pytest.approx(1)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=towns())
def test_marginal_value_of_every_pot_is_the_chord_to_a_little_more_money(case: Case) -> None:
    session = Session(case)
    for scenario in ("A", "B"):
        plan = session.run(scenario)
        if not plan.has_plan:
            continue
        rows = session.compiled(scenario).program.rows_index["pot"]
        loaded, best = session.loaded(scenario), session.optimum(scenario).objective
        for number, pot in enumerate(plan.pots.itertuples()):
            # A tenth of a cent is less than the way to the next corner of towns in whole numbers.
            with loaded.what_if():
                upper = np.array([pot.amount_eur + 0.001])
                loaded.change_row_bounds(np.array([rows.start + number]), np.array([-INF]), upper)
                chord = (best - loaded.solve(warm=False).objective) / 0.001
            assert pot.marginal_value == pytest.approx(chord, rel=1e-4, abs=1e-9)
