"""At a glance: who gains and who loses, as it stands beside an answer while somebody changes numbers.

The same figures as ``gains`` for spaces and target groups (coverage) and providers (EUR), counted from the tables of
two plans alone: no ledger says who supplies whom, and nothing is told apart by its cause.
"""

from __future__ import annotations

from typing import Protocol

import pandas as pd

from allocate.analyses.comparison.gains import group_names
from allocate.inputs.scenario.variant import Variant
from allocate.results.columns import Columns
from allocate.results.measures import mean_share
from allocate.town.build_town import need_weights
from allocate.town.facts import NeedFacts, OfferFacts, SpaceFacts

COLUMNS = Columns("by", "id", "name", "coverage_before", "coverage", "change_eur")


class Seen(Protocol):
    """What is looked at of a plan: the variant it was made for, and its tables of offers and of coverage."""

    @property
    def variant(self) -> Variant:
        """The tables it was made from."""

    @property
    def offers(self) -> pd.DataFrame:
        """One row per offer, with ``cost_eur``."""

    @property
    def coverage(self) -> pd.DataFrame:
        """One row per space and need, with ``demand`` and ``covered``."""


def glance(before: Seen, after: Seen) -> pd.DataFrame:
    """One row per space, target group and provider of either plan, columns ``COLUMNS``; NaN where one has no measure.

    ``coverage`` is that of ``gains``: the mean of the shares of the needs of a space or group, with their weights.
    """
    parts = [
        _rows(after, "space", {"coverage_before": space_shares(before), "coverage": space_shares(after)}),
        _rows(after, "target_group", {"coverage_before": group_shares(before), "coverage": group_shares(after)}),
        _change(before, after),
    ]
    return pd.concat(parts, ignore_index=True)


def space_shares(plan: Seen) -> pd.Series:
    """Space id -> coverage, share 0..1; spaces where nothing with weight is demanded are left out."""
    cells = plan.coverage[["space_id", "need_id", "demand", "covered"]]
    cells = cells[cells["demand"] > 0]
    weight = NeedFacts(plan.variant.case).of(need_weights(plan.variant), cells["need_id"])
    share = cells["covered"].to_numpy(dtype=float) / cells["demand"].to_numpy(dtype=float)
    group, ids = pd.factorize(cells["space_id"], sort=True)
    return pd.Series(mean_share(group, weight, share, len(ids)), index=ids).dropna()


def group_shares(plan: Seen) -> pd.Series:
    """Target group -> coverage, share 0..1, persons counted with the weight of their space; without weight none."""
    cells, needs, spaces = plan.coverage, NeedFacts(plan.variant.case), SpaceFacts(plan.variant.case)
    weight = spaces.of(spaces.weight, cells["space_id"])
    sums = cells[["demand", "covered"]].mul(weight, axis=0).groupby(cells["need_id"]).sum()
    sums = sums[sums["demand"] > 0]
    group, ids = pd.factorize(pd.Index(needs.of(needs.target_group, sums.index)), sort=True)
    weight = needs.of(need_weights(plan.variant), sums.index)
    share = (sums["covered"] / sums["demand"]).to_numpy(dtype=float)
    return pd.Series(mean_share(group, weight, share, len(ids)), index=ids).dropna()


def _change(before: Seen, after: Seen) -> pd.DataFrame:
    """What every provider gets more or less, EUR/year."""
    old, new = _paid(before), _paid(after)
    groups = old.index.union(new.index)
    change = new.reindex(groups, fill_value=0.0) - old.reindex(groups, fill_value=0.0)
    return _rows(after, "provider", {"change_eur": change})


def _paid(plan: Seen) -> pd.Series:
    """EUR/year of every provider; blank: of none."""
    offers = OfferFacts(plan.variant.case)
    own = offers.of(offers.provider_id, plan.offers["offer_id"])
    values = plan.offers["cost_eur"].to_numpy(dtype=float)
    return pd.DataFrame({"id": own, "value": values}).groupby("id")["value"].sum()


def _rows(after: Seen, by: str, columns: dict[str, pd.Series]) -> pd.DataFrame:
    table = pd.DataFrame(columns)
    names = group_names(after.variant.case, by)
    ids = table.index.tolist()
    rows = table.reset_index(drop=True).assign(by=by, id=ids, name=[names.get(id, "") for id in ids])
    return rows.reindex(columns=list(COLUMNS))
