"""Comparison: the towns of a Land side by side, and who could learn from whom.

Towns are alike where they have about as many inhabitants and need about as much of the same, per thousand inhabitants
and need. A town that covers more of a need than a similar one is somebody to ask, not somebody who does better: why it
covers more is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from allocate.analyses.land.town_facts import TownFacts
from allocate.inputs.land_tables import TownRow
from allocate.results.columns import Columns
from allocate.town.arrays import Floats

# Towns with which each one is compared.
PEERS = 3
# How much more of a need (share of demand) another town covers to be worth a question.
WORTH_ASKING = 0.1
_BLOCK = 500
NEED_COLUMNS = Columns(
    "town_id", "need_id", "name", "name_en", "demand", "demand_per_thousand", "coverage_today", "coverage_planned",
    "median_coverage",
)  # fmt: skip
PEER_COLUMNS = Columns(
    "town_id", "need_id", "coverage_today", "peer_id", "peer_coverage", "spent_per_person", "peer_spent_per_person",
)  # fmt: skip


def needs_table(towns: Sequence[TownFacts]) -> pd.DataFrame:
    """One row per town and need: demand, also per thousand inhabitants, coverage today, by the plan, and the median."""
    rows = [
        (town.name, id, name, english, demand, _per(1000 * demand, town.population), now, then)
        for town in towns
        for id, name, english, demand, now, then in town.needs
    ]
    table = pd.DataFrame(rows, columns=list(NEED_COLUMNS[:-1]))
    return table.assign(median_coverage=table.groupby("need_id")["coverage_today"].transform("median"))


def peers_table(towns: Sequence[TownFacts], needs: pd.DataFrame, groups: Mapping[str, TownRow]) -> pd.DataFrame:
    """For every town and need the similar town that covers most of it today, where that is clearly more."""
    if len(towns) < 2 or needs.empty:
        return PEER_COLUMNS.of()
    ids = [town.name for town in towns]
    coverage = needs.pivot_table(index="town_id", columns="need_id", values="coverage_today", sort=False).reindex(ids)
    demand = needs.pivot_table(index="town_id", columns="need_id", values="demand_per_thousand", sort=False)
    share = coverage.to_numpy(dtype=float)
    spent = np.array([_per(town.today.get("spent_eur", np.nan), town.population) for town in towns])
    similar = _similar(towns, demand.reindex(ids).to_numpy(dtype=float), groups)
    rows = []
    for at, town in enumerate(ids):
        others = similar[at]
        if not len(others):
            continue
        known = np.where(np.isnan(share[others]), -1.0, share[others])
        best = known.argmax(axis=0)
        for column in np.flatnonzero(known.max(axis=0) - share[at] >= WORTH_ASKING).tolist():
            peer = int(others[best[column]])
            cells = (share[at, column], ids[peer], share[peer, column], spent[at], spent[peer])
            rows.append((town, coverage.columns[column], *cells))
    return PEER_COLUMNS.of(rows)


def _similar(towns: Sequence[TownFacts], demand: Floats, groups: Mapping[str, TownRow]) -> list[np.ndarray]:
    """The numbers of the towns most alike to each one, the most alike first; of its own group where it has one."""
    people = np.log(np.maximum(1.0, [town.population for town in towns]))
    seen = _standard(np.column_stack([people, demand]))
    # Size counts as much as all needs together.
    seen[:, 1:] /= np.sqrt(max(1, demand.shape[1]))
    group = np.array([groups[town.name].group if town.name in groups else "" for town in towns], dtype=object)
    found = []
    for first in range(0, len(towns), _BLOCK):
        own = seen[first : first + _BLOCK]
        distance = ((own[:, None, :] - seen[None, :, :]) ** 2).sum(axis=2)
        distance[group[first : first + _BLOCK, None] != group[None, :]] = np.inf
        distance[np.arange(len(own)), first + np.arange(len(own))] = np.inf
        order = np.argsort(distance, axis=1, kind="stable")[:, :PEERS]
        found += [row[np.isfinite(distance[at, row])] for at, row in enumerate(order)]
    return found


def _standard(values: Floats) -> Floats:
    """Columns with mean 0 and spread 1; unknown is the mean."""
    with np.errstate(invalid="ignore"):
        mean = np.nanmean(np.where(np.isnan(values).all(axis=0), 0.0, values), axis=0)
        spread = np.nanstd(np.where(np.isnan(values).all(axis=0), 0.0, values), axis=0)
    standard: Floats = np.nan_to_num((values - mean) / np.where(spread > 0, spread, 1.0))
    return standard


def _per(amount: float, whole: float) -> float:
    return amount / whole if whole > 0 else np.nan
