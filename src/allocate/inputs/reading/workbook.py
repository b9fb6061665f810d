"""Workbook: the sheets of one .xlsx, .xlsm or .ods file become RawTables.

What a spreadsheet hides is said: errors and formulas without a value are never blanks, hidden sheets, rows and
columns are read and named, and joined cells are pointed out.
"""

from __future__ import annotations

import datetime
import zlib
from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from allocate.errors import InputError
from allocate.inputs.case import Source
from allocate.inputs.findings import ERROR, NEEDED, NOTE, WARNING, FindingList
from allocate.inputs.reading.headers import head_row, rows_that_explain
from allocate.inputs.reading.opendocument import CONTENT, OpenDocument, is_encrypted
from allocate.inputs.reading.openxml import OpenXml
from allocate.inputs.reading.raw import ROW, RawTable, heads_of, must_be_filled, named, tell_heads, without_empty_rows
from allocate.inputs.reading.sheet import NARROW, SEVERITIES, Fault, Sheet, letters

WORKBOOKS = (".xlsx", ".xlsm", ".ods")
MOST_BYTES = 300_000_000
MOST_UNPACKED = 4_000_000_000
MOST_CELLS = 40_000_000  # a million rows of 38 columns
_OLD_FORMAT = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ZIP = b"PK"
_MOST_NAMED = 12  # rows and columns that a note names one by one
_EXACT = 1e15  # up to here a spreadsheet keeps every digit of a whole number


# All that reading a damaged archive, or damaged markup inside it, was seen to raise.
DAMAGE = (BadZipFile, NotImplementedError, LookupError, ValueError, OverflowError, EOFError, OSError, zlib.error)


