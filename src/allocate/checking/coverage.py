"""Rules about what could be covered at most, if money were no object: floors that no plan can reach.

For a floor on need n in a place (a set of spaces s), with effects e, access a, pair limits m and offer limits cap,
both of these bounds hold for every plan; money, corridors and other needs are left out:

    covered <= sum_s min(d[s,n], sum_o e[o,n] a[o,s] m[o,s])
    covered <= sum_o e[o,n] min(sum_s a[o,s] m[o,s], cap[o] max_s a[o,s])
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocate.inputs.case import Case

WHOLE_TOWN = "*"
BINDING = ("statutory", "political")
ROUNDING = 1e-6


@dataclass(frozen=True)
class Town:
    """What bounds coverage, by the row numbers of offers o, spaces s and needs n.

    ``offer``, ``space``: the pairs in reach, with ``access`` a and ``given`` = a m (capacity units that count there);
    ``rate[o, k]`` = e of the needs that have floors, ``demand[s, k]`` = d of the same needs, ``cap[o]``.
    """

    offer: np.ndarray
    space: np.ndarray
    access: np.ndarray
    given: np.ndarray
    cap: np.ndarray
    rate: np.ndarray
    demand: np.ndarray


def unreachable_floors(case: Case, floor_sets: tuple[str, ...]) -> pd.DataFrame:
    """Binding floors of these sets that no plan can meet.

    Columns: ``at`` (position in ``floors``), ``scope``, ``place`` (``*`` for the whole town), ``required`` and
    ``possible`` (shares of demand).
    """
    floors = _places(case, floor_sets)
    required = case["floors"]["min_coverage"].to_numpy(np.float64)[floors["at"]]
    needs, need = np.unique(case["floors"]["need_id"].to_numpy(object)[floors["at"]].astype(str), return_inverse=True)
    town = _town(case, pd.Index(needs))
    possible = np.ones(len(floors))
    for scope in floors["scope"].unique():
        place_of_space, names = pd.factorize(_labels(case["spaces"], scope))
        here = np.flatnonzero(floors["scope"].eq(scope))
        place = pd.Index(names).get_indexer(pd.Index(floors["place"].iloc[here]))
        for number in np.unique(need[here]):
            share = _possible(town, int(number), place_of_space, len(names))
            mine = need[here] == number
            known = place[mine] >= 0
            possible[here[mine][known]] = share[place[mine][known]]
    judged = floors.assign(required=required, possible=possible)
    return judged[judged["required"] > judged["possible"] + ROUNDING].sort_values(["at", "place"])


def _places(case: Case, floor_sets: tuple[str, ...]) -> pd.DataFrame:
    """Every binding floor in every place it names; a later set overrides an earlier one there."""
    table, spaces = case["floors"], case["spaces"]
    rank = {name: number for number, name in enumerate(floor_sets)}
    ids = {
        scope: [id for id in dict.fromkeys(spaces[column].tolist()) if id]
        for scope, column in (("region", "region_id"), ("space", "space_id"))
    }
    columns = (table[name].tolist() for name in ("floor_set", "scope", "scope_id", "need_id", "kind"))
    newest: dict[tuple[str, str, str], int] = {}
    every: list[tuple[int, int, str, str, str, bool]] = []
    for at, (floor_set, scope, place, need, kind) in enumerate(zip(*columns, strict=True)):
        if floor_set not in rank:
            continue
        each = place in ("", WHOLE_TOWN)
        named = [WHOLE_TOWN] if scope == "all" else ids.get(scope, []) if each else [place]
        for one in named:
            newest[scope, one, need] = max(rank[floor_set], newest.get((scope, one, need), 0))
            every.append((at, rank[floor_set], scope, one, need, kind in BINDING))
    kept = [
        (at, scope, place)
        for at, number, scope, place, need, binds in every
        if binds and number == newest[scope, place, need]
    ]
    return pd.DataFrame(kept, columns=["at", "scope", "place"]).astype({"at": np.int64})


def _town(case: Case, needs: pd.Index) -> Town:
    """The arrays; without a reach table an offer serves its home space, or every space where it has none."""
    offers, spaces, reach = case["offers"], case["spaces"], case["reach"]
    offer_ids, space_ids = pd.Index(offers["offer_id"]), pd.Index(spaces["space_id"])
    cap = offers["max_capacity"].to_numpy(np.float64)
    if len(reach):
        offer, space = _numbers(offer_ids, reach["offer_id"]), _numbers(space_ids, reach["space_id"])
        access, own = reach["access"].to_numpy(np.float64), reach["max_capacity"].to_numpy(np.float64)
    else:
        home = _numbers(space_ids, offers["home_space_id"])
        wide = np.flatnonzero(home < 0)
        offer = np.concatenate([np.flatnonzero(home >= 0), np.repeat(wide, len(space_ids))])
        space = np.concatenate([home[home >= 0], np.tile(np.arange(len(space_ids)), len(wide))])
        access, own = np.ones(len(offer)), np.full(len(offer), np.nan)
    known = (offer >= 0) & (space >= 0) & (access > 0)
    offer, space, access, own = offer[known], space[known], access[known], own[known]
    rate = _matrix(case["effects"], "effect", (offer_ids, "offer_id"), needs)
    demand = _matrix(case["demand"], "demand", (space_ids, "space_id"), needs)
    return Town(offer, space, access, access * np.fmin(own, cap[offer]), cap, rate, demand)


def _matrix(table: pd.DataFrame, column: str, rows: tuple[pd.Index, str], needs: pd.Index) -> np.ndarray:
    """A column of a table by the ids of its rows and needs; 0 where there is no row."""
    ids, name = rows
    need = needs.get_indexer(pd.Index(table["need_id"]))
    mine = np.flatnonzero(need >= 0)
    row = _numbers(ids, table[name].iloc[mine])
    matrix = np.zeros((len(ids), len(needs)))
    known = row >= 0
    matrix[row[known], need[mine[known]]] = table[column].to_numpy(np.float64)[mine[known]]
    return matrix


def _possible(town: Town, need: int, place_of_space: np.ndarray, count: int) -> np.ndarray:
    """The greatest coverable share of demand of one need in every place; 1 where nothing is demanded."""
    rate, demand = town.rate[:, need], town.demand[:, need]
    own = np.flatnonzero(rate[town.offer] > 0)
    offer, space, given, access = town.offer[own], town.space[own], town.given[own], town.access[own]
    local = np.minimum(demand, np.bincount(space, rate[offer] * given, minlength=len(demand)))
    pair, of_pair = np.unique(place_of_space[space] * len(rate) + offer, return_inverse=True)
    place, member = np.divmod(pair, len(rate))
    best = np.zeros(len(pair))
    np.maximum.at(best, of_pair, access)
    together = rate[member] * np.minimum(np.bincount(of_pair, given, minlength=len(pair)), town.cap[member] * best)
    most = np.minimum(
        np.bincount(place, together, minlength=count), np.bincount(place_of_space, local, minlength=count)
    )
    demanded = np.bincount(place_of_space, demand, minlength=count)
    return np.divide(most, demanded, out=np.ones(count), where=demanded > 0)


def _labels(spaces: pd.DataFrame, scope: str) -> np.ndarray:
    """The place each space belongs to under a scope."""
    if scope == "all":
        return np.full(len(spaces), WHOLE_TOWN, dtype=object)
    return spaces["region_id" if scope == "region" else "space_id"].to_numpy(object)


def _numbers(ids: pd.Index, column: pd.Series) -> np.ndarray:
    """The row numbers of ids in their table, -1 for an unknown one; the first of several equal ids counts."""
    first = np.flatnonzero(~ids.duplicated())
    found = ids[first].get_indexer(pd.Index(column))
    return np.where(found >= 0, first[found] if len(first) else -1, -1)
