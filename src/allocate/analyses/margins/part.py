"""Part: a wide program without the columns that are closed and that nobody asks about, in the numbers of the whole.

A widened program has more columns that are closed than open ones, and each takes its time in every solve. A question
about one rule opens the columns of that rule alone, so that a program without those of most others has the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from allocate.model.program import LinearProgram
from allocate.solve.held import Row
from allocate.solve.loaded import LoadedProgram
from allocate.solve.solution import Limits, Solution
from allocate.solve.standing import Standing
from allocate.town.arrays import Bools, Floats, Ints


class PartProgram(LoadedProgram):
    """Some columns of a program in the solver; asked and answered in the numbers of the whole one.

    ``columns``: which of them stay; the others must be closed at 0. Of the rows after the first ``least`` those stay
    that the columns left can miss at all, being 0 or more.
    """

    def __init__(self, whole: LinearProgram, columns: Bools, least: int, limits: Limits | None = None) -> None:
        rows = _needed(whole, columns) | (np.arange(whole.row_count) < least)
        self.columns, self.rows = columns, rows
        self._column, self._row = np.cumsum(columns) - 1, np.cumsum(rows) - 1
        super().__init__(whole.on(columns, rows), limits)

    def change_bounds(self, columns: Ints, lower: Floats, upper: Floats) -> None:
        """Set the bounds of columns."""
        super().change_bounds(self._column[columns], lower, upper)

    def change_cost(self, columns: Ints, cost: Floats) -> None:
        """Set the objective coefficients of columns that there are; the cost of one that is closed counts nowhere."""
        own = self.columns[columns]
        super().change_cost(self._column[columns[own]], cost[own])

    def change_row_bounds(self, rows: Ints, lower: Floats, upper: Floats) -> None:
        """Set the two sides of rows."""
        super().change_row_bounds(self._row[rows], lower, upper)

    def add_row(self, row: Row) -> int:
        """Add a row."""
        return super().add_row(replace(row, columns=self._column[row.columns]))

    def solve(self, *, warm: bool = True, method: str | None = None) -> Solution:
        """Solve: the point with the closed columns at 0, and the duals with 0 for rows in which there is nothing."""
        found = super().solve(warm=warm, method=method)
        x, dual = found.x, found.row_dual
        return replace(
            found,
            x=None if x is None else _spread(x, self.columns),
            row_dual=None if dual is None else _spread(dual[: self.program.row_count], self.rows),
        )

    def at_column(self, column: int) -> int:
        """The number of a column among those that there are."""
        return int(self._column[column])

    def at_row(self, row: int) -> int:
        """The number of a row among those that there are."""
        return int(self._row[row])


@dataclass
class Held:
    """A program in the solver and its optimum, with the basis at which that stands."""

    loaded: LoadedProgram
    optimum: Solution

    @cached_property
    def standing(self) -> Standing:
        """The optimum at rest."""
        return Standing(self.loaded)

    def has(self, columns: Ints) -> bool:
        """Whether all of these columns are there to be opened."""
        return not isinstance(self.loaded, PartProgram) or bool(self.loaded.columns[columns].all())

    def reach(self, row: int, sign: float) -> float:
        """How far the sides of a row can move before the basis gives way."""
        own = self.loaded.at_row(row) if isinstance(self.loaded, PartProgram) else row
        return self.standing.reach(own, sign)

    def reach_of_column(self, column: int, sign: float, *, upper: bool) -> float:
        """The same for one bound of a column."""
        own = self.loaded.at_column(column) if isinstance(self.loaded, PartProgram) else column
        return self.standing.reach_of_column(own, sign, upper=upper)


def _needed(whole: LinearProgram, columns: Bools) -> Bools:
    """Which rows some columns can miss: columns of 0 or more that only lower a row never go beyond its upper side."""
    own, below_zero = columns[whole.entry_columns], bool((whole.lower < 0).any())
    upwards = own & (below_zero | (whole.values > 0)) & np.isfinite(whole.row_upper[whole.rows])
    downwards = own & (below_zero | (whole.values < 0)) & np.isfinite(whole.row_lower[whole.rows])
    needed: Bools = (whole.row_lower > 0) | (whole.row_upper < 0)
    needed[whole.rows[upwards | downwards]] = True
    return needed


def _spread(values: Floats, where: Bools) -> Floats:
    spread = np.zeros(len(where))
    spread[where] = values
    return spread
