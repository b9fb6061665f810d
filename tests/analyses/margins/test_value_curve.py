"""Value curves of known shape: the first piece of a concave, piecewise linear function is found exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocate.analyses.margins.value_curve import HALVINGS, MOST_SOLVES, Piece, Reading, first_piece, proven_piece


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


@pytest.mark.parametrize("base", [0.0, 5.0])
@pytest.mark.parametrize(
    ("slopes", "bends", "steepest", "asked", "reach"),
    [
        # Where the steepest line from the start meets the tangent; a quarter where that is no great step.
        ((2.0, 1.0), (300.0,), 2.0, [1000.0, 300.0], 300.0),
        ((2.0, 1.0), (899.0,), 2.0, [1000.0, 899.0], 899.0),
        ((2.0, 1.0), (900.0,), 2.0, [1000.0, 250.0, 900.0], 900.0),
        ((2.0, 1.0), (300.0,), math.inf, [1000.0, 250.0, 300.0], 300.0),
        ((-1.0, -3.0), (300.0,), -1.0, [1000.0, 300.0], 300.0),
        # From tangent to tangent until one meets the line where the curve does.
        ((3.0, 2.0, 1.0), (100.0, 500.0), math.inf, [1000.0, 250.0, 62.5, 100.0], 100.0),
        ((3.0, 2.0, 1.0), (100.0, 120.0), math.inf, [1000.0, 250.0, 62.5, 110.0, 100.0], 100.0),
        ((3.0, 2.0, 1.0), (100.0, 500.0), 3.0, [1000.0, 300.0, 100.0], 100.0),
    ],
)
def test_which_steps_are_asked(
    base: float, slopes: tuple[float, ...], bends: tuple[float, ...], steepest: float, asked: list[float], reach: float
) -> None:
    curve = Curve(base, slopes, bends)
    assert first_piece(curve, base, LIMIT, SMALLEST, steepest) == Piece(slopes[0], reach, True)
    assert curve.asked == asked


def test_no_step_is_below_the_smallest() -> None:
    """At the smallest step the search ends, with the slope up to there and nothing proven."""
    curve = Curve(1.0, (2.0, 1.0), (0.01,))
    found = first_piece(curve, 1.0, LIMIT, SMALLEST, 2.0)
    assert (curve.asked, found.reach, found.ends) == ([LIMIT, SMALLEST], 0.0, True)
    assert found.slope == pytest.approx(1.1)
    quarters = Curve(0.0, (1.0,), (), 0.0)
    assert math.isnan(first_piece(quarters, 0.0, 1.0, 0.2).slope)
    assert quarters.asked == [1.0, 0.25, 0.2]


def test_the_search_ends_after_so_many_solves() -> None:
    curve = Curve(0.0, (1.0,), (), 0.0)
    assert math.isnan(first_piece(curve, 0.0, LIMIT, 1e-30).slope)
    assert len(curve.asked) == MOST_SOLVES


def test_the_way_to_a_step_without_a_plan_is_halved() -> None:
    curve = Curve(2.0, (1.0,), (), 300.0)
    low, high = 250.0, 1000.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if middle <= 300.0 else (low, middle)
    assert first_piece(curve, 2.0, LIMIT, SMALLEST) == Piece(1.0, low, True)
    assert len(curve.asked) == 2 + HALVINGS


def test_a_bend_on_the_way_to_a_step_without_a_plan() -> None:
    curve = Curve(2.0, (2.0, 1.0), (270.0,), 400.0)
    assert first_piece(curve, 2.0, LIMIT, SMALLEST) == Piece(2.0, 270.0, True)
    assert curve.asked == [1000.0, 250.0, 625.0, 437.5, 343.75, 270.0]


def test_a_known_slope_says_nothing_of_a_step_without_a_plan() -> None:
    curve, other = Curve(0.0, (1.0,), (), 300.0), Curve(0.0, (1.0,), (), 300.0)
    assert first_piece(curve, 0.0, LIMIT, SMALLEST, 1.0) == first_piece(other, 0.0, LIMIT, SMALLEST)
    assert curve.asked == other.asked


def test_what_is_known_of_a_tangent_spares_the_way_to_a_step_without_a_plan() -> None:
    curve = Curve(0.0, (3.0, 1.0), (100.0,), 300.0)
    assert first_piece(curve, 0.0, LIMIT, SMALLEST) == Piece(3.0, 100.0, True)
    assert curve.asked == [1000.0, 250.0, 62.5, 100.0]


def test_a_slope_that_is_proven_up_to_a_step() -> None:
    """One reading a little further tells whether the piece ends before it."""
    curve = Curve(1.0, (2.0, 1.0), (300.0,))
    assert proven_piece(curve, 1.0, LIMIT, 2.0, 200.0) == Piece(2.0, 300.0, True)
    assert curve.asked == [400.0, 300.0]
    far = Curve(1.0, (2.0, 1.0), (700.0,))
    assert proven_piece(far, 1.0, LIMIT, 2.0, 600.0) == Piece(2.0, 700.0, True)
    assert far.asked == [LIMIT, 700.0]


def test_a_piece_that_may_go_on_beyond_what_is_proven_has_no_end_yet() -> None:
    straight = Curve(0.0, (2.0, 1.0), (300.0,))
    assert proven_piece(straight, 0.0, LIMIT, 2.0, 100.0) is None
    assert straight.asked == [200.0]
    assert proven_piece(Curve(0.0, (2.0,), (), 150.0), 0.0, LIMIT, 2.0, 100.0) is None


@pytest.mark.parametrize("reach", [LIMIT, 2 * LIMIT])
def test_what_is_proven_up_to_the_limit_needs_no_solve(reach: float) -> None:
    curve = Curve(0.0, (2.0,), ())
    assert proven_piece(curve, 0.0, LIMIT, 2.0, reach) == Piece(2.0, LIMIT, False)
    assert curve.asked == []


# Where a tangent that falls by a million from 0.01 below the line meets it.
ALMOST = (799.99 + 1e6 * 400.0) / (2.0 + 1e6)


def read(*known: tuple[float, float, float]) -> dict[float, Reading]:
    """Readings by their step; there is no plan elsewhere."""
    return {step: Reading(step, value, slope) for step, value, slope in known}


@pytest.mark.parametrize(
    ("known", "reach"),
    [
        # No plan where the next tangent meets the line.
        (read((400.0, 700.0, 1.0)), 200.0),
        # A tangent as steep as the line never meets it; one that meets it within what is proven says no more.
        (read((400.0, 790.0, 2.0), (800.0, 1590.0, 2.0)), 200.0),
        (read((400.0, 600.0, 1.0), (200.0, 400.0, 1.0)), 200.0),
        # A reading as far out as the one before brings no nearer, wherever its own tangent meets the line.
        (read((400.0, 799.99, -1e6), (ALMOST, 700.0, 1.0), (700.0 - ALMOST, 1400.0 - 2.0 * ALMOST, 2.0)), 200.0),
    ],
)
def test_a_reach_that_cannot_be_confirmed_stays_what_is_proven(known: dict[float, Reading], reach: float) -> None:
    assert proven_piece(known.get, 0.0, LIMIT, 2.0, 200.0) == Piece(2.0, reach, True)


@pytest.mark.parametrize(("slope", "near", "far"), [(2.0, 7e-4, 9e-4), (-2.0, 7e-4, 9e-4), (0.0, 9e-11, 2e-10)])
@pytest.mark.parametrize("side", [1, -1])
def test_what_still_counts_as_on_the_line(slope: float, near: float, far: float, side: int) -> None:
    """A millionth of what the step is worth, and 1e-10 points beside that."""
    for off, straight in ((near, True), (far, False)):
        found = proven_piece(read((400.0, 400.0 * slope + side * off, slope - 1.0)).get, 0.0, LIMIT, slope, 200.0)
        assert (found is None) == straight


@pytest.mark.parametrize("told", [False, True])
def test_what_still_counts_as_straight(told: bool) -> None:
    """By the tangent at the step, or by a known one at the start."""
    for off, straight in ((9e-7, True), (2e-6, False)):
        chord = 2.0 / (1 + off) if told else 2.0
        curve = read((LIMIT, chord * LIMIT, 0.0 if told else 2.0 * (1 - off)))
        found = first_piece(curve.get, 0.0, LIMIT, LIMIT, 2.0 if told else math.inf)
        assert found == Piece(chord, LIMIT if straight else 0.0, not straight)
