"""Sheet: what one sheet of a workbook holds, whatever kind of file it stands in.

Only cells with content are kept, one by one: a stray cell in the last row and column of a sheet would otherwise ask
for seventeen thousand million cells. Rows are numbered as in the sheet (1 is the first), columns are counted from 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from allocate.inputs.findings import ERROR, WARNING

SEVERITIES = {"read-cell-error": ERROR, "read-formula-empty": ERROR, "read-formula-stale": WARNING}
NARROW = 26  # columns that every sheet is taken to have when its extent is judged


@dataclass(frozen=True)
class Fault:
    """One cell with an error, or with a formula whose value is missing or in doubt: its place, the rule, its text."""

    row: int
    column: int
    rule: str
    value: str


@dataclass(frozen=True)
class Merged:
    """Cells that are joined to one: the first and the last row and column."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass
class Sheet:
    """The cells of one sheet, in the order in which they stand in the file.

    ``values`` are text, float, bool, dates and times. ``hidden_rows`` are those of them that hide a cell with content;
    ``filtered`` tells that a filter hides them. ``span`` is set where a sheet claims more cells than were kept.
    """

    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    values: list[object] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    merged: list[Merged] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    filtered: bool = False
    span: tuple[int, int] = (0, 0)

    def put(self, row: int, column: int, value: object) -> None:
        """Keep one cell."""
        self.rows.append(row)
        self.columns.append(column)
        self.values.append(value)

    @property
    def extent(self) -> tuple[int, int]:
        """How many rows and columns the cells with content span from A1."""
        at_faults = [(fault.row, fault.column + 1) for fault in self.faults]
        down = max([self.span[0], max(self.rows, default=0), *(row for row, _ in at_faults)])
        across = max([self.span[1], max(self.columns, default=-1) + 1, *(column for _, column in at_faults)])
        return down, across

    def dense(self) -> list[Sequence[object]]:
        """All cells column by column, from row 1 to the last; ``""`` where there is none."""
        down, across = self.extent
        rows = np.array(self.rows, dtype=np.int64)
        columns = np.array(self.columns, dtype=np.int64)
        values: NDArray[np.object_] = np.empty(len(self.values), dtype=object)
        values[:] = self.values
        order = np.argsort(columns, kind="stable")
        ends = np.searchsorted(columns[order], np.arange(across + 1))
        found: list[Sequence[object]] = []
        for at in range(across):
            chosen = order[ends[at] : ends[at + 1]]
            cells: NDArray[np.object_] = np.full(down, "", dtype=object)
            cells[rows[chosen] - 1] = values[chosen]
            found.append(cells.tolist())
        return found


def letters(column: int) -> str:
    """The letters of a column counted from 0: A, B, ..., Z, AA."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def number(text: str) -> int:
    """The column, counted from 0, that has these letters; -1 for none. Raises ``ValueError`` for what are none."""
    found = 0
    for letter in text:
        if not "A" <= letter <= "Z":
            raise ValueError(text)
        found = found * 26 + ord(letter) - ord("A") + 1
    return found - 1
