"""Rule: what the rest of the program may ask about one rule, without knowing which one it is.

A rule owns the cells it stands in, its equations, how it gives way (and what that is worth), its repair in the tables,
its words, and how it is divided among departments. Bookkeeping (balance, payer ...) is registered too, but never gives
way. Everything a rule says of itself stands in its file and in the table of sentences of the same name beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from allocate.inputs.inspection import Inspection
from allocate.inputs.scenario.variant import Variant
from allocate.language import Texts
from allocate.model.ground import Ground
from allocate.model.program import Block, LinearProgram
from allocate.model.rules.naming import Naming
from allocate.model.rules.reached import Reached, Step
from allocate.model.rules.relaxer import Part, Room
from allocate.town.arrays import Bools, Floats, Ids
from allocate.town.as_arrays import Town
from allocate.town.eligibility import Eligibility

# What a rule's bound and its giving way are counted in.
EUR, CAPACITY_UNITS, NEED_UNITS, POSTS = "eur", "capacity_units", "need_units", "posts"
# Levers of combined repairs. What stands ALONE (a pot's lists, a funder's shares) is touched one at a time only.
MONEY, STAFF, FLOORS, OTHER, ALONE = "money", "staff", "floors", "other", "alone"
# Between whom a rule stands when money lies idle: one pot and its offers, an offer and its money, everybody.
OF_POT, OF_OFFER, OF_ALL = "pot", "offer", "all"
# How a repair's step is told: by its amount, by its value before and after, or in a sentence of the rule.
AMOUNT, BEFORE_AFTER, SENTENCE = "amount", "before_after", "sentence"
# The room that is tried where a rule is tight: so many euros, or one unit.
STEP = {EUR: 1000.0, CAPACITY_UNITS: 1.0, NEED_UNITS: 1.0, POSTS: 1.0}


def always(_town: Town) -> bool:
    """The equation is part of every program."""
    return True


class Seen(NamedTuple):
    """What one department sees of a town: cells its offers reach, needs it leads, its offers."""

    cells: Bools
    needs: Bools
    offers: Bools


@dataclass(frozen=True)
class Equation:
    """One family of rows.

    ``keys`` says what the parts of a row's key are (``pot``, ``offer``, ``space``, ``floor``, ``place``, ``cluster``,
    ``provider``, ``need``, ``staff``); ``when`` whether a town has it. ``rule``: a tight row is told as a rule
    (bookkeeping is not). ``seen``: which rows a department that plans alone keeps as a view of its own (None: the rows
    that speak of its offers only). ``missable``: silos may miss it, as little as possible. ``shared``: the part of the
    bound of every row that belongs to some offers, 0..1, where departments share it. ``adds_up``: part of the coverage
    game, where only resources that add up count. ``of_use``: still says something when every offer keeps today's
    capacity and money. ``of_cost``: still says something when coverage is held cell by cell. ``at``: its place in the
    program, lowest first.
    """

    name: str
    build: Callable[[Ground], Block]
    keys: tuple[str, ...] = ()
    when: Callable[[Town], bool] = always
    rule: bool = True
    seen: Callable[[Ground, Seen], Bools] | None = None
    missable: bool = False
    shared: Callable[[Ground, Bools], Floats] | None = None
    adds_up: bool = False
    of_use: bool = False
    of_cost: bool = True
    at: int = 100


@dataclass(frozen=True)
class Bound:
    """A rule that stands in the bound of columns: ``full`` names it where the bound is reached."""

    columns: str
    is_upper: bool
    full: str


@dataclass(frozen=True)
class GivesWay:
    """How a rule gives way.

    ``relax``: its relaxers; ``outside``: its rows for payments that the pots' lists forbid. ``repair`` writes a repair
    into the tables; ``cell`` names the one cell (table, key, column) that carries it out, None where it takes more;
    ``blanks`` the cells that carry it out by being blank. ``shares``: the places that one row states a rule of; where
    some of them give way, each needs a row of its own.
    ``tried`` and ``discussed``: the order in which a clash tries to do without it, and in which people talk about it
    (lowest first). ``one_number``: it can be tightened and loosened by the unit; else it is lifted as a whole.
    ``per_euro``: the price of a euro's giving way, for rules in euros. ``apart``: a member of a clash in a line of its
    own; ``in_points``: its step is told in percentage points of demand; ``down``: its number falls; ``told``: how the
    step is said. ``by_law``: which ids nobody can change locally.
    """

    relax: Callable[[Ground, LinearProgram, Room], Part]
    repair: Callable[[Variant, Reached, str, str, float], tuple[Variant, Step]]
    lever: str
    between: str
    tried: int
    discussed: int
    cell: Callable[[Ground, str, str], tuple[str, str, str] | None] = lambda _ground, _id, _place: None
    blanks: Callable[[Ground, str], Sequence[tuple[str, str, str]]] = lambda _ground, _id: ()
    shares: Callable[[Ground, str], Sequence[str]] = lambda _ground, _id: ()
    outside: Callable[[Ground, LinearProgram, Eligibility], Outside] | None = None
    one_number: bool = False
    per_euro: float = 1.0
    apart: bool = False
    in_points: bool = False
    down: bool = False
    told: str = AMOUNT
    by_law: Callable[[Ground], Ids] = lambda _ground: np.zeros(0, dtype=object)


@dataclass(frozen=True)
class Rule:
    """One rule. ``cells``: the columns it stands in (``pots.amount``); ``unit`` of its bound and of its giving way.

    ``keys``: what its id and its place are (``pot``, ``offer``, ``space``, ``floor``, ``place``, ``cluster``).

    ``words``: what its sentence is filled with, its bound, basis, who decides (``naming.COLUMNS``). ``precheck``:
    contradictions seen without solving; ``checks``: findings on its tables. ``depends``: EUR/year of
    a plan, per pot, that others pay only as long as it pays. ``pots_divided``: columns of one pot each
    that are read for all its parts together when every pot is divided among departments (lists always are).
    ``told``: the order in which tight rules are told, lowest first. ``held``: what answers about years call it where
    it kept an offer from changing earlier, if not by its kind.
    """

    kind: str
    cells: tuple[str, ...]
    keys: tuple[str, ...] = ()
    unit: str = EUR
    equations: tuple[Equation, ...] = ()
    bound: Bound | None = None
    gives_way: GivesWay | None = None
    words: Callable[[Naming, str, str, str], Mapping[str, object]] = lambda _naming, _id, _place, _lang: {}
    precheck: Callable[[Ground], list[Contradiction]] = lambda _ground: []
    checks: tuple[Callable[[Inspection], None], ...] = ()
    depends: Callable[[Reached], Floats] | None = None
    pots_divided: tuple[str, ...] = ()
    told: int = 100
    held: str = ""
    tables: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tables", tuple(dict.fromkeys(cell.split(".")[0] for cell in self.cells)))

    @property
    def held_as(self) -> str:
        """What kept an offer from changing earlier, as a word in answers."""
        return self.held or self.kind

    @cached_property
    def texts(self) -> Texts:
        """The rule's sentences, in the table beside its file."""
        return Texts("allocate.model.rules", f"{self.kind}.csv")

    def say(self, key: str, lang: str, **values: object) -> str:
        """A sentence of the rule."""
        return self.texts.say(key, lang, **values)


class Contradiction(NamedTuple):
    """A rule that no plan can meet, whatever the others say: ``needed`` > ``available``, both in ``unit``."""

    check: str
    rule: str
    id: str
    place: str
    needed: float
    available: float
    unit: str


class Outside(NamedTuple):
    """A rule's rows for payments that the pots' lists forbid: the program with them, and the payments' entries.

    ``entries`` are (number of the pair, row, value).
    """

    program: LinearProgram
    entries: tuple[Any, Any, Any]
