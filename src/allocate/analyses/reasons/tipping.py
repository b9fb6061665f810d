"""Tipping points: from which value of one number a held level is as good as something else.

Along a line, the sides of some rows move with one number (money of an offer, effect, a pot's amount). The best value
is then a concave piecewise linear function of that number, and a row's dual gives its slope, so Newton's method from
the bad side never overshoots and ends in finitely many re-solves at the exact tipping point. It needs no objective
row, which would sell the solver's tolerance. Where nothing tips, the tangent is the proof.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from allocate.bench.resolve import NOTHING, Bench, Hold, Outcome
from allocate.town.arrays import Floats, Ints

MOST_STEPS = 60
# A bracket this small against the whole range is a point.
FINE = 1e-10
# Step by step search in an indivisible scenario ends at this share of the way to the tipping point.
COARSE = 1e-3


@dataclass(frozen=True)
class Line:
    """Questions along one number tau: the sides of ``rows`` are those of the program plus ``tau * direction``."""

    rows: Ints
    direction: Floats
    holds: tuple[Hold, ...] = field(default=())

    def at(self, bench: Bench, tau: float) -> Outcome:
        """The best plan at one point of the line."""
        program = bench.program
        moved = Hold(
            self.rows,
            program.row_lower[self.rows] + tau * self.direction,
            program.row_upper[self.rows] + tau * self.direction,
            rows=True,
        )
        return bench.ask(*self.holds, moved)

    def slope(self, outcome: Outcome) -> float:
        """Change of the best value per unit of tau (one of the supergradients); NaN where there is none."""
        if outcome.row_worth is None:
            return math.nan
        return float(outcome.row_worth[self.rows] @ self.direction)


@dataclass(frozen=True)
class Tip:
    """Where the best value reaches the target, seen from ``start``; ``tau`` is NaN where it never does.

    ``proven``: by concavity, or by monotony in an indivisible scenario; ``best``: the largest value seen.
    """

    tau: float
    best: float
    proven: bool = True

    @property
    def exists(self) -> bool:
        """Whether there is such a point."""
        return not math.isnan(self.tau)


def tip(bench: Bench, line: Line, start: float, end: float, target: float) -> Tip:
    """The point nearest to ``start`` in the interval from ``start`` to ``end`` whose best value reaches ``target``.

    The value at ``start`` is below the target (or there is no plan). In an indivisible scenario the value must grow
    from ``start`` to ``end``.
    """
    if bench.is_mixed_integer:
        return _by_halving(lambda tau: line.at(bench, tau).value, start, end, target)
    good = _reached(bench, line, start, end, target)
    if isinstance(good, Tip):
        return good
    return _narrowed(bench, line, _End(bench, line, start), good, target)


class _End:
    """One end of the bracket: its place, value and slope."""

    def __init__(self, bench: Bench, line: Line, tau: float) -> None:
        outcome = line.at(bench, tau)
        self.tau, self.value = tau, outcome.value
        self.slope = line.slope(outcome) if outcome.possible else math.nan

    def tangent_reaches(self, target: float) -> float:
        """Where the tangent has the target's height; infinite where it is flat."""
        if not math.isfinite(self.slope) or self.slope == 0:
            return math.inf
        return self.tau + (target - self.value) / self.slope


def _reached(bench: Bench, line: Line, start: float, end: float, target: float) -> _End | Tip:
    """Some point at which the target is reached, or the proof that there is none.

    From a point that misses the target the value can reach it only on the side to which the tangent rises.
    """
    left, right = _End(bench, line, start), _End(bench, line, end)
    if right.value >= target - NOTHING / 10:
        return right
    forward = 1.0 if end > start else -1.0
    best = max(left.value, right.value)
    for _ in range(MOST_STEPS):
        if math.isfinite(right.value):
            # Seen from the far end the target can only lie nearer to the start.
            goal = right.tangent_reaches(target)
            if not math.isfinite(goal) or (goal - right.tau) * forward >= 0 or (goal - left.tau) * forward < 0:
                return Tip(math.nan, best)
            between = goal
        elif math.isfinite(left.value):
            goal = left.tangent_reaches(target)
            if not math.isfinite(goal) or (goal - left.tau) * forward <= 0 or (goal - right.tau) * forward >= 0:
                return Tip(math.nan, best)
            between = goal
        else:
            return Tip(math.nan, best, proven=False)
        if abs(right.tau - left.tau) <= FINE * max(1.0, abs(end - start)):
            break
        middle = _End(bench, line, between)
        best = max(best, middle.value)
        if middle.value >= target - NOTHING / 10:
            return middle
        # Plans exist on an interval, so a point without one bounds it on the side of the end without one.
        if math.isfinite(right.value) == math.isfinite(middle.value):
            right = middle
        else:
            left = middle
    return Tip(math.nan, best, proven=False)


def _narrowed(bench: Bench, line: Line, bad: _End, good: _End, target: float) -> Tip:
    """Between a point that misses the target and one that reaches it: the first that reaches it."""
    width = max(1.0, abs(good.tau - bad.tau))
    best = good.value
    for _ in range(MOST_STEPS):
        if abs(good.tau - bad.tau) <= FINE * width:
            break
        step = bad.tangent_reaches(target)
        inside = min(bad.tau, good.tau) < step < max(bad.tau, good.tau)
        middle = _End(bench, line, step if inside else (bad.tau + good.tau) / 2)
        if middle.value >= target - NOTHING / 10:
            good = middle
            if inside:
                # The tangent lies above the value, so its crossing cannot lie beyond the tipping point.
                break
        else:
            bad = middle
    return Tip(good.tau, best)


def _by_halving(value: Callable[[float], float], start: float, end: float, target: float) -> Tip:
    """The same for a value that only grows from start to end, without slopes."""
    best = value(end)
    if not best >= target - NOTHING:
        return Tip(math.nan, best)
    bad, good = start, end
    while abs(good - bad) > max(COARSE * abs(good - start), FINE * abs(end - start)):
        middle = (bad + good) / 2
        if value(middle) >= target - NOTHING:
            good = middle
        else:
            bad = middle
    return Tip(good, best)


def first_change(
    holds: Callable[[float], bool], factors: Floats, *, narrow: float = 1e-3, within: float = math.inf
) -> tuple[float, float]:
    """Where a yes/no answer first changes along ``factors``: the last factor before and the first after the change.

    Both are NaN where nothing changes, or only farther than ``within`` from the first factor. The two are brought
    together to the share ``narrow`` by halving.
    """
    last = start = float(factors[0])
    before = holds(last)
    for factor in factors[1:].tolist():
        if abs(last - start) > within:
            break
        if holds(factor) != before:
            return _halved(holds, last, factor, before, narrow, (start, within))
        last = factor
    return math.nan, math.nan


def _halved(
    holds: Callable[[float], bool], last: float, factor: float, before: bool, narrow: float, reach: tuple[float, float]
) -> tuple[float, float]:
    start, within = reach
    while abs(factor - last) > max(narrow * max(abs(factor), abs(last)), narrow / 10):
        middle = (last + factor) / 2
        if holds(middle) == before:
            last = middle
        else:
            factor = middle
        if abs(last - start) > within:
            return math.nan, math.nan
    return last, factor
