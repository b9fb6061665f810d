"""Who gains and who loses: coverage, persons and euros by space, region, need, group, provider, department, duty.

One word, one measure: the coverage of a group is that of the town, restricted to the group's cells,

    coverage = sum_n W[n] C[n] / sum_n W[n],   C[n] = sum_s q[s] covered[s,n] / sum_s q[s] d[s,n],

so that a space has the coverage by which the least covered one is found, and a need its own share. Need units of
different needs are added up beside it, but never decide who gains.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocate.inputs.case import Case
from allocate.inputs.handed import OneLine
from allocate.inputs.names import names_of, region_names
from allocate.model.compile import Compiled
from allocate.plain import Record
from allocate.results.allocation import Allocation
from allocate.results.ledger import ledger
from allocate.town.arrays import Floats, Ids, Ints
from allocate.town.facts import NeedFacts, OfferFacts, SpaceFacts

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

    ``entries``: by dimension (and ``offer``) the group of every entry of the ledger, blank: none; ``covered``,
    ``cost``: its need units and EUR/year. ``cells``: by dimension the group of every cell; ``demand``,
    ``covered_there``: its need units/year; ``counted``: how often a person of its space counts. ``weight``: W by need
    id.
    """

    entries: Mapping[str, Ids]
    covered: Floats
    cost: Floats
    cells: Mapping[str, Ids]
    demand: Floats
    covered_there: Floats
    counted: Floats
    weight: Mapping[str, float]

    def offers_of(self, by: str, id: str) -> pd.DataFrame:
        """The offers of a group: ``offer_id, covered, cost_eur``, what each covers and costs there."""
        own = self.entries[by] == id
        ids, covered, cost = self.entries["offer"][own], self.covered[own], self.cost[own]
        table = pd.DataFrame({"offer_id": ids, "covered": covered, "cost_eur": cost})
        return table.groupby("offer_id", sort=False).sum().reset_index()


def view(compiled: Compiled, plan: Allocation) -> View:
    """The labelled ledger (need units/year, EUR/year) and demand of a plan."""
    case, town = compiled.variant.case, compiled.town
    entries, cells = ledger(town, plan), plan.coverage
    return View(
        labels_of(entries, case),
        entries["covered"].to_numpy(dtype=float),
        entries["cost_eur"].to_numpy(dtype=float),
        labels_of(cells, case),
        cells["demand"].to_numpy(dtype=float),
        cells["covered"].to_numpy(dtype=float),
        SpaceFacts(case).of(town.spaces.weight, cells["space_id"]),
        dict(zip(town.needs.ids.tolist(), town.needs.weight.tolist(), strict=True)),
    )


def gains(
    before: View, today: View, after: View, cases: Sequence[Case], dimensions: Sequence[str] = DIMENSIONS
) -> pd.DataFrame:
    """Coverage, covered units and cost of every group before and after, one row per group of all ``dimensions``.

    ``before``: the plan compared with. ``today``: today's delivery under the inputs of the plan ``after``; what it
    differs from ``before`` is due to the inputs, not to the proposal. ``cases``: who names the groups, the last one
    above all. Columns: ``by, id, name, demand_before, demand, covered_before, covered, covered_change,
    covered_from_inputs, coverage_before, coverage, coverage_change, coverage_from_inputs, worst_need_id,
    worst_need_before, worst_need, cost_before_eur, cost_eur, change_eur, change_from_inputs_eur, direction`` (gains |
    loses | same: by coverage; by money of providers, departments and grades of duty).
    ``worst_need_id``: the need whose coverage falls most within the group, blank where none falls.
    """
    return pd.concat([_by(dimension, (before, today, after), cases) for dimension in dimensions], ignore_index=True)


def _by(dimension: str, views: tuple[View, View, View], cases: Sequence[Case]) -> pd.DataFrame:
    asked = dimension in DEMANDED
    ids = sorted({id for one in views for part in (one.entries, one.cells)[: 1 + asked] for id in part[dimension]})
    groups = _Numbers(ids)
    covered = [groups.sums(one.entries[dimension], one.covered) for one in views]
    cost = [groups.sums(one.entries[dimension], one.cost) for one in views]
    demand = [groups.sums(one.cells[dimension], one.demand) if asked else np.full(len(ids), np.nan) for one in views]
    names = {id: name for case in cases for id, name in group_names(case, dimension).items()}
    table = pd.DataFrame(
        {
            "by": dimension,
            "id": np.array(ids, dtype=object),
            "name": [names.get(group, "") for group in ids],
            "demand_before": demand[0],
            "demand": demand[2],
            "covered_before": covered[0],
            "covered": covered[2],
            "covered_change": covered[2] - covered[0],
            "covered_from_inputs": covered[1] - covered[0],
            **_coverages(views, dimension, groups),
            "cost_before_eur": cost[0],
            "cost_eur": cost[2],
            "change_eur": cost[2] - cost[0],
            "change_from_inputs_eur": cost[1] - cost[0],
        }
    )
    judged = "coverage_change" if asked else "change_eur"
    value, noise = table[judged], NOTICEABLE[judged]
    table["direction"] = np.select([value > noise, value < -noise], ["gains", "loses"], "same")
    return table


