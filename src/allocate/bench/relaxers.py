"""Relaxers, kind by kind: which entries a column needs so that a rule gives way when the column is opened.

A row gives way through a column with one entry in it; the bound of a column gives way through a copy of the column
(above its upper bound) or through a copy with the opposite sign (below its lower bound).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocate.model.compile import Compiled
from allocate.model.program import LinearProgram
from allocate.town.arrays import Bools, Floats, Ids, Ints
from allocate.town.town import Town

PLURALITY_ROWS = ("share_of_each", "share_of_provider", "share_of_demand", "provider_count")


@dataclass
class Part:
    """Relaxers of one kind while the program is put together: entries are counted within the part."""

    kind: str
    id: Ids
    place: Ids
    limit: Floats
    columns: Ints
    rows: Ints
    values: Floats
    need: Ints
    offer: Ints
    pot: Ints


@dataclass(frozen=True)
class Room:
    """How far a rule can usefully give way: capacity units per pair and per offer, EUR per offer."""

    pair: Floats
    offer: Floats
    cost: Floats


def room_of(town: Town) -> Room:
    """A pair never needs more than what covers the largest of its cells alone."""
    useful = np.zeros(len(town.pairs.offer))
    np.maximum.at(useful, town.supply.pair, town.cells.demand[town.supply.cell] / town.supply.rate)
    offer = np.bincount(town.pairs.offer, useful, minlength=len(town.offers.ids)) + 1.0
    offer = np.maximum(offer, town.offers.committed - town.offers.max_capacity)
    useful = useful + 1.0
    return Room(useful, offer, town.cost_of(town.offers.max_capacity + offer))


def overcommitted(town: Town) -> Ints:
    """Offers whose contracts bind more than there may be: no capacity X lies between the two bounds of its column.

    With r = more capacity and c = less commitment the two bounds then stand in rows of the widened program,
    ``within_capacity``: X - c <= cap and ``within_contract``: X + r >= com; X + r - c is the capacity.
    """
    return np.flatnonzero(town.offers.committed > town.offers.max_capacity).astype(np.int64)


def own_limit(compiled: Compiled) -> Bools:
    """Which pairs have a limit of their own in the table ``reach``."""
    town, reach = compiled.town, compiled.variant.case["reach"]
    if reach.empty:
        return np.zeros(len(town.pairs.offer), dtype=bool)
    own = reach.set_index(["offer_id", "space_id"])["max_capacity"]
    keys = zip(town.offers.ids[town.pairs.offer], town.spaces.ids[town.pairs.space], strict=True)
    limits = own.reindex(list(keys)).to_numpy(dtype=float)
    return ~np.isnan(limits)


def pots(compiled: Compiled, program: LinearProgram, room: Room) -> Part:
    """M2: more money in a pot, EUR/year."""
    pots = compiled.town.pots
    own = np.arange(len(pots), dtype=np.int64)
    limit = np.full(len(pots), room.cost.sum() + 1.0)
    rows = program.rows_index["pot"].start + own
    return Part("pot", pots, blank(own), limit, own, rows, -np.ones(len(own)), none(own), none(own), own)


def floors(compiled: Compiled, program: LinearProgram) -> Part:
    """F1: less covered than a floor demands, need units/year."""
    floors, family = compiled.floors, program.rows_index["floor"]
    own = np.arange(len(family), dtype=np.int64)
    need = floors.need[floors.enforced]
    limit = program.row_lower[family.slice]
    ids, places = family.keys
    return Part("floor", ids, places, limit, own, family.start + own, np.ones(len(own)), need, none(own), none(own))


def capacities(compiled: Compiled, program: LinearProgram, room: Room) -> Part:
    """C3: more capacity of an offer, a copy of its column, capacity units/year."""
    offers = np.arange(len(compiled.town.offers.ids), dtype=np.int64)
    columns, rows, values = _copies(program, program.columns_index["capacity"].start + offers, 1.0)
    if compiled.town.indivisible:
        # Beyond today's limit the switch is the row ``extra_open``, whose factor is the room there is.
        columns, rows, values = _without(program, "open_most", columns, rows, values)
        columns = np.concatenate([columns, offers])
        rows = np.concatenate([rows, program.rows_index["extra_open"].start + offers])
        values = np.concatenate([values, np.ones(len(offers))])
    columns, rows, values = _without(program, "within_capacity", columns, rows, values)
    ids = compiled.town.offers.ids
    return Part("capacity", ids, blank(offers), room.offer, columns, rows, values, none(offers), offers, none(offers))


def reach(compiled: Compiled, program: LinearProgram, room: Room) -> Part:
    """C3: more use by one space, for pairs with a limit of their own, capacity units/year.

    Of a use that is divided among needs, one relaxer for the row of its sum.
    """
    town = compiled.town
    own, divided = own_limit(compiled), town.pairs.serves >= 0
    whole = np.flatnonzero(own & ~divided).astype(np.int64)
    columns, rows, values = _copies(program, program.columns_index["use"].start + whole, 1.0)
    parts = np.unique(town.pairs.first[own & divided])
    if len(parts):
        all_parts = np.unique(town.pairs.first[divided])
        columns = np.concatenate([columns, len(whole) + np.arange(len(parts))])
        rows = np.concatenate([rows, program.rows_index["use_most"].start + np.searchsorted(all_parts, parts)])
        values = np.concatenate([values, -np.ones(len(parts))])
    pairs = np.concatenate([whole, parts])
    limit = np.concatenate([room.pair[whole], room.offer[town.pairs.offer[parts]]])
    ids, places = town.offers.ids[town.pairs.offer[pairs]], town.spaces.ids[town.pairs.space[pairs]]
    offer = town.pairs.offer[pairs]
    return Part("reach", ids, places, limit, columns, rows, values, none(pairs), offer, none(pairs))


def commitments(compiled: Compiled, program: LinearProgram) -> Part:
    """C3: less than contracts bind, a copy of the capacity column with the opposite sign, capacity units/year."""
    town = compiled.town
    offers = np.flatnonzero(town.offers.committed > 0).astype(np.int64)
    columns, rows, values = _copies(program, program.columns_index["capacity"].start + offers, -1.0)
    if town.indivisible:
        own = np.arange(len(offers), dtype=np.int64)
        columns, values = np.concatenate([columns, own]), np.concatenate([values, np.ones(len(own))])
        rows = np.concatenate([rows, program.rows_index["must_open"].start + own])
    columns, rows, values = _without(program, "within_contract", columns, rows, values)
    limit = town.offers.committed[offers]
    ids = town.offers.ids[offers]
    return Part("commitment", ids, blank(offers), limit, columns, rows, values, none(offers), offers, none(offers))


def corridors(compiled: Compiled, program: LinearProgram, room: Room) -> Part:
    """C4: users of an offer outside their shares, capacity units/year; all rows of an offer are one rule."""
    town = compiled.town
    index = program.rows_index
    rows = np.concatenate([np.arange(index[n].start, index[n].stop) for n in ("corridor_least", "corridor_most")])
    ids = np.concatenate([index[name].keys[0] for name in ("corridor_least", "corridor_most")])
    sign = np.repeat([1.0, -1.0], [len(index["corridor_least"]), len(index["corridor_most"])])
    own = np.arange(len(rows), dtype=np.int64)
    number = {str(offer): i for i, offer in enumerate(town.offers.ids)}
    offer = np.array([number[str(id)] for id in ids], dtype=np.int64)
    limit = (town.offers.max_capacity + room.offer)[offer] if len(own) else np.zeros(0)
    return Part("corridor", ids, blank(own), limit, own, rows, sign, none(own), offer, none(own))


def plurality(compiled: Compiled, program: LinearProgram) -> Part:
    """P1: less plurality than wanted, need units/year; a cluster's rows at one place are one rule."""
    town, index = compiled.town, program.rows_index
    families = [index[name] for name in PLURALITY_ROWS if name in index]
    rows = np.concatenate([np.arange(f.start, f.stop) for f in families]).astype(np.int64)
    ids = np.concatenate([f.keys[0] for f in families if len(f)] or [np.zeros(0, dtype=object)])
    places = np.concatenate([f.keys[1] for f in families if len(f)] or [np.zeros(0, dtype=object)])
    own = np.arange(len(rows), dtype=np.int64)
    clusters = compiled.variant.case["plurality"].set_index("cluster_id")["need_id"]
    number = {str(need): i for i, need in enumerate(town.needs.ids)}
    need = np.array([number[str(clusters[id])] for id in ids], dtype=np.int64)
    most = town.supply_of(town.pairs.max_capacity)
    supply = np.bincount(town.cells.need, np.maximum(most, town.cells.demand), minlength=len(town.needs.ids))
    limit = supply[need] + 1.0 if len(own) else np.zeros(0)
    return Part("plurality", ids, places, limit, own, rows, np.ones(len(own)), need, none(own), none(own))


