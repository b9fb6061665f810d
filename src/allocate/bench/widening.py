"""Widening: the same program with columns that let every rule of the town give way.

A rule is what people decided or signed, in contrast to the structure of the model (balance, payer, release), which
nobody can change. Each rule owns one or more *relaxers*, columns that are closed (upper bound 0) in the widened
program, which therefore has the same plans as the original one. Opened by h, a relaxer lets its rule give way by h:

kind        key            unit            what opening does
pot         pot            EUR/year        more money in the pot
floor       floor, place   need units/year less covered than the floor demands
capacity    offer          units/year      more capacity than today's staff and rooms allow
reach       offer, space   units/year      more use by one space than ``reach.max_capacity``
commitment  offer          units/year      less than contracts bind
corridor    offer          units/year      users outside their shares
plurality   cluster, place need units/year less plurality than wanted
moved       (one)          EUR/year        more re-steering than ``max_moved``
share       pot            EUR/year        more than the pot's largest share of a cost
earmark     pot            EUR/year        money for offers that the pot's lists exclude
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from allocate.bench import relaxers
from allocate.bench.relaxers import Part, Room, none, own_limit, room_of
from allocate.model.compile import Compiled
from allocate.model.program import Family, Index, LinearProgram, column_order, join_entries
from allocate.town.arrays import Bools, Floats, Ids, Ints
from allocate.town.earmarks import pairs_outside
from allocate.town.town import Town

KINDS = (
    "pot",
    "floor",
    "capacity",
    "reach",
    "commitment",
    "corridor",
    "plurality",
    "moved",
    "share",
    "earmark",
)


@dataclass(frozen=True)
class Rules:
    """The rules of a town: kind, id (of the pot, floor, offer or cluster) and place (space, region, ``*`` or blank)."""

    kind: Ids
    id: Ids
    place: Ids

    def __len__(self) -> int:
        return len(self.kind)

    def of(self, *kinds: str) -> Bools:
        """Which rules are of these kinds."""
        return np.isin(self.kind.astype(str), kinds)

    def number(self, kind: str, id: str, place: str = "") -> int:
        """The number of one rule. Raises ``KeyError``."""
        found = np.flatnonzero((self.kind == kind) & (self.id == id) & (self.place == place))
        if not len(found):
            raise KeyError((kind, id, place))
        return int(found[0])


@dataclass(frozen=True)
class Relaxers:
    """The relaxers: their column, their rule, and the step at which they are as good as no rule.

    ``limit`` and the values are in the rule's unit; ``need`` is that of a floor or cluster, ``offer`` that of a
    capacity, commitment, reach or corridor, ``pot`` the pot (-1 where there is none).
    """

    column: Ints
    rule: Ints
    limit: Floats
    need: Ints
    offer: Ints
    pot: Ints


@dataclass(frozen=True)
class Widened:
    """The widened program; its first columns and rows are those of the compiled one, relaxers are closed and free."""

    compiled: Compiled
    program: LinearProgram
    rules: Rules
    relaxers: Relaxers

    def opened(self, steps: Floats) -> LinearProgram:
        """The program in which relaxer i may give way by up to ``steps[i]``."""
        upper = self.program.upper.copy()
        upper[self.relaxers.column] = steps
        return replace(self.program, upper=upper)


def widen(compiled: Compiled, *, earmarks: bool = True) -> Widened:
    """The widened program of a scenario; without ``earmarks`` the pots' lists stay as they are."""
    room = room_of(compiled.town)
    start = _lifted(compiled, room)
    parts = []
    if earmarks:
        start, outside = _outside(compiled, start, room)
        parts.append(outside)
    if compiled.town.indivisible:
        start = _with_switches(compiled, start, room)
    parts = [
        relaxers.pots(compiled, start, room),
        relaxers.floors(compiled, start),
        relaxers.capacities(compiled, start, room),
        relaxers.reach(compiled, start, room),
        relaxers.commitments(compiled, start),
        relaxers.corridors(compiled, start, room),
        relaxers.plurality(compiled, start),
        relaxers.moved(compiled, start),
        relaxers.shares(compiled, start, room),
        *parts,
    ]
    return _assembled(compiled, start, parts)


