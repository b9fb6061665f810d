"""Saving a what-if as a scenario of its own: new rows in ``scenarios`` and ``changes``, nothing else touched.

The rows that are there stay as they are, byte for byte in CSV files (unless a column must be added for the new row to
mean what it says). All new files are written beside the old ones before the first is renamed; the old ones are kept
as ``NAME.bak-1``, ``.bak-2`` ... .
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import openpyxl
import pandas as pd
from openpyxl.cell import Cell, MergedCell

from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.inputs.changes import holds_number
from allocate.inputs.dictionary import table as described
from allocate.inputs.headers import is_ignored
from allocate.inputs.numerals import read_plain
from allocate.inputs.scenario import scenario
from allocate.inputs.writing import Row, needed, with_rows

TABLES = ("scenarios", "changes")
_UNWRITTEN = ".ods"  # read, but not written


def save_scenario(case: Case, scenario_id: str) -> list[Path]:
    """Write one scenario of ``case`` (its row and its change rows) into the files the case was read from.

    Where the case has no table of scenarios, the ones every town has are written with it, for a table replaces them.
    Returns the files written. Raises ``UsageError``, ``out-unwritable`` or (for an .ods file) ``save-open-document``;
    then no file has changed. What the files would not say is refused: ``scenario-unknown``, ``scenario-taken``,
    ``save-no-files`` (a case of frames), ``save-not-in-file`` (tables replaced in memory).
    """
    if case.path.suffix.casefold() == _UNWRITTEN:
        raise UsageError("save-open-document", place=str(case.path))
    _refuse_unkept(case, scenario_id)
    rows = {name: _rows(case, name, scenario_id) for name in TABLES}
    rows = {name: found for name, found in rows.items() if found}
    try:
        if case.path.is_dir():
            return _swap({_file(case, name): partial(_into_csv, _file(case, name), name, rows[name]) for name in rows})
        return _swap({case.path: partial(_into_workbook, case.path, rows)})
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
            calculated = row["how"] != "set" or holds_number(
                case, str(row["table"]), str(row["key"]), str(row["column"])
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


def _into_workbook(source: Path, rows: Mapping[str, Sequence[Row]], target: Path) -> None:
    book = openpyxl.load_workbook(source)
    for name, new in rows.items():
        sheet = next((book[title] for title in book.sheetnames if title.strip().casefold() == name), None)
        if sheet is None:
            sheet = book.create_sheet(name)
            sheet.append([column.name for column in described(name)])
        heads = [str(cell.value or "").strip() for cell in sheet[1]]
        for column in needed(name, new):
            if column not in heads:
                heads.append(column)
                _put(sheet.cell(1, len(heads)), column)
        filled = [number for number, line in enumerate(sheet.iter_rows(values_only=True), 1) if any(line)]
        for at, row in enumerate(new, max(filled, default=1) + 1):
            for position, head in enumerate(heads, 1):
                _put(sheet.cell(at, position), row.get(head, ""))
    book.save(target)


def _put(cell: Cell | MergedCell, value: object) -> None:
    """Write a value; text stays text, for one that begins with ``=`` would otherwise become a formula."""
    if value == "" or isinstance(cell, MergedCell):
        return
    cell.value = value  # type: ignore[assignment]
    if isinstance(value, str):
        cell.data_type = "s"


def _swap(files: Mapping[Path, Callable[[Path], object]]) -> list[Path]:
    """Let each function fill a new file beside its path, keep the old ones, and put the new ones in their places.

    Nothing is renamed before everything is written; where a renaming fails, those before it are taken back.
    """
    drafts: dict[Path, Path] = {}
    done: list[tuple[Path, Path | None]] = []
    try:
        for path, write in files.items():
            drafts[path] = _beside(path)
            write(drafts[path])
            if path.is_file():
                drafts[path].chmod(path.stat().st_mode & 0o777)
        for path, draft in drafts.items():
            kept = _kept(path) if path.is_file() else None
            draft.replace(path)
            done.append((path, kept))
    except OSError:
        for path, kept in done:
            path.unlink() if kept is None else kept.replace(path)
        raise
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)
    return list(files)


def _beside(path: Path) -> Path:
    """An empty file in the folder of ``path``."""
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    return Path(name)


def _kept(path: Path) -> Path:
    """A copy of the file under the next free name ``NAME.bak-1``, ``.bak-2`` ... ."""
    number = 1
    while (kept := path.with_name(f"{path.name}.bak-{number}")).exists():
        number += 1
    kept.write_bytes(path.read_bytes())
    return kept
