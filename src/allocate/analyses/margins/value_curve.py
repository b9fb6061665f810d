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
# How often the way to a step without a plan is halved.
HALVINGS = 10
# How far beyond a proven reach the next piece is looked for, as a share of it.
FURTHER = 1.0


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
    step up to which it is proven to hold (0: not even for the smallest step); ``ends``: whether the slope is known to
    change before the limit of the search.
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
    step, beyond, blocked, read = limit, None, None, None
    for _ in range(MOST_SOLVES):
        found = ask(step)
        if found is None:
            blocked = step
        else:
            read = found
            chord = (found.value - base) / step
            # Straight: a tangent at the step passes through the start, or one at the start through the step.
            if min(chord - found.slope, steepest - chord) <= _tolerance(chord, step):
                piece = Piece(chord, step, step < limit)
                return _extended(ask, base, _unblocked(ask, base, piece, blocked) if beyond is None else piece, beyond)
            beyond = found
        if step <= smallest:
            break
        step = max(smallest, _next(base, step, found, steepest))
    if read is None:
        return Piece(math.nan, 0.0, True)
    return Piece((read.value - base) / read.step, 0.0, True)


def proven_piece(ask: Ask, base: float, limit: float, slope: float, reach: float) -> Piece | None:
    """The first piece where its slope is proven up to ``reach`` already; None where it may go on beyond that.

    One reading a little further tells: below the line, the piece ends before it.
    """
    if reach >= limit:
        return Piece(slope, limit, False)
    found, start = ask(min(limit, reach * (1 + FURTHER))), Piece(slope, reach, True)
    if found is None or _on_line(start, base, found):
        return None
    return _extended(ask, base, start, found)


def _next(base: float, step: float, found: Reading | None, steepest: float) -> float:
    """Where the steepest line from the start meets the tangent; a quarter of the step where that leads nowhere."""
    if found is not None and math.isfinite(steepest) and steepest > found.slope:
        meeting = (found.value - found.slope * step - base) / (steepest - found.slope)
        if 0 < meeting < step * 0.9:
            return meeting
    return step / SHRINK


def _extended(ask: Ask, base: float, piece: Piece, beyond: Reading | None) -> Piece:
    """The piece up to where it meets the next tangent, as far as that can be confirmed."""
    if beyond is None:
        return piece
    for _ in range(MOST_SOLVES):
        if piece.slope <= beyond.slope:
            break
        meeting = (beyond.value - beyond.slope * beyond.step - base) / (piece.slope - beyond.slope)
        if not piece.reach * (1 + SAME) < meeting < beyond.step:
            break
        found = ask(meeting)
        if found is None:
            break
        if _on_line(piece, base, found):
            return Piece(piece.slope, meeting, True)
        if found.step >= beyond.step * (1 - SAME):
            break
        beyond = found
    return Piece(piece.slope, piece.reach, True)


def _unblocked(ask: Ask, base: float, piece: Piece, blocked: float | None) -> Piece:
    """The piece as far as the last step that has a plan, found by halving the way to a step without one."""
    if blocked is None:
        return piece
    reach = piece.reach
    for _ in range(HALVINGS):
        middle = (reach + blocked) / 2
        found = ask(middle)
        if found is None:
            blocked = middle
        elif _on_line(piece, base, found):
            reach = middle
        else:
            return _extended(ask, base, Piece(piece.slope, reach, True), found)
    return Piece(piece.slope, reach, True)


def _on_line(piece: Piece, base: float, found: Reading) -> bool:
    """Whether the curve at a step still lies on the line of a piece; between, concavity keeps it there."""
    step = found.step
    return abs(found.value - base - piece.slope * step) <= _tolerance(piece.slope, step) * step


def _tolerance(slope: float, step: float) -> float:
    return SAME * abs(slope) + EXACT / step
