"""Writing rows into a CSV file as its owner writes it: separator, number notation, encoding, line ends.

A number is written so that it can be read in one way only: 1.046 becomes ``1.0460`` or ``1,0460``, because ``1.046``
is a thousand and something to a German reader.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from allocate.inputs.dialect import Notation, decide, decode, read_numbers, without_hint
from allocate.inputs.dictionary import find_column
from allocate.inputs.dictionary import table as described
from allocate.inputs.numerals import write_numeral
from allocate.inputs.reading.delimited import layout
from allocate.inputs.reading.raw import heads_of, translated
from allocate.inputs.reading.translation import change_names
from allocate.inputs.vocabulary import choice_of

_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_AMBIGUOUS = re.compile(r"-?[1-9]\d{0,2}\.\d{3}")
# Columns a reader can do without: leaving them out changes no calculation and no reason.
_SPARE = frozenset({"title_en", "question", "as_of"})

type Row = dict[str, str | float]


@dataclass(frozen=True)
class Dialect:
    """How a CSV file is written; ``columns`` are the names in its header."""

    columns: list[str]
    mark: str
    notation: Notation
    end: str


def with_rows(old: bytes, name: str, rows: Sequence[Row]) -> bytes:
    """The bytes of the file of table ``name`` with further rows; a column they need and it lacks is added."""
    if not old.strip():
        columns = [column.name for column in described(name)]
        new = Dialect(columns, ",", Notation.POINT, "\n")
        return (_lines([columns], new) + _lines(_cells(rows, new), new)).encode()
    text = decode(old)
    hint, body = without_hint(text)
    head, mark = layout(name, body)
    records = list(csv.reader(io.StringIO(body, newline=""), delimiter=mark))
    called = [cell.strip() for cell in records[head - 1]]
    names = translated(name, called)
    notation = _notation(name, names, records[head:], mark)
    dialect = Dialect(names, mark, notation, "\r\n" if "\r\n" in text else "\n")
    missing = [column for column in needed(name, rows) if column not in dialect.columns]
    if missing:
        width = len(dialect.columns)
        wider = Dialect(dialect.columns + missing, mark, dialect.notation, dialect.end)
        padded = [record + [""] * (width - len(record) + len(missing)) if record else record for record in records]
        heads = heads_of(name, called)
        padded[head - 1] = [*records[head - 1], *(heads.get(column, column) for column in missing)]
        return (hint + _lines(padded, wider) + _lines(_cells(rows, wider), wider)).encode(_encoding(old, whole=True))
    added = _lines(_cells(rows, dialect), dialect)
    added = added if text.endswith(("\n", "\r")) else dialect.end + added
    try:
        return old + added.encode(_encoding(old, whole=False))
    except UnicodeEncodeError:  # a sign that Windows-1252 lacks: the same text, in an encoding that has it
        return (text + added).encode("utf-8-sig")


def number_text(value: float, notation: Notation) -> str:
    """A number that reads in one way only, in the notation of the file."""
    text = write_numeral(value)
    text = f"{text}0" if _AMBIGUOUS.fullmatch(text) else text
    return text.replace(".", ",") if notation is Notation.COMMA else text


def _cells(rows: Sequence[Row], dialect: Dialect) -> list[list[str]]:
    found = []
    for row in rows:
        cells = [row.get(column, "") for column in dialect.columns]
        found.append([number_text(cell, dialect.notation) if isinstance(cell, float) else cell for cell in cells])
    return found


def _lines(records: Sequence[Sequence[str]], dialect: Dialect) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=dialect.mark, lineterminator=dialect.end).writerows(records)
    return stream.getvalue()


def needed(name: str, rows: Sequence[Row]) -> list[str]:
    """The columns without which some row would not mean what it says."""
    return [
        column.name
        for column in described(name)
        if column.name not in _SPARE
        and any(row.get(column.name, "") not in ("", _default(column.name, name)) for row in rows)
    ]


def _default(column: str, name: str) -> str:
    found = find_column(name, column)
    return "" if found is None else "no" if found.is_boolean and not found.default else found.default


def _notation(name: str, names: Sequence[str], records: Sequence[Sequence[str]], mark: str) -> Notation:
    """The decimal sign of the file; where its numbers do not tell, a semicolon stands for German."""
    rows = [dict(zip(names, record, strict=False)) for record in records]
    if name == "changes":
        numbers = [row.get("value", "") for row in rows if _calculated(row)]
    else:
        numbers = [row[column] for row in rows for column in row if _is_numeric(name, column)]
    verdict = decide([read_numbers(pd.Series(numbers, dtype="str").str.strip())])
    if verdict.certain:
        return verdict.notation
    return Notation.COMMA if mark == ";" else Notation.POINT


def _calculated(row: dict[str, str]) -> bool:
    """Whether the value of a change row is a number."""
    cells = {key: cell.strip() for key, cell in row.items()}
    how = find_column("changes", "how")
    done = cells.get("how", "") if how is None else choice_of(how, cells.get("how", ""))
    table, _, column, _ = change_names(*(cells.get(part, "") for part in ("table", "key", "column", "value")))
    return done in ("multiply", "add") or _is_numeric(table, column)


def _is_numeric(table: str, column: str) -> bool:
    found = find_column(table, column)
    return found is not None and found.is_numeric


def _encoding(old: bytes, *, whole: bool) -> str:
    """The encoding of the file: for all of it (with its mark at the beginning), or for what is appended."""
    if old[:2] in _UTF16:
        return "utf-16" if whole else _UTF16[old[:2]]
    try:
        old.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig" if whole and old.startswith(b"\xef\xbb\xbf") else "utf-8"
