"""Workbook: the sheets of one .xlsx file become RawTables.

Values come from calamine, which is fast but turns ``#DIV/0!`` and a formula that was never calculated into a
blank. Both would be silent zeros, so the sheets' own text is searched for them (``search_sheet``) and such
cells are reported.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile, ZipFile
from zlib import error

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from allocate.errors import InputError
from allocate.inputs.case import Source
from allocate.inputs.findings import ERROR, WARNING, FindingList
from allocate.inputs.headers import late_head
from allocate.inputs.raw import FIRST_ROW, ROW, RawTable, named, without_empty_rows
from allocate.inputs.sheetfaults import SEVERITIES, Fault, search_sheet, sheet_parts

MOST_BYTES = 300_000_000
MOST_UNPACKED = 4_000_000_000
MOST_CELLS = 40_000_000  # a million rows of 38 columns
_OLD_FORMAT = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ZIP = b"PK"
_SHORT = 1e10
_EXACT = 1e15  # up to here a spreadsheet keeps every digit of a whole number


# All that reading a damaged archive, or damaged markup inside it, was seen to raise.
_DAMAGE = (
    BadZipFile,
    CalamineError,
    NotImplementedError,
    LookupError,
    SyntaxError,
    ValueError,
    EOFError,
    OSError,
    error,
)


class Workbook:
    """One open .xlsx file.

    Raises ``InputError`` for a file that is none, is protected by a password, or is too large.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        _check_kind(path)
        try:
            with ZipFile(path) as archive:
                self.parts = sheet_parts(archive)
                unpacked = sum(entry.file_size for entry in archive.infolist())
            if unpacked > MOST_UNPACKED:
                raise _too_large(path, unpacked, MOST_UNPACKED)
            self._book = CalamineWorkbook.from_path(str(path))
        except _DAMAGE as failure:
            raise InputError("case-workbook-broken", place=path.name, reason=_reason(failure)) from failure

    @property
    def sheets(self) -> list[str]:
        """The names of the sheets that hold cells (no charts)."""
        return [m.name for m in self._book.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet]

    def read(self, sheet: str, table: str, findings: FindingList) -> RawTable | None:
        """The cells of one sheet as the raw ``table``; None where nothing can be read, with the reason reported."""
        found = self._searched(sheet, findings)
        if found is None:
            return None
        source = Source(self.path.name, sheet)
        head = late_head(table, ([_text(cell) for cell in row] for row in found[0]))
        if head:
            findings.add("read-header-late", source, row=head, above=head - 1)
            return None
        return _raw_table(table, found[0], found[1], source, findings)

    def cells(self, sheet: str, findings: FindingList) -> tuple[pd.DataFrame, pd.DataFrame] | None:
        """All cells of a sheet that need not be a table: as text, and as numbers where they are stored as such.

        Both have the row in the sheet as index (1 is the first) and the column counted from 0. Formula errors, and
        formulas that were never calculated, stand in the text, where they are no number. None where nothing can be
        read, with the reason reported.
        """
        found = self._searched(sheet, findings)
        if found is None:
            return None
        grid, faults = found
        rows = pd.RangeIndex(1, len(grid) + 1, name=ROW)
        columns = list(zip(*grid, strict=True))
        stored = [_numbers(cells) for cells in columns]
        texts = pd.DataFrame({at: _texts(cells, stored[at]) for at, cells in enumerate(columns)}).set_axis(rows)
        for fault in faults:
            if SEVERITIES[fault.rule] == ERROR and fault.row <= len(grid) and fault.column < len(columns):
                texts.iloc[fault.row - 1, fault.column] = fault.value
        return texts, pd.DataFrame(dict(enumerate(stored))).set_axis(rows)

    def _searched(self, sheet: str, findings: FindingList) -> tuple[list[list[object]], list[Fault]] | None:
        """The cells of a sheet from A1 and its faulty ones; None where it is empty or broken, which is reported."""
        source = Source(self.path.name, sheet)
        try:
            with ZipFile(self.path) as archive:
                search = search_sheet(archive, self.parts[sheet])
            if search.rows * search.columns > MOST_CELLS:
                findings.add("read-sheet-far", source, down=search.rows, across=search.columns)
                return None
            grid = self._grid(sheet, source, findings)
        except _DAMAGE as failure:
            findings.add("read-sheet-broken", source, reason=_reason(failure))
            return None
        if not grid:
            findings.add("read-file-empty", source)
            return None
        return grid, search.faults

    def _grid(self, sheet: str, source: Source, findings: FindingList) -> list[list[object]]:
        """All cells of a sheet, row by row from A1; the first row is the header."""
        opened = self._book.get_sheet_by_name(sheet)
        grid: list[list[object]] = [list(row) for row in opened.to_python(skip_empty_area=False)]
        for (top, left), (bottom, right) in opened.merged_cell_ranges or ():
            if bottom >= FIRST_ROW - 1:
                findings.add(
                    "read-cells-merged",
                    source,
                    severity=WARNING,
                    row=top + 1,
                    value=f"{_letters(left)}{top + 1}:{_letters(right)}{bottom + 1}",
                )
        return grid


