"""Who gains and who loses: coverage, persons and euros by space, region, need, group, provider, department, duty.

One word, one measure: the coverage of a group is that of the town, restricted to the group's cells,

    coverage = sum_n W[n] C[n] / sum_n W[n],   C[n] = sum_s q[s] covered[s,n] / sum_s q[s] d[s,n],

so that a space has the coverage by which the least covered one is found, and a need its own share. Need units of
different needs are added up beside it, but never decide who gains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocate.inputs.case import Case
from allocate.inputs.handed import OneLine
from allocate.inputs.names import region_names
from allocate.model.compile import Compiled
from allocate.results.allocation import Allocation
from allocate.results.ledger import ledger

DIMENSIONS = ("space", "region", "need", "target_group", "provider", "department", "duty")
# Dimensions that have a demand of their own, of which coverage is a share.
DEMANDED = ("space", "region", "need", "target_group")
# A change of coverage (share) or money (EUR) below this is noise of the solver, nobody's gain or loss.
NOTICEABLE = {"coverage_change": 1e-7, "change_eur": 0.005}
# The fall of a need within a group that is told: half of what is shown (a tenth of a percentage point).
TOLD = 0.0005


@dataclass(frozen=True, eq=False, repr=False)
class View(OneLine):
    """One plan under one scenario's inputs, as its ledger and its cells, both labelled with all dimensions.

    ``cells``: demand and covered need units/year; ``counted``: how often a person of the space counts. ``weight``: W by
    need id.
    """

    entries: pd.DataFrame
    cells: pd.DataFrame
    weight: pd.Series


def view(compiled: Compiled, plan: Allocation) -> View:
    """The labelled ledger (need units/year, EUR/year) and demand of a plan."""
    case, town = compiled.variant.case, compiled.town
    counted = pd.Series(town.spaces.weight, index=town.spaces.ids)
    cells = plan.coverage[["space_id", "need_id", "demand", "covered"]]
    cells = cells.assign(counted=cells["space_id"].map(counted).astype(float))
    weight = pd.Series(town.needs.weight, index=town.needs.ids)
    return View(_labelled(ledger(town, plan), case), _labelled(cells, case), weight)


def gains(before: View, today: View, after: View, case: Case, dimensions: Sequence[str] = DIMENSIONS) -> pd.DataFrame:
    """Coverage, covered units and cost of every group before and after, one row per group of all ``dimensions``.

    ``before``: the plan compared with. ``today``: today's delivery under the inputs of the plan ``after``; what it
    differs from ``before`` is due to the inputs, not to the proposal. Columns: ``by, id, name, demand_before, demand,
    covered_before, covered, covered_change, covered_from_inputs, coverage_before, coverage, coverage_change,
    coverage_from_inputs, worst_need_id, worst_need_before, worst_need, cost_before_eur, cost_eur, change_eur,
    change_from_inputs_eur, direction`` (gains | loses | same: by coverage; by money of providers, departments
    and grades of duty).
    ``worst_need_id``: the need whose coverage falls most within the group, blank where none falls.
    """
    return pd.concat([_by(dimension, before, today, after, case) for dimension in dimensions], ignore_index=True)


def _by(dimension: str, before: View, today: View, after: View, case: Case) -> pd.DataFrame:
    sums = {name: _sums(one, dimension) for name, one in (("before", before), ("today", today), ("after", after))}
    groups = pd.Index(sorted(set().union(*(table.index for table in sums.values()))), dtype=object)
    names = _names(case, dimension)
    old, inputs, new = (sums[name].reindex(groups, fill_value=0.0) for name in ("before", "today", "after"))
    change = new["covered"] - old["covered"]
    table = pd.DataFrame(
        {
            "by": dimension,
            "id": groups,
            "name": [names.get(group, "") for group in groups],
            "demand_before": old["demand"].to_numpy(),
            "demand": new["demand"].to_numpy(),
            "covered_before": old["covered"].to_numpy(),
            "covered": new["covered"].to_numpy(),
            "covered_change": change.to_numpy(),
            "covered_from_inputs": (inputs["covered"] - old["covered"]).to_numpy(),
            **_coverages((before, today, after), dimension, groups),
            "cost_before_eur": old["cost_eur"].to_numpy(),
            "cost_eur": new["cost_eur"].to_numpy(),
            "change_eur": (new["cost_eur"] - old["cost_eur"]).to_numpy(),
            "change_from_inputs_eur": (inputs["cost_eur"] - old["cost_eur"]).to_numpy(),
        }
    )
    if dimension not in DEMANDED:
        table[["demand_before", "demand"]] = np.nan
    judged = "coverage_change" if dimension in DEMANDED else "change_eur"
    value, noise = table[judged], NOTICEABLE[judged]
    table["direction"] = np.select([value > noise, value < -noise], ["gains", "loses"], "same")
    return table


def _coverages(views: tuple[View, View, View], dimension: str, groups: pd.Index) -> dict[str, object]:
    """Coverage of every group before, under other inputs and after, and the need that falls most within it."""
    if dimension not in DEMANDED:
        numbers = ("coverage_before", "coverage", "coverage_change", "coverage_from_inputs")
        blank: dict[str, object] = dict.fromkeys((*numbers, "worst_need_before", "worst_need"), np.nan)
        return {**blank, "worst_need_id": ""}
    shares = [_need_shares(one, dimension) for one in views]
    before, inputs, after = (_mean(table, one.weight).reindex(groups) for table, one in zip(shares, views, strict=True))
    falls = pd.concat([shares[0].rename("before"), shares[2].rename("after")], axis=1).dropna()
    falls = falls[falls["after"] < falls["before"] - TOLD] if dimension != "need" else falls.iloc[:0]
    order = (falls["after"] - falls["before"]).sort_values(kind="stable").index
    worst = falls.loc[order].reset_index().drop_duplicates("group").set_index("group").reindex(groups)
    return {
        "coverage_before": before.to_numpy(dtype=float),
        "coverage": after.to_numpy(dtype=float),
        "coverage_change": (after - before).to_numpy(dtype=float),
        "coverage_from_inputs": (inputs - before).to_numpy(dtype=float),
        "worst_need_id": worst["need"].astype(object).fillna("").to_numpy(),
        "worst_need_before": worst["before"].to_numpy(dtype=float),
        "worst_need": worst["after"].to_numpy(dtype=float),
    }


def _need_shares(one: View, dimension: str) -> pd.Series:
    """Covered share 0..1 of every need within every group (index group, need), persons counted by their weight."""
    cells = one.cells[one.cells["demand"] > 0]
    # Within one space everybody counts alike, also where that is not at all.
    counted = 1.0 if dimension == "space" else cells["counted"]
    table = pd.DataFrame(
        {
            "group": cells[dimension],
            "need": cells["need_id"],
            "demand": counted * cells["demand"],
            "covered": counted * cells["covered"],
        }
    )
    sums = table.groupby(["group", "need"])[["covered", "demand"]].sum()
    sums = sums[sums["demand"] > 0]
    return sums["covered"] / sums["demand"]


def _mean(shares: pd.Series, weight: pd.Series) -> pd.Series:
    """The mean over the needs of every group, with their weights; groups without weight are left out."""
    need = shares.index.get_level_values("need")
    own = pd.Series(weight.reindex(need).to_numpy(dtype=float), index=shares.index)
    table = pd.DataFrame({"value": shares * own, "weight": own}).groupby(level="group").sum()
    table = table[table["weight"] > 0]
    return table["value"] / table["weight"]


def _sums(one: View, dimension: str) -> pd.DataFrame:
    table = one.entries.groupby(dimension)[["covered", "cost_eur"]].sum()
    if dimension not in DEMANDED:
        return table.assign(demand=0.0)
    return table.join(one.cells.groupby(dimension)["demand"].sum(), how="outer").fillna(0.0)


def _labelled(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """The table with one column per dimension; blank where an entry belongs to no group of it."""
    spaces = case["spaces"].set_index("space_id")
    needs = case["needs"].set_index("need_id")
    table = table.assign(
        space=table["space_id"],
        region=_looked_up(table["space_id"], spaces["region_id"]),
        need=table["need_id"],
        target_group=_looked_up(table["need_id"], needs["target_group"]),
    )
    if "offer_id" in table.columns:
        offers = case["offers"].set_index("offer_id")
        for dimension in ("provider", "department"):
            table[dimension] = _looked_up(table["offer_id"], offers[f"{dimension}_id"])
        # An offer that says nothing of its own fulfils the duty that each of its needs is.
        own = _looked_up(table["offer_id"], offers["duty"])
        table["duty"] = own.where(own.ne(""), _looked_up(table["need_id"], needs["duty"]))
    return table


def _looked_up(ids: pd.Series, labels: pd.Series) -> pd.Series:
    return ids.map(labels).astype(object).fillna("")


def _names(case: Case, dimension: str) -> dict[str, str]:
    """Id -> name of the groups of a dimension."""
    if dimension == "target_group":
        groups = case["needs"]["target_group"]
        return dict(zip(groups, groups, strict=True))
    if dimension == "region":
        return region_names(case)
    if dimension == "duty":
        return {}
    table = case[f"{dimension}s"]
    return dict(zip(table[f"{dimension}_id"], table["name"], strict=True))
