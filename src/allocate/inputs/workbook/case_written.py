"""A case written whole: every table as a CSV file or as a sheet of a workbook, to be read back as it is."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from allocate.errors import UsageError
from allocate.files import draft, folder_aside, refuse_input, said
from allocate.inputs import dictionary
from allocate.inputs.case import Case
from allocate.inputs.dialect import Notation
from allocate.inputs.numerals import read_plain
from allocate.inputs.reading.headers import is_ignored
from allocate.inputs.reading.package import read_tables
from allocate.inputs.scenario.changes import holds_number
from allocate.inputs.workbook.tables_book import book_of
from allocate.inputs.workbook.writing import number_text


def write_folder(case: Case, folder: Path) -> list[Path]:
    """Write every table that has rows, and the boundaries, into ``folder``; gives the files.

    Numbers are in plain notation and read in one way only. Raises ``UsageError`` where one of the files exists or
    cannot be written; then none is.
    """
    contents = {f"{name}.csv": _csv(case, name) for name in dictionary.tables() if len(case[name])}
    refuse_input(folder)
    for name in contents:
        if (folder / name).exists():
            raise UsageError("template-exists", place=str(folder / name))
    with said(folder), folder_aside(folder.parent) as aside:
        for name, content in contents.items():
            (aside / name).write_bytes(content)
        if case.geometry is not None:
            shutil.copyfile(case.geometry, aside / case.geometry.name)
        files = sorted(aside.iterdir())
        folder.mkdir(exist_ok=True)
        return [file.rename(folder / file.name) for file in files]


def write_book(case: Case, path: Path) -> Path:
    """Write every table that has rows as a sheet of a new ``.xlsx``; gives its path.

    Raises ``UsageError`` where the file exists, has another ending or cannot be written.
    """
    if path.suffix.casefold() != ".xlsx":
        raise UsageError("template-no-workbook", place=str(path))
    if path.exists():
        raise UsageError("template-exists", place=str(path))
    with TemporaryDirectory() as place:
        write_folder(case, Path(place) / "town")
        book = book_of(read_tables(Path(place) / "town").case)
    with draft(path) as aside:
        book.save(aside)
    return path


def _csv(case: Case, name: str) -> bytes:
    table = case[name]
    columns = [str(column) for column in table.columns if not is_ignored(str(column))]
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    texts = [_texts(case, name, column, table) for column in columns]
    writer.writerows(zip(*texts, strict=True))
    return stream.getvalue().encode()


def _texts(case: Case, name: str, column: str, table: pd.DataFrame) -> list[str]:
    """The cells of a column as a person would type them."""
    cells = table[column].tolist()
    if column != "value" or name not in ("changes", "parameters"):
        return [_text(cell) for cell in cells]
    numbers = read_plain(pd.Series(cells, dtype="str")).tolist()
    told = zip(cells, numbers, _calculated(case, name, table), strict=True)
    return [_text(number) if is_one and not pd.isna(number) else str(cell) for cell, number, is_one in told]


def _calculated(case: Case, name: str, table: pd.DataFrame) -> list[bool]:
    """Whether each value of settings or changes is a number."""
    if name == "parameters":
        known = dictionary.parameters()
        return [one in known and known[one].is_numeric for one in table["parameter"].tolist()]
    rows = table[["table", "key", "column", "how"]].astype(str).itertuples(index=False, name=None)
    return [how in ("multiply", "add") or holds_number(case, t, key, column) for t, key, column, how in rows]


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return "" if pd.isna(cell) else number_text(cell, Notation.POINT)
    return str(cell)
