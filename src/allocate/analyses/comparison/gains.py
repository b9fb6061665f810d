"""Who gains and who loses: persons and euros by space, region, need, target group, provider and department."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocate.analyses.ledger import ledger
from allocate.inputs.case import Case
from allocate.inputs.handed import OneLine
from allocate.inputs.names import region_names
from allocate.model.compile import Compiled
from allocate.model.program import Floats
from allocate.results.allocation import Allocation

DIMENSIONS = ("space", "region", "need", "target_group", "provider", "department")
# Dimensions that have a demand of their own, of which coverage is a share.
DEMANDED = ("space", "region", "need", "target_group")
# A change below this many need units is noise of the solver, nobody's gain or loss.
NOTICEABLE = 1e-6


@dataclass(frozen=True, eq=False, repr=False)
class View(OneLine):
    """One plan under one scenario's inputs, as its ledger and its demand, both labelled with all dimensions."""

    entries: pd.DataFrame
    demand: pd.DataFrame


def view(compiled: Compiled, plan: Allocation) -> View:
    """The labelled ledger (need units/year, EUR/year) and demand of a plan."""
    case = compiled.variant.case
    cells = plan.coverage[["space_id", "need_id", "demand"]]
    return View(_labelled(ledger(compiled.town, plan), case), _labelled(cells, case))


def gains(before: View, today: View, after: View, case: Case) -> pd.DataFrame:
    """Covered units and cost of every group before and after, one row per group of every dimension.

    ``before``: the plan compared with. ``today``: today's delivery under the inputs of the plan ``after``; what it
    differs from ``before`` is due to the inputs, not to the proposal. Columns: ``by, id, name, demand_before, demand,
    covered_before, covered, covered_change, covered_from_inputs, coverage_before, coverage, cost_before_eur, cost_eur,
    change_eur, change_from_inputs_eur, direction`` (gains | loses | same, by covered units).
    """
    return pd.concat([_by(dimension, before, today, after, case) for dimension in DIMENSIONS], ignore_index=True)


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
            "coverage_before": _share(old),
            "coverage": _share(new),
            "cost_before_eur": old["cost_eur"].to_numpy(),
            "cost_eur": new["cost_eur"].to_numpy(),
            "change_eur": (new["cost_eur"] - old["cost_eur"]).to_numpy(),
            "change_from_inputs_eur": (inputs["cost_eur"] - old["cost_eur"]).to_numpy(),
            "direction": np.select([change > NOTICEABLE, change < -NOTICEABLE], ["gains", "loses"], "same"),
        }
    )
    if dimension not in DEMANDED:
        table[["demand_before", "demand"]] = np.nan
    return table


def _sums(one: View, dimension: str) -> pd.DataFrame:
    table = one.entries.groupby(dimension)[["covered", "cost_eur"]].sum()
    if dimension not in DEMANDED:
        return table.assign(demand=0.0)
    return table.join(one.demand.groupby(dimension)["demand"].sum(), how="outer").fillna(0.0)


def _share(sums: pd.DataFrame) -> Floats:
    return (sums["covered"] / sums["demand"].where(sums["demand"] > 0)).to_numpy(dtype=float)


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
    table = case[f"{dimension}s"]
    return dict(zip(table[f"{dimension}_id"], table["name"], strict=True))
