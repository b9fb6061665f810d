"""Delimited: one CSV file becomes a RawTable, whatever its encoding and separator."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd

from allocate.inputs.case import Source
from allocate.inputs.dialect import MOST_HEADER, Unreadable, decode, garbled, header, separator, without_hint
from allocate.inputs.findings import WARNING, FindingList
from allocate.inputs.reading.headers import MOST_ABOVE, head_row, rows_that_explain
from allocate.inputs.reading.raw import ROW, RawTable, heads_of, named, tell_heads, without_empty_rows
from allocate.inputs.reading.text_cells import column_of_text
from allocate.inputs.vocabulary import column_of, words

MOST_BYTES = 1_000_000_000


def read_text(text: str, file: str, table: str, findings: FindingList) -> RawTable | None:
    """The cells of a CSV text, which stands in ``file``; None where nothing can be read, with the reason."""
    source = Source(file)
    _, text = without_hint(text)
    if not text.strip():
        findings.add("read-file-empty", source)
        return None
    odd = garbled(text)
    if odd:
        findings.add("read-file-garbled", source, severity=WARNING, value=odd)
    head, mark = layout(table, text)
    text = "".join(io.StringIO(text, newline="").readlines()[head - 1 :]) if head > 1 else text
    names = header(text, mark)
    source = Source(file, "", heads_of(table, names), head)
    if _open_quote(text, mark):
        findings.add("read-quote-open", source, row=_last_record(text, mark) + head - 1)
        return None
    columns = _columns(text, mark, names, source, findings)
    beneath = rows_that_explain(table, names, zip(*columns, strict=True))
    tell_heads(source, beneath, findings)
    if beneath:
        columns = [column.iloc[beneath:] for column in columns]
    kept = without_empty_rows(columns)
    if not kept.all():
        columns = [column[kept] for column in columns]
    positions, kept_names = named(table, names, columns, source, findings)
    cells = pd.DataFrame({name: columns[at] for name, at in zip(kept_names, positions, strict=True)})
    if len(names) == 1 and not column_of(table, names[0]):
        findings.add("read-separator", source, row=1, value=names[0][:60])
    return RawTable(table, source, cells)


def layout(table: str, text: str) -> tuple[int, str]:
    """The row of a CSV text that holds the names of the columns (1 is the first), and the separator."""
    known = words(table)
    lines = io.StringIO(text[:MOST_HEADER], newline="").readlines()[: MOST_ABOVE + 1]
    head = head_row(table, (header(line, separator(line, known)) for line in lines))
    return head, separator("".join(lines[head - 1 :]), known)


def text_of(file: Path, findings: FindingList) -> str | None:
    """The text of a CSV file; None where it cannot be read, with the reason among the findings."""
    source = Source(file.name)
    try:
        size = file.stat().st_size
        if size > MOST_BYTES:
            findings.add("read-file-large", source, size=f"{size / 1e9:.1f}", most=f"{MOST_BYTES / 1e9:.0f}")
            return None
        return decode(file.read_bytes())
    except Unreadable as failure:
        findings.add(f"read-file-{failure.reason}", source)
    except OSError as failure:
        findings.add("read-file-denied", source, reason=failure.strerror or type(failure).__name__)
    return None


def _columns(text: str, mark: str, names: list[str], source: Source, findings: FindingList) -> list[pd.Series]:
    """The cells of every column as text, trimmed; the index is the row number in the file."""
    width = len(names)
    rows: list[list[str]] = []
    numbers: list[int] = []
    broken: list[tuple[int, list[str]]] = []
    for number, cells in enumerate(_records(text, mark)[1:], source.head_row + 1):
        whole = cells if len(cells) == width else _mended(cells, width)
        if whole is None:
            broken.append((number, cells))
        else:
            rows.append(whole)
            numbers.append(number)
    if broken:
        findings.add_many(
            "read-row-ragged",
            source,
            rows=[number for number, _ in broken],
            value=[mark.join(cells)[:60] for _, cells in broken],
            found=[len(cells) for _, cells in broken],
            expected=width,
        )
    index = pd.Index(numbers, dtype=np.int64, name=ROW)
    by_column = zip(*rows, strict=True) if rows else ((),) * width
    return [column_of_text([cell.strip() for cell in cells], index) for cells in by_column]


def _mended(cells: list[str], width: int) -> list[str] | None:
    """A row with another number of cells than the header has names, where nothing is lost by making it fit.

    An empty line is a row of blanks; cells beyond the header may be blank. None for every other row.
    """
    if not cells:
        return [""] * width
    return cells[:width] if len(cells) > width and not any(cell.strip() for cell in cells[width:]) else None


def _records(text: str, mark: str) -> list[list[str]]:
    """All rows of a CSV text, the names first."""
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    except csv.Error:  # a cell is longer than the module takes unless it is told
        before = csv.field_size_limit(max(csv.field_size_limit(), len(text)))
        try:
            return list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
        finally:
            csv.field_size_limit(before)


def _open_quote(text: str, mark: str) -> bool:
    """Whether a quotation mark is opened and never closed, so that the rest of the file is one cell."""
    if text.count('"') % 2 == 0:
        return False
    try:
        for _ in csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True):
            pass
    except csv.Error as failure:
        # The csv module gives up on a cell of 131,072 characters, long before the end of a large file.
        return "unexpected end" in str(failure) or "field larger" in str(failure)
    return False


def _last_record(text: str, mark: str) -> int:
    """The number of the last record, in which an open quotation mark stands."""
    number = 0
    try:
        for _ in csv.reader(io.StringIO(text, newline=""), delimiter=mark):
            number += 1
    except csv.Error:
        return number + 1
    return number
