"""Which places a floor or cluster means: floors and wanted plurality, spelled out for every place they name.

Checks, model and analyses ask here; the judge reads the tables once more on purpose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from allocate.inputs.case import Case, split_list
from allocate.inputs.kept import kept
from allocate.town.arrays import Bools, Floats, Ids, Ints
from allocate.town.as_arrays import Provision, Spaces, Town
from allocate.town.build_provision import codes_of, spaces_of

ENFORCED_KINDS = ("statutory", "political")
WHOLE_TOWN = "*"
# What stands in ``scope_id`` where each region, or each space, is meant.
EACH = ("", "*")
_CLUSTER_COLUMNS = (
    "cluster_id", "need_id", "offers", "scope", "scope_id", "min_share_each", "min_demand_share", "max_share_provider",
    "min_providers",
)  # fmt: skip


@dataclass(frozen=True)
class Floors:
    """Floors, one member per row of ``floors`` and place: sum of covered over its cells >= required.

    ``required`` = min_coverage * demand, in need units/year; ``entry_floor``/``entry_cell`` list the cells of each
    floor; ``enforced`` marks the kinds that bind the plan (targets are measured only); ``row``: its position in the
    table.
    """

    row: Ints
    floor_id: Ids
    scope: Ids
    scope_id: Ids
    need: Ints
    min_coverage: Floats
    demand: Floats
    enforced: Bools
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


class _Places:
    """The cells of every need, place by place, looked up once for each scope."""

    def __init__(self, spaces: Spaces, space: Ints, need: Ints, needs: int) -> None:
        """``space`` and ``need`` of every cell; ``needs``: how many there are."""
        self._spaces, self._space = spaces, space
        self._of_need = _by_group(need, needs)
        self._known: dict[tuple[str, int], dict[str, _Place]] = {}

    def __call__(self, scope: str, scope_id: str, need: int) -> list[_Place]:
        """The places a scope and an id name; places without a cell of the need are left out."""
        if (scope, need) not in self._known:
            cells = self._of_need[need]
            label = place_of(self._spaces, scope)[self._space[cells]]
            members: dict[str, list[int]] = {}
            for name, cell in zip(label.tolist(), cells.tolist(), strict=True):
                members.setdefault(name, []).append(cell)
            self._known[scope, need] = {
                name: _Place(name, np.array(members[name], dtype=np.int64)) for name in sorted(members) if name
            }
        every = self._known[scope, need]
        if scope == "all" or scope_id in EACH:
            return list(every.values())
        return [every[scope_id]] if scope_id in every else []


def place_of(spaces: Spaces, scope: str) -> Ids:
    """The place that each space belongs to under a scope: the town, its region, itself.

    Blank where a space names no region: such spaces are no region together.
    """
    if scope == "all":
        return np.full(len(spaces.ids), WHOLE_TOWN, dtype=object)
    return spaces.region if scope == "region" else spaces.ids


def floors_of(case: Case, floor_sets: Sequence[str], town: Provision) -> Floors:
    """All floors of some floor sets; a later set overrides an earlier one for the same need and place."""
    floors = _floors(
        case, tuple(floor_sets), town.spaces.ids, town.spaces.region, town.needs.ids, town.cells.space, town.cells.need
    )
    demand = town.cells.demand[floors.entry_cell]
    return replace(floors, demand=np.bincount(floors.entry_floor, demand, minlength=len(floors.row)))


@kept
def _floors(
    case: Case, floor_sets: tuple[str, ...], spaces: Ids, region: Ids, needs: Ids, space: Ints, need: Ints
) -> Floors:
    """The same for spaces, their regions, needs, and the space and need of every cell; nobody has a demand yet."""
    table = case["floors"]
    chosen: dict[tuple[str, str, int], list[tuple[int, _Place]]] = {}
    places = _Places(Spaces(spaces, region, np.ones(len(spaces))), space, need, len(needs))
    numbers = codes_of(needs, table["need_id"]).tolist()
    columns = {name: table[name].tolist() for name in ("scope", "scope_id")}
    for floor_set in floor_sets:
        own: dict[tuple[str, str, int], list[tuple[int, _Place]]] = {}
        for row in np.flatnonzero(table["floor_set"].to_numpy(dtype=object) == floor_set).tolist():
            scope, number = columns["scope"][row], numbers[row]
            for place in places(scope, columns["scope_id"][row], number) if number >= 0 else ():
                own.setdefault((scope, place.scope_id, number), []).append((row, place))
        chosen.update(own)
    members = sorted(
        ((row, number, place) for (_, _, number), group in chosen.items() for row, place in group),
        key=lambda member: member[0],
    )
    rows = np.array([row for row, _, _ in members], dtype=np.int64)
    cells = [place.cells for _, _, place in members]
    floor_id, scopes = (table[name].to_numpy(dtype=object)[rows] for name in ("floor_id", "scope"))
    return Floors(
        row=rows,
        floor_id=floor_id,
        scope=scopes,
        scope_id=np.array([place.scope_id for _, _, place in members], dtype=object),
        need=np.array([number for _, number, _ in members], dtype=np.int64),
        min_coverage=table["min_coverage"].to_numpy(dtype=float)[rows],
        demand=np.zeros(len(members)),
        enforced=table["kind"].isin(ENFORCED_KINDS).to_numpy(dtype=bool)[rows],
        entry_floor=np.repeat(np.arange(len(members)), [len(part) for part in cells]).astype(np.int64),
        entry_cell=np.concatenate(cells) if cells else np.zeros(0, dtype=np.int64),
    )


def clusters_of(case: Case, town: Town) -> tuple[Cluster, ...]:
    """The clusters assessed as wanted, one for every place their scope names."""
    supplied = town.pairs.offer[town.supply.pair], town.supply.cell
    names = town.spaces.ids, town.spaces.region, town.needs.ids, town.offers.ids
    found = _clusters(case, *names, town.cells.space, town.cells.need, *supplied)
    return tuple(replace(one.cluster, demand=float(town.cells.demand[one.cells].sum())) for one in found)


@dataclass(frozen=True)
class _Somewhere:
    """A cluster at a place, whose demand is not known yet, and the cells of the place."""

    cluster: Cluster
    cells: Ints


@kept
def _clusters(
    case: Case, spaces: Ids, region: Ids, needs: Ids, offers: Ids, space: Ints, need: Ints, supplier: Ints, cell: Ints
) -> tuple[_Somewhere, ...]:
    """The same for the spaces and needs of cells, and the offer and cell of every supply entry."""
    table = case["plurality"]
    offer_number, numbers = {str(one): at for at, one in enumerate(offers)}, codes_of(needs, table["need_id"]).tolist()
    found: list[_Somewhere] = []
    entries_of = _by_group(need[cell], len(needs))
    places = _Places(Spaces(spaces, region, np.ones(len(spaces))), space, need, len(needs))
    columns = {name: table[name].tolist() for name in _CLUSTER_COLUMNS}
    for at in (number for number, word in enumerate(table["assessment"].tolist()) if word == "wanted"):
        row = {name: column[at] for name, column in columns.items()}
        number = numbers[at]
        own = np.array([offer_number[o] for o in split_list(row["offers"]) if o in offer_number], dtype=np.int64)
        if number < 0 or not len(own):
            continue
        entries = entries_of[number]
        entries = entries[_member(own, len(offers))[supplier[entries]]]
        for place in places(row["scope"], row["scope_id"], number):
            cluster = Cluster(
                cluster_id=row["cluster_id"],
                scope_id=place.scope_id,
                offers=own,
                entries=entries[_member(place.cells, len(space))[cell[entries]]],
                demand=0.0,
                min_share_each=_given(row["min_share_each"], 0.0),
                min_demand_share=_given(row["min_demand_share"], 0.0),
                max_share_provider=_given(row["max_share_provider"], np.inf),
                min_providers=int(_given(row["min_providers"], 0)),
            )
            found.append(_Somewhere(cluster, place.cells))
    return tuple(found)


def clusters_by_space(case: Case) -> pd.DataFrame:
    """Every cluster, assessed as wanted or not, with each space that it concerns and each of its offers.

    The rows of ``plurality`` with ``space_id``, ``offer_id`` and ``size``, how many offers the cluster has.
    """
    spaces, table = spaces_of(case), case["plurality"]
    scopes = ("space", "region", "all")
    places = pd.DataFrame({"scope": one, "space_id": spaces.ids, "place": place_of(spaces, one)} for one in scopes)
    places = places.explode(["space_id", "place"])
    members = table["offers"].map(split_list)
    rows = table.assign(offer_id=members, size=members.map(len)).explode("offer_id").merge(places, on="scope")
    everywhere = (rows["scope"] == "all") | rows["scope_id"].isin(EACH)
    return rows[(everywhere & rows["place"].ne("")) | (rows["scope_id"] == rows["place"])]


def _by_group(group: Ints, count: int) -> list[Ints]:
    """The members of each group 0..count-1, in order."""
    order = np.argsort(group, kind="stable")
    return np.split(order, np.searchsorted(group[order], np.arange(1, count)))


def _member(numbers: Ints, count: int) -> Bools:
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
