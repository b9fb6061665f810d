"""Saving a what-if as a scenario of its own: new rows in ``scenarios`` and ``changes``, nothing else touched.

The rows that are there stay as they are, byte for byte (unless a column must be added for the new row to mean what it
says), and so does the rest of a workbook, the values of its formulas included. Both tables change as one
(``states``); the old files are kept as ``NAME.bak-1``, ``.bak-2`` ... .
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from allocate.errors import AllocateError, UsageError
from allocate.inputs.case import Case, Source
from allocate.inputs.findings import FindingList
from allocate.inputs.numerals import read_plain
from allocate.inputs.reading.headers import is_ignored
from allocate.inputs.reading.package import read_tables
from allocate.inputs.reading.raw import translated
from allocate.inputs.reading.states import replace_together
from allocate.inputs.reading.workbook import DAMAGE, Workbook
from allocate.inputs.scenario.changes import holds_number
from allocate.inputs.scenario.variant import apply, scenario
from allocate.inputs.workbook.sheet_rows import Head, Unwritable, add_rows
from allocate.inputs.workbook.writing import Row, with_rows

TABLES = ("scenarios", "changes")
_UNWRITTEN = ".ods"  # read, but not written


def save_scenario(case: Case, scenario_id: str) -> list[Path]:
    """Write one scenario of ``case`` (its row and its change rows) into the files the case was read from.

    Where the case has no table of scenarios, the ones every town has are written with it, for a table replaces them.
    Returns the files written. Raises ``UsageError``: ``out-unwritable``, ``save-unsafe`` (a workbook that would not
    read back as it is) or ``save-open-document`` (an .ods file); then no file has changed. What the files would not say
    is refused: ``scenario-unknown``, ``scenario-taken``, ``save-no-files`` (a case of frames), ``save-not-in-file``
    (tables replaced in memory).
    """
    if case.path.suffix.casefold() == _UNWRITTEN:
        raise UsageError("save-open-document", place=str(case.path))
    _refuse_unkept(case, scenario_id)
    rows = {name: _rows(case, name, scenario_id) for name in TABLES}
    rows = {name: found for name, found in rows.items() if found}
    try:
        if case.path.is_dir():
            files = {_file(case, name).name: partial(_into_csv, _file(case, name), name, rows[name]) for name in rows}
            replace_together(case.path, files)
            return [case.path / name for name in files]
        into = partial(_into_workbook, case, scenario_id, rows)
        real = Path(os.path.realpath(case.path))
        replace_together(real.parent, {real.name: into})
        return [case.path]
    except OSError as failure:
        raise UsageError("out-unwritable", place=str(case.path), reason=failure.strerror or str(failure)) from failure


def _refuse_unkept(case: Case, scenario_id: str) -> None:
    """Refuse to save where the files would not say what the case says."""
    scenario(case, scenario_id)
    read = case._as_read
    if read is None:
        raise UsageError("save-no-files", scenario=scenario_id)
    if scenario_id in set(read["scenarios"]["scenario_id"]):
        raise UsageError("scenario-taken", scenario=scenario_id)
    unkept = [name for name, table in case.tables.items() if not _is_kept(name, table, read[name], scenario_id)]
    if unkept:
        raise UsageError("save-not-in-file", scenario=scenario_id, tables=", ".join(unkept))


def _is_kept(name: str, table: pd.DataFrame, read: pd.DataFrame, scenario_id: str) -> bool:
    """Whether a table is what was read, but for the rows of the scenario that is saved."""
    if name in TABLES:
        table = table[table["scenario_id"] != scenario_id]
    columns = [column for column in table.columns if not is_ignored(str(column))]
    known = [column for column in read.columns if not is_ignored(str(column))]
    same = table[columns].reindex(columns=known).reset_index(drop=True).equals(read[known].reset_index(drop=True))
    return set(columns) == set(known) and same


def _file(case: Case, name: str) -> Path:
    return case.path / (case.sources[name].file if name in case.sources else f"{name}.csv")


def _rows(case: Case, name: str, scenario_id: str) -> list[Row]:
    """The rows to write; numbers as float, everything else as a person would type it."""
    table = case[name]
    unwritten = table.index < 1  # the scenarios of every town stand in no file and have no row there
    own = table[table["scenario_id"].eq(scenario_id) | (unwritten & (name == "scenarios"))]
    rows: list[Row] = [{str(key): _cell(value) for key, value in row.items()} for row in own.to_dict("records")]
    if name == "changes":
        for row in rows:
            number = float(read_plain(pd.Series([str(row["value"])], dtype="str")).iloc[0])
            calculated = row["how"] in ("multiply", "add") or (
                row["how"] == "set" and holds_number(case, str(row["table"]), str(row["key"]), str(row["column"]))
            )
            if calculated and not pd.isna(number):
                row["value"] = number
    return rows


def _cell(value: object) -> str | float:
    """A value as a person would type it: yes/no for truth, nothing for a number that is not given."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return "" if pd.isna(value) else value
    return str(value)


def _into_csv(path: Path, name: str, rows: Sequence[Row], target: Path) -> None:
    target.write_bytes(with_rows(path.read_bytes() if path.is_file() else b"", name, rows))


def _into_workbook(case: Case, scenario_id: str, rows: Mapping[str, Sequence[Row]], target: Path) -> None:
    """Write the workbook with the rows, and read it back: nothing else in it may have become different."""
    book = Workbook(case.path)
    titles = {name: case.sources[name].sheet for name in rows if name in case.sources}
    titles = {name: title for name, title in titles.items() if title in book.sheets}
    heads = {title: _head(book, name, case.sources[name]) for name, title in titles.items()}
    try:
        add_rows(case.path, heads, {titles.get(name, name): new for name, new in rows.items()}, target)
        again = read_tables(target).case
        same = all(again[name].equals(case[name]) for name in case.tables if name not in TABLES)
        if not same or not _same_plan(apply(again, scenario_id).case, apply(case, scenario_id).case):
            raise Unwritable("read back differently")
    except OSError:
        raise
    except (Unwritable, AllocateError, *DAMAGE) as failure:
        raise UsageError("save-unsafe", place=str(case.path)) from failure


def _head(book: Workbook, name: str, source: Source) -> Head:
    """The columns of a table in its sheet, by their names."""
    found = book.cells(source.sheet, FindingList())
    if found is None or len(found[0]) < source.head_row:
        return Head([])
    called = [str(text).strip() for text in found[0].iloc[source.head_row - 1]]
    return Head(translated(name, called), source.head_row, source.heads)


def _same_plan(one: Case, other: Case) -> bool:
    return all(one[name].equals(other[name]) for name in one.tables if name not in TABLES)
