"""Path: several years in one linear program, the programs of the single years one behind the other and linked.

Each year keeps its own program (docs/model.md); a family ``use`` of the year 2028 is called ``2028:use``. The value of
a path is the mean of the values of its years. Linked are, with t the year and X[o,0], x[o,s,0] today's:

release   g[o,t] >= u[o,t] (X[o,t-1] - X[o,t])                        released against the year before
step      |X[o,t] - X[o,t-1]| <= max_step * X[o,0]                    where the offer exists today
carry     r[b,t] <= kappa[b] (A[b,t] + r[b,t-1] - paid[b,t]), r[b,t] <= most[b]   taken into the next year
pot       paid[b,t] <= A[b,t] + r[b,t-1]                              paid = sum_o f[b,o,t] + h[b,o,t]
set_up    share[o,t] (cap[o] - X[o,0]) sum_{i<=t} v[o,i] >= X[o,t] - X[o,0]
give_up   share[o,t] X[o,0] sum_{i<=t} w[o,i] >= X[o,0] - X[o,t]
once      sum_b h[b,o,t] = opening_cost[o] v[o,t] + closing_cost[o] w[o,t],  h <= m * that

What is set up may be paid before it is used, from the year of the decision on. ``share[o,t]`` is the part of the year
in which the offer can be more (or less) than today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from allocate.model.compile import Compiled, assemble
from allocate.model.layout import Layout
from allocate.model.program import Block, Family, Index, LinearProgram, join_entries
from allocate.model.rules.pot import POT_ROWS
from allocate.town.arrays import Bools, Floats, Ids, Ints

INF = np.inf
# What a year's own program says of the change against today; later years change against the year before.
_AGAINST_TODAY = "release"


@dataclass(frozen=True)
class Links:
    """What binds years together; offers and pots in the order of the tables.

    ``today``: capacity units/year; ``largest``: the greatest capacity of any year; ``opening``, ``closing``: EUR once;
    ``kept``: share of a pot's rest that may be carried over, ``most_kept``: EUR at most; ``max_step``: share of today's
    capacity (inf: no limit); ``decided``: by year, whether anything may be decided in it; ``more``, ``less``: years x
    offers, the part of each year in which an offer can be more, or less, than today.
    """

    today: Floats
    largest: Floats
    opening: Floats
    closing: Floats
    kept: Floats
    most_kept: Floats
    max_step: float
    decided: Bools
    more: Floats
    less: Floats


@dataclass(frozen=True)
class Path:
    """Several years as one program; ``first`` is the number of the first column of each year."""

    years: tuple[int, ...]
    compiled: tuple[Compiled, ...]
    links: Links
    program: LinearProgram
    first: tuple[int, ...]

    def of_year(self, x: Floats, place: int) -> Floats:
        """The part of a point that is a year's own program."""
        start = self.first[place]
        return x[start : start + self.compiled[place].program.column_count]

    def named(self, x: Floats, name: str, place: int) -> Floats:
        """The values of a family of links in a year; empty where the path has none."""
        return x[self.program.columns_index.slice(family_of(self.years[place], name))]


def family_of(year: int, name: str) -> str:
    """What a family of a year is called in the program of a path."""
    return f"{year}:{name}"


def link(compiled: Sequence[Compiled], years: Sequence[int], links: Links) -> Path:
    """The program of a path from the programs of its years."""
    columns = _Columns(compiled, years, links)
    blocks: list[Block] = []
    for place, one in enumerate(compiled):
        blocks += _own_blocks(one.program, years[place], columns.first[place], place)
    blocks = [_with_links(block, columns) for block in blocks]
    for place in range(len(years)):
        blocks += _linking(columns, place)
    program = assemble(columns.layout(), blocks, columns.cost())
    return Path(tuple(years), tuple(compiled), links, program, tuple(columns.first))


