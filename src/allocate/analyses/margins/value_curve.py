"""Value curve: how much one more unit is worth on one side, and up to which step exactly that holds.

The best objective is concave and piecewise linear in how far a rule gives way, and left and right slopes differ at the
round numbers of real budgets. A tangent (a dual) at a step bounds the curve from above; where the tangent passes
through the starting point, the curve is a straight line up to that step, and its slope is exact. The end of the piece
is where the line meets the tangent of the next one (Eisner and Severance 1976, Mathematical techniques for efficient
record segmentation in large shared databases). Everything is measured by solving again; no dual is printed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

# Slopes closer than this, as a share, are the same; so are values this close (objective points).
SAME = 1e-6
EXACT = 1e-10
SHRINK = 4.0
MOST_SOLVES = 40


@dataclass(frozen=True)
class Reading:
    """The curve at one step: value (more is better) and the slope of a tangent there."""

    step: float
    value: float
    slope: float


@dataclass(frozen=True)
class Piece:
    """The first straight piece of a curve.

    ``slope``: change of the value per unit of step (NaN: there is no plan even for the smallest step); ``reach``: the
    step up to which it holds exactly; ``ends``: whether the slope is known to change there (otherwise the search
    stopped at its limit).
    """

    slope: float
    reach: float
    ends: bool


type Ask = Callable[[float], Reading | None]


def first_piece(ask: Ask, base: float, limit: float, smallest: float, steepest: float = math.inf) -> Piece:
    """The first piece of a concave curve with value ``base`` at step 0, sought between ``smallest`` and ``limit``.

    ``ask`` reads the curve at a step; None where there is no plan. ``steepest`` is a known upper bound of the slope (a
    dual at the start), which leads to the end of the piece in one jump.
    """
    step, beyond, read = limit, None, None
    for _ in range(MOST_SOLVES):
        found = ask(step)
        if found is not None:
            read = found
            chord = (found.value - base) / step
            if found.slope >= chord - _tolerance(chord, step):
                return _extended(ask, base, Piece(chord, step, False), beyond, step >= limit)
            beyond = found
        if step <= smallest:
            break
        step = max(smallest, _next(base, step, found, steepest))
    if read is None:
        return Piece(math.nan, 0.0, True)
    return Piece((read.value - base) / read.step, 0.0, True)


def _next(base: float, step: float, found: Reading | None, steepest: float) -> float:
    """Where the steepest line from the start meets the tangent; a quarter of the step where that leads nowhere."""
    if found is not None and math.isfinite(steepest) and steepest > found.slope:
        meeting = (found.value - found.slope * step - base) / (steepest - found.slope)
        if 0 < meeting < step * 0.9:
            return meeting
    return step / SHRINK


def _extended(ask: Ask, base: float, piece: Piece, beyond: Reading | None, at_limit: bool) -> Piece:
    """The piece up to where it meets the next tangent, as far as that can be confirmed."""
    if beyond is None:
        return piece if at_limit else Piece(piece.slope, piece.reach, True)
    for _ in range(MOST_SOLVES):
        if piece.slope <= beyond.slope:
            break
        meeting = (beyond.value - beyond.slope * beyond.step - base) / (piece.slope - beyond.slope)
        if not piece.reach * (1 + SAME) < meeting < beyond.step:
            break
        found = ask(meeting)
        if found is None:
            break
        if abs(found.value - base - piece.slope * meeting) <= _tolerance(piece.slope, meeting) * meeting:
            return Piece(piece.slope, meeting, True)
        if found.step >= beyond.step * (1 - SAME):
            break
        beyond = found
    return Piece(piece.slope, piece.reach, True)


def _tolerance(slope: float, step: float) -> float:
    return SAME * abs(slope) + EXACT / step
