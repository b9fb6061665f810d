"""P1, wanted plurality, and the switching rows of indivisible scenarios."""

from __future__ import annotations

import numpy as np

from allocate.model.layout import Layout
from allocate.model.program import Block
from allocate.town.arrays import Floats, Ints
from allocate.town.places import Cluster, counted_providers
from allocate.town.town import Town

INF = np.inf


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
        return Block(name, keys, np.array(self.lower, dtype=float), np.full(len(keys[0]), INF), rows, columns, values)

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


def share_of_each(town: Town, layout: Layout, clusters: tuple[Cluster, ...]) -> Block:
    """P1: supply of each offer of the cluster >= min_share_each * supply of the cluster."""
    rows = _Rows()
    for cluster in clusters:
        if cluster.min_share_each <= 0:
            continue
        rate, columns, offer = _supply(town, layout, cluster)
        for number in cluster.offers.tolist():
            values = rate * ((offer == number) - cluster.min_share_each)
            key = (cluster.cluster_id, cluster.scope_id, str(town.offers.ids[number]))
            rows.add(key, 0.0, columns, values)
    return rows.block("share_of_each", 3)


def share_of_provider(town: Town, layout: Layout, clusters: tuple[Cluster, ...]) -> Block:
    """P1: supply of each provider's offers <= max_share_provider * supply of the cluster."""
    rows = _Rows()
    for cluster in clusters:
        if cluster.max_share_provider >= 1:
            continue
        rate, columns, offer = _supply(town, layout, cluster)
        providers = town.offers.provider[offer]
        for provider in dict.fromkeys(town.offers.provider[cluster.offers].tolist()):
            values = rate * (cluster.max_share_provider - (providers == provider))
            rows.add((cluster.cluster_id, cluster.scope_id, provider), 0.0, columns, values)
    return rows.block("share_of_provider", 3)


def share_of_demand(town: Town, layout: Layout, clusters: tuple[Cluster, ...]) -> Block:
    """P1: supply of the cluster >= min_demand_share * demand in its scope."""
    rows = _Rows()
    for cluster in clusters:
        if cluster.min_demand_share <= 0:
            continue
        rate, columns, _ = _supply(town, layout, cluster)
        rows.add((cluster.cluster_id, cluster.scope_id), cluster.min_demand_share * cluster.demand, columns, rate)
    return rows.block("share_of_demand", 2)


def provider_present(town: Town, layout: Layout, clusters: tuple[Cluster, ...]) -> Block:
    """P1 (indivisible): a provider counts as present only with an open offer, present <= sum of its open offers."""
    rows = _Rows()
    for number, (cluster, provider) in enumerate(counted_providers(town, clusters)):
        own = cluster.offers[town.offers.provider[cluster.offers] == provider]
        columns = np.append(layout.first("open") + own, layout.first("present") + number)
        values = np.append(np.ones(len(own)), -1.0)
        rows.add((cluster.cluster_id, cluster.scope_id, provider), 0.0, columns, values)
    return rows.block("provider_present", 3)


def provider_count(town: Town, layout: Layout, clusters: tuple[Cluster, ...]) -> Block:
    """P1 (indivisible): the present providers of a cluster are at least min_providers."""
    rows = _Rows()
    counted = [cluster for cluster, _ in counted_providers(town, clusters)]
    for cluster in clusters:
        own = np.flatnonzero([other is cluster for other in counted])
        if len(own):
            key = (cluster.cluster_id, cluster.scope_id)
            rows.add(key, float(cluster.min_providers), layout.first("present") + own, np.ones(len(own)))
    return rows.block("provider_count", 2)


def open_least(town: Town, layout: Layout) -> Block:
    """Indivisible: X[o] >= min_capacity_if_open[o] open[o]."""
    return _switch("open_least", town, layout, town.offers.min_if_open, (0.0, INF))


def open_most(town: Town, layout: Layout) -> Block:
    """Indivisible: X[o] <= cap[o] open[o]."""
    return _switch("open_most", town, layout, town.offers.max_capacity, (-INF, 0.0))


def _switch(name: str, town: Town, layout: Layout, factor: Floats, sides: tuple[float, float]) -> Block:
    offers = np.arange(len(town.offers.ids))
    rows = np.concatenate([offers, offers])
    columns = np.concatenate([layout.first("capacity") + offers, layout.first("open") + offers])
    values = np.concatenate([np.ones(len(offers)), -factor])
    lower, upper = (np.full(len(offers), side) for side in sides)
    return Block(name, (town.offers.ids,), lower, upper, rows, columns, values)


def _supply(town: Town, layout: Layout, cluster: Cluster) -> tuple[Floats, Ints, Ints]:
    """Rate, column and offer of every supply entry of a cluster."""
    pair = town.supply.pair[cluster.entries]
    return town.supply.rate[cluster.entries], layout.first("use") + pair, town.pairs.offer[pair]