class _Columns:
    """The columns of a path: those of every year, then those that link them."""

    def __init__(self, compiled: Sequence[Compiled], years: Sequence[int], links: Links) -> None:
        self.compiled, self.years, self.links = compiled, years, links
        counts = [one.program.column_count for one in compiled]
        self.first = [int(start) for start in np.concatenate([[0], np.cumsum(counts)[:-1]])]
        self.own = int(sum(counts))
        self.offers: Ids = compiled[0].town.offers.ids
        self.pots: Ids = compiled[0].town.pots
        self.setting = np.flatnonzero((links.opening > 0) & (links.largest > links.today)).astype(np.int64)
        self.giving = np.flatnonzero((links.closing > 0) & (links.today > 0)).astype(np.int64)
        self.carrying = np.flatnonzero(links.kept > 0).astype(np.int64)
        self.parts: list[tuple[Family, Floats]] = []
        self._numbers: dict[tuple[str, int], int] = {}
        start = self.own
        for place, year in enumerate(years):
            for name, keys, upper in self._families(place):
                family = Family(family_of(year, name), start, keys)
                self.parts.append((family, upper))
                self._numbers[name, place] = start
                start += len(upper)

    def _families(self, place: int) -> list[tuple[str, tuple[Ids, ...], Floats]]:
        found: list[tuple[str, tuple[Ids, ...], Floats]] = []
        # What falls due once may be paid before it is of use, but not before it is decided.
        part = float(self.links.decided[place])
        if len(self.setting):
            found.append(("set_up", (self.offers[self.setting],), np.full(len(self.setting), part)))
        if len(self.giving):
            found.append(("give_up", (self.offers[self.giving],), np.full(len(self.giving), part)))
        pairs = self.paying(place)
        if len(pairs):
            funding = self.compiled[place].town.funding
            most = (self.links.opening + self.links.closing)[funding.offer[pairs]]
            keys = (self.pots[funding.pot[pairs]], self.offers[funding.offer[pairs]])
            found.append(("once", keys, most))
        if len(self.carrying) and place + 1 < len(self.years):
            sums = np.sum([one.town.pot_amount for one in self.compiled[: place + 1]], axis=0)
            most = np.minimum(sums, self.links.most_kept)[self.carrying]
            found.append(("carried", (self.pots[self.carrying],), most))
        return found

    def paying(self, place: int) -> Ints:
        """The funding pairs of a year whose offers have costs that fall due once."""
        once = np.zeros(len(self.offers), dtype=bool)
        once[self.setting] = True
        once[self.giving] = True
        return np.flatnonzero(once[self.compiled[place].town.funding.offer]).astype(np.int64)

    def start(self, name: str, place: int) -> int | None:
        """The first column of a family of links in a year, None where there is none."""
        return self._numbers.get((name, place))

    def own_start(self, name: str, place: int) -> int:
        """The first column of a family of a year's own program."""
        return self.first[place] + self.compiled[place].layout.first(name)

    def cost(self) -> Floats:
        own = [one.program.cost / len(self.years) for one in self.compiled]
        return np.concatenate([*own, *(np.zeros(len(upper)) for _, upper in self.parts)])

    def layout(self) -> Layout:
        families, upper, lower = [], [], []
        for place, one in enumerate(self.compiled):
            program, year = one.program, self.years[place]
            families += [
                Family(family_of(year, family.name), self.first[place] + family.start, family.keys)
                for family in program.columns_index.families
            ]
            most = program.upper.copy()
            if place:
                before = self.compiled[place - 1].town.offers.max_capacity
                own = one.layout.index.slice("release")
                most[own] = one.town.offers.unit_cost * before
            upper.append(most)
            lower.append(program.lower)
        families += [family for family, _ in self.parts]
        whole = np.concatenate([*upper, *(most for _, most in self.parts)])
        least = np.concatenate([*lower, *(np.zeros(len(most)) for _, most in self.parts)])
        none = np.zeros(0, dtype=np.int64)
        return Layout(Index(tuple(families)), least, whole, np.zeros(len(whole), dtype=bool), none)


def _own_blocks(program: LinearProgram, year: int, first: int, place: int) -> list[Block]:
    """The rows of a year's own program; later years leave out what compares them with today."""
    blocks = []
    order = np.argsort(program.rows, kind="stable")
    rows, columns, values = program.rows[order], program.entry_columns[order], program.values[order]
    for family in program.rows_index.families:
        if place and family.name == _AGAINST_TODAY:
            continue
        start, stop = np.searchsorted(rows, [family.start, family.stop])
        own = slice(int(start), int(stop))
        lower, upper = program.row_lower[family.slice], program.row_upper[family.slice]
        name, row, column = family_of(year, family.name), rows[own] - family.start, columns[own] + first
        blocks.append(Block(name, family.keys, lower, upper, row, column, values[own]))
    return blocks


