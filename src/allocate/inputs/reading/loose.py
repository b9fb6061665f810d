"""Loose sheets: files beside the case that people fill in (ballots, suggestions), as text, before anything is decided.

A CSV file is one sheet, a workbook has several. Cells are text; those that a workbook stores as numbers are kept as
numbers too, so that no notation has to be guessed for them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from allocate.errors import InputError
from allocate.inputs.case import Source
from allocate.inputs.dialect import Unreadable, decide, decode, read_numbers, separator, without_hint
from allocate.inputs.findings import FindingList
from allocate.inputs.reading.raw import ROW
from allocate.inputs.reading.workbook import WORKBOOKS, Workbook

MOST_BYTES = 50_000_000


@dataclass(frozen=True)
class Sheet:
    """The cells of one sheet: ``texts`` (trimmed) and ``numbers`` (float64, NaN where a cell is stored as text).

    Both have the row in the file as index (1 is the first) and the column counted from 0.
    """

    source: Source
    texts: pd.DataFrame
    numbers: pd.DataFrame

    def table(self, header_row: int = 1) -> pd.DataFrame:
        """The rows beneath a header as text columns of that name (lower case), rows without content left out.

        Of two columns with one name the first counts; columns without a name are left out.
        """
        return self._named(self.texts, header_row)

    def stored(self, header_row: int = 1) -> pd.DataFrame:
        """The same rows and columns as ``table``, as the numbers stored in a workbook (NaN elsewhere)."""
        return self._named(self.numbers, header_row)

    def doubled(self, header_row: int = 1) -> list[str]:
        """Names that stand twice in a header, whatever the case of their letters."""
        names = self.texts.loc[header_row].str.strip().str.casefold()
        return [str(name) for name in names[names.ne("") & names.duplicated()].unique()]

    def _named(self, cells: pd.DataFrame, header_row: int) -> pd.DataFrame:
        names = [str(name).strip() for name in self.texts.loc[header_row]]
        first = {name: at for at, name in reversed(list(enumerate(names))) if name}
        chosen = sorted(first.items(), key=lambda item: item[1])
        below = cells.loc[header_row + 1 :, [at for _, at in chosen]]
        below.columns = pd.Index([name for name, _ in chosen], dtype="str")
        filled = (self.texts.loc[header_row + 1 :] != "").any(axis=1)
        return below[filled.to_numpy(dtype=bool)]


def loose_sheets(path: Path, known: Collection[str], findings: FindingList) -> list[Sheet]:
    """The sheets of a CSV file or workbook; ``known`` are column names that tell the separator of a CSV file.

    Sheets whose name begins with ``_`` are notes and left out. Raises ``InputError`` for a path with no file and a
    workbook that is none; what else cannot be read is reported.
    """
    if not path.is_file():
        raise InputError("file-missing", place=str(path))
    try:
        if path.suffix.casefold() in WORKBOOKS:
            return _of_workbook(Workbook(path), findings)
        sheet = _of_csv(path, known, findings)
    except PermissionError as failure:
        raise InputError("case-denied", place=str(path)) from failure
    return [] if sheet is None else [sheet]


def _of_workbook(book: Workbook, findings: FindingList) -> list[Sheet]:
    sheets = []
    for name in book.sheets:
        if name.startswith("_"):
            continue
        cells = book.cells(name, findings)
        if cells is not None:
            sheets.append(Sheet(Source(book.path.name, name), *cells))
    return sheets


def _of_csv(path: Path, known: Collection[str], findings: FindingList) -> Sheet | None:
    source = Source(path.name)
    if path.stat().st_size > MOST_BYTES:
        findings.add("read-file-large", source, size=f"{path.stat().st_size / 1e9:.2f}", most=f"{MOST_BYTES / 1e9:.2f}")
        return None
    try:
        _, text = without_hint(decode(path.read_bytes()))
    except Unreadable as failure:
        findings.add(f"read-file-{failure.reason}", source)
        return None
    if not text.strip():
        findings.add("read-file-empty", source)
        return None
    mark = separator(text, known)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    except csv.Error:  # a quotation mark that is never closed: then every line is a row
        rows = [line.split(mark) for line in text.splitlines()]
    width = max(len(row) for row in rows)
    index = pd.RangeIndex(1, len(rows) + 1, name=ROW)
    padded = [[cell.strip() for cell in row] + [""] * (width - len(row)) for row in rows]
    texts = pd.DataFrame(padded, index=index, columns=range(width), dtype="str")
    return Sheet(source, texts, pd.DataFrame(np.nan, index=index, columns=range(width)))


def with_columns(table: pd.DataFrame, columns: Collection[str]) -> pd.DataFrame:
    """These text columns in this order, blank where the table lacks them."""
    # One by one, because the oldest pandas that is supported cannot add two text columns at once.
    return pd.DataFrame({name: table.get(name, "") for name in columns}, index=table.index, dtype="str")


def numbers_of(texts: pd.Series, stored: pd.Series) -> pd.Series:
    """The numbers of cells: as stored, else as typed in the one notation that fits all of them.

    NaN for blanks, for what is no number, and for what could be two (``1.234`` beside no other number that decides).
    """
    typed = texts.where(stored.isna(), "")
    readings = read_numbers(typed)
    verdict = decide([readings])
    unclear = readings.differ & (not verdict.certain)
    read = np.where(unclear, np.nan, readings.of(verdict.notation))
    return pd.Series(np.where(stored.notna(), stored, read), index=texts.index, dtype="float64")
