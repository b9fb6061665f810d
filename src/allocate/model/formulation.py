"""The model from top to bottom: one function, one equation family, one Block.

Symbols are those of docs/model.md; ``layout.py`` ties the variables to planning words, ``town`` holds the data.
Euros per year, capacity units per year, need units per year, shares 0..1. Everything is written for minimisation.
"""

from __future__ import annotations

import numpy as np

from allocate.model.layout import Layout
from allocate.model.program import Block, join_entries
from allocate.town.arrays import Floats, Ids, Ints
from allocate.town.places import Floors
from allocate.town.town import Town

INF = np.inf


def objective(town: Town, layout: Layout) -> Floats:
    """Minus the value of a plan, per column.

    maximise  sum omega[s,n] v[k] y[s,n,k]  +  equity_weight t
            - duplication_weight sum price[n] z[s,n] / Budget  -  movement_weight sum g[o] / Budget
    """
    cost = np.zeros(len(layout.lower))
    worth = town.cells.worth[layout.demanded]
    cost[layout.index.slice("covered")] = -(worth[:, None] * town.segments.value[None, :]).ravel()
    cost[layout.index.slice("least")] = -town.weights.equity
    per_euro = town.weights.per_euro(town.weights.duplication)
    cost[layout.index.slice("duplication")] = per_euro * town.needs.price[town.cells.need]
    cost[layout.index.slice("release")] = town.weights.per_euro(town.weights.movement)
    return cost


def balance(town: Town, layout: Layout) -> Block:
    """C1: sum_o e[o,n] a[o,s] x[o,s] = sum_k y[s,n,k] + w[s,n] + z[s,n]  for all cells (s,n)."""
    cells = town.cells
    everywhere = np.arange(len(cells.demand))
    segments = len(town.segments.value)
    covered = layout.first("covered") + np.arange(len(layout.demanded) * segments)
    ones = np.ones
    rows, columns, values = join_entries(
        [
            (town.supply.cell, layout.first("use") + town.supply.pair, town.supply.rate),
            (np.repeat(layout.demanded, segments), covered, -ones(len(covered))),
            (
                layout.demanded,
                layout.first("reserve") + np.arange(len(layout.demanded)),
                -ones(len(layout.demanded)),
            ),
            (everywhere, layout.first("duplication") + everywhere, -ones(len(everywhere))),
        ]
    )
    zero = np.zeros(len(everywhere))
    keys = (town.spaces.ids[cells.space], town.needs.ids[cells.need])
    return Block("balance", keys, zero, zero, rows, columns, values)


def least_covered(town: Town, layout: Layout) -> Block:
    """C2: t <= sum_n W[n] cov[s,n] / d[s,n] / sum_n W[n]  for every space with cells, cov = sum_k y."""
    space, need = town.cells.space[layout.demanded], town.cells.need[layout.demanded]
    weight = town.needs.weight[need]
    total = np.bincount(space, weight, minlength=len(town.spaces.ids))
    weighted = np.flatnonzero(total > 0)
    row_of = np.full(len(total), -1, dtype=np.int64)
    row_of[weighted] = np.arange(len(weighted))
    used = np.flatnonzero(row_of[space] >= 0)
    share = weight[used] / town.cells.demand[layout.demanded[used]] / total[space[used]]
    segments = len(town.segments.value)
    covered = (layout.first("covered") + used[:, None] * segments + np.arange(segments)[None, :]).ravel()
    rows, columns, values = join_entries(
        [
            (np.repeat(row_of[space[used]], segments), covered, np.repeat(share, segments)),
            (
                np.arange(len(weighted)),
                np.full(len(weighted), layout.first("least")),
                -np.ones(len(weighted)),
            ),
        ]
    )
    return Block(
        "least",
        (town.spaces.ids[weighted],),
        np.zeros(len(weighted)),
        np.full(len(weighted), INF),
        rows,
        columns,
        values,
    )


def capacity(town: Town, layout: Layout) -> Block:
    """C3: X[o] = sum_s x[o,s]; com[o] <= X[o] <= cap[o] and x[o,s] <= reach.max_capacity are column bounds."""
    pairs = np.arange(len(town.pairs.offer))
    offers = np.arange(len(town.offers.ids))
    rows, columns, values = join_entries(
        [
            (town.pairs.offer, layout.first("use") + pairs, np.ones(len(pairs))),
            (offers, layout.first("capacity") + offers, -np.ones(len(offers))),
        ]
    )
    zero = np.zeros(len(offers))
    return Block("capacity", (town.offers.ids,), zero, zero, rows, columns, values)


def corridor_least(town: Town, layout: Layout) -> Block:
    """C4 (lower part): x[o,s] >= min_use_share[o,s] X[o]."""
    bound = np.flatnonzero(town.pairs.min_share > 0)
    return _corridor("corridor_least", town, layout, bound, town.pairs.min_share, (0.0, INF))


def corridor_most(town: Town, layout: Layout) -> Block:
    """C4 (upper part): x[o,s] <= max_use_share[o,s] X[o]."""
    bound = np.flatnonzero(town.pairs.max_share < 1)
    return _corridor("corridor_most", town, layout, bound, town.pairs.max_share, (-INF, 0.0))