def _with_links(block: Block, columns: _Columns) -> Block:
    """A row of a pot pays what falls due once, too, and holds what was carried over."""
    year, name = block.name.split(":", 1)
    if name != POT_ROWS:
        return block
    place = list(columns.years).index(int(year))
    entries = [(block.rows, block.columns, block.values)]
    once = columns.start("once", place)
    if once is not None:
        pairs = columns.paying(place)
        pot = columns.compiled[place].town.funding.pot[pairs]
        entries.append((pot, once + np.arange(len(pairs)), np.ones(len(pairs))))
    before = columns.start("carried", place - 1)
    if before is not None:
        own = columns.carrying
        entries.append((own, before + np.arange(len(own)), -np.ones(len(own))))
    rows, numbers, values = join_entries(entries)
    return Block(block.name, block.keys, block.lower, block.upper, rows, numbers, values)


def _linking(columns: _Columns, place: int) -> list[Block]:
    blocks = [_step(columns, place), _carry(columns, place)]
    if place:
        blocks.append(_release(columns, place))
    blocks += [_once_paid(columns, place), _once_share(columns, place)]
    blocks += [_due(columns, place, "set_up"), _due(columns, place, "give_up")]
    return [block for block in blocks if len(block)]


def _block(
    columns: _Columns,
    place: int,
    name: str,
    keys: tuple[Ids, ...],
    sides: tuple[Floats, Floats],
    entries: list[tuple[Ints, Ints, Floats]],
) -> Block:
    rows, numbers, values = join_entries(entries)
    return Block(family_of(columns.years[place], name), keys, sides[0], sides[1], rows, numbers, values)


def _release(columns: _Columns, place: int) -> Block:
    """g[o,t] + u[o,t] X[o,t] - u[o,t] X[o,t-1] >= 0."""
    offers = np.arange(len(columns.offers))
    cost = columns.compiled[place].town.offers.unit_cost
    entries = [
        (offers, columns.own_start("release", place) + offers, np.ones(len(offers))),
        (offers, columns.own_start("capacity", place) + offers, cost),
        (offers, columns.own_start("capacity", place - 1) + offers, -cost),
    ]
    sides = np.zeros(len(offers)), np.full(len(offers), INF)
    return _block(columns, place, _AGAINST_TODAY, (columns.offers,), sides, entries)


def _step(columns: _Columns, place: int) -> Block:
    """-max_step X[o,0] <= X[o,t] - X[o,t-1] <= max_step X[o,0], for offers that exist today."""
    links = columns.links
    offers = np.flatnonzero((links.today > 0) & np.isfinite(links.max_step)).astype(np.int64)
    own = np.arange(len(offers))
    width = links.max_step * links.today[offers] if len(offers) else np.zeros(0)
    entries = [(own, columns.own_start("capacity", place) + offers, np.ones(len(offers)))]
    middle = links.today[offers] if not place else np.zeros(len(offers))
    if place:
        entries.append((own, columns.own_start("capacity", place - 1) + offers, -np.ones(len(offers))))
    return _block(columns, place, "step", (columns.offers[offers],), (middle - width, middle + width), entries)


def _carry(columns: _Columns, place: int) -> Block:
    """r[b,t] + kappa paid[b,t] - kappa r[b,t-1] <= kappa A[b,t]."""
    now = columns.start("carried", place)
    pots = columns.carrying if now is not None else np.zeros(0, dtype=np.int64)
    own, kept = np.arange(len(pots)), columns.links.kept[pots]
    if now is None:
        nothing = np.zeros(0)
        return _block(columns, place, "carry", (columns.pots[pots],), (nothing, nothing), [(own, own, nothing)])
    town = columns.compiled[place].town
    row = np.full(len(columns.pots), -1, dtype=np.int64)
    row[pots] = own
    entries = [(own, now + own, np.ones(len(own)))]
    funding = np.flatnonzero(row[town.funding.pot] >= 0)
    entries.append(
        (
            row[town.funding.pot[funding]],
            columns.own_start("funding", place) + funding,
            kept[row[town.funding.pot[funding]]],
        )
    )
    once = columns.start("once", place)
    if once is not None:
        pairs = columns.paying(place)
        in_row = row[town.funding.pot[pairs]]
        used = np.flatnonzero(in_row >= 0)
        entries.append((in_row[used], once + used, kept[in_row[used]]))
    before = columns.start("carried", place - 1)
    if before is not None:
        entries.append((own, before + own, -kept))
    sides = np.full(len(pots), -INF), kept * town.pot_amount[pots]
    return _block(columns, place, "carry", (columns.pots[pots],), sides, entries)


