"""The tables of a folder of CSV files as the sheets of one workbook, every row at its own row number.

What reads as a number is written as one; everything else, faulty cells included, stays as it stands in the file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from pandas.api.types import is_float_dtype

from allocate.errors import UsageError
from allocate.inputs import dictionary
from allocate.inputs.case import Case
from allocate.inputs.dialect import Unreadable, decode, without_hint
from allocate.inputs.numerals import read_plain
from allocate.inputs.reading.delimited import layout
from allocate.inputs.reading.raw import translated

MOST_ROWS = 1_048_576
_LONGEST = 32_767  # characters in one cell of a workbook
_WIDEST, _NARROWEST = 48, 8
_LOOKED_AT = 200  # rows from which the width of a column is taken
_HEAD = PatternFill("solid", fgColor="D9E6EA")


def book_of(case: Case) -> Workbook:
    """The tables of ``case``, which was read from a folder, as a workbook.

    Raises ``UsageError`` for a table with more rows than a sheet holds.
    """
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for name in dictionary.tables():
        if name not in case.sources:
            continue
        source = case.sources[name]
        records = _records(case.path / source.file, name)
        if len(records) > MOST_ROWS:
            raise UsageError("book-too-long", place=source.file, most=f"{MOST_ROWS:,}")
        _fill(book.create_sheet(name), name, records, source.head_row, case[name])
    return book


def _records(file: Path, name: str) -> list[list[str]]:
    """The cells of a CSV file, row by row; none where it cannot be read."""
    try:
        text = without_hint(decode(file.read_bytes()))[1] if file.is_file() else ""
    except Unreadable:
        return []
    _, mark = layout(name, text)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    except csv.Error:  # a quotation mark that is never closed: then every line is a row
        return [line.split(mark) for line in text.splitlines()]


def _fill(sheet: Any, name: str, records: Sequence[Sequence[str]], head_row: int, table: pd.DataFrame) -> None:
    heads = translated(name, [head.strip() for head in records[head_row - 1]]) if records else []
    # Of two columns of one name the first is the one that was read.
    numbers = {at: _numbers(name, head, table) for at, head in enumerate(heads) if heads.index(head) == at}
    for row, record in enumerate(records, 1):
        for at, text in enumerate(record):
            if text.strip():
                number = numbers[at].get(row) if at in numbers and row > head_row else None
                _put(sheet.cell(row, at + 1), text.strip() if number is None else number)
    for cell in sheet[head_row]:
        cell.font, cell.fill = Font(bold=True), _HEAD
        cell.alignment = Alignment(vertical="top")
    sheet.freeze_panes = sheet.cell(head_row + 1, len(dictionary.table(name).key) + 1)
    if records:
        sheet.auto_filter.ref = f"A{head_row}:{get_column_letter(max(1, len(heads)))}{len(records)}"
    for at, width in enumerate(_widths(heads, records), 1):
        sheet.column_dimensions[get_column_letter(at)].width = width


def _numbers(name: str, head: str, table: pd.DataFrame) -> dict[int, float]:
    """Row in the file -> number, for the cells of a column that hold one."""
    if head not in table.columns:
        return {}
    column, values = dictionary.find_column(name, head), table[head]
    if column is not None and column.type == "value":
        values = read_plain(values)
    elif not is_float_dtype(values.dtype):
        return {}
    found = pd.Series(values, index=table.index).dropna()
    return dict(zip(found.index.tolist(), found.tolist(), strict=True))


def _put(cell: Any, value: str | float) -> None:
    """Write a value; text stays text, for one that begins with ``=`` would otherwise become a formula."""
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("�", value)[:_LONGEST]
        cell.data_type, cell.number_format = "s", "@"
    else:
        cell.value = value


def _widths(heads: Sequence[str], records: Sequence[Sequence[str]]) -> Iterator[int]:
    for at, head in enumerate(heads):
        longest = max((len(record[at]) for record in records[1:_LOOKED_AT] if at < len(record)), default=0)
        yield min(_WIDEST, max(_NARROWEST, len(head) + 3, longest + 2))
