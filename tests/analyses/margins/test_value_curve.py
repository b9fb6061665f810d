"""Value curves of known shape: the first piece of a concave, piecewise linear function is found exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocate.analyses.margins.value_curve import MOST_SOLVES, Piece, Reading, first_piece


@dataclass
class Curve:
    """A concave curve: value ``base`` at 0, ``slopes[i]`` from ``bends[i-1]`` to ``bends[i]``, no plan beyond ``end``.

    At a bend any tangent is allowed; the curve gives the flatter one, as a solver that ends beyond the bend would.
    """

    base: float
    slopes: tuple[float, ...]
    bends: tuple[float, ...]
    end: float = math.inf
    asked: list[float] = field(default_factory=list)

    def value(self, step: float) -> float:
        total, before = self.base, 0.0
        for slope, bend in zip(self.slopes, (*self.bends, math.inf), strict=True):
            total += slope * (min(step, bend) - before)
            if step <= bend:
                break
            before = bend
        return total

    def __call__(self, step: float) -> Reading | None:
        self.asked.append(step)
        if step > self.end:
            return None
        piece = sum(step >= bend for bend in self.bends)
        return Reading(step, self.value(step), self.slopes[piece])


LIMIT, SMALLEST = 1000.0, 0.1


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    """Curves with up to five pieces, the first at least as wide as the smallest step.

    The slopes differ by more than what a curve may deviate from a line and still count as straight (a millionth).
    """
    count = draw(st.integers(1, 5))
    drops = draw(st.lists(st.floats(0.2, 3), min_size=count, max_size=count))
    first = draw(st.floats(-5, 5))
    slopes = tuple(first - sum(drops[:i]) for i in range(count))
    widths = draw(st.lists(st.floats(0.2, 400), min_size=count - 1, max_size=count - 1))
    bends = tuple(sum(widths[: i + 1]) for i in range(count - 1))
    return Curve(draw(st.floats(-10, 10)), slopes, bends)


@given(curves(), st.booleans())
def test_slope_and_end_of_the_first_piece(curve: Curve, told: bool) -> None:
    """``told``: the slope at the start is known, as from a dual; otherwise it has to be found."""
    found = first_piece(curve, curve.base, LIMIT, SMALLEST, curve.slopes[0] if told else math.inf)
    bend = curve.bends[0] if curve.bends else math.inf
    assert found.slope == pytest.approx(curve.slopes[0], rel=1e-6, abs=1e-7)
    assert 0 < found.reach <= min(bend, LIMIT) * (1 + 1e-5)
    assert found.ends == (bend < LIMIT)
    if told or len(curve.slopes) == 2:
        assert found.reach == pytest.approx(min(bend, LIMIT), rel=1e-4)
    assert len(curve.asked) <= 2 * MOST_SOLVES


@given(st.floats(0.5, 900), st.floats(-3, 3))
def test_a_curve_that_ends_holds_as_far_as_there_are_plans(end: float, slope: float) -> None:
    found = first_piece(Curve(1.0, (slope,), (), end), 1.0, LIMIT, SMALLEST)
    assert found.slope == pytest.approx(slope, abs=1e-7)
    assert found.ends
    assert end * 0.98 - SMALLEST <= found.reach <= end


@given(st.floats(1, 400), st.floats(1, 400))
def test_a_bend_before_the_end_is_the_end_of_the_piece(bend: float, more: float) -> None:
    found = first_piece(Curve(0.0, (2.0, 1.0), (bend,), bend + more), 0.0, LIMIT, SMALLEST)
    assert found.slope == pytest.approx(2.0)
    assert 0 < found.reach <= bend * (1 + 1e-6)


def test_a_bend_before_the_smallest_step_is_not_proven() -> None:
    found = first_piece(Curve(0.0, (2.0, 1.0), (0.01,)), 0.0, LIMIT, SMALLEST)
    assert found.reach == 0.0
    assert found.ends
    assert found.slope == pytest.approx((2.0 * 0.01 + 1.0 * 0.09) / SMALLEST)


def test_no_plan_even_for_the_smallest_step() -> None:
    found = first_piece(Curve(0.0, (1.0,), (), 0.05), 0.0, LIMIT, SMALLEST)
    assert math.isnan(found.slope)
    assert (found.reach, found.ends) == (0.0, True)


def test_a_straight_line_takes_one_solve() -> None:
    curve = Curve(3.0, (0.5,), ())
    assert first_piece(curve, 3.0, LIMIT, SMALLEST) == Piece(0.5, LIMIT, False)
    assert curve.asked == [LIMIT]
