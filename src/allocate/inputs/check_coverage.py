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
class Pairs:
    """(offer, space) pairs in reach by their row numbers: ``given`` = access * pair limit, ``access``, ``cap``."""

    offer: np.ndarray
    space: np.ndarray
    access: np.ndarray
    given: np.ndarray
    cap: np.ndarray


def unreachable_floors(case: Case, floor_sets: tuple[str, ...]) -> pd.DataFrame:
    """Binding floors of these sets that no plan can meet.

    Columns: ``at`` (position in ``floors``), ``place`` (``*`` for the whole town), ``required`` and ``possible``
    (shares of demand).
    """
    floors = _places(case, floor_sets)
    if floors.empty:
        return floors.assign(required=0.0, possible=0.0)
    table = case["floors"]
    pairs = _pairs(case)
    wanted = floors.assign(required=table["min_coverage"].to_numpy(np.float64)[floors["at"]])
    results = []
    for need, group in wanted.groupby(table["need_id"].to_numpy(object)[wanted["at"]], sort=False):
        results.append(group.assign(possible=_possible(case, pairs, str(need), group)))
    judged = pd.concat(results)
    return judged[judged["required"] > judged["possible"] + ROUNDING].sort_values(["at", "place"])


def _places(case: Case, floor_sets: tuple[str, ...]) -> pd.DataFrame:
    """Every binding floor in every place it names; a later set overrides an earlier one there."""
    table, spaces = case["floors"], case["spaces"]
    rank = {name: number for number, name in enumerate(floor_sets)}
    rows = pd.DataFrame(
        {
            "at": np.arange(len(table)),
            "rank": table["floor_set"].map(rank).to_numpy(np.float64),
            "scope": table["scope"].to_numpy(object),
            "need": table["need_id"].to_numpy(object),
            "place": table["scope_id"].to_numpy(object),
            "binds": table["kind"].isin(BINDING).to_numpy(),
        }
    )
    rows = rows[rows["rank"].notna()]
    each = rows["place"].isin(["*", ""])
    named = [rows[~each & rows["scope"].ne("all")], rows[rows["scope"].eq("all")].assign(place=WHOLE_TOWN)]
    for scope, column in (("region", "region_id"), ("space", "space_id")):
        ids = pd.DataFrame({"place": spaces[column].unique().astype(object)})
        named.append(rows[each & rows["scope"].eq(scope)].drop(columns="place").merge(ids, how="cross"))
    every = pd.concat(named, ignore_index=True)
    newest = every.groupby(["scope", "place", "need"])["rank"].transform("max")
    return every[every["rank"].eq(newest) & every["binds"]][["at", "scope", "place"]].reset_index(drop=True)


def _pairs(case: Case) -> Pairs:
    """Whom each offer reaches; without a reach table its home space, or every space where it has none."""
    offers, spaces, reach = case["offers"], case["spaces"], case["reach"]
    offer_ids, space_ids = pd.Index(offers["offer_id"]), pd.Index(spaces["space_id"])
    limit = offers["max_capacity"].to_numpy(np.float64)
    if len(reach):
        offer = _numbers(offer_ids, reach["offer_id"])
        space = _numbers(space_ids, reach["space_id"])
        access, own = reach["access"].to_numpy(np.float64), reach["max_capacity"].to_numpy(np.float64)
    else:
        home = _numbers(space_ids, offers["home_space_id"])
        wide = np.flatnonzero(home < 0)
        offer = np.concatenate([np.flatnonzero(home >= 0), np.repeat(wide, len(space_ids))])
        space = np.concatenate([home[home >= 0], np.tile(np.arange(len(space_ids)), len(wide))])
        access, own = np.ones(len(offer)), np.full(len(offer), np.nan)
    known = (offer >= 0) & (space >= 0) & (access > 0)
    offer, space, access, own = offer[known], space[known], access[known], own[known]
    cap = limit[offer]
    return Pairs(offer, space, access, access * np.fmin(own, cap), cap)


def _possible(case: Case, pairs: Pairs, need: str, group: pd.DataFrame) -> np.ndarray:
    """The greatest coverable share of demand of one need in each place of ``group``; 1 where nothing is demanded."""
    spaces, effects, demand = case["spaces"], case["effects"], case["demand"]
    effects = effects[effects["need_id"].eq(need) & effects["effect"].gt(0)]
    rate = np.zeros(len(case["offers"]))
    serving = _numbers(pd.Index(case["offers"]["offer_id"]), effects["offer_id"])
    rate[serving[serving >= 0]] = effects["effect"].to_numpy(np.float64)[serving >= 0]
    own = rate[pairs.offer] > 0
    offer, space, effect = pairs.offer[own], pairs.space[own], rate[pairs.offer[own]]
    need_demand = demand[demand["need_id"].eq(need)]
    place_of = _numbers(pd.Index(spaces["space_id"]), need_demand["space_id"])
    wanted = np.bincount(
        place_of[place_of >= 0], need_demand["demand"].to_numpy(np.float64)[place_of >= 0], minlength=len(spaces)
    )
    local = np.minimum(wanted, np.bincount(space, effect * pairs.given[own], minlength=len(spaces)))
    entries = pd.DataFrame({"offer": offer, "space": space, "given": pairs.given[own], "access": pairs.access[own]})
    caps = rate * case["offers"]["max_capacity"].to_numpy(np.float64)
    shares = np.ones(len(group))
    for scope in group["scope"].unique():
        place_of_space, names = pd.factorize(_labels(spaces, scope))
        most = _by_place(entries, place_of_space, rate, caps, len(names))
        most = np.minimum(most, np.bincount(place_of_space, local, minlength=len(names)))
        demanded = np.bincount(place_of_space, wanted, minlength=len(names))
        share = np.divide(most, demanded, out=np.ones(len(names)), where=demanded > 0)
        here = group["scope"].eq(scope).to_numpy()
        found = pd.Index(names).get_indexer(group["place"][here])
        shares[here] = np.where(found >= 0, share[found], 1.0)
    return shares


def _by_place(
    entries: pd.DataFrame, place_of_space: np.ndarray, rate: np.ndarray, caps: np.ndarray, count: int
) -> np.ndarray:
    """The second bound: what the offers together can give to each place, in need units per year."""
    grouped = entries.assign(place=place_of_space[entries["space"]]).groupby(["place", "offer"], sort=False)
    sums = grouped.agg(given=("given", "sum"), access=("access", "max")).reset_index()
    offer = sums["offer"].to_numpy()
    most = np.minimum(rate[offer] * sums["given"].to_numpy(), caps[offer] * sums["access"].to_numpy())
    return np.bincount(sums["place"], most, minlength=count)


def _labels(spaces: pd.DataFrame, scope: str) -> np.ndarray:
    """The place each space belongs to under a scope."""
    if scope == "all":
        return np.full(len(spaces), WHOLE_TOWN, dtype=object)
    return spaces["region_id" if scope == "region" else "space_id"].to_numpy(object)


def _numbers(ids: pd.Index, column: pd.Series) -> np.ndarray:
    """The row numbers of ids in their table, -1 for an unknown one; the first of several equal ids counts."""
    unique = ids.drop_duplicates()
    found = unique.get_indexer(pd.Index(column))
    first = np.flatnonzero(~ids.duplicated())
    return np.where(found >= 0, first[found] if len(first) else -1, -1)
