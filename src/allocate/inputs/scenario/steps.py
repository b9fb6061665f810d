"""One step of a scenario: its change rows carried out on the tables, every changed cell logged old -> new.

    set        new = value                 (numbers, texts, lists, yes/no; blank = the column's default)
    multiply   new = old * value           (numbers)
    add        new = old + value           (numbers)

Whole rows come first (``row_changes``), so that a cell of a new row can be changed; demand follows the people of its
space last (``residents``).

A blank number cannot be multiplied or added to: its default is settled later, so that the change would
silently do nothing.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from allocate.inputs.case import LIST_SEPARATOR
from allocate.inputs.dictionary import FALSE_WORDS, TRUE_WORDS
from allocate.inputs.numerals import read_plain, write_numeral
from allocate.inputs.scenario.cells import Keys, Tables, hit
from allocate.inputs.scenario.draft import Draft
from allocate.inputs.scenario.keys import KEY_SEPARATOR, Problem, key_text
from allocate.inputs.scenario.residents import demand_of_residents
from allocate.inputs.scenario.row_changes import ROW_HOWS, carry_out_rows

LOG_COLUMNS = (
    "scenario_id",
    "table",
    "key",
    "column",
    "how",
    "value",
    "old",
    "new",
    "reason",
    "source",
    "place",
)
YES_NO = {**dict.fromkeys(TRUE_WORDS, True), **dict.fromkeys(FALSE_WORDS, False)}


@dataclass(frozen=True)
class Shapes:
    """What a step must know of the columns.

    ``keys`` the key columns of each table, ``lists`` the (table, column) pairs that hold lists of ids,
    ``defaults`` the number a blank cell of a (table, column) pair stands for.
    """

    keys: Keys
    lists: frozenset[tuple[str, str]] = frozenset()
    defaults: Mapping[tuple[str, str], float] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """The tables that one step has changed, the log of its changed cells, and what could not be carried out.

    The log has ``LOG_COLUMNS`` and ``change`` (position of the change row), ``at`` (position of the table's
    row).
    """

    tables: Mapping[str, pd.DataFrame]
    log: pd.DataFrame
    problems: list[Problem]


@dataclass(frozen=True)
class _Values:
    """Old and new values of some cells of one column, and which of the changes can be carried out."""

    old: np.ndarray
    new: np.ndarray
    usable: np.ndarray


def carry_out(tables: Tables, shapes: Shapes, changes: pd.DataFrame, year: int | None = None) -> Step:
    """Carry out the change rows of one scenario (columns of ``changes`` and ``place``) on ``tables``.

    ``year``: the one that is planned, in which new offers may be there for some months only.

    Rows with a problem are left out; the caller decides whether that is an error. The given tables stay as
    they are.
    """
    changes = changes.reset_index(drop=True)
    problems: list[Problem] = []
    rows = changes["how"].isin(ROW_HOWS)
    draft = _rows_changed(tables, changes[rows], problems, year) if rows.any() else None
    changed: dict[str, pd.DataFrame] = {} if draft is None else draft.tables
    after = ChainMap(changed, tables)  # type: ignore[arg-type]  # no map but the first is written into
    found = hit(after, shapes.keys, changes[~rows] if draft else changes)
    problems += found.problems
    logs = [] if draft is None else [_log_of(draft, changes)]
    if draft is not None:
        problems += _set_twice(logs[0], found.cells, changes)
    cells_how = found.cells.assign(how=changes["how"].to_numpy()[found.cells["change"].to_numpy(np.int64)])
    for (name, column, how), cells in cells_how.groupby(["table", "column", "how"], sort=False):
        table, field_name = str(name), str(column)
        values = _new_values(after[table][field_name], cells, changes["value"], str(how), problems)
        if how == "set":
            values = _as_stored(values, shapes, table, field_name)
        moved = values.usable & _differs(values.old, values.new)
        if moved.any():
            values = _Values(values.old[moved], values.new[moved], values.usable[moved])
            at = cells["at"].to_numpy(np.int64)[moved]
            after[table] = _with_values(after[table], field_name, at, values.new)
            logs.append(_log(after[table], shapes.keys[table], changes, cells[moved], values))
    log = _in_order(logs)
    followed = demand_of_residents(after, log, _told(log, found.cells)) if "spaces" in set(log["table"]) else None
    if followed is not None:
        after["demand"] = followed[0]
        log = _in_order([log, followed[1]])
    return Step(changed, log, problems)


def _rows_changed(tables: Tables, changes: pd.DataFrame, problems: list[Problem], year: int | None) -> Draft:
    draft = Draft(tables, year)
    carry_out_rows(draft, changes, problems)
    return draft


def _log_of(draft: Draft, changes: pd.DataFrame) -> pd.DataFrame:
    """The log of changed rows; ``at`` is the position in the table afterwards, -1 for a row that has gone."""
    log = pd.DataFrame(draft.done, columns=["change", "table", "label", "key", "column", "old", "new"])
    said = changes.loc[log["change"].to_numpy(np.int64), ["scenario_id", "how", "value", "reason", "source", "place"]]
    at = np.full(len(log), -1, dtype=np.int64)
    for table, own in log.groupby("table", sort=False):
        at[own.index] = draft.tables[str(table)].index.get_indexer(pd.Index(own["label"]))
    log = log.assign(**{name: said[name].array for name in said.columns}, at=at)
    return log.astype({"old": object, "new": object})


def _set_twice(log: pd.DataFrame, cells: pd.DataFrame, changes: pd.DataFrame) -> list[Problem]:
    """Cells that a change of rows has set and another change of the step hits."""
    both = cells.merge(log[log["column"].ne("")], on=["table", "column", "at"], suffixes=("", "_of_row"))
    if both.empty:
        return []
    pairs = both[["change", "change_of_row"]].drop_duplicates()
    other = changes["place"].loc[pairs["change_of_row"]].tolist()
    return [Problem("change-collision", pairs["change"].tolist(), "key", {"other": other})]


def _told(log: pd.DataFrame, cells: pd.DataFrame) -> set[int]:
    """Positions of the rows of demand that a step says something of."""
    hit_cells = cells[cells["table"].eq("demand") & cells["column"].eq("demand")]["at"]
    return {*hit_cells.tolist(), *log.loc[log["table"].eq("demand"), "at"].tolist()}


def _new_values(column: pd.Series, cells: pd.DataFrame, value: pd.Series, how: str, problems: list[Problem]) -> _Values:
    """Old and new values of the cells of one column under one way of changing."""
    at = cells["at"].to_numpy(np.int64)
    by_change = value.loc[cells["change"].unique()]
    place = by_change.index.get_indexer(pd.Index(cells["change"]))
    if is_bool_dtype(column.dtype):
        return _new_yes_no(column.to_numpy(object)[at], by_change, place, how, problems)
    if is_numeric_dtype(column.dtype):
        return _new_numbers(column.to_numpy(np.float64)[at], by_change, place, how, problems)
    old = column.to_numpy(object)[at]
    if how == "set":
        return _Values(old, by_change.to_numpy(object)[place], np.ones(len(old), dtype=bool))
    words = pd.Series(old, dtype="str")
    numbers = read_plain(words)
    if (numbers.isna() & words.ne("")).any():
        _note(problems, "change-not-numeric", pd.Series(True, by_change.index), "how", {})
        return _Values(old, old, np.zeros(len(old), dtype=bool))
    found = _new_numbers(numbers.to_numpy(np.float64), by_change, place, how, problems)
    said = np.array([write_numeral(one) for one in found.new], dtype=object)
    return _Values(old, said, found.usable)


def _new_numbers(
    old: np.ndarray, by_change: pd.Series, place: np.ndarray, how: str, problems: list[Problem]
) -> _Values:
    """Arithmetic on numbers; ``place`` says for each cell which of the change values is meant."""
    operands = read_plain(by_change)
    wrong = operands.isna() & ~(by_change.str.strip().eq("") & (how == "set"))
    _note(problems, "change-value-not-a-number", wrong, "value", {})
    operand = operands.to_numpy(np.float64)[place]
    usable = ~wrong.to_numpy()[place]
    if how == "set":
        return _Values(old, operand, usable)
    empty = np.isnan(old) & usable
    counts = pd.Series(np.bincount(place[empty], minlength=len(by_change)), index=by_change.index)
    _note(problems, "change-of-blank", counts > 0, "column", {"count": counts.astype("str")})
    with np.errstate(over="ignore", invalid="ignore"):
        new = old * operand if how == "multiply" else old + operand
    return _Values(old, new, usable & ~empty)


def _new_yes_no(old: np.ndarray, by_change: pd.Series, place: np.ndarray, how: str, problems: list[Problem]) -> _Values:
    """Yes/no cells can only be set."""
    if how != "set":
        _note(problems, "change-not-numeric", pd.Series(True, by_change.index), "how", {})
        return _Values(old, old, np.zeros(len(old), dtype=bool))
    read = by_change.str.strip().str.casefold().map(YES_NO).astype(object)
    _note(problems, "change-value-not-yes-no", read.isna(), "value", {})
    return _Values(old, read.to_numpy(object)[place], read.notna().to_numpy()[place])


def _as_stored(values: _Values, shapes: Shapes, table: str, column: str) -> _Values:
    """New values as the tables hold them: lists joined one way, blanks by their default."""
    new = values.new
    if (table, column) in shapes.lists:
        parts = pd.Series(new, dtype="str").str.replace("|", LIST_SEPARATOR, regex=False)
        tidy = parts.str.replace(rf"\s*{LIST_SEPARATOR}\s*", LIST_SEPARATOR, regex=True)
        new = tidy.str.strip(LIST_SEPARATOR + " ").to_numpy(object)
    elif (table, column) in shapes.defaults:
        new = np.where(np.isnan(new.astype(np.float64)), shapes.defaults[table, column], new)
    elif table == "parameters" and column == "value":
        read = read_plain(pd.Series(new, dtype="str"))
        said = [write_numeral(one) for one in read]
        new = np.where(read.notna().to_numpy(), np.array(said, dtype=object), new)
    return _Values(values.old, new, values.usable)


def _differs(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Which values changed; blank to blank is no change."""
    changed = np.asarray(old != new, dtype=bool)
    return changed & ~(np.asarray(pd.isna(old)) & np.asarray(pd.isna(new)))


