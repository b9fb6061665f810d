"""Floors and wanted plurality, spelled out for every place they name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocate.inputs.case import Case, split_list
from allocate.inputs.scenario.variant import Variant
from allocate.town.arrays import Floats, Ids, Ints
from allocate.town.town import Town

ENFORCED_KINDS = ("statutory", "political")
WHOLE_TOWN = "*"
_CLUSTER_COLUMNS = (
    "cluster_id", "need_id", "offers", "scope", "scope_id", "min_share_each", "min_demand_share", "max_share_provider",
    "min_providers",
)  # fmt: skip


@dataclass(frozen=True)
class Floors:
    """Floors, one member per row of ``floors`` and place: sum of covered over its cells >= required.

    ``required`` = min_coverage * demand, in need units/year; ``entry_floor``/``entry_cell`` list the cells of each
    floor; ``enforced`` marks the kinds that bind the plan (targets are measured only).
    """

    floor_id: Ids
    scope: Ids
    scope_id: Ids
    need: Ints
    min_coverage: Floats
    demand: Floats
    enforced: np.ndarray[tuple[int], np.dtype[np.bool_]]
    entry_floor: Ints
    entry_cell: Ints

    def achieved(self, covered: Floats) -> Floats:
        """Covered need units per floor, from covered units per cell."""
        return np.bincount(self.entry_floor, covered[self.entry_cell], minlength=len(self.floor_id))

    @property
    def required(self) -> Floats:
        """Need units/year that must be covered."""
        required: Floats = self.min_coverage * self.demand
        return required


@dataclass(frozen=True)
class Cluster:
    """One wanted cluster at one place: the supply entries of its offers and the limits on their shares.

    ``entries`` numbers supply entries of the town; ``offers`` the cluster's offers. Limits that are absent are 0
    (least) or inf (most). ``demand`` in need units/year.
    """

    cluster_id: str
    scope_id: str
    offers: Ints
    entries: Ints
    demand: float
    min_share_each: float
    min_demand_share: float
    max_share_provider: float
    min_providers: int


@dataclass(frozen=True)
class _Place:
    scope_id: str
    cells: Ints


def floors_of(variant: Variant, town: Town) -> Floors:
    """All floors of the scenario's floor sets; a later set overrides an earlier one for the same need and place."""
    table = variant.case["floors"]
    chosen: dict[tuple[str, str, int], list[tuple[int, _Place]]] = {}
    need_number = {str(need): i for i, need in enumerate(town.needs.ids)}
    columns = {name: table[name].tolist() for name in ("floor_set", "scope", "scope_id", "need_id")}
    for floor_set in variant.scenario.floor_sets:
        own: dict[tuple[str, str, int], list[tuple[int, _Place]]] = {}
        for row in np.flatnonzero(table["floor_set"].to_numpy(dtype=object) == floor_set).tolist():
            need = need_number.get(columns["need_id"][row])
            if need is None:
                continue
            scope = columns["scope"][row]
            for place in _places(town, scope, columns["scope_id"][row], need):
                own.setdefault((scope, place.scope_id, need), []).append((row, place))
        chosen.update(own)
    members = sorted(((row, place) for group in chosen.values() for row, place in group), key=lambda member: member[0])
    return _floors(table, members, town)


def _floors(table: pd.DataFrame, members: list[tuple[int, _Place]], town: Town) -> Floors:
    rows = np.array([row for row, _ in members], dtype=np.int64)
    cells = [place.cells for _, place in members]
    entry_cell = np.concatenate(cells) if cells else np.zeros(0, dtype=np.int64)
    entry_floor = np.repeat(np.arange(len(members)), [len(part) for part in cells]).astype(np.int64)
    need = {str(need): i for i, need in enumerate(town.needs.ids)}
    floor_id, scope, need_id = (table[name].to_numpy(dtype=object)[rows] for name in ("floor_id", "scope", "need_id"))
    return Floors(
        floor_id=floor_id,
        scope=scope,
        scope_id=np.array([place.scope_id for _, place in members], dtype=object),
        need=np.array([need[n] for n in need_id.tolist()], dtype=np.int64),
        min_coverage=table["min_coverage"].to_numpy(dtype=float)[rows],
        demand=np.bincount(entry_floor, town.cells.demand[entry_cell], minlength=len(members)),
        enforced=table["kind"].isin(ENFORCED_KINDS).to_numpy(dtype=bool)[rows],
        entry_floor=entry_floor,
        entry_cell=entry_cell,
    )