def _lifted(compiled: Compiled, room: Room) -> LinearProgram:
    """The program with bounds that merely follow from rules taken away, so that a rule stands in one place only."""
    program, town, columns = compiled.program, compiled.town, compiled.program.columns_index
    upper, lower = program.upper.copy(), program.lower.copy()
    use = town.pairs.max_capacity.copy()
    limited = own_limit(compiled)
    # The limit of a use that is divided among needs stands in the row of its sum.
    derived = ~limited | (town.pairs.serves >= 0)
    use[derived] = (town.offers.max_capacity + room.offer)[town.pairs.offer[derived]]
    upper[columns.slice("use")] = use
    upper[columns.slice("funding")] = (town.funding.max_share * room.cost[town.funding.offer]) + 1.0
    upper[columns.slice("duplication")] = town.supply_of(use + room.pair)
    if town.indivisible:
        lower[columns.slice("open")] = 0.0
    if town.pairs.is_divided:
        row_upper = program.row_upper.copy()
        parts = np.unique(town.pairs.first[town.pairs.serves >= 0])
        row_upper[program.rows_index.slice("use_most")] = np.where(
            limited[parts], town.pairs.max_capacity[parts], np.inf
        )
        program = replace(program, row_upper=row_upper)
    over = relaxers.overcommitted(town)
    if not len(over):
        return replace(program, upper=upper, lower=lower)
    capacity = columns["capacity"].start + over
    lower[capacity], upper[capacity] = 0.0, town.offers.committed[over]
    lifted = replace(program, upper=upper, lower=lower)
    own, free = np.arange(len(over), dtype=np.int64), np.full(len(over), np.inf)
    for name, least, most in (
        ("within_capacity", -free, town.offers.max_capacity[over]),
        ("within_contract", town.offers.committed[over], free),
    ):
        family = Family(name, lifted.row_count, (town.offers.ids[over],))
        entries = [(lifted.row_count + own, capacity, np.ones(len(over)))]
        lifted = _with_rows(lifted, family, least, most, entries)
    return lifted


def _outside(compiled: Compiled, program: LinearProgram, room: Room) -> tuple[LinearProgram, Part]:
    """Funding columns for the pairs that lists forbid; a largest share below 1 gets its row here already."""
    town, columns, rows = compiled.town, program.columns_index, program.rows_index
    pairs = pairs_outside(compiled.variant, town)
    count = len(pairs.pot)
    own = np.arange(count, dtype=np.int64)
    bound = np.flatnonzero(pairs.max_share < 1)
    keys = (town.pots[pairs.pot[bound]], town.offers.ids[pairs.offer[bound]])
    added = program.row_count + np.arange(len(bound), dtype=np.int64)
    widened = _with_rows(
        program,
        Family("outside_share", program.row_count, keys),
        np.full(len(bound), -np.inf),
        np.zeros(len(bound)),
        [
            (row, column, -pairs.max_share[bound] * value)
            for row, column, value in _cost_columns(town, columns, added, pairs.offer[bound])
        ],
    )
    entry_columns, entry_rows, values = join_entries(
        [
            (own, rows["payer"].start + pairs.offer, np.ones(count)),
            (own, rows["pot"].start + pairs.pot, np.ones(count)),
            (bound.astype(np.int64), added, np.ones(len(bound))),
        ]
    )
    part = Part(
        "earmark",
        town.pots[pairs.pot],
        np.full(count, "", dtype=object),
        pairs.max_share * room.cost[pairs.offer] + 1.0,
        entry_columns,
        entry_rows,
        values,
        none(count),
        pairs.offer,
        pairs.pot,
    )
    return widened, part