def moved(compiled: Compiled, program: LinearProgram) -> Part:
    """M4: more re-steering than the cap, EUR/year."""
    rows = np.arange(program.row_count, dtype=np.int64)[program.rows_index.slice("moved")]
    own = np.arange(len(rows), dtype=np.int64)
    ids = np.full(len(rows), "max_moved", dtype=object)
    limit = np.full(len(rows), compiled.town.offers.baseline_cost.sum())
    return Part("moved", ids, blank(own), limit, own, rows, -np.ones(len(own)), none(own), none(own), none(own))


def shares(compiled: Compiled, program: LinearProgram, room: Room) -> Part:
    """M3: more than a pot's largest share of an offer's cost, EUR/year; all offers of a pot are one rule."""
    town, index = compiled.town, program.rows_index
    families = [index[name] for name in ("share", "outside_share") if name in index]
    rows = np.concatenate([np.arange(f.start, f.stop) for f in families]).astype(np.int64)
    ids = np.concatenate([f.keys[0] for f in families])
    offers = np.concatenate([f.keys[1] for f in families])
    own = np.arange(len(rows), dtype=np.int64)
    pot = _numbers(town.pots, ids)
    limit = room.cost[_numbers(town.offers.ids, offers)] + 1.0 if len(own) else np.zeros(0)
    return Part("share", ids, blank(own), limit, own, rows, -np.ones(len(own)), none(own), none(own), pot)