def _once_entries(columns: _Columns, place: int, row_of: Ints, factor: Floats) -> list[tuple[Ints, Ints, Floats]]:
    """Entries of factor * (opening v + closing w) in the row of every offer (-1: none)."""
    entries = []
    for name, offers, cost in (
        ("set_up", columns.setting, columns.links.opening), ("give_up", columns.giving, columns.links.closing)
    ):  # fmt: skip
        start = columns.start(name, place)
        used = np.flatnonzero(row_of[offers] >= 0)
        if start is not None:
            rows = row_of[offers[used]]
            entries.append((rows, start + used, factor[rows] * cost[offers[used]]))
    return entries


def _once_paid(columns: _Columns, place: int) -> Block:
    """Every euro that falls due once has a payer: sum_b h[b,o,t] = opening v + closing w."""
    offers = np.union1d(columns.setting, columns.giving)
    row_of = np.full(len(columns.offers), -1, dtype=np.int64)
    row_of[offers] = np.arange(len(offers))
    entries = _once_entries(columns, place, row_of, -np.ones(len(offers)))
    once = columns.start("once", place)
    if once is not None:
        pairs = columns.paying(place)
        rows = row_of[columns.compiled[place].town.funding.offer[pairs]]
        entries.append((rows, once + np.arange(len(pairs)), np.ones(len(pairs))))
    zero = np.zeros(len(offers))
    empty = entries or [(offers, offers, zero)]
    return _block(columns, place, "once_paid", (columns.offers[offers],), (zero, zero), empty)


def _once_share(columns: _Columns, place: int) -> Block:
    """h[b,o,t] <= m[b,o] (opening v + closing w), written where m < 1."""
    funding, once = columns.compiled[place].town.funding, columns.start("once", place)
    pairs = columns.paying(place)
    bound = np.flatnonzero(funding.max_share[pairs] < 1) if once is not None else np.zeros(0, dtype=np.int64)
    entries = [(np.arange(len(bound)), (once or 0) + bound, np.ones(len(bound)))]
    for row, pair in enumerate(pairs[bound].tolist()):
        own = np.full(len(columns.offers), -1, dtype=np.int64)
        own[funding.offer[pair]] = row
        factor = np.zeros(len(bound))
        factor[row] = -funding.max_share[pair]
        entries += _once_entries(columns, place, own, factor)
    keys = (columns.pots[funding.pot[pairs[bound]]], columns.offers[funding.offer[pairs[bound]]])
    sides = np.full(len(bound), -INF), np.zeros(len(bound))
    return _block(columns, place, "once_share", keys, sides, entries)


def _due(columns: _Columns, place: int, name: str) -> Block:
    """What was set up (given up) so far carries what is there beyond (below) today's capacity."""
    links = columns.links
    setting = name == "set_up"
    offers, share = (columns.setting, links.more[place]) if setting else (columns.giving, links.less[place])
    offers_in = np.flatnonzero(share[offers] > 0)
    chosen = offers[offers_in]
    size = share[chosen] * ((links.largest - links.today)[chosen] if setting else links.today[chosen])
    own, sign = np.arange(len(chosen)), 1.0 if setting else -1.0
    entries = [(own, columns.own_start("capacity", place) + chosen, np.full(len(chosen), -sign))]
    for earlier in range(place + 1):
        start = columns.start(name, earlier)
        if start is not None:
            entries.append((own, start + offers_in, size))
    sides = -sign * links.today[chosen], np.full(len(chosen), INF)
    return _block(columns, place, f"{name}_due", (columns.offers[chosen],), sides, entries)
