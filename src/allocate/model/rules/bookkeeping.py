"""Bookkeeping: what holds in every plan and what nobody can change, because it is how plans are counted."""

from __future__ import annotations

import numpy as np

from allocate.model.ground import Ground
from allocate.model.program import Block, join_entries
from allocate.model.rules.rule import EUR, NEED_UNITS, Equation, Rule, Seen
from allocate.town.arrays import Bools

BALANCE, LEAST, PAYER, RELEASE = "balance", "least", "payer", "release"


def balance(ground: Ground) -> Block:
    """C1: sum_o e[o,n] a[o,s] x[o,s] = sum_k y[s,n,k] + w[s,n] + z[s,n]  for all cells (s,n)."""
    town, layout, cells = ground.town, ground.layout, ground.town.cells
    everywhere = np.arange(len(cells.demand))
    segments = len(town.segments.value)
    covered = layout.first("covered") + np.arange(len(layout.demanded) * segments)
    reserved = layout.first("reserve") + np.arange(len(layout.demanded))
    rows, columns, values = join_entries(
        [
            (town.supply.cell, layout.first("use") + town.supply.pair, town.supply.rate),
            (np.repeat(layout.demanded, segments), covered, -np.ones(len(covered))),
            (layout.demanded, reserved, -np.ones(len(reserved))),
            (everywhere, layout.first("duplication") + everywhere, -np.ones(len(everywhere))),
        ]
    )
    zero = np.zeros(len(everywhere))
    keys = (town.spaces.ids[cells.space], town.needs.ids[cells.need])
    return Block(BALANCE, keys, zero, zero, rows, columns, values)


def least_covered(ground: Ground) -> Block:
    """C2: t <= sum_n W[n] cov[s,n] / d[s,n] / sum_n W[n]  for every space with cells, cov = sum_k y."""
    town, layout = ground.town, ground.layout
    space, need = town.cells.space[layout.demanded], town.cells.need[layout.demanded]
    weight = town.needs.weight[need]
    total = np.bincount(space, weight, minlength=len(town.spaces.ids))
    weighted = np.flatnonzero(total > 0)
    row_of = np.full(len(total), -1, dtype=np.int64)
    row_of[weighted] = np.arange(len(weighted))
    used = np.flatnonzero(row_of[space] >= 0)
    share = weight[used] / town.cells.demand[layout.demanded[used]] / total[space[used]]
    segments = len(town.segments.value)
    covered = layout.covered_of(used)
    rows, columns, values = join_entries(
        [
            (np.repeat(row_of[space[used]], segments), covered, np.repeat(share, segments)),
            (np.arange(len(weighted)), np.full(len(weighted), layout.first("least")), -np.ones(len(weighted))),
        ]
    )
    upper = np.full(len(weighted), np.inf)
    return Block(LEAST, (town.spaces.ids[weighted],), np.zeros(len(weighted)), upper, rows, columns, values)


def payer(ground: Ground) -> Block:
    """M1: sum_b f[b,o] = cost[o], with cost[o] = u[o] X[o]  (indivisible: fixed_cost open + variable_unit_cost X)."""
    town = ground.town
    offers, funding = np.arange(len(town.offers.ids)), np.arange(len(town.funding.pot))
    rows, columns, values = join_entries(
        [
            (town.funding.offer, ground.layout.first("funding") + funding, np.ones(len(funding))),
            *ground.cost_entries(offers, offers, -np.ones(len(offers))),
        ]
    )
    zero = np.zeros(len(offers))
    return Block(PAYER, (town.offers.ids,), zero, zero, rows, columns, values)


def release(ground: Ground) -> Block:
    """M4: g[o] + cost[o] >= h[o], for every offer that costs something today."""
    today = ground.town.offers.baseline_cost
    offer = np.flatnonzero(today > 0)
    own = np.arange(len(offer))
    rows, columns, values = join_entries(
        [
            (own, ground.layout.first("release") + offer, np.ones(len(offer))),
            *ground.cost_entries(own, offer, np.ones(len(offer))),
        ]
    )
    upper = np.full(len(offer), np.inf)
    return Block(RELEASE, (ground.town.offers.ids[offer],), today[offer], upper, rows, columns, values)


def _own_cells(_ground: Ground, seen: Seen) -> Bools:
    return seen.cells


def _own_spaces(ground: Ground, seen: Seen) -> Bools:
    """Spaces where the department's offers reach a cell with demand; one row for every space with weight."""
    town, demanded = ground.town, ground.layout.demanded
    reached = np.unique(town.cells.space[demanded[seen.cells[demanded]]])
    rows: Bools = np.isin(least_covered(ground).keys[0], town.spaces.ids[reached])
    return rows


COVERAGE = Rule(
    kind="coverage",
    cells=("demand.demand", "effects.effect"),
    unit=NEED_UNITS,
    equations=(
        Equation(
            BALANCE, balance, ("space", "need"), at=10, rule=False, seen=_own_cells, adds_up=True, of_use=True
        ),
        Equation(
            LEAST, least_covered, ("space",), at=20, rule=False, seen=_own_spaces, of_use=True, of_cost=False
        ),
    ),
)  # fmt: skip
MONEY = Rule(
    kind="bookkeeping",
    cells=("offers.unit_cost",),
    unit=EUR,
    equations=(
        Equation(PAYER, payer, ("offer",), at=50, rule=False, adds_up=True),
        Equation(RELEASE, release, ("offer",), at=80, rule=False, of_cost=False),
    ),
)
