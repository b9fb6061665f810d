"""Delimited: one CSV file becomes a RawTable, whatever its encoding and separator."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from allocate.inputs.case import Source
from allocate.inputs.dialect import MOST_HEADER, Unreadable, decode, garbled, header, separator, without_hint
from allocate.inputs.findings import WARNING, FindingList
from allocate.inputs.reading.cells import column_of_text
from allocate.inputs.reading.headers import MOST_ABOVE, head_row, rows_that_explain
from allocate.inputs.reading.raw import ROW, RawTable, heads_of, named, tell_heads, without_empty_rows
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


@dataclass
class _Ragged:
    """Rows whose number of cells is not that of the header, kept aside by the parser."""

    mark: str
    width: int
    rows: list[tuple[int, list[str]]] = field(default_factory=list)

    def keep(self, row: pacsv.InvalidRow) -> str:
        """Called by the parser for each such row."""
        try:
            cells = next(csv.reader(io.StringIO(row.text), delimiter=self.mark), [])
        except csv.Error:  # a cell longer than the csv module takes
            cells = row.text.split(self.mark)
        self.rows.append((row.number, cells))
        return "skip"


def _columns(text: str, mark: str, names: list[str], source: Source, findings: FindingList) -> list[pd.Series]:
    """The cells of every column as text, trimmed; the index is the row number in the file."""
    content = text.encode()
    fields = [str(position) for position in range(len(names))]
    ragged = _Ragged(mark, len(names))
    parsed = pacsv.read_csv(
        io.BytesIO(content),
        read_options=pacsv.ReadOptions(use_threads=False, column_names=fields, block_size=max(1024, len(content) + 1)),
        parse_options=pacsv.ParseOptions(
            delimiter=mark,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=ragged.keep,
        ),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(fields, pa.large_string()), strings_can_be_null=False
        ),
    )
    numbers = _row_numbers(parsed.num_rows, [number for number, _ in ragged.rows])
    texts = [pc.utf8_trim_whitespace(parsed[name]) for name in fields]
    kept = _mended(ragged, source, findings)
    if not kept:
        rows = pd.Index(numbers[1:] + source.head_row - 1, name=ROW)
        return [column_of_text(cells.slice(1), rows) for cells in texts]
    rows = pd.Index(numbers, name=ROW)
    columns = [
        pd.concat(
            [column_of_text(cells, rows), pd.Series({row: cells_of[at] for row, cells_of in kept}, dtype="str")]
        ).sort_index()
        for at, cells in enumerate(texts)
    ]
    rows = columns[0].index[1:] + source.head_row - 1
    return [column.iloc[1:].set_axis(rows).rename_axis(ROW) for column in columns]


def _row_numbers(count: int, ragged: list[int]) -> NDArray[np.int64]:
    """The row numbers of the rows the parser kept; an empty line at the top may be neither kept nor ragged."""
    last = max([count + len(ragged), *ragged])
    every = np.arange(1, last + 1)
    return np.delete(every, np.array(ragged, dtype=np.int64) - 1)[last - len(ragged) - count :]


def _mended(ragged: _Ragged, source: Source, findings: FindingList) -> list[tuple[int, list[str]]]:
    """Rows with too many cells, of which all that are too many are blank; every other one is reported."""
    mended, broken = [], []
    for number, cells in ragged.rows:
        if len(cells) > ragged.width and not any(cell.strip() for cell in cells[ragged.width :]):
            mended.append((number, [cell.strip() for cell in cells[: ragged.width]]))
        else:
            broken.append((number, len(cells), ragged.mark.join(cells)[:60]))
    if broken:
        numbers, found, shown = zip(*broken, strict=True)
        rows = [number + source.head_row - 1 for number in numbers]
        findings.add_many("read-row-ragged", source, rows=rows, value=shown, found=found, expected=ragged.width)
    return mended


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