class _Numbers:
    """Ids and their numbers."""

    def __init__(self, ids: Sequence[str]) -> None:
        self.ids = ids
        self._number = {id: number for number, id in enumerate(ids)}

    def __len__(self) -> int:
        return len(self.ids)

    def of(self, ids: Ids) -> Ints:
        return np.array([self._number[id] for id in ids.tolist()], dtype=np.int64)

    def sums(self, ids: Ids, values: Floats) -> Floats:
        """The sum of the values of every id."""
        return np.bincount(self.of(ids), values, minlength=len(self))


def _coverages(views: tuple[View, View, View], dimension: str, groups: _Numbers) -> Record:
    """Coverage of every group before, under other inputs and after, and the need that falls most within it."""
    if dimension not in DEMANDED:
        numbers = ("coverage_before", "coverage", "coverage_change", "coverage_from_inputs")
        blank: Record = dict.fromkeys((*numbers, "worst_need_before", "worst_need"), np.nan)
        return {**blank, "worst_need_id": ""}
    needs = _Numbers(sorted({id for one in views for id in one.weight}) or [""])
    shares = [_need_shares(one, dimension, groups, needs) for one in views]
    before, inputs, after = (_mean(table, one, needs) for table, one in zip(shares, views, strict=True))
    then, now = shares[0], shares[2]
    with np.errstate(invalid="ignore"):
        change = np.where(now < then - TOLD, now - then, 0.0)
    falls = (change.min(axis=1, initial=0.0) < 0) & (dimension != "need")
    row, worst = np.arange(len(groups)), change.argmin(axis=1)
    return {
        "coverage_before": before,
        "coverage": after,
        "coverage_change": after - before,
        "coverage_from_inputs": inputs - before,
        "worst_need_id": np.where(falls, np.array(needs.ids, dtype=object)[worst], ""),
        "worst_need_before": np.where(falls, then[row, worst], np.nan),
        "worst_need": np.where(falls, now[row, worst], np.nan),
    }


def _need_shares(one: View, dimension: str, groups: _Numbers, needs: _Numbers) -> Floats:
    """Covered share 0..1 of every need within every group, groups x needs, persons counted by their weight.

    NaN where there is no demand.
    """
    # Within one space everybody counts alike, also where that is not at all.
    counted = (one.demand > 0) * (1.0 if dimension == "space" else one.counted)
    place = groups.of(one.cells[dimension]) * len(needs) + needs.of(one.cells["need"])
    demand, covered = (
        np.bincount(place, counted * amount, minlength=len(groups) * len(needs)).reshape(len(groups), len(needs))
        for amount in (one.demand, one.covered_there)
    )
    shares: Floats = np.divide(covered, demand, out=np.full(demand.shape, np.nan), where=demand > 0)
    return shares


def _mean(shares: Floats, one: View, needs: _Numbers) -> Floats:
    """The mean over the needs of every group, with their weights; NaN for groups without weight."""
    own = np.where(np.isnan(shares), 0.0, np.array([one.weight.get(id, 0.0) for id in needs.ids]))
    total = own.sum(axis=1)
    value = (np.nan_to_num(shares) * own).sum(axis=1)
    mean: Floats = np.divide(value, total, out=np.full(len(total), np.nan), where=total > 0)
    return mean


def labels_of(table: pd.DataFrame, case: Case) -> dict[str, Ids]:
    """By dimension the group of every row; blank where a row belongs to no group of it."""
    spaces, needs, offers = SpaceFacts(case), NeedFacts(case), OfferFacts(case)
    space, need = (table[name].to_numpy(dtype=object) for name in ("space_id", "need_id"))
    found = {
        "space": space,
        "region": spaces.of(spaces.region_id, space),
        "need": need,
        "target_group": needs.of(needs.target_group, need),
    }
    if "offer_id" in table.columns:
        found["offer"] = offer = table["offer_id"].to_numpy(dtype=object)
        found["provider"] = offers.of(offers.provider_id, offer)
        found["department"] = offers.of(offers.department_id, offer)
        # An offer that says nothing of its own fulfils the duty that each of its needs is.
        own = offers.of(offers.duty, offer)
        found["duty"] = np.where(own == "", needs.of(needs.duty, need), own)
    return found


def group_names(case: Case, dimension: str) -> dict[str, str]:
    """Id -> name of the groups of a dimension."""
    if dimension == "target_group":
        return {group: group for group in NeedFacts(case).target_group.tolist()}
    if dimension == "region":
        return region_names(case)
    return {} if dimension == "duty" else names_of(case, f"{dimension}_id", "de")
