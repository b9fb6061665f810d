"""Saving a what-if as a scenario of its own: new rows in ``scenarios`` and ``changes``, nothing else touched.

The rows that are there stay as they are, byte for byte in CSV files. The new file is written beside the old one and
renamed; the old one is kept as ``NAME.bak-1``, ``.bak-2`` ... .
"""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import openpyxl
import pandas as pd
from openpyxl.cell import Cell, MergedCell

from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.inputs.dialect import Notation, decide, decode, header, read_numbers, separator
from allocate.inputs.dictionary import table as described
from allocate.inputs.numerals import typed_number

TABLES = ("scenarios", "changes")
_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}

type Row = Mapping[str, object]


def save_scenario(case: Case, scenario_id: str) -> list[Path]:
    """Write one scenario of ``case`` (its row and its change rows) into the files the case was read from.

    Returns the files written. Raises ``UsageError`` ``out-unwritable``; then no file has changed.
    """
    rows = {name: _rows(case, name, scenario_id) for name in TABLES}
    try:
        if case.path.is_dir():
            return _into_folder(case, {name: found for name, found in rows.items() if found})
        return [_replace(case.path, lambda target: _into_workbook(case.path, rows, target))]
    except OSError as failure:
        raise UsageError("out-unwritable", place=str(case.path), reason=failure.strerror or str(failure)) from failure


def _rows(case: Case, name: str, scenario_id: str) -> list[Row]:
    own = case[name][case[name]["scenario_id"] == scenario_id]
    return [{str(key): _cell(value) for key, value in row.items()} for row in own.to_dict("records")]


def _cell(value: object) -> object:
    """A value as a person would type it: yes/no for truth, nothing for a number that is not given."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if pd.isna(value) else value  # type: ignore[call-overload]


def _into_folder(case: Case, rows: Mapping[str, Sequence[Row]]) -> list[Path]:
    written = []
    for name, new in rows.items():
        path = case.path / case.sources[name].file if name in case.sources else case.path / f"{name}.csv"
        old = path.read_bytes() if path.is_file() else b""
        content = _appended(old, name, new)
        written.append(_replace(path, lambda target, content=content: target.write_bytes(content)))  # type: ignore[misc]
    return written


def _appended(old: bytes, name: str, rows: Sequence[Row]) -> bytes:
    """The bytes of a CSV file with further rows in its own separator, notation, encoding and line ends."""
    if not old.strip():
        columns = [column.name for column in described(name)]
        return _lines([dict(zip(columns, columns, strict=True)), *rows], columns, ",", Notation.POINT, "\n").encode()
    text = decode(old)
    known = [column.name for column in described(name)]
    mark = separator(text, known)
    columns = header(text, mark)
    end = "\r\n" if "\r\n" in text else "\n"
    added = _lines(rows, columns, mark, _notation(text, mark), end)
    if not text.endswith(("\n", "\r")):
        added = end + added
    return old + added.encode(_encoding(old))


def _lines(rows: Sequence[Row], columns: Sequence[str], mark: str, notation: Notation, end: str) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=mark, lineterminator=end)
    for row in rows:
        writer.writerow(
            [_text(row.get(column.casefold().strip(), row.get(column, "")), notation) for column in columns]
        )
    return stream.getvalue()


def _text(value: object, notation: Notation) -> str:
    """A cell in the file's notation; a text that is a plain number with decimals is one."""
    text = f"{value:.15g}" if isinstance(value, float) else str(value)
    if notation is Notation.COMMA and "." in text and typed_number(text).point == typed_number(text).value:
        return text.replace(".", ",")
    return text


def _notation(text: str, mark: str) -> Notation:
    """The decimal sign of the file; where its cells do not tell, a semicolon stands for German."""
    cells = [cell for line in csv.reader(io.StringIO(text, newline=""), delimiter=mark) for cell in line]
    verdict = decide([read_numbers(_series(cells))])
    if verdict.certain:
        return verdict.notation
    return Notation.COMMA if mark == ";" else Notation.POINT


def _series(cells: list[str]) -> pd.Series:
    return pd.Series(cells, dtype="str").str.strip()


def _encoding(old: bytes) -> str:
    if old[:2] in _UTF16:
        return _UTF16[old[:2]]
    try:
        old.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _into_workbook(source: Path, rows: Mapping[str, Sequence[Row]], target: Path) -> None:
    book = openpyxl.load_workbook(source)
    for name, new in rows.items():
        sheet = next((book[title] for title in book.sheetnames if title.casefold() == name), None)
        if sheet is None:
            sheet = book.create_sheet(name)
            sheet.append([column.name for column in described(name)])
        heads = [str(cell.value or "").strip().casefold() for cell in sheet[1]]
        for at, row in enumerate(new, sheet.max_row + 1):
            for column, head in enumerate(heads, 1):
                _put(sheet.cell(at, column), row.get(head, ""))
    book.save(target)


def _put(cell: Cell | MergedCell, value: object) -> None:
    """Write a value; text stays text, for one that begins with ``=`` would otherwise become a formula."""
    if value == "" or isinstance(cell, MergedCell):
        return
    cell.value = value  # type: ignore[assignment]
    if isinstance(value, str):
        cell.data_type = "s"


def _replace(path: Path, write: Callable[[Path], object]) -> Path:
    """Let ``write`` fill a new file beside ``path``, keep the old one, and put the new one in its place."""
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    fresh = Path(name)
    try:
        write(fresh)
        if path.is_file():
            fresh.chmod(path.stat().st_mode & 0o777)
            number = 1
            while (kept := path.with_name(f"{path.name}.bak-{number}")).exists():
                number += 1
            kept.write_bytes(path.read_bytes())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return path