def _check_kind(path: Path) -> None:
    """Refuse what is no .xlsx before any of it is unpacked."""
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise _too_large(path, size, MOST_BYTES)
    with path.open("rb") as stream:
        start = stream.read(len(_OLD_FORMAT))
        if start == _OLD_FORMAT:
            encrypted = _ENCRYPTED in start + stream.read()
            raise InputError("case-encrypted" if encrypted else "case-old-workbook", place=path.name)
    if not start.startswith(_ZIP):
        raise InputError("case-not-workbook", place=path.name)


def _too_large(path: Path, size: int, most: int) -> InputError:
    return InputError("case-too-large", place=path.name, size=f"{size / 1e9:.1f}", most=f"{most / 1e9:.1f}")


def _raw_table(
    table: str,
    grid: list[list[object]],
    faults: list[Fault],
    source: Source,
    findings: FindingList,
) -> RawTable:
    names = _texts(grid[0], _numbers(grid[0])).tolist()
    rows = pd.RangeIndex(FIRST_ROW, len(grid) + 1, name=ROW)
    by_column = list(zip(*grid[1:], strict=True)) if len(grid) > 1 else [()] * len(names)
    stored = [_numbers(cells) for cells in by_column]
    columns = [_texts(cells, found).set_axis(rows) for cells, found in zip(by_column, stored, strict=True)]
    reported = [np.zeros(len(rows), dtype=bool) for _ in names]
    for fault in faults:
        at = fault.row - FIRST_ROW
        if SEVERITIES[fault.rule] == ERROR and 0 <= at < len(rows) and fault.column < len(names):
            columns[fault.column].iloc[at] = fault.value
            reported[fault.column][at] = True
    kept = without_empty_rows(columns)
    columns = [column[kept] for column in columns]
    positions, kept_names = named(table, names, columns, source, findings)
    _report(faults, dict(zip(positions, kept_names, strict=True)), source, findings)
    return RawTable(
        table,
        source,
        pd.DataFrame({n: columns[at] for n, at in zip(kept_names, positions, strict=True)}),
        {n: stored[at][kept] for n, at in zip(kept_names, positions, strict=True)},
        {n: reported[at][kept] for n, at in zip(kept_names, positions, strict=True)},
    )


def _report(faults: list[Fault], names: dict[int, str], source: Source, findings: FindingList) -> None:
    """Every faulty cell of a column that is read; a fault in the header concerns the whole column."""
    for rule, severity in SEVERITIES.items():
        found = [f for f in faults if f.rule == rule and (f.column in names or f.row < FIRST_ROW)]
        findings.add_many(
            rule,
            source,
            severity=severity,
            rows=[f.row for f in found],
            column=[names.get(f.column, _letters(f.column)) for f in found],
            value=[f.value for f in found],
        )


def _texts(cells: Sequence[object], stored: NDArray[np.float64]) -> pd.Series:
    """The cells of a column as text; ``stored`` are those that are numbers."""
    is_number = np.abs(stored) < _SHORT  # longer ids must not turn into 1.2e+11
    texts = np.empty(len(cells), dtype=object)
    texts[:] = cells
    texts[is_number] = pc.cast(pa.array(stored[is_number]), pa.string()).to_numpy(zero_copy_only=False)
    for at in np.flatnonzero([not isinstance(text, str) for text in texts]):
        texts[at] = _text(texts[at])
    return pd.Series(texts, dtype="str").str.strip()


def _text(cell: object) -> str:
    """A cell that is no text as text: an ISO date, true or false, a long number in full."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return str(int(cell)) if float(cell).is_integer() and abs(cell) < _EXACT else repr(float(cell))
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat(" ")
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _numbers(cells: Sequence[object]) -> NDArray[np.float64]:
    """The cells that are stored as numbers; NaN for all others (yes/no counts as text)."""
    numbers = (cell if type(cell) is float or type(cell) is int else np.nan for cell in cells)
    return np.fromiter(numbers, dtype=np.float64, count=len(cells))


def _letters(column: int) -> str:
    """The letters of a column counted from 0: A, B, ..., Z, AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _reason(failure: Exception) -> str:
    return " ".join(str(failure).replace("'", "").split())[:120] or type(failure).__name__
