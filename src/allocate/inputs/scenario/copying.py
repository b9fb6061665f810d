"""Inserting and copying rows: new ids, and cells written as ``name=Treff; unit_cost=900; effects.N05=1``."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from allocate.inputs import dictionary
from allocate.inputs.case import LIST_SEPARATOR, split_list
from allocate.inputs.dates import iso_dates
from allocate.inputs.dictionary import FALSE_WORDS, TRUE_WORDS, Column
from allocate.inputs.months import months_there
from allocate.inputs.nearest import NONE, nearest
from allocate.inputs.numerals import typed_number
from allocate.inputs.scenario.draft import Draft, Refused, RowChange, naming
from allocate.inputs.scenario.keys import KEY_SEPARATOR
from allocate.inputs.vocabulary import choice_of, column_of, table_of
from allocate.plain import Record

# What says something of today or of two offers together is no part of a copy.
_OF_TODAY = ("baseline_funding", "commitments", "overlaps", "plurality")
_CELLS = re.compile(r";(?=\s*[^;=]+=)")


def insert(draft: Draft, one: RowChange) -> None:
    """New rows with the ids of the key and the cells of the value."""
    for parts in keys_of(one):
        _insert(draft, one, one.table, parts, one.value)


def _insert(draft: Draft, one: RowChange, table: str, parts: list[str], value: str) -> None:
    key = dictionary.table(table).key
    row: Record = dict(zip(key, (_number_or(part, table, name) for part, name in zip(parts, key, strict=True)),
                        strict=True))  # fmt: skip
    if draft.where(table, **dict(zip(key, parts, strict=True))):
        raise Refused("change-row-exists", "key", table=table, id=KEY_SEPARATOR.join(parts))
    own, others = cells_of(draft, table, value)
    draft.add(one.at, table, _part_of_year(draft, table, row | own))
    for other, rest, text in others:
        keys = dictionary.table(other).key
        spelled = iter(rest.split(KEY_SEPARATOR))
        names = [column.refers_to.split(".")[0] for column in dictionary.table(other) if column.key]
        whole = [parts[0] if name == table else next(spelled, "") for name in names]
        if len(rest.split(KEY_SEPARATOR)) != len(keys) - 1 or table not in names:
            raise Refused("change-cell-unknown", table=table, named=f"{other}.{rest}", nearest=NONE)
        _insert(draft, one, other, whole, f"{_told(other)}={text}")


def _part_of_year(draft: Draft, table: str, row: Record) -> Record:
    """A new offer with the capacity of the months in which it is there in the year planned."""
    if table != "offers" or draft.year is None or not (row.get("available_from") or row.get("available_until")):
        return row
    dates = {name: [str(row.get(name, ""))] for name in ("available_from", "available_until")}
    part = float(months_there(pd.DataFrame(dates), draft.year).mean())
    return {**row, "max_capacity": float(str(row.get("max_capacity", "nan"))) * part}


def copy(draft: Draft, one: RowChange) -> None:
    """Rows once more under another id; of offers and pots with what belongs to them."""
    name, _, rest = one.value.partition(LIST_SEPARATOR)
    name = name.strip()
    if not name or "=" in name:
        raise Refused("change-row-value", how="copy")
    if len(one.labels) > 1 and "*" not in name:
        raise Refused("change-copy-many", number=str(len(one.labels)), id=name)
    own, others = cells_of(draft, one.table, rest)
    if others:
        raise Refused("change-cell-unknown", table=one.table, named=f"{others[0][0]}.{others[0][1]}", nearest=NONE)
    key = dictionary.table(one.table).key
    for label in one.labels:
        old = draft.key(one.table, label)
        new = name.replace("*", old)
        parts = new.split(KEY_SEPARATOR)
        if len(parts) != len(key):
            raise Refused("change-key-shape", table=one.table, shape=KEY_SEPARATOR.join(key))
        if draft.where(one.table, **dict(zip(key, parts, strict=True))):
            raise Refused("change-row-exists", table=one.table, id=new)
        ids = {column: _number_or(part, one.table, column) for column, part in zip(key, parts, strict=True)}
        row = {**draft.row(one.table, label), **ids, **_renamed(draft, one.table, label, new), **own}
        if one.table == "offers":
            row |= {"baseline_capacity": 0.0, "committed_capacity": 0.0, "contract_end": "", "notice_months": np.nan}
            row |= own
        draft.add(one.at, one.table, row)
        if one.table in ("offers", "pots"):
            _with_belongings(draft, one, old, new)


def _renamed(draft: Draft, table: str, label: int, new: str) -> Record:
    row = draft.row(table, label)
    return {name: f"{row[name]} ({new})" for name in ("name", "name_en") if str(row.get(name, ""))}


def _with_belongings(draft: Draft, one: RowChange, old: str, new: str) -> None:
    """Rows and lists that name an offer (a pot) name its copy too, except what is said of today."""
    for table, column in naming(one.table):
        if table in _OF_TODAY:
            continue
        for label in [int(each) for each in draft.tables[table].index]:
            row = draft.row(table, label)
            if column.type == "list":
                members = split_list(str(row[column.name]))
                if old in members and new not in members:
                    draft.set(one.at, table, label, column.name, LIST_SEPARATOR.join([*members, new]))
            elif column.key and str(row[column.name]) == old:
                today = {"baseline_capacity": 0.0} if "baseline_capacity" in row else {}
                draft.add(one.at, table, {**row, column.name: new, **today})


def keys_of(one: RowChange) -> list[list[str]]:
    """The ids of a key part by part, every combination of its lists. Raises ``Refused`` for a key of another shape."""
    key = dictionary.table(one.table).key
    whole = [[""]]
    for number, part in enumerate(one.key.split(KEY_SEPARATOR)):
        ids = [word.strip() for word in part.split(LIST_SEPARATOR) if word.strip()]
        if not ids or "*" in ids or any("=" in id for id in ids) or number >= len(key):
            break
        whole = [[*before, id] for before in whole for id in ids]
    else:
        found = [row[1:] for row in whole]
        if all(len(parts) == len(key) for parts in found):
            return found
    raise Refused("change-key-shape", "key", table=one.table, shape=KEY_SEPARATOR.join(key))


def cells_of(draft: Draft, table: str, text: str) -> tuple[Record, list[tuple[str, str, str]]]:
    """``name=Treff; unit_cost=900; effects.N05=1``: the cells of the row, and rows of other tables (table, key, value).

    Raises ``Refused`` for a column that is none and a value that the column cannot hold.
    """
    row: Record = {}
    others: list[tuple[str, str, str]] = []
    for part in _CELLS.split(text):
        if not part.strip(" ;"):
            continue
        named, sign, said = (word.strip() for word in part.partition("="))
        named = named.strip(" ;")
        before, dot, rest = named.partition(".")
        other = table_of(before) if dot else ""
        column = column_of(table, named)
        if not sign or not (column or other or named in draft.tables[table].columns):
            near = nearest(named, map(str, draft.tables[table].columns)) or NONE
            raise Refused("change-cell-unknown", table=table, named=named, nearest=near)
        if column or not other:
            name = column or named
            known = dictionary.find_column(table, name)
            row[name] = said if known is None else _typed(known, said.strip(" ;") if known.type != "text" else said)
        else:
            others.append((other, rest.strip(), said.strip(" ;")))
    return row, others


def _typed(column: Column, said: str) -> object:
    """A value as the column holds it."""
    if said == "":
        return column.default_value
    if column.is_numeric:
        value = typed_number(said).value
        if not np.isfinite(value):
            raise Refused("change-cell-value", named=column.name, said=said)
        return value
    if column.is_boolean:
        if said.casefold() not in TRUE_WORDS | FALSE_WORDS:
            raise Refused("change-cell-value", named=column.name, said=said)
        return said.casefold() in TRUE_WORDS
    if column.type == "date":
        found = str(iso_dates(pd.Series([said], dtype="str")).iloc[0])
        if not found:
            raise Refused("change-cell-value", named=column.name, said=said)
        return found
    if column.type == "list":
        return LIST_SEPARATOR.join(word for part in re.split(r"[|;,]", said) if (word := part.strip()))
    return choice_of(column, said) if column.choices else said


def _number_or(part: str, table: str, name: str) -> object:
    column = dictionary.table(table)[name]
    return _typed(column, part) if column.is_numeric else part


def _told(table: str) -> str:
    """The column that a row of a table is about: the first it needs beside its key, else the first."""
    beside = [column for column in dictionary.table(table) if not column.key]
    return next((one.name for one in beside if one.required), beside[0].name)
