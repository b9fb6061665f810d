"""Slopes at corners: left and right differ, and each is what a second solve finds."""

from __future__ import annotations

import math

import pytest

from allocate.model.program import LinearProgram
from allocate.solve.loaded import LoadedProgram
from allocate.solve.probe import slope_at
from tests.solve.programs import INF, program


def corner() -> LinearProgram:
    """Money for exactly the four places that are worth 3; further ones are worth 1, and end after six more."""
    return program([-3, -1], [4, 6], [(-INF, [1, 1], 4)])


def test_right_and_left_slope_at_a_corner() -> None:
    loaded = LoadedProgram(corner())
    base = loaded.solve().objective
    assert base == pytest.approx(-12)
    right, left = slope_at(loaded, 0, base, 2.0), slope_at(loaded, 0, base, -2.0)
    assert (right.slope, left.slope) == (pytest.approx(-1), pytest.approx(-3))
    assert (right.reach, left.reach) == (2.0, -2.0)


def test_step_past_the_next_corner_is_shortened_until_it_is_proven() -> None:
    loaded = LoadedProgram(corner())
    base = loaded.solve().objective
    right = slope_at(loaded, 0, base, 20.0)
    assert right.slope == pytest.approx(-1)
    assert 0 < right.reach <= 6


def test_step_that_leaves_no_plan_has_no_slope() -> None:
    loaded = LoadedProgram(program([1, 1], [4, 6], [(10, [1, 1], INF)]))
    base = loaded.solve().objective
    assert math.isnan(slope_at(loaded, 0, base, 1.0).slope)
    assert slope_at(loaded, 0, base, -1.0).slope == pytest.approx(1)