def _cost_columns(town: Town, columns: Index, rows: Ints, offers: Ints) -> list[tuple[Ints, Ints, Floats]]:
    """(rows, columns, values) of cost[o] in the given rows."""
    capacity = columns["capacity"].start + offers
    if not town.indivisible:
        return [(rows, capacity, town.offers.unit_cost[offers])]
    return [
        (rows, capacity, town.offers.variable_unit_cost[offers]),
        (rows, columns["open"].start + offers, town.offers.fixed_cost[offers]),
    ]


def _with_switches(compiled: Compiled, program: LinearProgram, room: Room) -> LinearProgram:
    """Rows for indivisible scenarios: capacity beyond today's needs an open offer, contracts need an open offer."""
    town, columns = compiled.town, program.columns_index
    offers = np.arange(len(town.offers.ids))
    opened = columns["open"].start + offers
    extra = _with_rows(
        program,
        Family("extra_open", program.row_count, (town.offers.ids,)),
        np.full(len(offers), -np.inf),
        np.zeros(len(offers)),
        [(program.row_count + offers, opened, -room.offer)],
    )
    bound = np.flatnonzero(town.offers.committed > 0)
    committed = town.offers.committed[bound]
    return _with_rows(
        extra,
        Family("must_open", extra.row_count, (town.offers.ids[bound],)),
        committed,
        np.full(len(bound), np.inf),
        [(extra.row_count + np.arange(len(bound)), opened[bound], committed)],
    )


def _with_rows(
    program: LinearProgram, family: Family, lower: Floats, upper: Floats, entries: list[tuple[Ints, Ints, Floats]]
) -> LinearProgram:
    rows, columns, values = join_entries([(program.rows, program.entry_columns, program.values), *entries])
    starts, ordered, values = column_order(columns, rows, values, program.column_count)
    return replace(
        program,
        starts=starts,
        rows=ordered,
        values=values,
        row_lower=np.concatenate([program.row_lower, lower]),
        row_upper=np.concatenate([program.row_upper, upper]),
        rows_index=Index((*program.rows_index.families, family)),
    )


def _assembled(compiled: Compiled, program: LinearProgram, parts: list[Part]) -> Widened:
    """All relaxers behind the columns of the program, closed and without cost."""
    lengths = np.array([len(part.id) for part in parts], dtype=np.int64)
    firsts = program.column_count + np.concatenate([[0], np.cumsum(lengths)[:-1]])
    count = int(lengths.sum())
    entries = [(part.rows, part.columns + first, part.values) for part, first in zip(parts, firsts, strict=True)]
    rows, columns, values = join_entries([(program.rows, program.entry_columns, program.values), *entries])
    starts, ordered, values = column_order(columns, rows, values, program.column_count + count)
    kind = np.repeat(np.array([part.kind for part in parts], dtype=object), lengths)
    id, place = (np.concatenate([getattr(part, name) for part in parts]) for name in ("id", "place"))
    rules, rule = _distinct(kind, id, place)
    zero = np.zeros(count)
    widened = replace(
        program,
        cost=np.concatenate([program.cost, zero]),
        lower=np.concatenate([program.lower, zero]),
        upper=np.concatenate([program.upper, zero]),
        starts=starts,
        rows=ordered,
        values=values,
        columns_index=Index(
            (*program.columns_index.families, Family("relaxer", program.column_count, (kind, id, place)))
        ),
        integer=np.concatenate([program.integer, np.zeros(count, dtype=bool)]),
    )
    relaxers = Relaxers(
        program.column_count + np.arange(count, dtype=np.int64),
        rule,
        np.concatenate([part.limit for part in parts]),
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("need", "offer", "pot")),
    )
    return Widened(compiled, widened, rules, relaxers)


def _distinct(kind: Ids, id: Ids, place: Ids) -> tuple[Rules, Ints]:
    """Relaxers of the same kind, id and place belong to one rule; rules in order of first appearance."""
    seen: dict[tuple[str, str, str], int] = {}
    rule = np.array([seen.setdefault(key, len(seen)) for key in zip(kind, id, place, strict=True)], dtype=np.int64)
    keys = list(seen)
    parts = (np.array([key[part] for key in keys], dtype=object) for part in range(3))
    return Rules(*parts), rule
