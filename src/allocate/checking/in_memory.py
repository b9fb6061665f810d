"""In memory: frames that somebody hands over become tables of a case the way files do, with the same findings.

A frame is read as a workbook's sheet is: numbers are numbers, dates are dates, everything else is text (text in a
column of numbers is read in plain notation, ``1234.5``). So a mistyped id, a negative amount or a row that stands
twice is found here as ``allocate check`` finds it in a file.
"""

from __future__ import annotations

import datetime
import math
import numbers
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import SupportsFloat, TypeGuard

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_bool_dtype, is_integer_dtype, is_numeric_dtype

from allocate.checking.check_case import check_case
from allocate.checking.follow_on import without_follow_ons
from allocate.errors import InputError, UsageError, expect
from allocate.inputs import dictionary
from allocate.inputs.case import LIST_SEPARATOR, Case, Source
from allocate.inputs.findings import FindingList, errors
from allocate.inputs.in_places import without_filling
from allocate.inputs.nearest import NONE, nearest
from allocate.inputs.numerals import read_plain
from allocate.inputs.reading.defaults import fill
from allocate.inputs.reading.needed import excuse_costs, needed_tables
from allocate.inputs.reading.raw import FIRST_ROW, ROW, RawTable, named, without_empty_rows
from allocate.inputs.reading.tables import EXACT, empty, typed
from allocate.inputs.reading.translation import in_names

# Tables that are written for a town where it has none; they depend on other tables.
_WRITTEN = ("scenarios", "segments")


def case_of_frames(name: str, frames: Mapping[str, pd.DataFrame]) -> Case:
    """A case of these tables (absent ones are empty), completed and checked; see ``Case.from_frames``."""
    expect(name, str, "name")
    given = _given(frames)
    findings = FindingList()
    sources = {table: Source(table) for table in dictionary.tables()}
    tables = {table: empty(table) for table in dictionary.tables()}
    tables |= {table: _table(table, frame, sources[table], findings) for table, frame in given.items()}
    needed = needed_tables(tables)
    excuse_costs(tables, findings)
    for table in dictionary.tables().values():
        if table.name in needed and table.name not in given:
            findings.add(
                "read-table-missing",
                sources[table.name],
                table=table.name,
                meaning_de=table.meaning_de,
                meaning_en=table.meaning_en,
            )
    fill(tables)
    return _passed(Case(name, Path(name), tables, sources), findings)


def with_frames(case: Case, frames: Mapping[str, pd.DataFrame]) -> Case:
    """The case with these tables in the place of its own, completed and checked; see ``Case.with_tables``."""
    given = _given(frames)
    findings = FindingList()
    tables = {name: table for name, table in case.tables.items() if not _is_written(name, table)}
    tables = {name: tables.get(name, empty(name)) for name in dictionary.tables()}
    without_filling(tables)
    for name, frame in given.items():
        tables[name] = _table(name, frame, case.sources.get(name, Source(f"{name}.csv")), findings)
    excuse_costs(tables, findings)
    fill(tables)
    changed = Case(case.name, case.path, tables, case.sources, case.geometry)
    return _passed(changed, findings, case)


def assured(case: object) -> Case:
    """The case, checked: at once where it is known to be, else read anew from its own tables and checked.

    Raises ``UsageError`` for what is no case and ``InputError`` with all findings.
    """
    expect(case, Case, "case")
    assert isinstance(case, Case)  # said above in words
    if case._checked:
        return case
    if case._in_order is None:  # so that a second session on the same case does not pay for it again
        object.__setattr__(case, "_in_order", with_frames(case, dict(case.tables)))
    return case._in_order or case


def findings_of(case: Case) -> pd.DataFrame:
    """All findings of the checks on the tables of a case."""
    return check_case(case)


def _passed(case: Case, findings: FindingList, origin: Case | None = None) -> Case:
    """The case once its tables are found to be in order; ``origin`` is the case it was made from."""
    found = without_follow_ons(case, findings.table(), check_case(case))
    wrong = errors(found)
    if len(wrong):
        raise InputError("tables-findings", findings=found, case=case.name, count=len(wrong))
    return case._known(checked=True, as_read=None if origin is None else origin._as_read, findings=found)


