"""Prechecks: contradictions that can be seen without solving anything, in closed form.

Each row of the table names one rule that no plan can meet, whatever the others do:

check                needed / available
floor-unserved       covered units the floor demands / 0: no offer in reach has an effect on the need
floor-capacity       covered units the floor demands / what all capacity in reach could cover at most
commitment-unpaid    EUR the contracts of an offer cost / EUR its eligible pots may pay of it
commitment-money     EUR all contracts cost / EUR in all pots
commitment-capacity  committed capacity / greatest capacity
corridor-shares      sum of the least shares of use of an offer with contracts / 1
moved-forced         EUR that must be released because capacity falls below today's / ``max_moved``
plurality-shares     shares that a cluster must give its offers (or may give its providers) / 1
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.model.compile import Compiled
from allocate.town.arrays import Floats

COLUMNS = ("check", "rule", "id", "place", "needed", "available", "unit")
# Differences below this share of what is needed are rounding.
TOLERANCE = 1e-9
type _Row = tuple[str, str, str, str, float, float, str]


def precheck(compiled: Compiled) -> pd.DataFrame:
    """Rules that no plan can meet, one per row (``needed`` > ``available``); empty where none is seen."""
    rows = [
        *_floors(compiled),
        *_commitments(compiled),
        *_corridors(compiled),
        *_moved(compiled),
        *_plurality(compiled),
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"needed": float, "available": float})


def most_covered(compiled: Compiled) -> Floats:
    """Per cell: need units/year that the capacity in reach could cover if the cell had it all, at most the demand."""
    town = compiled.town
    return np.minimum(town.cells.demand, town.supply_of(town.pairs.max_capacity))


def _floors(compiled: Compiled) -> list[_Row]:
    town, floors = compiled.town, compiled.floors
    by_cells = floors.achieved(most_covered(compiled))
    available = np.minimum(by_cells, _by_offers(compiled))
    short = floors.enforced & (floors.required > available * (1 + TOLERANCE) + TOLERANCE)
    reached = floors.achieved(town.supply_of(np.ones(len(town.pairs.offer))))
    return [
        (
            "floor-capacity" if reached[i] > 0 else "floor-unserved",
            "floor",
            str(floors.floor_id[i]),
            str(floors.scope_id[i]),
            float(floors.required[i]),
            float(available[i]),
            "need_units",
        )
        for i in np.flatnonzero(short)
    ]


def _by_offers(compiled: Compiled) -> Floats:
    """Per floor: what all offers could cover if each worked only where it covers most, need units/year."""
    town, floors = compiled.town, compiled.floors
    supply = pd.DataFrame(
        {"cell": town.supply.cell, "offer": town.pairs.offer[town.supply.pair], "rate": town.supply.rate}
    )
    cells = pd.DataFrame({"floor": floors.entry_floor, "cell": floors.entry_cell})
    best = cells.merge(supply, on="cell").groupby(["floor", "offer"])["rate"].max()
    offer = best.index.get_level_values("offer").to_numpy(dtype=np.int64)
    floor = best.index.get_level_values("floor").to_numpy(dtype=np.int64)
    most = best.to_numpy(dtype=float) * town.offers.max_capacity[offer]
    return np.bincount(floor, most, minlength=len(floors.floor_id))


def _commitments(compiled: Compiled) -> list[_Row]:
    town = compiled.town
    committed, ids = town.offers.committed, town.offers.ids
    rows: list[_Row] = [
        ("commitment-capacity", "commitment", str(ids[o]), "", float(committed[o]), float(most), "capacity_units")
        for o, most in enumerate(town.offers.max_capacity)
        if committed[o] > most * (1 + TOLERANCE)
    ]
    cost = np.where(committed > 0, town.cost_of(committed), 0.0)
    payable = np.minimum(town.funding.max_share * cost[town.funding.offer], town.pot_amount[town.funding.pot])
    most_paid = np.bincount(town.funding.offer, payable, minlength=len(ids))
    rows += [
        ("commitment-unpaid", "commitment", str(ids[o]), "", float(cost[o]), float(most_paid[o]), "eur")
        for o in np.flatnonzero(cost > most_paid * (1 + TOLERANCE) + TOLERANCE)
    ]
    if cost.sum() > town.pot_amount.sum() * (1 + TOLERANCE):
        rows.append(("commitment-money", "commitment", "*", "", float(cost.sum()), float(town.pot_amount.sum()), "eur"))
    return rows


def _corridors(compiled: Compiled) -> list[_Row]:
    town = compiled.town
    count = len(town.offers.ids)
    whole = np.unique(town.pairs.first)
    offer = town.pairs.offer[whole]
    least = np.bincount(offer, town.pairs.min_share[whole], minlength=count)
    most = np.bincount(offer, np.minimum(town.pairs.max_share[whole], 1.0), minlength=count)
    bound = town.offers.committed > 0
    rows: list[_Row] = [
        ("corridor-shares", "corridor", str(town.offers.ids[o]), "", float(least[o]), 1.0, "share")
        for o in np.flatnonzero(bound & (least > 1 + TOLERANCE))
    ]
    rows += [
        ("corridor-shares", "corridor", str(town.offers.ids[o]), "", 1.0, float(most[o]), "share")
        for o in np.flatnonzero(bound & (most < 1 - TOLERANCE))
    ]
    return rows


def _moved(compiled: Compiled) -> list[_Row]:
    town = compiled.town
    if not np.isfinite(town.max_moved):
        return []
    most_cost = town.cost_of(town.offers.max_capacity)
    forced = float(np.maximum(0.0, town.offers.baseline_cost - most_cost).sum())
    if forced <= town.max_moved * (1 + TOLERANCE):
        return []
    return [("moved-forced", "moved", "max_moved", "", forced, float(town.max_moved), "eur")]


def _plurality(compiled: Compiled) -> list[_Row]:
    """Clusters whose shares cannot add up although their supply must be positive."""
    rows: list[_Row] = []
    providers = compiled.town.offers.provider
    for cluster in compiled.clusters:
        if cluster.min_demand_share <= 0 or cluster.demand <= 0:
            continue
        key = ("plurality", cluster.cluster_id, cluster.scope_id)
        each = cluster.min_share_each * len(cluster.offers)
        if each > 1 + TOLERANCE:
            rows.append(("plurality-shares", *key, each, 1.0, "share"))
        together = cluster.max_share_provider * len(set(providers[cluster.offers].tolist()))
        if together < 1 - TOLERANCE:
            rows.append(("plurality-shares", *key, 1.0, together, "share"))
    return rows
