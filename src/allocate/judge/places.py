"""Places: the floors and wanted clusters of a scenario, spelled out for the town, its regions or its spaces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocate.inputs.case import split_list
from allocate.judge.rulebook import Rulebook
from allocate.judge.verdict import Bools, Floats, Ids, Ints

BINDING = ("statutory", "political")
TOWN = "*"


@dataclass(frozen=True)
class Floors:
    """One member per floor and place: the row of ``Grouped`` it speaks of, and the least share of demand there."""

    floor_id: Ids
    scope_id: Ids
    need_id: Ids
    place: Ints
    least: Floats
    binding: Bools


class Grouped:
    """Sums over spaces of figures per cell: the town, each region, each space, each for every need.

    ``table`` names the members: ``scope, scope_id, need`` (number) and ``place``, their row in ``sums``; only places
    with a cell of the need.
    """

    def __init__(self, book: Rulebook) -> None:
        regions = sorted(set(book.region.tolist()))
        code = {region: number for number, region in enumerate(regions)}
        self._region = np.array([code[region] for region in book.region.tolist()], dtype=np.int64)
        self._count = len(regions)
        needs = len(book.needs)
        labels = [("all", TOWN), *(("region", id) for id in regions), *(("space", id) for id in book.spaces.ids)]
        present = self.sums((book.served | (book.demand > 0)).astype(float)) > 0
        place = np.flatnonzero(present)
        named = pd.DataFrame(labels, columns=["scope", "scope_id"]).iloc[place // max(needs, 1)]
        # Spaces that name no region are no region together.
        nowhere = (named["scope"].eq("region") & named["scope_id"].eq("")).to_numpy(dtype=bool)
        self.table = named.assign(need=place % max(needs, 1), place=place)[~nowhere].reset_index(drop=True)

    def sums(self, cells: Floats) -> Floats:
        """Sums over the spaces of every place, in a row: town, regions, spaces; needs innermost."""
        by_region = np.zeros((self._count, cells.shape[1]))
        np.add.at(by_region, self._region, cells)
        return np.concatenate([cells.sum(axis=0)[None, :], by_region, cells]).ravel()

    def spaces_of(self, scope: str, scope_id: str, ids: Ids, region: Ids) -> Bools:
        """The spaces of a place."""
        if scope == "all":
            return np.ones(len(ids), dtype=bool)
        marked: Bools = (region if scope == "region" else ids) == scope_id
        return marked


def floors_of(book: Rulebook, grouped: Grouped) -> Floors:
    """The floors of the scenario's sets; the later set counts where two speak of the same need and place."""
    table = book.case["floors"]
    order = {name: number for number, name in enumerate(book.scenario.floor_sets)}
    rows = table.assign(
        row=np.arange(len(table)),
        rank=table["floor_set"].map(order).to_numpy(dtype=float),
        need=book.needs.numbers(table["need_id"]),
        each=table["scope_id"].isin(["", TOWN]) | (table["scope"] == "all"),
    )
    rows = rows[rows["rank"].notna() & (rows["need"] >= 0)]
    spelled = rows.merge(grouped.table, on=["scope", "need"], suffixes=("", "_there"))
    spelled = spelled[spelled["each"] | (spelled["scope_id"] == spelled["scope_id_there"])]
    last = spelled.groupby("place")["rank"].transform("max")
    spelled = spelled[spelled["rank"] == last]
    return Floors(
        spelled["floor_id"].to_numpy(dtype=object),
        spelled["scope_id_there"].to_numpy(dtype=object),
        spelled["need_id"].to_numpy(dtype=object),
        spelled["place"].to_numpy(dtype=np.int64),
        spelled["min_coverage"].to_numpy(dtype=float),
        spelled["kind"].isin(BINDING).to_numpy(dtype=bool),
    )


@dataclass(frozen=True)
class Cluster:
    """A wanted cluster at one place: its offers, spaces and shares (NaN where nothing is asked)."""

    name: str
    scope_id: str
    need: int
    offers: Ints
    spaces: Bools
    demand: float
    share_each: float
    share_demand: float
    share_provider: float
    providers: float


def clusters_of(book: Rulebook, grouped: Grouped) -> list[Cluster]:
    """The clusters assessed as wanted, once for every place."""
    found: list[Cluster] = []
    table = book.case["plurality"]
    demand = grouped.sums(book.demand)
    for row in table[table["assessment"] == "wanted"].to_dict("records"):
        need = book.needs.number(str(row["need_id"]))
        offers = sorted({book.offer_ids.number(id) for id in split_list(str(row["offers"]))} - {-1})
        if need < 0 or not offers:
            continue
        places = grouped.table[(grouped.table["scope"] == row["scope"]) & (grouped.table["need"] == need)]
        if row["scope"] != "all" and row["scope_id"] not in ("", TOWN):
            places = places[places["scope_id"] == row["scope_id"]]
        found += [
            Cluster(
                str(row["cluster_id"]),
                str(scope_id),
                need,
                np.array(offers, dtype=np.int64),
                grouped.spaces_of(str(row["scope"]), str(scope_id), book.spaces.ids, book.region),
                float(demand[place]),
                float(row["min_share_each"]),
                float(row["min_demand_share"]),
                float(row["max_share_provider"]),
                float(row["min_providers"]),
            )
            for scope_id, place in zip(places["scope_id"], places["place"], strict=True)
        ]
    return found
