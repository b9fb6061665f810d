"""The keys of change rows: which rows of a table they name.

    S02|N03           one row by its key columns          *            every row of the table
    *|N05             one need in every space             S02;S03|N05  the same in two spaces
    provider_id=T03   all rows of one provider            theme_id=H1;H2   of one of two themes

A filter names a column of the table; where the column holds a list, one of its entries is enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_numeric_dtype

from allocate.inputs.case import LIST_SEPARATOR
from allocate.inputs.nearest import NONE, nearest
from allocate.inputs.numerals import write_numeral

type Ints = NDArray[np.int64]

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


class Rows(NamedTuple):
    """Which rows some changes name, pair by pair: the position of the change, and that of the row in its table."""

    change: Ints
    at: Ints


def rows_of(
    frame: pd.DataFrame, key: Sequence[str], table: str, patterns: Mapping[int, str], problems: list[Problem]
) -> Rows:
    """The rows that the changes of one table name; ``patterns`` has their keys by position of the change."""
    filters = {change: pattern for change, pattern in patterns.items() if FILTER in pattern}
    plain = {change: pattern for change, pattern in patterns.items() if FILTER not in pattern}
    found = _filtered(frame, table, filters, problems)
    if any(LIST_SEPARATOR in pattern for pattern in plain.values()):
        found.append(_each(frame, key, table, plain, problems))
    elif plain:
        found.append(_by_key(frame, key, table, plain, problems))
    return joined(found)


def joined(found: Sequence[Rows]) -> Rows:
    """All pairs, in the order given."""
    none = np.array([], dtype=np.int64)
    change, at = zip(*found, strict=True) if found else ((none,), (none,))
    return Rows(np.concatenate(change), np.concatenate(at))


def _each(
    frame: pd.DataFrame, key: Sequence[str], table: str, patterns: Mapping[int, str], problems: list[Problem]
) -> Rows:
    """Lists of ids in a place of a key: every one of them must name a row."""
    single = [(change, one) for change, pattern in patterns.items() for one in _spelled_out(pattern)]
    own: list[Problem] = []
    rows = _by_key(frame, key, table, dict(enumerate(one for _, one in single)), own)
    problems += [replace(one, positions=[single[at][0] for at in one.positions]) for one in own]
    pairs = dict.fromkeys((single[number][0], at) for number, at in zip(*map(np.ndarray.tolist, rows), strict=True))
    return _pairs(list(pairs))


def _spelled_out(pattern: str) -> Iterator[str]:
    """``S02;S03|N05`` as ``S02|N05`` and ``S03|N05``."""
    parts = [
        [one for word in part.split(LIST_SEPARATOR) if (one := word.strip())] or [""]
        for part in pattern.split(KEY_SEPARATOR)
    ]
    return (KEY_SEPARATOR.join(one) for one in product(*parts))


def _filtered(frame: pd.DataFrame, table: str, patterns: Mapping[int, str], problems: list[Problem]) -> list[Rows]:
    """The rows of filters, each the name of a column and one value or several."""
    found = []
    for change, pattern in patterns.items():
        column, _, value = (part.strip() for part in pattern.partition(FILTER))
        if column not in frame.columns:
            near = nearest(column, map(str, frame.columns)) or NONE
            words = {"table": [table], "filtered": [column], "nearest": [near]}
            problems.append(Problem("change-filter-column", [change], "key", words))
            continue
        wanted = {one for word in value.split(LIST_SEPARATOR) if (one := word.strip())} or {""}
        cells = (cell.split(LIST_SEPARATOR) for cell in key_text(frame[column]))
        hits = [at for at, cell in enumerate(cells) if not wanted.isdisjoint(part.strip() for part in cell)]
        if not hits:
            problems.append(Problem("change-filter-empty", [change], "key", {"table": [table]}))
        found.append(_pairs([(change, at) for at in hits]))
    return found


def _by_key(
    frame: pd.DataFrame, key: Sequence[str], table: str, patterns: Mapping[int, str], problems: list[Problem]
) -> Rows:
    """The rows of keys, by the places of the key in which ids stand (at most 2 ** key columns)."""
    wrong: list[int] = []
    # Places of the key with an id in them -> ids there -> changes; where there are none, every row is meant.
    named: dict[tuple[int, ...], dict[tuple[str, ...], list[int]]] = {(): {(): []}}
    for change, pattern in patterns.items():
        parts = [ALL] * len(key) if pattern == ALL else pattern.split(KEY_SEPARATOR)
        if len(parts) != len(key):
            wrong.append(change)
            continue
        places = tuple(place for place, part in enumerate(parts) if part != ALL)
        named.setdefault(places, {}).setdefault(tuple(parts[place] for place in places), []).append(change)
    if wrong:
        shape = [KEY_SEPARATOR.join(key)] * len(wrong)
        problems.append(Problem("change-key-shape", wrong, "key", {"table": [table] * len(wrong), "shape": shape}))
    every = np.array(named.pop(())[()], dtype=np.int64)
    found = [Rows(np.repeat(every, len(frame)), np.tile(np.arange(len(frame)), len(every)))]
    found += [_matching(frame, [key[place] for place in places], wanted) for places, wanted in named.items()]
    rows = joined(found)
    told = {*rows.change.tolist(), *wrong}
    missing = {change: pattern for change, pattern in patterns.items() if change not in told}
    if missing:
        problems.append(_unknown_keys(frame, key, table, missing))
    return rows


def key_text(column: pd.Series) -> pd.Series:
    """A key column as it is written in a key: a year is a whole number, ``2028`` and not ``2028.0``."""
    if not is_numeric_dtype(column.dtype):
        return column.astype("str")
    return column.map(write_numeral).astype("str")


def _matching(frame: pd.DataFrame, fixed: list[str], wanted: Mapping[tuple[str, ...], list[int]]) -> Rows:
    """The rows whose ``fixed`` key columns hold the ids that changes want, ids -> positions of the changes."""
    places: dict[tuple[str, ...], list[int]] = {ids: [] for ids in wanted}
    for at, ids in enumerate(zip(*(key_text(frame[name]).tolist() for name in fixed), strict=True)):
        if ids in places:
            places[ids].append(at)
    return _pairs([(change, at) for ids, changes in wanted.items() for change in changes for at in places[ids]])


def _pairs(pairs: Sequence[tuple[int, int]]) -> Rows:
    change, at = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return Rows(change, at)


def _unknown_keys(frame: pd.DataFrame, key: Sequence[str], table: str, patterns: Mapping[int, str]) -> Problem:
    """Keys that name no row, each with the nearest key there is."""
    known = [key_text(frame[name]).drop_duplicates().tolist() for name in key]
    hints = [
        _nearest_key(pattern.split(KEY_SEPARATOR), known) if i < MOST_SUGGESTIONS else NONE
        for i, pattern in enumerate(patterns.values())
    ]
    size = len(patterns)
    return Problem("change-key-unknown", list(patterns), "key", {"table": [table] * size, "nearest": hints})


def _nearest_key(parts: list[str], known: list[list[str]]) -> str:
    """The key with every unknown part replaced by its nearest, ``NONE`` where a part has none near."""
    if parts == [ALL]:
        return NONE
    better = [
        part if part == ALL or part in ids else nearest(part, ids) for part, ids in zip(parts, known, strict=True)
    ]
    return KEY_SEPARATOR.join(better) if all(better) and better != parts else NONE
