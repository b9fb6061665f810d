"""Controls: what can be moved on the page, with today's value, the scenario's and that of the working copy.

A control names one cell of a table, or two that move together. Which cells those are is read from the tables, so that
a new pot or need is a new control without a word here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.inputs.dictionary import table as find_table
from allocate.inputs.in_places import is_in_places
from allocate.inputs.names import best_names, called_place, names_of
from allocate.inputs.numerals import write_numeral
from allocate.inputs.scenario.keys import key_text
from allocate.inputs.scenario.moving import places
from allocate.language import as_it_is
from allocate.town.facts import OfferFacts
from allocate.town.staffing import TABLE as STAFF_TABLE
from allocate.town.staffing import holds
from allocate.units import UNITS
from allocate.web.desk import BY_HAND, Desk
from allocate.web.open_town import Cell, OpenTown
from allocate.web.speech import say

KINDS = ("pots", "rules", "floors", "weights", "offers", "hand", "places", "posts", "costs", "demand")
# So many sliders are drawn at once; the rest is found by its name.
MOST = 100
# A slider reaches this many times what the scenario has.
_REACH = 1.5


@dataclass(frozen=True)
class _Row:
    """A row with a number that can be moved: its table, key, what it is called, and how the number is written.

    ``columns`` are set together. ``rules``: the kinds of rules that the number is itself.
    """

    table: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    label: str
    kind: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Control:
    """One slider: its cells, what it is called, its values as numbers and in words, and its ends.

    ``place`` is the row in its file (0: nowhere), ``keep`` today's capacity of an offer as text, blank where it has
    none.
    """

    row: _Row
    today: float
    scenario: float
    value: float
    lowest: float
    highest: float
    words: dict[str, str]
    place: int = 0
    keep: str = ""

    @property
    def table(self) -> str:
        return self.row.table

    @property
    def key(self) -> str:
        return "|".join(self.row.keys)

    @property
    def columns(self) -> tuple[str, ...]:
        return self.row.columns

    @property
    def label(self) -> str:
        return self.row.label

    @property
    def moved(self) -> bool:
        """Whether the working copy differs from the scenario."""
        return self.value != self.scenario

    @property
    def cell(self) -> Cell:
        """What is asked of the town about it."""
        known = (self.value, self.scenario, self.today)
        inside = tuple(one for one in dict.fromkeys(known) if not math.isnan(one))
        cells = tuple((self.table, self.key, column) for column in self.columns)
        return Cell(cells, inside, self.lowest, self.highest, (self.row.rules, self.row.keys[0]))

    def at(self, value: float) -> float:
        """Where a value lies on the slider, per cent of its length."""
        return 100 * min(max((value - self.lowest) / (self.highest - self.lowest), 0.0), 1.0)

    def written(self, value: float, lang: str) -> str:
        """A value as the reader writes it."""
        return UNITS[self.row.kind].written(value, lang)


def controls(town: OpenTown, desk: Desk, kind: str, reason: str, lang: str, words: str = "") -> Controls:
    """The sliders of one kind whose labels hold all ``words``. Raises as ``OpenTown.variant``."""
    base = town.session.variant(desk.base).case
    wanted = words.casefold().split()
    rows = [row for row in _rows_of(base, kind, lang) if all(word in row.label.casefold() for word in wanted)]
    return Controls(_controls(town, desk, rows[:MOST], reason, lang), max(0, len(rows) - MOST))


def control(town: OpenTown, desk: Desk, kind: str, key: str, reason: str, lang: str) -> Control:
    """One slider. Raises ``UsageError`` where there is no such one."""
    base = town.session.variant(desk.base).case
    rows = [row for row in _rows_of(base, kind, lang) if "|".join(row.keys) == key]
    if not rows or not key:
        raise UsageError("control-unknown", kind=kind, named=key)
    return _controls(town, desk, rows, reason, lang)[0]


def _controls(town: OpenTown, desk: Desk, rows: Sequence[_Row], reason: str, lang: str) -> tuple[Control, ...]:
    """The sliders of rows of one table."""
    if not rows:
        return ()
    base = town.session.variant(desk.base).case
    now = town.variant(desk, reason).case if desk.rows else base
    own, before, after = (_Numbers.of(case, rows[0].table) for case in (town.case, base, now))
    plan = town.known(desk) if rows[0].columns == BY_HAND else None
    capacity = {} if plan is None else dict(zip(plan.offers["offer_id"], plan.offers["capacity"], strict=True))
    known = rows[0].table in town.case.sources
    return tuple(_control(row, own, before, after, capacity, known, lang) for row in rows)


def kinds_of(case: Case) -> list[str]:
    """The kinds of controls that the town has."""
    absent = {"posts"} if not len(case.tables.get("staff", ())) else set()
    if is_in_places(case):
        absent.add("costs")
    return [kind for kind in KINDS if kind not in absent]


@dataclass(frozen=True)
class Controls:
    """The sliders that are drawn, and how many more there are."""

    shown: tuple[Control, ...]
    more: int


@dataclass(frozen=True)
class Place:
    """An offer that can stand in another space: its id, name, where it stands, and the spaces it can stand in."""

    id: str
    label: str
    space: str
    spaces: tuple[tuple[str, str], ...]
    moved: bool


def movable(town: OpenTown, desk: Desk, reason: str, lang: str) -> list[Place]:
    """The offers that can be moved. Raises as ``OpenTown.variant``."""
    base, now = town.session.variant(desk.base).case, town.variant(desk, reason).case
    names, spaces = names_of(now, "offer_id", lang), names_of(now, "space_id", lang)
    home, before = (one.by_id(one.home_space_id) for one in map(OfferFacts, (now, base)))
    found = []
    for id, name in names.items():
        choices = tuple((space, spaces[space]) for space in places(now, id))
        if len(choices) > 1:
            found.append(Place(id, f"{id} {name}", str(home[id]), choices, home[id] != before.get(id)))
    return found


# Kinds of which every row of a table is one: table, columns that are set together, how the number is written, the kinds
# of rules that it is itself.
_PLAIN: dict[str, tuple[str, tuple[str, ...], str, tuple[str, ...]]] = {
    "pots": ("pots", ("amount",), "euro", ("pot",)),
    "weights": ("needs", ("weight",), "plain", ()),
    "offers": ("offers", ("max_capacity",), "plain", ("capacity",)),
    "hand": ("offers", BY_HAND, "plain", ("capacity", "commitment")),
    "costs": ("offers", ("unit_cost",), "euro", ()),
    "posts": ("staff", ("posts",), "plain", ("staff",)),
}


def _rows_of(case: Case, kind: str, lang: str) -> list[_Row]:
    if kind in _PLAIN:
        table, columns, written, rules = _PLAIN[kind]
        frame = case.tables.get(table)
        if frame is None or frame.empty:
            return []
        # Of posts that are stated for several years one row holds.
        held = holds(case) if table == STAFF_TABLE else np.ones(len(frame), dtype=bool)
        pairs = zip(_keys(frame, table), best_names(frame, lang).tolist(), strict=True)
        found = [_Row(table, key, columns, f"{key[0]} {name}", written, rules) for key, name in pairs]
        return [row for row, one in zip(found, held, strict=True) if one]
    needs = names_of(case, "need_id", lang)
    if kind == "floors":
        return _floors(case, needs, lang)
    rows, spaces = case["demand"], names_of(case, "space_id", lang)
    return [
        _Row("demand", (space, need), ("demand",), f"{spaces[space]}: {needs[need]}", "plain")
        for space, need in zip(rows["space_id"].tolist(), rows["need_id"].tolist(), strict=True)
        if kind == "demand" and space in spaces and need in needs
    ]


def _keys(frame: pd.DataFrame, table: str) -> Iterator[tuple[str, ...]]:
    """The keys of the rows of a table, as change rows write them."""
    return zip(*(key_text(frame[name]).tolist() for name in find_table(table).key), strict=True)


def _floors(case: Case, needs: dict[str, str], lang: str) -> list[_Row]:
    table = case["floors"]
    columns = ("floor_id", "scope", "scope_id", "need_id")
    rows = []
    for id, scope, at, need in zip(*(table[name].tolist() for name in columns), strict=True):
        where = called_place(case, at, lang) if at not in ("", "*") else say(f"floor.{scope}", lang)
        label = f"{id} {needs.get(need, need)} ({where})"
        rows.append(_Row("floors", (id,), ("min_coverage",), label, "share", ("floor",)))
    return rows


@dataclass(frozen=True)
class _Numbers:
    """The numbers of a table by their key, read once for all sliders."""

    frame: pd.DataFrame
    at: dict[tuple[str, ...], int]
    columns: dict[str, list[float]] = field(default_factory=dict)

    @classmethod
    def of(cls, case: Case, table: str) -> _Numbers:
        frame = case[table]
        found: dict[tuple[str, ...], int] = {}
        for place, row in enumerate(_keys(frame, table)):
            found.setdefault(row, place)
        return cls(frame, found)

    def number(self, row: _Row, column: str) -> float:
        """NaN where the table has no such row."""
        if column not in self.columns:
            self.columns[column] = pd.to_numeric(self.frame[column]).tolist()
        place = self.at.get(row.keys)
        return math.nan if place is None else float(self.columns[column][place])

    def line(self, row: _Row) -> int:
        """The row of the file, 0 where there is none."""
        place = self.at.get(row.keys)
        return 0 if place is None else int(self.frame.index[place])


def _control(
    row: _Row,
    own: _Numbers,
    base: _Numbers,
    now: _Numbers,
    capacity: Mapping[str, float],
    in_file: bool,
    lang: str,
) -> Control:
    today, scenario, value = (one.number(row, row.columns[0]) for one in (own, base, now))
    if row.columns == BY_HAND:
        today = own.number(row, "baseline_capacity")
        # What an offer that nobody has set by hand has in the plan shown, else today.
        scenario = _set_by_hand(base, row, float(capacity.get(row.keys[0], today)))
        value = _set_by_hand(now, row, scenario)
    known = [one for one in (today, scenario, value) if not math.isnan(one)]
    shown = {"today": today, "scenario": scenario, "value": value}
    return Control(
        row=row,
        today=today,
        scenario=scenario,
        value=value,
        lowest=0.0,
        highest=1.0 if row.kind == "share" else max(*known, 1.0) * _REACH,
        words={name: UNITS[row.kind].written(one, lang) for name, one in shown.items()}
        | {"exact": as_it_is(value, lang)},
        place=own.line(row) if in_file else 0,
        keep=_today(base, row),
    )


def _set_by_hand(table: _Numbers, row: _Row, otherwise: float) -> float:
    """The capacity that is neither more nor less than what is set; ``otherwise`` where there is room."""
    most, least = (table.number(row, column) for column in row.columns)
    return most if most == least else otherwise


def _today(table: _Numbers, row: _Row) -> str:
    """Today's capacity of an offer."""
    if row.columns != ("max_capacity",):
        return ""
    value = table.number(row, "baseline_capacity")
    return write_numeral(value) if value > 0 else ""
