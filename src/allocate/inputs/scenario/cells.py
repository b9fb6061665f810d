"""Which cells the rows of ``changes`` hit: the key patterns of one step of a scenario, resolved.

A key names the key columns of the table, joined by ``|``; ``*`` stands for every id in that place, and a lone
``*`` for every row:

    S02|N03     one cell of demand       *|N05   one need in every space       *   every row of the table

One *step* is everything a single scenario changes by itself. Within a step no cell may be hit twice, because
then the order of the rows would decide; a later step (a child scenario) may change a cell again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from allocate.inputs.nearest import NONE, nearest
from allocate.inputs.numerals import write_numeral

ALL = "*"
KEY_SEPARATOR = "|"
HOWS = ("set", "multiply", "add")
FIXED_TABLES = ("scenarios", "changes")
MOST_SUGGESTIONS = 50  # a list of ids for the wrong town needs no thousand hints

Tables = Mapping[str, pd.DataFrame]
Keys = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Problem:
    """What is wrong with some change rows.

    ``rule`` is the id of the finding, ``positions`` those of the rows in the step, ``column`` the one to
    look at; ``values`` holds for every word of the rule's sentence one entry per position.
    """

    rule: str
    positions: list[int]
    column: str
    values: Mapping[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Hits:
    """The cells of one step, and what hit nothing.

    ``cells`` has the columns ``change`` (position of the change row in the step), ``table``, ``column`` and
    ``at`` (position of the row in the table), ordered by change and row.
    """

    cells: pd.DataFrame
    problems: list[Problem]


def hit(tables: Tables, keys: Keys, changes: pd.DataFrame) -> Hits:
    """The cells that the rows of one step hit, and every row that cannot be applied.

    ``keys`` names the key columns of each table. A row with a problem hits no cell; two rows that hit one
    cell are reported and the first of them keeps it, so that one fault does not hide others.
    """
    problems: list[Problem] = []
    changes = changes.reset_index(drop=True)
    usable = _usable(tables, keys, changes, problems)
    found = [
        _rows_of(tables[str(table)], list(keys[str(table)]), str(table), group["key"], problems)
        for table, group in changes[usable].groupby("table", sort=False)
    ]
    rows = pd.concat(found) if found else pd.DataFrame({"change": [], "at": []}, dtype=np.int64)
    rows = rows.sort_values(["change", "at"], kind="stable").reset_index(drop=True)
    named = changes.loc[rows["change"], ["table", "column"]].reset_index(drop=True)
    cells = pd.concat([rows, named], axis=1)
    return Hits(_without_collisions(cells, changes, problems), problems)


def _usable(tables: Tables, keys: Keys, changes: pd.DataFrame, problems: list[Problem]) -> pd.Series:
    """Which change rows name a table, a column and a way of changing that exist."""
    fixed = changes["table"].isin(FIXED_TABLES)
    table = changes["table"].isin(list(keys)) & ~fixed
    pair = pd.Series(list(zip(changes["table"], changes["column"], strict=True)), index=changes.index)
    known = set(pair[table])
    column = pair.isin([(t, c) for t, c in known if c in tables[t].columns])
    key_column = pair.isin([(t, c) for t, c in known if c in keys[t]])
    how = changes["how"].isin(HOWS)
    _report(problems, "change-table-fixed", "table", changes[fixed])
    unknown = changes[~table & ~fixed]
    open_tables = [name for name in keys if name not in FIXED_TABLES]
    hints = [nearest(name, open_tables) or NONE for name in unknown["table"]]
    _report(problems, "change-table-unknown", "table", unknown, nearest=hints)
    unknown = changes[table & ~column]
    pairs = zip(unknown["table"], unknown["column"], strict=True)
    hints = [nearest(c, map(str, tables[t].columns)) or NONE for t, c in pairs]
    _report(problems, "change-column-unknown", "column", unknown, table=unknown["table"], nearest=hints)
    bad = changes[key_column & column]
    _report(problems, "change-of-key", "column", bad, table=bad["table"])
    _report(problems, "change-how-unknown", "how", changes[~how])
    return table & column & ~key_column & how


def _rows_of(
    frame: pd.DataFrame, key: list[str], table: str, patterns: pd.Series, problems: list[Problem]
) -> pd.DataFrame:
    """The (change, at) pairs of the changes of one table, pattern by pattern (at most 2 ** key columns)."""
    parts = patterns.str.split(KEY_SEPARATOR, regex=False)
    counts = patterns.str.count(re.escape(KEY_SEPARATOR)) + 1
    lone = patterns.eq(ALL)
    wrong = ~lone & counts.ne(len(key))
    if wrong.any():
        positions = wrong.index[wrong].tolist()
        shape = [KEY_SEPARATOR.join(key)] * len(positions)
        problems.append(
            Problem("change-key-shape", positions, "key", {"table": [table] * len(positions), "shape": shape})
        )
    found = [_every(patterns.index[lone], len(frame))]
    good = parts[~lone & ~wrong]
    if len(good):
        split = pd.DataFrame(np.array(good.tolist(), dtype=object), columns=key, index=good.index, dtype="str")
        wild = split == ALL
        for marks, group in split.groupby([wild[name] for name in key], sort=False):
            fixed = [name for name, is_wild in zip(key, marks, strict=True) if not is_wild]
            if not fixed:
                found.append(_every(group.index, len(frame)))
                continue
            found.append(_matching(frame, fixed, group))
    rows = pd.concat(found, ignore_index=True)
    missing = patterns.index[~patterns.index.isin(rows["change"]) & ~wrong]
    if len(missing):
        problems.append(_unknown_keys(frame, key, table, patterns[missing]))
    return rows


def key_text(column: pd.Series) -> pd.Series:
    """A key column as it is written in a key: a year is a whole number, ``2028`` and not ``2028.0``."""
    if not is_numeric_dtype(column.dtype):
        return column.astype("str")
    return column.map(write_numeral).astype("str")


def _every(changes: pd.Index, length: int) -> pd.DataFrame:
    """Every row of a table of ``length`` rows for each of the changes."""
    return pd.DataFrame(
        {
            "change": np.repeat(changes.to_numpy(np.int64), length),
            "at": np.tile(np.arange(length, dtype=np.int64), len(changes)),
        }
    )


def _matching(frame: pd.DataFrame, fixed: list[str], wanted: pd.DataFrame) -> pd.DataFrame:
    """The rows whose ``fixed`` key columns are those of a change."""
    left = wanted[fixed].assign(change=wanted.index.to_numpy(np.int64))
    right = pd.DataFrame({name: key_text(frame[name]) for name in fixed}).assign(at=np.arange(len(frame)))
    return left.merge(right, on=fixed, how="inner")[["change", "at"]]


def _unknown_keys(frame: pd.DataFrame, key: list[str], table: str, patterns: pd.Series) -> Problem:
    """Keys that name no row, each with the nearest key there is."""
    known = [key_text(frame[name]).drop_duplicates().tolist() for name in key]
    hints = [
        _nearest_key(pattern.split(KEY_SEPARATOR), known) if i < MOST_SUGGESTIONS else NONE
        for i, pattern in enumerate(patterns)
    ]
    size = len(patterns)
    return Problem("change-key-unknown", patterns.index.tolist(), "key", {"table": [table] * size, "nearest": hints})


def _nearest_key(parts: list[str], known: list[list[str]]) -> str:
    """The key with every unknown part replaced by its nearest, ``NONE`` where a part has none near."""
    if parts == [ALL]:
        return NONE
    better = [
        part if part == ALL or part in ids else nearest(part, ids) for part, ids in zip(parts, known, strict=True)
    ]
    return KEY_SEPARATOR.join(better) if all(better) and better != parts else NONE


def _without_collisions(cells: pd.DataFrame, changes: pd.DataFrame, problems: list[Problem]) -> pd.DataFrame:
    """Report cells that two changes hit, once per pair of changes; the first of them keeps the cell."""
    twice = cells.duplicated(["table", "column", "at"])
    if twice.any():
        first = cells[~twice].set_index(["table", "column", "at"])["change"]
        second = cells[twice]
        other = first.loc[pd.MultiIndex.from_frame(second[["table", "column", "at"]])].to_numpy()
        pairs = second[["change"]].assign(other=other).drop_duplicates()
        problems.append(
            Problem(
                "change-collision",
                pairs["change"].tolist(),
                "key",
                {"other": changes.loc[pairs["other"], "place"].tolist()},
            )
        )
    return cells[~twice].reset_index(drop=True)


def _report(
    problems: list[Problem], rule: str, column: str, rows: pd.DataFrame, **words: list[str] | pd.Series
) -> None:
    """Note change rows as one problem, with the words of each row's sentence."""
    if len(rows):
        said = {name: list(word) for name, word in words.items()}
        problems.append(Problem(rule, rows.index.tolist(), column, said))
