"""What an optimal basis says without another solve: how far the side of a row may move before the basis gives way.

While the basis stays feasible, the best objective changes at the rate of the row's dual, so the dual *is* the one-sided
slope up to there (ratio test of parametric programming: Murty 1983, Linear programming, chapter 8).
"""

from __future__ import annotations

import math
from typing import Any

import highspy
import numpy as np

from allocate.model.program import LinearProgram

# Distances to a bound below this are rounding; parts of a direction below this share of its largest are, too. Both in
# the solver's scaled units, in which its own tolerance for a bound is 1e-7.
ROUNDING = 1e-6
NEGLIGIBLE = 1e-9


class Basis:
    """The optimal basis of a program inside HiGHS, as it stands after a solve; everything in the solver's units."""

    def __init__(self, solver: Any, program: LinearProgram) -> None:
        self._solver = solver
        found, basis = solver.getSolution(), solver.getBasis()
        self._is_basic = np.array([status == highspy.HighsBasisStatus.kBasic for status in basis.row_status])
        self._activity = np.asarray(found.row_value)
        status, basic = solver.getBasicVariables()
        # Without a factorisation at hand nothing can be said, and every reach is 0.
        self._is_factorised = status == highspy.HighsStatus.kOk
        basic = np.asarray(basic) if self._is_factorised else np.zeros(0, dtype=np.int64)
        # HiGHS writes a row as a slack column of +1, so that the activity of a basic row moves against it.
        self._kind = np.where(basic < 0, -1.0, 1.0)
        numbers = np.where(basic < 0, program.column_count - basic - 1, basic)
        value = np.concatenate([np.asarray(found.col_value), self._activity])[numbers]
        self._above = np.concatenate([program.upper, program.row_upper])[numbers] - value
        self._below = value - np.concatenate([program.lower, program.row_lower])[numbers]
        self._lower, self._upper = program.row_lower, program.row_upper

    def reach(self, row: int, sign: float) -> float:
        """How far the sides of ``row`` can move (+1: up, -1: down) while this basis stays feasible.

        0 where a basic variable stands at its bound and would have to leave at once, and where the solver cannot say;
        infinite where nothing ever leaves.
        """
        if not self._is_factorised:
            return 0.0
        if self._is_basic[row]:
            room = self._activity[row] - self._lower[row] if sign > 0 else self._upper[row] - self._activity[row]
            return float(room) if room > ROUNDING else 0.0
        status, column = self._solver.getBasisInverseCol(row)
        if status != highspy.HighsStatus.kOk:
            return 0.0
        direction = sign * self._kind * np.asarray(column)
        size = np.abs(direction)
        moving = size > NEGLIGIBLE * size.max(initial=0.0)
        room = np.where(direction > 0, self._above, self._below)[moving]
        if not len(room):
            return math.inf
        return 0.0 if room.min() <= ROUNDING else float((room / size[moving]).min())
