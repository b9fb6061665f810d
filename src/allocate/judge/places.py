"""Places: the floors and wanted clusters of a scenario, spelled out for the town, its regions or its spaces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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

    A *place* is a row of ``sums``: the number of its label times the number of needs, plus that of its need. Only
    places with a cell of the need are spoken of.
    """

    def __init__(self, book: Rulebook) -> None:
        regions = sorted(set(book.region.tolist()))
        code = {region: number for number, region in enumerate(regions)}
        self._region = np.array([code[region] for region in book.region.tolist()], dtype=np.int64)
        self._count = len(regions)
        self._needs = len(book.needs)
        self.scope_ids = np.array([TOWN, *regions, *book.spaces.ids.tolist()], dtype=object)
        kinds = {"all": [0], "region": range(1, 1 + self._count), "space": range(1 + self._count, len(self.scope_ids))}
        # Spaces that name no region are no region together.
        self._labels = {
            scope: {str(self.scope_ids[at]): at for at in labels if scope != "region" or self.scope_ids[at] != ""}
            for scope, labels in kinds.items()
        }
        self._present = self.sums((book.served | (book.demand > 0)).astype(float)) > 0

    def sums(self, cells: Floats) -> Floats:
        """Sums over the spaces of every place, in a row: town, regions, spaces; needs innermost."""
        by_region = np.zeros((self._count, cells.shape[1]))
        np.add.at(by_region, self._region, cells)
        return np.concatenate([cells.sum(axis=0)[None, :], by_region, cells]).ravel()

    def places(self, scope: str, scope_id: str, need: int) -> list[int]:
        """The places that a scope and an id (blank, ``*``, or any of the town: each of the scope) name for a need."""
        known = self._labels.get(scope, {})
        each = scope == "all" or scope_id in ("", TOWN)
        named = known.values() if each else [known[scope_id]] if scope_id in known else []
        return [place for label in named if self._present[place := label * self._needs + need]]

    def scope_id(self, place: Ints) -> Ids:
        """The ids of the town, regions or spaces of places."""
        return self.scope_ids[place // max(self._needs, 1)]

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
    needs = book.needs.numbers(table["need_id"])
    columns = (table[name].tolist() for name in ("floor_set", "scope", "scope_id"))
    spelled = [
        (row, place, order[floor_set])
        for row, (floor_set, scope, scope_id, need) in enumerate(zip(*columns, needs.tolist(), strict=True))
        if floor_set in order and need >= 0
        for place in grouped.places(scope, scope_id, need)
    ]
    row, place, rank = np.array(spelled, dtype=np.int64).reshape(-1, 3).T
    last = np.full(len(grouped.scope_ids) * max(len(book.needs), 1), -1)
    np.maximum.at(last, place, rank)
    row, place = (numbers[rank == last[place]] for numbers in (row, place))
    return Floors(
        table["floor_id"].to_numpy(dtype=object)[row],
        grouped.scope_id(place),
        table["need_id"].to_numpy(dtype=object)[row],
        place,
        table["min_coverage"].to_numpy(dtype=float)[row],
        table["kind"].isin(BINDING).to_numpy(dtype=bool)[row],
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
        places = np.array(grouped.places(str(row["scope"]), str(row["scope_id"]), need), dtype=np.int64)
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
            for scope_id, place in zip(grouped.scope_id(places), places, strict=True)
        ]
    return found