def _without(program: LinearProgram, name: str, columns: Ints, rows: Ints, values: Floats) -> tuple[Ints, Ints, Floats]:
    """The entries outside a family of rows, which the program may lack."""
    if name not in program.rows_index:
        return columns, rows, values
    family = program.rows_index[name]
    kept = (rows < family.start) | (rows >= family.stop)
    return columns[kept], rows[kept], values[kept]


def _numbers(known: Ids, ids: Ids) -> Ints:
    place = {str(id): number for number, id in enumerate(known)}
    return np.array([place[str(id)] for id in ids], dtype=np.int64)


def none(like: Ints | int) -> Ints:
    """No need, offer or pot (-1) for as many relaxers."""
    return np.full(like if isinstance(like, int) else len(like), -1, dtype=np.int64)


def blank(like: Ints) -> Ids:
    """Rules without a place."""
    return np.full(len(like), "", dtype=object)


def _copies(program: LinearProgram, columns: Ints, sign: float) -> tuple[Ints, Ints, Floats]:
    """Entries of columns that do what the given ones do (or undo it): (own column, rows, values)."""
    first, count = program.starts[columns], np.diff(program.starts)[columns]
    own = np.repeat(np.arange(len(columns), dtype=np.int64), count)
    entry = np.repeat(first, count) + np.arange(len(own)) - np.repeat(np.cumsum(count) - count, count)
    return own, program.rows[entry], sign * program.values[entry]