def _corridor(name: str, town: Town, layout: Layout, bound: Ints, share: Floats, sides: tuple[float, float]) -> Block:
    """Rows for the bound uses; the parts of a divided use count together."""
    first, row = np.unique(town.pairs.first[bound], return_inverse=True)
    offer = town.pairs.offer[first]
    own = np.arange(len(first))
    rows, columns, values = join_entries(
        [
            (row.astype(np.int64), layout.first("use") + bound, np.ones(len(bound))),
            (own, layout.first("capacity") + offer, -share[first]),
        ]
    )
    keys = (town.offers.ids[offer], town.spaces.ids[town.pairs.space[first]])
    lower, upper = (np.full(len(first), side) for side in sides)
    return Block(name, keys, lower, upper, rows, columns, values)


def payer(town: Town, layout: Layout) -> Block:
    """M1: sum_b f[b,o] = cost[o], with cost[o] = u[o] X[o]  (indivisible: fixed_cost open + variable_unit_cost X)."""
    offers = np.arange(len(town.offers.ids))
    funding = np.arange(len(town.funding.pot))
    rows, columns, values = join_entries(
        [
            (town.funding.offer, layout.first("funding") + funding, np.ones(len(funding))),
            *_cost_entries(town, layout, offers, offers, -np.ones(len(offers))),
        ]
    )
    zero = np.zeros(len(offers))
    return Block("payer", (town.offers.ids,), zero, zero, rows, columns, values)


def pots(town: Town, layout: Layout) -> Block:
    """M2: sum_o f[b,o] <= A[b]."""
    funding = np.arange(len(town.funding.pot))
    return Block(
        "pot",
        (town.pots,),
        np.full(len(town.pots), -INF),
        town.pot_amount,
        town.funding.pot,
        layout.first("funding") + funding,
        np.ones(len(funding)),
    )


def pot_share(town: Town, layout: Layout) -> Block:
    """M3: f[b,o] <= m[b,o] cost[o], written where m < 1 (for m = 1 it follows from M1)."""
    bound = np.flatnonzero(town.funding.max_share < 1)
    own = np.arange(len(bound))
    offer = town.funding.offer[bound]
    rows, columns, values = join_entries(
        [
            (own, layout.first("funding") + bound, np.ones(len(bound))),
            *_cost_entries(town, layout, own, offer, -town.funding.max_share[bound]),
        ]
    )
    keys = (town.pots[town.funding.pot[bound]], town.offers.ids[offer])
    return Block("share", keys, np.full(len(bound), -INF), np.zeros(len(bound)), rows, columns, values)


def release(town: Town, layout: Layout) -> Block:
    """M4: g[o] + cost[o] >= h[o], for every offer that costs something today."""
    offer = np.flatnonzero(town.offers.baseline_cost > 0)
    own = np.arange(len(offer))
    rows, columns, values = join_entries(
        [
            (own, layout.first("release") + offer, np.ones(len(offer))),
            *_cost_entries(town, layout, own, offer, np.ones(len(offer))),
        ]
    )
    return Block(
        "release",
        (town.offers.ids[offer],),
        town.offers.baseline_cost[offer],
        np.full(len(offer), INF),
        rows,
        columns,
        values,
    )


def moved(town: Town, layout: Layout) -> Block:
    """M4 (cap): sum_o g[o] <= max_moved, where the scenario has a cap."""
    offers = np.arange(len(town.offers.ids))
    key: Ids = np.array(["max_moved"], dtype=object)
    return Block(
        "moved",
        (key,),
        np.array([-INF]),
        np.array([town.max_moved]),
        np.zeros(len(offers), dtype=np.int64),
        layout.first("release") + offers,
        np.ones(len(offers)),
    )


def floors(town: Town, layout: Layout, rules: Floors) -> Block:
    """F1: sum_{s in scope} cov[s,n] >= min_coverage sum_{s in scope} d[s,n], for statutory and political floors."""
    enforced = np.flatnonzero(rules.enforced)
    row_of = np.full(len(rules.floor_id), -1, dtype=np.int64)
    row_of[enforced] = np.arange(len(enforced))
    place = np.full(len(town.cells.demand), -1, dtype=np.int64)
    place[layout.demanded] = np.arange(len(layout.demanded))
    used = (row_of[rules.entry_floor] >= 0) & (place[rules.entry_cell] >= 0)
    row, cell = row_of[rules.entry_floor[used]], place[rules.entry_cell[used]]
    segments = len(town.segments.value)
    covered = (layout.first("covered") + cell[:, None] * segments + np.arange(segments)[None, :]).ravel()
    return Block(
        "floor",
        (rules.floor_id[enforced], rules.scope_id[enforced]),
        rules.required[enforced],
        np.full(len(enforced), INF),
        np.repeat(row, segments),
        covered,
        np.ones(len(covered)),
    )


def _cost_entries(
    town: Town, layout: Layout, rows: Ints, offers: Ints, factor: Floats
) -> list[tuple[Ints, Ints, Floats]]:
    """Entries of factor * cost[o] in the given rows."""
    if not town.indivisible:
        return [(rows, layout.first("capacity") + offers, factor * town.offers.unit_cost[offers])]
    return [
        (rows, layout.first("capacity") + offers, factor * town.offers.variable_unit_cost[offers]),
        (rows, layout.first("open") + offers, factor * town.offers.fixed_cost[offers]),
    ]