def _given(frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The frames by table, once every name is that of a table and every value a frame."""
    known = dictionary.tables()
    unknown = [str(name) for name in frames if name not in known]
    if unknown:
        near = ", ".join(dict.fromkeys(nearest(name, known) or NONE for name in unknown))
        raise UsageError("tables-unknown", tables=", ".join(unknown), nearest=near, known=", ".join(known))
    for name, frame in frames.items():
        expect(frame, pd.DataFrame, name)
    return dict(frames)


def _is_written(name: str, table: pd.DataFrame) -> bool:
    """Whether a table stands in no file but was written for the town."""
    return name in _WRITTEN and len(table) > 0 and bool((table.index < 1).all())


def _table(name: str, frame: pd.DataFrame, source: Source, findings: FindingList) -> pd.DataFrame:
    """A frame as a table of the case; what does not fit is reported at its row and column."""
    rows = _rows(frame)
    names = [str(column).strip() for column in frame.columns]
    texts: list[pd.Series] = []
    stored: list[NDArray[np.float64]] = []
    for at, column in enumerate(names):
        known = dictionary.find_column(name, column)
        cells, found = _cells(frame.iloc[:, at])
        if known is not None and (known.is_numeric or known.type == "value"):
            # A case holds numbers in plain notation; as in a workbook they are numbers and not letters to be read.
            found = np.where(np.isnan(found), read_plain(cells).to_numpy(np.float64), found)
        texts.append(cells.set_axis(rows))
        stored.append(found)
    kept = without_empty_rows(texts)
    texts = [column[kept] for column in texts]
    positions, kept_names = named(name, names, texts, source, findings)
    pairs = list(zip(kept_names, positions, strict=True))
    cells_of = pd.DataFrame({column: texts[at] for column, at in pairs}, index=rows[kept])
    raw = RawTable(name, source, cells_of, {column: stored[at][kept] for column, at in pairs})
    return typed(in_names(raw), findings)


def _rows(frame: pd.DataFrame) -> pd.Index:
    """The numbers of the rows: those they have in their file where the frame still knows them, else counted anew."""
    index = frame.index
    if index.name == ROW and is_integer_dtype(index.dtype) and index.is_unique:
        return index.astype(np.int64)
    return pd.RangeIndex(FIRST_ROW, FIRST_ROW + len(frame), name=ROW)


def _cells(column: pd.Series) -> tuple[pd.Series, NDArray[np.float64]]:
    """The cells of a column as trimmed text (blank for a missing value), and those that are numbers (else NaN)."""
    dtype = column.dtype
    if is_numeric_dtype(dtype) and not is_bool_dtype(dtype):
        stored = column.to_numpy(np.float64, na_value=np.nan)
    else:
        stored = np.fromiter((_number(cell) for cell in column.tolist()), dtype=np.float64, count=len(column))
    if isinstance(dtype, pd.StringDtype):
        texts = column.astype("str").fillna("")
    else:
        texts = pd.Series([_text(cell) for cell in column.tolist()], dtype="str")
    return pd.Series(texts.to_numpy(object), dtype="str").str.strip(), stored


def _number(cell: object) -> float:
    return float(cell) if _is_number(cell) else math.nan


def _is_number(cell: object) -> TypeGuard[SupportsFloat]:
    return isinstance(cell, numbers.Real | Decimal) and not isinstance(cell, bool)


def _text(cell: object) -> str:
    """A cell as it would stand in a sheet: yes or no, a number without needless zeros, an ISO date, a list of ids."""
    if isinstance(cell, str) or _is_missing(cell):
        return cell if isinstance(cell, str) else ""
    if isinstance(cell, list | tuple | set | frozenset | np.ndarray):
        return LIST_SEPARATOR.join(_text(one) for one in cell)
    if isinstance(cell, bool | np.bool_):
        return str(bool(cell)).lower()
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat(" ")
    number = _number(cell)
    if number.is_integer() and abs(number) < EXACT:
        return str(int(number))
    return str(cell)


def _is_missing(cell: object) -> bool:
    return cell is None or cell is pd.NA or cell is pd.NaT or (_is_number(cell) and math.isnan(cell))
