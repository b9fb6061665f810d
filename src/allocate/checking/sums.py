"""Rules about rows that are sums of other rows: what they hold would be planned twice.

A row is suspected because its amounts are the sum of other rows' amounts (``totals``), or because it is called one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocate.checking.totals import Amounts, Total, totals
from allocate.inputs import dictionary
from allocate.inputs.dictionary import Column, Table
from allocate.inputs.findings import WARNING
from allocate.inputs.inspection import Inspection
from allocate.town.arrays import Ints

# Units of amounts that add up; costs per unit, weights and shares do not.
ADDING = ("persons", "need units/year", "capacity units/year", "EUR/year", "EUR", "posts")
SETTINGS = ("scenarios", "parameters")  # their amounts are limits, not things that are planned
LEAST_LIKELY = 1e-3  # so many accidental sums in a table are one too many to speak of a sum
_AGREEING = 0.1
NAMED = 5  # so many parts of a sum are named
_SUM = re.compile(
    r"""(?:die\s+)?(?:gesamt|zwischen|teil|end)?summen?(?:\W.*)?      # Summe, Gesamtsumme Jugend
      | .*\W(?:gesamt|zwischen|teil|end)?summe\W*                     # Jugendhilfe Summe
      | (?:ins)?gesamt(?:\W.*)?  | .*\W(?:ins)?gesamt\W*              # Gesamt, Stadt gesamt, insgesamt
      | gesamt(?:betrag|ergebnis|zahl|bedarf|kosten)(?:\W.*)?
      | zusammen\W* | alle\s+zusammen\W*
      | (?:sub|grand\s+)?-?totals?(?:\s+(?:of|sum|amount)\b.*)?\W* | .*\W(?:sub|grand\s+)?-?total\W*
      | (?:grand\s+|sub-?)?sum(?:\s+of\b.*)?\W* | overall\W* | [Σ∑].*""",
    re.IGNORECASE | re.VERBOSE,
)


# By table and columns: a number for every row, and what the numbers stand for.
type _Numbered = dict[tuple[str, tuple[str, ...]], tuple[Ints, pd.Index]]


@dataclass(frozen=True)
class _Hit:
    """A thing (of a table, by its id) that is the sum of others in one column of amounts."""

    things: str
    id: str
    parts: tuple[str, ...]
    column: str
    by_accident: float


def is_called_a_sum(text: str) -> bool:
    """Whether an id or a name is that of a sum row: Summe, Gesamt, Insgesamt, Total, Zusammen and their usual forms."""
    return _SUM.fullmatch(text.strip()) is not None


def check_sums(inspection: Inspection) -> None:
    """Rows of any table with amounts that are the sum of others, or are called so; each thing once."""
    numbered: _Numbered = {}
    hits = [hit for column in _amounts() for hit in _hits_of(inspection, column, numbered)]
    told = _believed(hits)
    for things, id in told:
        _tell(inspection, things, id, told[things, id])
    _called(inspection, set(told))


def _amounts() -> Iterable[tuple[Table, Column]]:
    for table in dictionary.tables().values():
        if table.name not in SETTINGS:
            yield from ((table, column) for column in table if column.is_numeric and column.unit in ADDING)


def _hits_of(inspection: Inspection, place: tuple[Table, Column], numbered: _Numbered) -> list[_Hit]:
    """The sums in one column of amounts, by every part of the table's key that is an id; few enough to be believed.

    ``numbered``: the keys of tables by number, found once for all their columns of amounts.
    """
    table, column = place
    frame = inspection.table(table.name)
    if not len(frame):
        return []
    value = frame[column.name].to_numpy(np.float64)
    hits: list[_Hit] = []
    for name in table.key:
        if table[name].type != "id":
            continue
        thing, ids = _numbers(numbered, table.name, frame, (name,))
        other, _ = _numbers(numbered, table.name, frame, tuple(one for one in table.key if one != name))
        found = totals(Amounts.of(thing, other, value, len(ids)))
        hits += _as_hits(table, name, column, ids, found)
    return hits


def _numbers(numbered: _Numbered, table: str, frame: pd.DataFrame, columns: tuple[str, ...]) -> tuple[Ints, pd.Index]:
    """A number for every row by what stands in some columns, and what the numbers stand for."""
    if (table, columns) not in numbered:
        keys = [frame[one] for one in columns]
        if not keys:
            return np.zeros(len(frame), dtype=np.int64), pd.Index([])
        # A blank is a number of its own, as in keys of several columns.
        one = pd.factorize(keys[0], use_na_sentinel=False) if len(keys) == 1 else None
        codes, names = one or pd.MultiIndex.from_arrays(keys).factorize()
        numbered[table, columns] = (codes.astype(np.int64), pd.Index(names))
    return numbered[table, columns]


def _as_hits(table: Table, key: str, column: Column, ids: pd.Index, found: list[Total]) -> list[_Hit]:
    things = table[key].refers_to.partition(".")[0] or table.name
    said = f"{table.name}.{column.name}"
    return [
        _Hit(things, str(ids[one.thing]), tuple(map(str, ids[list(one.parts)])), said, one.by_accident) for one in found
    ]


def _believed(hits: list[_Hit]) -> dict[tuple[str, str], list[_Hit]]:
    """The hits that accident does not explain, by thing; columns of several tables that agree support each other."""
    same: dict[tuple[str, str, tuple[str, ...]], list[_Hit]] = {}
    for hit in hits:
        same.setdefault((hit.things, hit.id, hit.parts), []).append(hit)
    told: dict[tuple[str, str], list[_Hit]] = {}
    for (things, id, _), agreeing in same.items():
        least = min(hit.by_accident for hit in agreeing)
        if least * _AGREEING ** (len(agreeing) - 1) <= LEAST_LIKELY:
            told.setdefault((things, id), []).extend(agreeing)
    return told


def _tell(inspection: Inspection, things: str, id: str, hits: list[_Hit]) -> None:
    """One finding for a thing, where it is introduced."""
    frame, key = inspection.table(things), dictionary.table(things).key[0]
    rows = frame.index[frame[key].eq(id)]
    parts = max((hit.parts for hit in hits), key=len)
    named = ", ".join(parts[:NAMED]) + (f", … {parts[-1]}" if len(parts) > NAMED else "")
    inspection.found.add(
        "sum-row",
        inspection.source(things),
        severity=WARNING,
        row=int(rows[0]) if len(rows) else None,
        column=key,
        value=id,
        count=len(parts),
        parts=named,
        columns=", ".join(dict.fromkeys(hit.column for hit in hits)),
    )


def _called(inspection: Inspection, told: set[tuple[str, str]]) -> None:
    """Rows that are called a sum in the tables that introduce things, if not told already."""
    for table in dictionary.tables().values():
        frame = inspection.table(table.name)
        if table.name in SETTINGS or len(table.key) != 1 or "name" not in table or not len(frame):
            continue
        key = table.key[0]
        by_id, by_name = (frame[column].map(is_called_a_sum).to_numpy(dtype=bool) for column in (key, "name"))
        known = frame[key].map(lambda id, name=table.name: (name, id) in told).to_numpy(dtype=bool)
        inspection.flag("sum-row-name", table.name, "name", by_name & ~known, severity=WARNING)
        inspection.flag("sum-row-name", table.name, key, by_id & ~by_name & ~known, severity=WARNING)
