"""Rules about references: every id must be the id of something."""

from __future__ import annotations

import re
from collections.abc import Collection

import numpy as np
import pandas as pd

from allocate.inputs import dictionary
from allocate.inputs.case import LIST_SEPARATOR
from allocate.inputs.dictionary import Column
from allocate.inputs.findings import WARNING
from allocate.inputs.ids import differences, in_words, look
from allocate.inputs.inspection import Inspection
from allocate.inputs.nearest import NONE, nearest
from allocate.language import LANGUAGES, Words

MOST_HINTS = 50  # a whole column of ids from elsewhere needs no thousand hints
# The floor set that holds where a scenario names none; it may have no floors at all.
ALWAYS_KNOWN = {"floors.floor_set": ["base"]}
EACH = "*"
_OTHER_MARKS = re.compile(r"[,/+&\n]|\s(?:und|and)\s")
SCOPE_COLUMNS = {"region": "region_id", "space": "space_id"}


def check_references(inspection: Inspection, only: Collection[tuple[str, str]] | None = None) -> None:
    """Every column that refers to another table, and the scopes of floors and clusters.

    ``only`` limits the look to some (table, column) pairs.
    """
    for table in dictionary.tables().values():
        for column in table:
            if column.refers_to and (only is None or (table.name, column.name) in only):
                _column(inspection, column)
    for name in ("floors", "plurality"):
        if only is None or {(name, "scope"), (name, "scope_id")} & set(only):
            _scopes(inspection, name)


def _column(inspection: Inspection, column: Column) -> None:
    """One column of ids or lists of ids. A missing optional table (providers, themes ...) leaves its ids free."""
    target, name = column.refers_to.split(".")
    ids = dict.fromkeys(inspection.table(target)[name].tolist())
    known = [id for id in ids if id] + ALWAYS_KNOWN.get(column.refers_to, []) + list(column.words)
    cells = inspection.table(column.table)[column.name]
    strange = set(cells.tolist()) - {"", *known}
    if not known or not strange:
        return
    if column.type == "list":
        _lists(inspection, column, cells, known, target)
        return
    unknown = cells.isin(list(strange))
    hints = _hints(cells[unknown], known).reindex(cells.index)
    short = unknown & _zeros_lost(cells, hints)
    inspection.flag("reference-zeros", column.table, column.name, short, target=target, nearest=hints)
    _unknown(inspection, column.table, column.name, unknown & ~short, target, hints)


def _unknown(
    inspection: Inspection, table: str, column: str, unknown: pd.Series, target: str, hints: pd.Series
) -> None:
    """Ids that are none; of those that only look like one it is said what differs."""
    cells = inspection.table(table)[column]
    looks = unknown & cells.where(unknown, "").map(look).eq(hints.where(unknown, NONE).fillna(NONE).map(look))
    ways = [differences(cell, hint) if same else [] for cell, hint, same in zip(cells, hints, looks, strict=True)]
    words: Words = {f"what_{lang}": np.array([in_words(way, lang) for way in ways]) for lang in LANGUAGES}
    inspection.flag("reference-lookalike", table, column, looks, target=target, nearest=hints, **words)  # type: ignore[arg-type]
    inspection.flag("unknown-reference", table, column, unknown & ~looks, target=target, nearest=hints)


def _lists(inspection: Inspection, column: Column, cells: pd.Series, known: list[str], target: str) -> None:
    """The ids of list cells; one finding per unknown id."""
    parts = cells[cells.ne("")].str.split(LIST_SEPARATOR, regex=False).explode().str.strip()
    unknown = parts[parts.ne("") & ~parts.isin(known)]
    if unknown.empty:
        return
    joined = unknown.map(lambda part: _split(part, known))
    if joined.any():
        inspection.found.add_many(
            "list-separator",
            inspection.source(column.table),
            rows=unknown.index[joined.ne("")],
            column=column.name,
            value=unknown[joined.ne("")].tolist(),
            better=joined[joined.ne("")].tolist(),
        )
        unknown = unknown[joined.eq("")]
    inspection.found.add_many(
        "unknown-reference",
        inspection.source(column.table),
        rows=unknown.index,
        column=column.name,
        value=unknown.tolist(),
        target=target,
        nearest=_hints(unknown, known).tolist(),
    )


def _split(part: str, known: Collection[str]) -> str:
    """Several known ids that other marks than ``;`` keep apart, as a list; blank where it is none."""
    ids = [id.strip() for id in _OTHER_MARKS.split(part) if id.strip()]
    return f"{LIST_SEPARATOR} ".join(ids) if len(ids) > 1 and set(ids) <= set(known) else ""


def _scopes(inspection: Inspection, table: str) -> None:
    """The place a floor or cluster holds for: a region or space there is, or ``*`` for each one."""
    frame = inspection.table(table)
    spaces = inspection.table("spaces")
    for scope, column in SCOPE_COLUMNS.items():
        here = frame["scope"].eq(scope)
        known = spaces[column][spaces[column].ne("")].unique().tolist()
        if scope == "region" and not known and len(spaces):
            inspection.flag("scope-without-regions", table, "scope", here)
            continue
        ids = frame["scope_id"]
        inspection.flag("scope-blank", table, "scope_id", here & ids.eq(""), severity=WARNING, scope=scope)
        unknown = here & ids.ne("") & ids.ne(EACH) & ~ids.isin(known)
        if not unknown.any():
            continue
        hints = _hints(ids[unknown], known).reindex(ids.index)
        _unknown(inspection, table, "scope_id", unknown, f"spaces.{column}", hints)


def _hints(unknown: pd.Series, known: list[str]) -> pd.Series:
    """The nearest known id for every unknown one, for the first few different ones."""
    words = unknown.unique()[:MOST_HINTS]
    bare = {_bare(id): id for id in known}
    looks = {look(id): id for id in known} if len(words) else {}
    near = {word: bare.get(_bare(word)) or looks.get(look(word)) or nearest(word, known) or NONE for word in words}
    return unknown.map(near).fillna(NONE).astype("str")


def _zeros_lost(ids: pd.Series, hints: pd.Series) -> pd.Series:
    """Where an id and its nearest known one are the same number, written with other leading zeros."""
    return ids.ne(hints) & ids.str.fullmatch(r"[0-9]+") & ids.str.lstrip("0").eq(hints.fillna(NONE).str.lstrip("0"))


def _bare(id: str) -> str:
    """An id of digits without leading zeros, as a spreadsheet writes it; any other as it stands."""
    return id.lstrip("0") if id.isdigit() else id
