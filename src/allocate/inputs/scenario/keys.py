"""The keys of change rows: which rows of a table they name.

    S02|N03           one row by its key columns          *            every row of the table
    *|N05             one need in every space             S02;S03|N05  the same in two spaces
    provider_id=T03   all rows of one provider            theme_id=H1;H2   of one of two themes

A filter names a column of the table; where the column holds a list, one of its entries is enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from allocate.inputs.case import LIST_SEPARATOR
from allocate.inputs.nearest import NONE, nearest
from allocate.inputs.numerals import write_numeral

ALL = "*"
KEY_SEPARATOR = "|"
FILTER = "="
MOST_SUGGESTIONS = 50  # a list of ids for the wrong town needs no thousand hints


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


def rows_of(
    frame: pd.DataFrame, key: Sequence[str], table: str, patterns: pd.Series, problems: list[Problem]
) -> pd.DataFrame:
    """The (change, at) pairs of the changes of one table; ``patterns`` has their keys by position of the change."""
    filters = patterns.str.contains(FILTER, regex=False)
    found = [_filtered(frame, table, patterns[filters], problems)] if filters.any() else []
    if not filters.all():
        plain = patterns[~filters]
        if plain.str.contains(LIST_SEPARATOR, regex=False).any():
            found.append(_each(frame, key, table, plain, problems))
        else:
            found.append(_by_key(frame, key, table, plain, problems))
    return pd.concat(found, ignore_index=True) if len(found) > 1 else found[0]


def _each(
    frame: pd.DataFrame, key: Sequence[str], table: str, patterns: pd.Series, problems: list[Problem]
) -> pd.DataFrame:
    """Lists of ids in a place of a key: every one of them must name a row."""
    single = [(change, one) for change, pattern in patterns.items() for one in _spelled_out(str(pattern))]
    owner = np.array([change for change, _ in single], dtype=np.int64)
    own: list[Problem] = []
    rows = _by_key(frame, key, table, pd.Series([one for _, one in single], dtype="str"), own)
    problems += [Problem(one.rule, owner[one.positions].tolist(), one.column, one.values) for one in own]
    return rows.assign(change=owner[rows["change"].to_numpy(np.int64)]).drop_duplicates(ignore_index=True)


def _spelled_out(pattern: str) -> Iterator[str]:
    """``S02;S03|N05`` as ``S02|N05`` and ``S03|N05``."""
    parts = [
        [one for word in part.split(LIST_SEPARATOR) if (one := word.strip())] or [""]
        for part in pattern.split(KEY_SEPARATOR)
    ]
    return (KEY_SEPARATOR.join(one) for one in product(*parts))


def _filtered(frame: pd.DataFrame, table: str, patterns: pd.Series, problems: list[Problem]) -> pd.DataFrame:
    """The rows of filters, each the name of a column and one value or several."""
    found = []
    for change, pattern in patterns.items():
        column, _, value = (part.strip() for part in str(pattern).partition(FILTER))
        if column not in frame.columns:
            near = nearest(column, map(str, frame.columns)) or NONE
            words = {"table": [table], "filtered": [column], "nearest": [near]}
            problems.append(Problem("change-filter-column", [int(str(change))], "key", words))
            continue
        wanted = {one for word in value.split(LIST_SEPARATOR) if (one := word.strip())} or {""}
        cells = key_text(frame[column]).str.split(LIST_SEPARATOR, regex=False)
        hits = np.flatnonzero([not wanted.isdisjoint(part.strip() for part in cell) for cell in cells])
        if not len(hits):
            problems.append(Problem("change-filter-empty", [int(str(change))], "key", {"table": [table]}))
        found.append(pd.DataFrame({"change": np.full(len(hits), int(str(change)), dtype=np.int64), "at": hits}))
    return pd.concat(found, ignore_index=True) if found else _every(pd.Index([]), 0)


def _by_key(
    frame: pd.DataFrame, key: Sequence[str], table: str, patterns: pd.Series, problems: list[Problem]
) -> pd.DataFrame:
    """The rows of keys, pattern by pattern (at most 2 ** key columns)."""
    parts = patterns.str.split(KEY_SEPARATOR, regex=False)
    counts = patterns.str.count(r"\|") + 1
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
        split = pd.DataFrame(np.array(good.tolist(), dtype=object), columns=list(key), index=good.index, dtype="str")
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


def _unknown_keys(frame: pd.DataFrame, key: Sequence[str], table: str, patterns: pd.Series) -> Problem:
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
