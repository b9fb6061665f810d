"""What an optimal basis says without another solve: what moved bounds are worth, and how far it holds.

While the basis stays feasible, the best objective changes at the rate of its duals, so a dual *is* the one-sided slope
up to there (ratio test of parametric programming: Murty 1983, Linear programming, chapter 8), and the change of the
objective under several moved bounds is the sum of what each is worth.
"""

from __future__ import annotations

import math
from typing import Any

import highspy
import numpy as np

from allocate.model.program import LinearProgram
from allocate.town.arrays import Floats, Ints

# Distances to a bound below this are rounding; parts of a direction below this share of its largest are, too. Both in
# the solver's scaled units, in which its own tolerance for a bound is 1e-7.
ROUNDING = 1e-6
NEGLIGIBLE = 1e-9
# A basis that moves a value beyond its bound by more than this is no longer feasible; the solver's own tolerance.
FEASIBLE = 1e-9
# Reduced costs and duals below this are none (scaled, where costs are up to 2^17).
NO_DUAL = 1e-7


class Basis:
    """The optimal basis of a program inside HiGHS, as it stands after a solve; everything in the solver's units."""

    def __init__(self, solver: Any, program: LinearProgram) -> None:
        self._solver, self._program = solver, program
        found = solver.getSolution()
        status, basic = solver.getBasicVariables()
        # Without a factorisation at hand nothing can be said, and every reach is 0.
        self.is_factorised = status == highspy.HighsStatus.kOk
        basic = np.asarray(basic) if self.is_factorised else np.zeros(0, dtype=np.int64)
        # HiGHS writes a row as a slack column of +1, so that the activity of a basic row moves against it.
        self._kind = np.where(basic < 0, -1.0, 1.0)
        # Columns first, then rows.
        self._numbers = np.where(basic < 0, program.column_count - basic - 1, basic)
        self._is_basic = np.zeros(program.column_count + program.row_count, dtype=bool)
        self._is_basic[self._numbers] = True
        self._value = np.concatenate([np.asarray(found.col_value), np.asarray(found.row_value)])
        self._dual = np.concatenate([np.asarray(found.col_dual), np.asarray(found.row_dual)])
        self._lower = np.concatenate([program.lower, program.row_lower])
        self._upper = np.concatenate([program.upper, program.row_upper])
        if self.is_factorised:
            value = self._value[self._numbers]
            self._above, self._below = self._upper[self._numbers] - value, value - self._lower[self._numbers]

    def reach(self, row: int, sign: float) -> float:
        """How far the sides of ``row`` can move (+1: up, -1: down) while this basis stays feasible.

        0 where a basic variable stands at its bound and would have to leave at once, and where the solver cannot say;
        infinite where nothing ever leaves.
        """
        if not self.is_factorised:
            return 0.0
        number = self._program.column_count + row
        if self._is_basic[number]:
            return self._room(number, -sign)
        status, column = self._solver.getBasisInverseCol(row)
        return self._ratio(sign * np.asarray(column)) if status == highspy.HighsStatus.kOk else 0.0

    def reach_of_column(self, column: int, sign: float, *, upper: bool) -> float:
        """The same for one bound of a column; a bound that it does not stand at may move until it meets the column."""
        if not self.is_factorised:
            return 0.0
        away = abs((self._upper if upper else self._lower)[column] - self._value[column])
        if self._is_basic[column] or away > ROUNDING:
            return float(away) if away > ROUNDING and (sign < 0) == upper else 0.0
        status, reduced = self._solver.getReducedColumn(column)
        return self._ratio(-sign * np.asarray(reduced)) if status == highspy.HighsStatus.kOk else 0.0

    def change(self, numbers: Ints, lower: Floats, upper: Floats) -> float | None:
        """The change of the best (minimised) objective under other bounds of some columns and rows.

        ``numbers``: columns first, then rows. None where the basis does not stay feasible, and where the solver cannot
        say.
        """
        if not self.is_factorised:
            return None
        dual, at = self._dual[numbers], self._value[numbers]
        kept = np.clip(at, lower, upper)
        then = np.where(dual > NO_DUAL, lower, np.where(dual < -NO_DUAL, upper, kept))
        step = np.where(self._is_basic[numbers], 0.0, then - at)
        moved = self._moved(numbers, step)
        if moved is None:
            return None
        least, most = self._lower.copy(), self._upper.copy()
        least[numbers], most[numbers] = lower, upper
        before, own = self._value[self._numbers], self._numbers
        short = np.maximum(least[own] - before - moved, before + moved - most[own])
        missed = np.maximum(0.0, np.maximum(-self._above, -self._below))
        if (short > FEASIBLE + missed).any():
            return None
        return float(dual @ step)

    def _moved(self, numbers: Ints, step: Floats) -> Floats | None:
        """How the basic values move with steps of columns and rows that are not basic; None where nobody can say."""
        moving = np.flatnonzero(step)
        if not len(moving):
            return np.zeros(len(self._numbers))
        program, right = self._program, np.zeros(self._program.row_count)
        for number, own in zip(numbers[moving].tolist(), step[moving].tolist(), strict=True):
            if number >= program.column_count:
                right[number - program.column_count] += own
            else:
                entries = slice(program.starts[number], program.starts[number + 1])
                right[program.rows[entries]] -= own * program.values[entries]
        status, found = self._solver.getBasisSolve(right)
        if status != highspy.HighsStatus.kOk:
            return None
        moved: Floats = self._kind * np.asarray(found)
        return moved

    def _room(self, number: int, sign: float) -> float:
        """How far a basic value is from its upper (+1) or lower bound (-1)."""
        room = self._upper[number] - self._value[number] if sign > 0 else self._value[number] - self._lower[number]
        return float(room) if room > ROUNDING else 0.0

    def _ratio(self, direction: Floats) -> float:
        direction = self._kind * direction
        size = np.abs(direction)
        moving = size > NEGLIGIBLE * size.max(initial=0.0)
        room = np.where(direction > 0, self._above, self._below)[moving]
        if not len(room):
            return math.inf
        return 0.0 if room.min() <= ROUNDING else float((room / size[moving]).min())