def clusters_of(case: Case, town: Town) -> tuple[Cluster, ...]:
    """The clusters assessed as wanted, one for every place their scope names."""
    table = case["plurality"]
    offer_number = {str(offer): i for i, offer in enumerate(town.offers.ids)}
    need_number = {str(need): i for i, need in enumerate(town.needs.ids)}
    found: list[Cluster] = []
    supply_offer = town.pairs.offer[town.supply.pair]
    entries_of = _by_group(town.cells.need[town.supply.cell], len(town.needs.ids))
    columns = {name: table[name].tolist() for name in _CLUSTER_COLUMNS}
    for at in (number for number, word in enumerate(table["assessment"].tolist()) if word == "wanted"):
        row = {name: column[at] for name, column in columns.items()}
        need = need_number.get(row["need_id"])
        offers = np.array([offer_number[o] for o in split_list(row["offers"]) if o in offer_number], dtype=np.int64)
        if need is None or not len(offers):
            continue
        entries = entries_of[need]
        entries = entries[_member(offers, len(town.offers.ids))[supply_offer[entries]]]
        found += [
            Cluster(
                cluster_id=row["cluster_id"],
                scope_id=place.scope_id,
                offers=offers,
                entries=entries[_member(place.cells, len(town.cells.demand))[town.supply.cell[entries]]],
                demand=float(town.cells.demand[place.cells].sum()),
                min_share_each=_given(row["min_share_each"], 0.0),
                min_demand_share=_given(row["min_demand_share"], 0.0),
                max_share_provider=_given(row["max_share_provider"], np.inf),
                min_providers=int(_given(row["min_providers"], 0)),
            )
            for place in _places(town, row["scope"], row["scope_id"], need)
        ]
    return tuple(found)


def _by_group(group: Ints, count: int) -> list[Ints]:
    """The members of each group 0..count-1, in order."""
    order = np.argsort(group, kind="stable")
    return np.split(order, np.searchsorted(group[order], np.arange(1, count)))


def _member(numbers: Ints, count: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """A mark for each of 0..count-1: is it among ``numbers``?"""
    marks = np.zeros(count, dtype=bool)
    marks[numbers] = True
    return marks


def counted_providers(town: Town, clusters: tuple[Cluster, ...]) -> list[tuple[Cluster, str]]:
    """(cluster, provider id) for every provider of the clusters that ask for a number of providers."""
    return [
        (cluster, provider)
        for cluster in clusters
        if cluster.min_providers > 0
        for provider in dict.fromkeys(town.offers.provider[cluster.offers].tolist())
    ]


def _given(value: float, default: float) -> float:
    return default if np.isnan(value) else float(value)


def _places(town: Town, scope: str, scope_id: str, need: int) -> list[_Place]:
    """The places a scope names, with the cells of the need there; places without a cell of the need are left out."""
    cells = np.flatnonzero(town.cells.need == need)
    space = town.cells.space[cells]
    if scope == "all":
        return [_Place(WHOLE_TOWN, cells)] if len(cells) else []
    labels = town.spaces.region[space] if scope == "region" else town.spaces.ids[space]
    if scope_id not in ("*", ""):
        own = cells[labels == scope_id]
        return [_Place(scope_id, own)] if len(own) else []
    if not len(cells):
        return []
    members: dict[str, list[int]] = {}
    for label, cell in zip(labels.tolist(), cells.tolist(), strict=True):
        members.setdefault(label, []).append(cell)
    # Spaces that name no region are no region together.
    return [_Place(label, np.array(members[label], dtype=np.int64)) for label in sorted(members) if label]
