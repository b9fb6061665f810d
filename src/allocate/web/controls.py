"""Controls: what can be moved on the page, with today's value, the scenario's and that of the working copy.

A control names one cell of a table. Which cells those are is read from the tables, so that a new pot or need is a new
control without a word here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocate.inputs.case import Case
from allocate.inputs.names import called_place, names_of
from allocate.inputs.numerals import write_numeral
from allocate.inputs.scenario.variant import apply
from allocate.language import as_it_is, euro, percent
from allocate.web.desk import Desk
from allocate.web.open_town import OpenTown, changes_of
from allocate.web.speech import say

KINDS = ("pots", "rules", "floors", "weights", "offers", "costs", "demand")
# A slider reaches this many times what the scenario has.
_REACH = 1.5


@dataclass(frozen=True)
class Control:
    """One slider: its cell, what it is called, its values as numbers and in words, and its ends.

    ``row`` is where the cell stands in its file (0: nowhere), ``keep`` today's capacity of an offer as text, blank
    where it has none.
    """

    table: str
    key: str
    column: str
    label: str
    today: float
    scenario: float
    value: float
    lowest: float
    highest: float
    kind: str
    words: dict[str, str]
    row: int = 0
    keep: str = ""

    @property
    def moved(self) -> bool:
        """Whether the working copy differs from the scenario."""
        return self.value != self.scenario


def controls(town: OpenTown, desk: Desk, kind: str, reason: str, lang: str) -> list[Control]:
    """All sliders of one kind (``KINDS`` but ``rules``). Raises as ``check_steps``."""
    own, base = town.case, apply(town.case, desk.base).case
    now = apply(town.case, desk.base, changes_of(desk, reason)).case if desk.rows else base
    return [_control(cell, own, base, now, lang) for cell in _cells(base, kind, lang)]


@dataclass(frozen=True)
class _Cell:
    table: str
    keys: tuple[str, ...]
    column: str
    label: str
    kind: str


def _cells(case: Case, kind: str, lang: str) -> list[_Cell]:
    offers, pots = names_of(case, "offer_id", lang), names_of(case, "pot_id", lang)
    needs, spaces = names_of(case, "need_id", lang), names_of(case, "space_id", lang)
    if kind == "pots":
        return [_Cell("pots", (id,), "amount", f"{id} {name}", "euro") for id, name in pots.items()]
    if kind == "weights":
        return [_Cell("needs", (id,), "weight", name, "plain") for id, name in needs.items()]
    if kind == "offers":
        return [_Cell("offers", (id,), "max_capacity", f"{id} {name}", "plain") for id, name in offers.items()]
    if kind == "costs":
        return [_Cell("offers", (id,), "unit_cost", f"{id} {name}", "euro") for id, name in offers.items()]
    if kind == "demand":
        rows = case["demand"]
        return [
            _Cell("demand", (space, need), "demand", f"{spaces[space]}: {needs[need]}", "plain")
            for space, need in zip(rows["space_id"].tolist(), rows["need_id"].tolist(), strict=True)
            if space in spaces and need in needs
        ]
    floors = case["floors"]
    columns = ("floor_id", "scope", "scope_id", "need_id")
    rows_of = zip(*(floors[name].tolist() for name in columns), strict=True)
    return [
        _Cell("floors", (id,), "min_coverage", f"{id} {_floor(case, scope, at, needs.get(need, need), lang)}", "share")
        for id, scope, at, need in rows_of
    ]


def _floor(case: Case, scope: str, at: str, need: str, lang: str) -> str:
    where = called_place(case, at, lang) if at not in ("", "*") else say(f"floor.{scope}", lang)
    return f"{need} ({where})"


def _control(cell: _Cell, own: Case, base: Case, now: Case, lang: str) -> Control:
    today, scenario, value = (_value(case, cell) for case in (own, base, now))
    known = [one for one in (today, scenario, value) if not math.isnan(one)]
    highest = 1.0 if cell.kind == "share" else max(*known, 1.0) * _REACH
    return Control(
        table=cell.table,
        key="|".join(cell.keys),
        column=cell.column,
        label=cell.label,
        today=today,
        scenario=scenario,
        value=value,
        lowest=0.0,
        highest=highest,
        kind=cell.kind,
        words={
            "today": _written(today, cell.kind, lang),
            "scenario": _written(scenario, cell.kind, lang),
            "value": _written(value, cell.kind, lang),
            "exact": as_it_is(value, lang),
        },
        row=_row(own, cell),
        keep=_today(base, cell),
    )


def _rows(case: Case, cell: _Cell) -> pd.DataFrame:
    table = case[cell.table]
    keys = ("space_id", "need_id") if cell.table == "demand" else (str(table.columns[0]),)
    return table[np.logical_and.reduce([table[name] == key for name, key in zip(keys, cell.keys, strict=True)])]


def _value(case: Case, cell: _Cell) -> float:
    found = pd.to_numeric(_rows(case, cell)[cell.column])
    return float(found.iloc[0]) if len(found) else math.nan


def _row(case: Case, cell: _Cell) -> int:
    """The row of the file in which the cell stands."""
    found = _rows(case, cell)
    return int(found.index[0]) if len(found) and cell.table in case.sources else 0


def _today(case: Case, cell: _Cell) -> str:
    """Today's capacity of an offer."""
    if (cell.table, cell.column) != ("offers", "max_capacity"):
        return ""
    found = _rows(case, cell)["baseline_capacity"]
    return write_numeral(float(found.iloc[0])) if len(found) and found.iloc[0] > 0 else ""


def _written(value: float, kind: str, lang: str) -> str:
    if kind == "euro":
        return euro(value, lang)
    return percent(value, lang) if kind == "share" else as_it_is(value, lang)