class Workbook:
    """One open workbook.

    Raises ``InputError`` for a file that is none, is protected by a password, or is too large.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        _check_kind(path)
        self._xml: OpenXml | None = None
        self._document: OpenDocument | None = None
        try:
            with ZipFile(path) as archive:
                unpacked = sum(entry.file_size for entry in archive.infolist())
                if unpacked > MOST_UNPACKED:
                    raise _too_large(path, unpacked, MOST_UNPACKED)
                if CONTENT in archive.namelist():
                    if is_encrypted(archive):
                        raise InputError("case-encrypted", place=path.name)
                    self._document = OpenDocument(archive, MOST_CELLS)
                else:
                    self._xml = OpenXml(archive)
                    self._texts = self._xml.texts(archive)
                    self._dates = self._xml.dates(archive)
        except DAMAGE as failure:
            raise InputError("case-workbook-broken", place=path.name, reason=_reason(failure)) from failure

    @property
    def sheets(self) -> list[str]:
        """The names of the sheets that hold cells (no charts)."""
        return list(self._xml.entries if self._xml else self._document.sheets if self._document else ())

    def is_hidden(self, sheet: str) -> bool:
        """Whether a spreadsheet program does not show the sheet."""
        if self._xml:
            return self._xml.entries[sheet].hidden
        return self._document is not None and sheet in self._document.hidden

    def read(self, sheet: str, table: str, findings: FindingList) -> RawTable | None:
        """The cells of one sheet as the raw ``table``; None where nothing can be read, with the reason reported."""
        found = self._opened(sheet, findings)
        if found is None:
            return None
        columns = found.dense()
        head = head_row(table, zip(*(map(_text, column) for column in columns), strict=True))
        heads = [_text(column[head - 1]).strip() for column in columns]
        source = Source(self.path.name, sheet, heads_of(table, heads), head)
        beneath = rows_that_explain(table, heads, zip(*(map(_text, column[head:]) for column in columns), strict=True))
        tell_heads(source, beneath, findings)
        self._tell_merged(found, source, head + beneath, findings)
        self._tell_hidden(sheet, found, findings)
        return _raw_table(table, heads, columns, beneath, found.faults, source, findings)

    def cells(self, sheet: str, findings: FindingList) -> tuple[pd.DataFrame, pd.DataFrame] | None:
        """All cells of a sheet that need not be a table: as text, and as numbers where they are stored as such.

        Both have the row in the sheet as index (1 is the first) and the column counted from 0. Formula errors, and
        formulas that were never calculated, stand in the text, where they are no number. None where nothing can be
        read, with the reason reported.
        """
        found = self._opened(sheet, findings)
        if found is None:
            return None
        columns = found.dense()
        rows = pd.RangeIndex(1, found.extent[0] + 1, name=ROW)
        stored = [_numbers(cells) for cells in columns]
        texts = pd.DataFrame({at: _texts(cells) for at, cells in enumerate(columns)}).set_axis(rows)
        for fault in found.faults:
            if SEVERITIES[fault.rule] == ERROR:
                texts.iloc[fault.row - 1, fault.column] = fault.value
        self._tell_merged(found, Source(self.path.name, sheet), 1, findings)
        self._tell_hidden(sheet, found, findings)
        return texts, pd.DataFrame(dict(enumerate(stored))).set_axis(rows)

    def _opened(self, sheet: str, findings: FindingList) -> Sheet | None:
        """The cells of a sheet; None where it is empty, broken or reaches too far, which is reported."""
        source = Source(self.path.name, sheet)
        try:
            found = self._sheet(sheet)
        except DAMAGE as failure:
            findings.add("read-sheet-broken", source, reason=_reason(failure))
            return None
        down, across = found.extent
        if down * max(across, NARROW) > MOST_CELLS:
            findings.add("read-sheet-far", source, down=down, across=across)
            return None
        if not down:
            findings.add("read-file-empty", source)
            return None
        return found

    def _sheet(self, sheet: str) -> Sheet:
        if self._xml is None:
            return self._document.sheets[sheet] if self._document else Sheet()
        with ZipFile(self.path) as archive:
            return self._xml.sheet(archive, sheet, self._texts, self._dates)

    def _tell_merged(self, found: Sheet, source: Source, last_head: int, findings: FindingList) -> None:
        """Cells that are joined beneath the names of the columns, where all but one of them are blank."""
        for cells in found.merged:
            if cells.bottom > last_head:
                place = f"{letters(cells.left)}{cells.top}:{letters(cells.right)}{cells.bottom}"
                findings.add("read-cells-merged", source, severity=WARNING, row=cells.top, value=place)

    def _tell_hidden(self, sheet: str, found: Sheet, findings: FindingList) -> None:
        """Notes on what is read although a spreadsheet program does not show it."""
        source = Source(self.path.name, sheet)
        if self.is_hidden(sheet):
            findings.add("read-sheet-hidden", source, severity=NOTE)
        rows = sorted(found.hidden_rows)
        if rows:
            rule = "read-rows-filtered" if found.filtered else "read-rows-hidden"
            findings.add(rule, source, severity=NOTE, row=rows[0], value=_runs(rows), count=len(rows))
        columns = sorted(found.hidden_columns & set(found.columns))
        if columns:
            names = ", ".join(letters(at) for at in columns[:_MOST_NAMED])
            findings.add("read-columns-hidden", source, severity=NOTE, value=names, count=len(columns))


def _runs(rows: Sequence[int]) -> str:
    """Row numbers as people write them: ``5-9, 12``; after a dozen runs there are three dots."""
    breaks = [at for at in range(1, len(rows)) if rows[at] != rows[at - 1] + 1]
    runs = [(rows[a], rows[b - 1]) for a, b in zip([0, *breaks], [*breaks, len(rows)], strict=True)]
    said = [str(first) if first == last else f"{first}\u2013{last}" for first, last in runs[:_MOST_NAMED]]
    return ", ".join([*said, *(["..."] if len(runs) > _MOST_NAMED else [])])


def _check_kind(path: Path) -> None:
    """Refuse what is no workbook before any of it is unpacked."""
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
    heads: Sequence[str],
    by_column: list[Sequence[object]],
    beneath: int,
    faults: list[Fault],
    source: Source,
    findings: FindingList,
) -> RawTable:
    """The rows beneath the names (and the ``beneath`` rows that explain them) as text, with their faults."""
    first = source.head_row + beneath + 1
    rows = pd.RangeIndex(first, len(by_column[0]) + 1, name=ROW)
    by_column = [cells[first - 1 :] for cells in by_column]
    stored = [_numbers(cells) for cells in by_column]
    columns = [_texts(cells).set_axis(rows) for cells in by_column]
    reported = [np.zeros(len(rows), dtype=bool) for _ in heads]
    for fault in faults:
        at = fault.row - first
        if SEVERITIES[fault.rule] == ERROR and at >= 0:
            columns[fault.column].iloc[at] = fault.value
            reported[fault.column][at] = True
    kept = without_empty_rows(columns)
    columns = [column[kept] for column in columns]
    positions, kept_names = named(table, heads, columns, source, findings)
    _report(table, faults, dict(zip(positions, kept_names, strict=True)), source, findings)
    return RawTable(
        table,
        source,
        pd.DataFrame({n: columns[at] for n, at in zip(kept_names, positions, strict=True)}),
        {n: stored[at][kept] for n, at in zip(kept_names, positions, strict=True)},
        {n: reported[at][kept] for n, at in zip(kept_names, positions, strict=True)},
    )


def _report(table: str, faults: list[Fault], names: dict[int, str], source: Source, findings: FindingList) -> None:
    """Every faulty cell of a column that is read; a fault in the header concerns the whole column."""
    for rule, severity in SEVERITIES.items():
        found = [f for f in faults if f.rule == rule and (f.column in names or f.row == source.head_row)]
        findings.add_many(
            rule,
            source,
            severity=severity,
            rows=[f.row for f in found],
            column=[names.get(f.column, letters(f.column)) for f in found],
            value=[f.value for f in found],
            **{NEEDED: [must_be_filled(table, names.get(f.column, "")) for f in found]},
        )


def _texts(cells: Sequence[object]) -> pd.Series:
    """The cells of a column as text."""
    texts = [cell if isinstance(cell, str) else _text(cell) for cell in cells]
    return pd.Series([text.strip() for text in texts], dtype="str")


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


def _reason(failure: Exception) -> str:
    return " ".join(str(failure).replace("'", "").split())[:120] or type(failure).__name__
