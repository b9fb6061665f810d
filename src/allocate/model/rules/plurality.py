"""Where plurality is wanted, every offer of a cluster has its share, and the cluster its share of demand (P1)."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from allocate.inputs.scenario.variant import Variant
from allocate.model.ground import Ground
from allocate.model.program import Block, LinearProgram
from allocate.model.rules.naming import Naming
from allocate.model.rules.reached import NOISE, SHARE_GRAIN, Reached, Step, with_table
from allocate.model.rules.relaxer import Part, Room, each_row, keys_of, numbers, part, rows_of
from allocate.model.rules.rule import (
    NEED_UNITS,
    OF_ALL,
    OTHER,
    SENTENCE,
    Contradiction,
    Equation,
    GivesWay,
    Rule,
)
from allocate.town.arrays import Bools, Floats, Ints
from allocate.town.as_arrays import Town
from allocate.town.places import Cluster, counted_providers
from allocate.town.tolerance import TOLERANCE

KIND = "plurality"
EACH, OF_PROVIDER, OF_DEMAND = "share_of_each", "share_of_provider", "share_of_demand"
PRESENT, COUNT = "provider_present", "provider_count"


class _Rows:
    """Collects the rows of one family one by one and merges their entries all at once."""

    def __init__(self) -> None:
        self.keys: list[tuple[str, ...]] = []
        self.lower: list[float] = []
        self.columns: list[Ints] = []
        self.values: list[Floats] = []

    def add(self, key: tuple[str, ...], lower: float, columns: Ints, values: Floats) -> None:
        """values @ x[columns] >= lower; several entries of one column are summed."""
        self.keys.append(key)
        self.lower.append(lower)
        self.columns.append(columns)
        self.values.append(values)

    def block(self, name: str, key_parts: int) -> Block:
        keys = tuple(np.array([key[part] for key in self.keys], dtype=object) for part in range(key_parts))
        rows, columns, values = self._entries()
        return Block(
            name, keys, np.array(self.lower, dtype=float), np.full(len(keys[0]), np.inf), rows, columns, values
        )

    def _entries(self) -> tuple[Ints, Ints, Floats]:
        """(rows, columns, values), one entry per row and column."""
        if not self.columns:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
        rows = np.repeat(np.arange(len(self.columns)), [len(columns) for columns in self.columns])
        columns = np.concatenate(self.columns)
        width = int(columns.max(initial=0)) + 1
        unique, place = np.unique(rows * width + columns, return_inverse=True)
        merged = np.bincount(place, np.concatenate(self.values), minlength=len(unique))
        return unique // width, unique % width, merged


def share_of_each(ground: Ground) -> Block:
    """P1: supply of each offer of the cluster >= min_share_each * supply of the cluster."""
    rows = _Rows()
    for cluster in ground.clusters:
        if cluster.min_share_each <= 0:
            continue
        rate, columns, offer = _supply(ground, cluster)
        for number in cluster.offers.tolist():
            values = rate * ((offer == number) - cluster.min_share_each)
            key = (cluster.cluster_id, cluster.scope_id, str(ground.town.offers.ids[number]))
            rows.add(key, 0.0, columns, values)
    return rows.block(EACH, 3)


def share_of_provider(ground: Ground) -> Block:
    """P1: supply of each provider's offers <= max_share_provider * supply of the cluster."""
    rows = _Rows()
    for cluster in ground.clusters:
        if cluster.max_share_provider >= 1:
            continue
        rate, columns, offer = _supply(ground, cluster)
        providers = ground.town.offers.provider[offer]
        for provider in dict.fromkeys(ground.town.offers.provider[cluster.offers].tolist()):
            values = rate * (cluster.max_share_provider - (providers == provider))
            rows.add((cluster.cluster_id, cluster.scope_id, provider), 0.0, columns, values)
    return rows.block(OF_PROVIDER, 3)


def share_of_demand(ground: Ground) -> Block:
    """P1: supply of the cluster >= min_demand_share * demand in its scope."""
    rows = _Rows()
    for cluster in ground.clusters:
        if cluster.min_demand_share <= 0:
            continue
        rate, columns, _ = _supply(ground, cluster)
        rows.add((cluster.cluster_id, cluster.scope_id), cluster.min_demand_share * cluster.demand, columns, rate)
    return rows.block(OF_DEMAND, 2)


def provider_present(ground: Ground) -> Block:
    """P1 (indivisible): a provider counts as present only with an open offer, present <= sum of its open offers."""
    rows = _Rows()
    for number, (cluster, provider) in enumerate(counted_providers(ground.town, ground.clusters)):
        own = cluster.offers[ground.town.offers.provider[cluster.offers] == provider]
        columns = np.append(ground.layout.first("open") + own, ground.layout.first("present") + number)
        values = np.append(np.ones(len(own)), -1.0)
        rows.add((cluster.cluster_id, cluster.scope_id, provider), 0.0, columns, values)
    return rows.block(PRESENT, 3)


def provider_count(ground: Ground) -> Block:
    """P1 (indivisible): the present providers of a cluster are at least min_providers."""
    rows = _Rows()
    counted = [cluster for cluster, _ in counted_providers(ground.town, ground.clusters)]
    for cluster in ground.clusters:
        own = np.flatnonzero([other is cluster for other in counted])
        if len(own):
            key = (cluster.cluster_id, cluster.scope_id)
            rows.add(key, float(cluster.min_providers), ground.layout.first("present") + own, np.ones(len(own)))
    return rows.block(COUNT, 2)