def _with_values(frame: pd.DataFrame, column: str, at: np.ndarray, new: np.ndarray) -> pd.DataFrame:
    """A copy of the table with the cells at the given positions replaced."""
    was = frame[column]
    kind = np.float64 if is_numeric_dtype(was.dtype) and not is_bool_dtype(was.dtype) else object
    values = was.to_numpy(kind, copy=True)
    values[at] = new
    dtype = np.float64 if kind is np.float64 else was.dtype
    return frame.assign(**{column: pd.Series(values, index=frame.index, dtype=dtype)})


def _log(
    frame: pd.DataFrame, key: Sequence[str], changes: pd.DataFrame, cells: pd.DataFrame, values: _Values
) -> pd.DataFrame:
    """The log rows of the changed cells of one column."""
    ids = frame[list(key)].iloc[cells["at"].to_numpy(np.int64)]
    joined = key_text(ids[key[0]])
    for name in key[1:]:
        joined = joined + KEY_SEPARATOR + key_text(ids[name])
    said = changes.loc[cells["change"], ["scenario_id", "how", "value", "reason", "source", "place"]]
    return pd.DataFrame(
        {
            **{name: said[name].array for name in said.columns},
            "table": cells["table"].array,
            "column": cells["column"].array,
            "key": joined.array,
            "old": values.old.astype(object),
            "new": values.new.astype(object),
            "change": cells["change"].to_numpy(np.int64),
            "at": cells["at"].to_numpy(np.int64),
        }
    )


def _in_order(logs: list[pd.DataFrame]) -> pd.DataFrame:
    """All log rows in the order of the change rows, then of the table."""
    if not logs:
        return empty_log()
    log = pd.concat(logs, ignore_index=True)
    return log.sort_values(["change", "at"], kind="stable").reset_index(drop=True)[[*LOG_COLUMNS, "change", "at"]]


def empty_log() -> pd.DataFrame:
    """The log of a step that changes nothing."""
    return _empty_log().copy()


@cache
def _empty_log() -> pd.DataFrame:
    types = {name: object if name in ("old", "new") else "str" for name in LOG_COLUMNS}
    return pd.DataFrame(columns=[*types, "change", "at"]).astype({**types, "change": np.int64, "at": np.int64})


def _note(problems: list[Problem], rule: str, bad: pd.Series, column: str, words: Mapping[str, pd.Series]) -> None:
    """Note the change rows marked in ``bad`` as one problem."""
    if bad.any():
        said = {name: word[bad].tolist() for name, word in words.items()}
        problems.append(Problem(rule, bad.index[bad].tolist(), column, said))
