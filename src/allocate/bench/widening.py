"""Widening: the same program with columns that let every rule of the town give way.

A rule is what people decided or signed, in contrast to bookkeeping (balance, payer, release), which nobody can change.
Each rule owns one or more *relaxers*, columns that are closed (upper bound 0) in the widened program, which therefore
has the same plans as the original one. Opened by h, a relaxer lets its rule give way by h in the rule's unit. What
opening does, each rule says in its file (docs/rules.md).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from allocate.model.compile import Compiled
from allocate.model.program import Family, Index, LinearProgram, column_order, join_entries
from allocate.model.rules import capacity, commitment, earmark, reach
from allocate.model.rules.reach import own_limit
from allocate.model.rules.register import giving_way
from allocate.model.rules.relaxer import Part, Room, room_of, with_rows
from allocate.model.rules.rule import Outside
from allocate.town.arrays import Bools, Floats, Ids, Ints
from allocate.town.as_arrays import Town
from allocate.town.eligibility import pairs_outside


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
    others: list[Outside] = []
    if earmarks:
        start, others = _with_rows_outside(compiled, start)
    if compiled.town.indivisible:
        start = _with_switches(compiled, start, room)
    parts = {
        rule.kind: earmark.outside_part(compiled, start, room, others)
        if earmarks and rule.kind == earmark.KIND
        else way.relax(compiled, start, room)
        for rule, way in giving_way()
    }
    return _assembled(compiled, start, parts)


def _with_rows_outside(compiled: Compiled, program: LinearProgram) -> tuple[LinearProgram, list[Outside]]:
    """What the other rules say about payments that the pots' lists forbid."""
    pairs = pairs_outside(compiled.variant, compiled.town)
    found: list[Outside] = []
    for _, way in giving_way():
        if way.outside:
            found.append(way.outside(compiled, program, pairs))
            program = found[-1].program
    return program, found


def overcommitted(town: Town) -> Ints:
    """Offers whose contracts bind more than there may be: no capacity X lies between the two bounds of its column.

    With r = more capacity and c = less commitment the two bounds then stand in rows of the widened program,
    ``within_capacity``: X - c <= cap and ``within_contract``: X + r >= com; X + r - c is the capacity.
    """
    return np.flatnonzero(town.offers.committed > town.offers.max_capacity).astype(np.int64)


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
        parts = town.pairs.divided
        row_upper[program.rows_index.slice(reach.SUM)] = np.where(
            limited[parts], town.pairs.max_capacity[parts], np.inf
        )
        program = replace(program, row_upper=row_upper)
    over = overcommitted(town)
    if not len(over):
        return replace(program, upper=upper, lower=lower)
    own_columns = columns["capacity"].start + over
    lower[own_columns], upper[own_columns] = 0.0, town.offers.committed[over]
    lifted = replace(program, upper=upper, lower=lower)
    own, free = np.arange(len(over), dtype=np.int64), np.full(len(over), np.inf)
    for name, least, most in (
        (capacity.WITHIN, -free, town.offers.max_capacity[over]),
        (commitment.WITHIN, town.offers.committed[over], free),
    ):
        family = Family(name, lifted.row_count, (town.offers.ids[over],))
        entries = [(lifted.row_count + own, own_columns, np.ones(len(over)))]
        lifted = with_rows(lifted, family, least, most, entries)
    return lifted


def _with_switches(compiled: Compiled, program: LinearProgram, room: Room) -> LinearProgram:
    """Rows for indivisible scenarios: capacity beyond today's needs an open offer, contracts need an open offer."""
    town, columns = compiled.town, program.columns_index
    offers = np.arange(len(town.offers.ids))
    opened = columns["open"].start + offers
    extra = with_rows(
        program,
        Family(capacity.BEYOND, program.row_count, (town.offers.ids,)),
        np.full(len(offers), -np.inf),
        np.zeros(len(offers)),
        [(program.row_count + offers, opened, -room.offer)],
    )
    bound = np.flatnonzero(town.offers.committed > 0)
    committed = town.offers.committed[bound]
    return with_rows(
        extra,
        Family(commitment.OPEN, extra.row_count, (town.offers.ids[bound],)),
        committed,
        np.full(len(bound), np.inf),
        [(extra.row_count + np.arange(len(bound)), opened[bound], committed)],
    )


def _assembled(compiled: Compiled, program: LinearProgram, own: dict[str, Part]) -> Widened:
    """All relaxers behind the columns of the program, closed and without cost."""
    parts = list(own.values())
    lengths = np.array([len(part.id) for part in parts], dtype=np.int64)
    firsts = program.column_count + np.concatenate([[0], np.cumsum(lengths)[:-1]])
    count = int(lengths.sum())
    entries = [(part.rows, part.columns + first, part.values) for part, first in zip(parts, firsts, strict=True)]
    rows, columns, values = join_entries([(program.rows, program.entry_columns, program.values), *entries])
    starts, ordered, values = column_order(columns, rows, values, program.column_count + count)
    kind = np.repeat(np.array(list(own), dtype=object), lengths)
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