def _supply(ground: Ground, cluster: Cluster) -> tuple[Floats, Ints, Ints]:
    """Rate, column and offer of every supply entry of a cluster."""
    town, layout = ground.town, ground.layout
    pair = town.supply.pair[cluster.entries]
    return town.supply.rate[cluster.entries], layout.first("use") + pair, town.pairs.offer[pair]


def _relax(ground: Ground, program: LinearProgram, _room: Room) -> Part:
    """Less plurality than wanted, need units/year; a cluster's rows at one place are one rule."""
    town, names = ground.town, (EACH, OF_PROVIDER, OF_DEMAND, COUNT)
    rows = rows_of(program, *names)
    ids, places = (keys_of(program, position, *names) for position in (0, 1))
    clusters = ground.variant.case["plurality"].set_index("cluster_id")["need_id"]
    need = numbers(town.needs.ids, clusters.reindex(ids).to_numpy(dtype=object))
    most = town.supply_of(town.pairs.max_capacity)
    supply = np.bincount(town.cells.need, np.maximum(most, town.cells.demand), minlength=len(town.needs.ids))
    return part(ids, each_row(rows, 1.0), supply[need] + 1.0, place=places, need=need)


def _repair(variant: Variant, reached: Reached, id: str, place: str, amount: float) -> tuple[Variant, Step]:
    """The limits that a cluster has become what the plan reaches; blank ones stay blank."""
    town = reached.ground.town
    table = variant.case["plurality"].copy()
    row = (table["cluster_id"] == id).to_numpy()
    for cluster in (c for c in reached.ground.clusters if c.cluster_id == id and c.scope_id == place):
        mine = np.zeros(len(town.offers.ids), dtype=bool)
        mine[cluster.offers] = True
        cells = np.zeros(len(town.cells.demand), dtype=bool)
        cells[town.supply.cell[cluster.entries]] = True
        supply = _supplied(reached, mine, cells)
        total = float(supply.sum())
        if total <= NOISE:
            continue
        each = float(supply[cluster.offers].min()) / total
        provider = pd.Series(supply[cluster.offers]).groupby(town.offers.provider[cluster.offers]).sum().max() / total
        demand = total / cluster.demand if cluster.demand > 0 else 1.0
        for column, value in {"min_share_each": each, "min_demand_share": demand}.items():
            table.loc[row, column] = np.minimum(table.loc[row, column], math.floor(value / SHARE_GRAIN) * SHARE_GRAIN)
        wider = min(1.0, math.ceil(provider / SHARE_GRAIN) * SHARE_GRAIN)
        table.loc[row, "max_share_provider"] = np.maximum(table.loc[row, "max_share_provider"], wider)
        open_offers = town.offers.provider[np.flatnonzero(mine & (reached.capacity > NOISE))]
        table.loc[row, "min_providers"] = np.minimum(table.loc[row, "min_providers"], len(set(open_offers)))
    return with_table(variant, "plurality", table), Step(amount, math.nan, math.nan)


def _supplied(reached: Reached, offers: Bools, cells: Bools) -> Floats:
    """Supply of each offer of a cluster in some cells, need units."""
    town = reached.ground.town
    offer = town.pairs.offer[town.supply.pair]
    chosen = offers[offer] & cells[town.supply.cell]
    units = town.supply.rate[chosen] * reached.use[town.supply.pair[chosen]]
    return np.bincount(offer[chosen], units, minlength=len(offers))


def _words(naming: Naming, id: str, _place: str, lang: str) -> Mapping[str, object]:
    row = naming.row("plurality", id)
    need = str(row["need_id"])
    return {
        "label": f"{id} {row['name']}",
        "need_id": need,
        "need_name": naming.name("need_id", need, lang),
        "basis": str(row["reason"]),
        **naming.council(lang),
    }


def _precheck(ground: Ground) -> list[Contradiction]:
    """Clusters whose shares cannot add up although their supply must be positive."""
    found: list[Contradiction] = []
    providers = ground.town.offers.provider
    for cluster in ground.clusters:
        if cluster.min_demand_share <= 0 or cluster.demand <= 0:
            continue
        key = ("plurality-shares", KIND, cluster.cluster_id, cluster.scope_id)
        each = cluster.min_share_each * len(cluster.offers)
        if each > 1 + TOLERANCE:
            found.append(Contradiction(*key, each, 1.0, "share"))
        together = cluster.max_share_provider * len(set(providers[cluster.offers].tolist()))
        if together < 1 - TOLERANCE:
            found.append(Contradiction(*key, 1.0, together, "share"))
    return found


def _indivisible(town: Town) -> bool:
    return town.indivisible


RULE = Rule(
    kind=KIND,
    cells=(
        "plurality.min_share_each", "plurality.max_share_provider", "plurality.min_demand_share",
        "plurality.min_providers",
    ),
    keys=("cluster", "place"),
    unit=NEED_UNITS,
    equations=(
        Equation(EACH, share_of_each, ("cluster", "place", "offer"), at=100, missable=True, of_use=True),
        Equation(OF_PROVIDER, share_of_provider, ("cluster", "place", "provider"), at=101, missable=True, of_use=True),
        Equation(OF_DEMAND, share_of_demand, ("cluster", "place"), at=102, missable=True, of_use=True),
        Equation(PRESENT, provider_present, ("cluster", "place", "provider"), _indivisible, at=122, rule=False),
        Equation(COUNT, provider_count, ("cluster", "place"), _indivisible, at=123, rule=False),
    ),
    gives_way=GivesWay(
        relax=_relax, repair=_repair, lever=OTHER, between=OF_ALL, tried=2, discussed=7, told=SENTENCE,
    ),
    words=_words,
    precheck=_precheck,
    told=7,
)  # fmt: skip
