"""Group plans: what each set of weights would plan, which decisions all share, and where they part."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from allocate.analyses.alternatives.near import distance
from allocate.analyses.participation.set_plans import SetPlans
from allocate.analyses.reasons.direction import DIRECTIONS, KEPT, LOWERED, RAISED, directions
from allocate.model.compile import Compiled
from allocate.model.program import Floats
from allocate.results.allocation import Allocation
from allocate.results.measures import need_coverage, weighted_coverage

COMPROMISE = "compromise"
SHARED, PARTED = "shared", "parted"
_NEED_COLUMNS = ("weight_set", "need_id", "weight", "coverage", "coverage_change")


def spent_on(plan: Allocation) -> Floats:
    """EUR/year per offer."""
    cost: Floats = plan.offers["cost_eur"].to_numpy(dtype=float)
    return cost


def turned(plan: Allocation, other: Allocation) -> int:
    """How many offers change in another direction (raised, lowered, kept) than in the other plan."""
    return int((directions(plan.offers).to_numpy() != directions(other.offers).to_numpy()).sum())


def covered_of(compiled: Compiled, plan: Allocation) -> Floats:
    """Covered need units per cell of the town, recomputed from the plan's table."""
    keys = pd.MultiIndex.from_arrays(
        [compiled.town.spaces.ids[compiled.town.cells.space], compiled.town.needs.ids[compiled.town.cells.need]]
    )
    found = plan.coverage.set_index(["space_id", "need_id"])["covered"].reindex(keys, fill_value=0.0)
    covered: Floats = found.to_numpy(dtype=float)
    return covered


def overview(known: SetPlans, reference: Allocation, base: Compiled) -> pd.DataFrame:
    """One row per plan, the compromise last.

    Columns: ``plan``, ``weighted_coverage`` by the set's own weights, ``reference_coverage`` by the scenario's,
    ``lowest_space_coverage``, ``moved_eur`` against today, ``differs_eur`` (money that is elsewhere than in the
    scenario's own plan), ``turned`` (offers that change in another direction than there), ``duplication_eur``,
    ``spent_eur``; ``regret`` and ``regret_share``: what the set loses with the scenario's own plan, in objective points
    and as a share of its own best value; ``compromise_regret``, ``compromise_share``: the same with the compromise.
    """
    compromise = None if known.compromise is None else known.compromise.compromise
    rows = [_figures(name, plan, reference, base) for name, plan in known.plans.items()]
    for name, other in (("regret", reference), ("compromise", compromise)):
        points = known.losses(other) if other is not None else np.full(len(rows), np.nan)
        shares = known.loss_shares(other) if other is not None else np.full(len(rows), np.nan)
        keys = ("regret", "regret_share") if name == "regret" else ("compromise_regret", "compromise_share")
        for row, point, share in zip(rows, points, shares, strict=True):
            row |= dict(zip(keys, (float(point), float(share)), strict=True))
    if compromise is not None:
        rows.append(_figures(COMPROMISE, compromise, reference, base))
    return pd.DataFrame(rows)


def _figures(name: str, plan: Allocation, reference: Allocation, base: Compiled) -> dict[str, object]:
    measures = plan.measures
    assert measures is not None
    return {
        "plan": name,
        "weighted_coverage": measures.weighted_coverage,
        "reference_coverage": weighted_coverage(base.town, covered_of(base, plan)),
        "lowest_space_coverage": measures.lowest_space_coverage,
        "moved_eur": measures.moved_eur,
        "differs_eur": distance(spent_on(plan), spent_on(reference)),
        "turned": turned(plan, reference),
        "duplication_eur": measures.duplication_eur,
        "spent_eur": measures.spent_eur,
    }


def by_need(known: SetPlans, reference: Allocation, base: Compiled) -> pd.DataFrame:
    """Weight and coverage of every need in every plan: ``weight_set``, ``need_id``, ``weight`` (share 0..1 of all
    weights), ``coverage`` 0..1 of the town's demand, ``coverage_change`` against the scenario's own plan.
    """
    own = need_coverage(base.town, covered_of(base, reference))
    blocks = []
    for name, plan in known.plans.items():
        one = known.compiled[name]
        blocks.append(_needs(name, plan, one, own, one.town.needs.weight))
    if known.compromise is not None:
        blocks.append(_needs(COMPROMISE, known.compromise.compromise, base, own, np.full(len(own), np.nan)))
    return pd.concat(blocks, ignore_index=True)[list(_NEED_COLUMNS)]


def _needs(name: str, plan: Allocation, one: Compiled, own: Floats, weight: Floats) -> pd.DataFrame:
    coverage = need_coverage(one.town, covered_of(one, plan))
    return pd.DataFrame(
        {
            "weight_set": name,
            "need_id": one.town.needs.ids,
            "weight": weight / weight.sum(),
            "coverage": coverage,
            "coverage_change": coverage - own,
        }
    )


def decisions(plans: Mapping[str, Allocation], compromise: Allocation | None) -> pd.DataFrame:
    """What the plans do with every offer, the most disputed first.

    Columns: ``offer_id``, ``agreement`` (``shared`` | ``parted``), ``direction`` (where shared), ``raised_by``,
    ``lowered_by``, ``kept_by`` (the sets that do so, joined by ``;``), ``baseline_cost_eur``, ``lowest_cost_eur``,
    ``highest_cost_eur``, ``range_eur`` between them, ``certain_eur`` (the change that every plan makes at least),
    ``compromise_eur`` (cost in the compromise).
    """
    words = pd.DataFrame({name: directions(plan.offers) for name, plan in plans.items()})
    first = next(iter(plans.values())).offers
    today = first["baseline_cost_eur"].to_numpy(dtype=float)
    cost = np.column_stack([spent_on(plan) for plan in plans.values()])
    shared = (words.nunique(axis=1) == 1).to_numpy()
    change = cost - today[:, None]
    certain = np.where(shared & (words.iloc[:, 0] != KEPT).to_numpy(), np.abs(change).min(axis=1), 0.0)
    table = pd.DataFrame(
        {
            "offer_id": first["offer_id"].to_numpy(),
            "agreement": np.where(shared, SHARED, PARTED),
            "direction": np.where(shared, words.iloc[:, 0].to_numpy(dtype=object), ""),
            **{f"{word}_by": _who(words, word) for word in DIRECTIONS},
            "baseline_cost_eur": today,
            "lowest_cost_eur": cost.min(axis=1),
            "highest_cost_eur": cost.max(axis=1),
            "range_eur": cost.max(axis=1) - cost.min(axis=1),
            "certain_eur": certain,
            "compromise_eur": np.nan if compromise is None else spent_on(compromise),
        }
    )
    order = np.lexsort((table["offer_id"].astype(str), -table["range_eur"], table["agreement"] == SHARED))
    return table.iloc[order].reset_index(drop=True)


def _who(words: pd.DataFrame, word: str) -> list[str]:
    return [";".join(words.columns[row]) for row in (words == word).to_numpy()]


def offers_of(plans: Mapping[str, Allocation]) -> pd.DataFrame:
    """Cost of every offer in every plan: ``plan``, ``offer_id``, ``capacity``, ``cost_eur``, ``change_eur``,
    ``direction``."""
    blocks = []
    for name, plan in plans.items():
        own = plan.offers[["offer_id", "capacity", "cost_eur", "change_eur"]]
        blocks.append(own.assign(plan=name, direction=directions(plan.offers).to_numpy()))
    table = pd.concat(blocks, ignore_index=True)
    return table[["plan", "offer_id", "capacity", "cost_eur", "change_eur", "direction"]]


def summary_of(table: pd.DataFrame) -> dict[str, float]:
    """Figures of ``decisions`` for a sentence: offers shared, raised and lowered by all, certain euros, parted."""
    shared = table[table["agreement"] == SHARED]
    return {
        "shared": len(shared),
        "total": len(table),
        "raised": int((shared["direction"] == RAISED).sum()),
        "lowered": int((shared["direction"] == LOWERED).sum()),
        "raised_eur": float(shared.loc[shared["direction"] == RAISED, "certain_eur"].sum()),
        "lowered_eur": float(shared.loc[shared["direction"] == LOWERED, "certain_eur"].sum()),
        "parted": int((table["agreement"] == PARTED).sum()),
        "parted_eur": float(table.loc[table["agreement"] == PARTED, "range_eur"].sum()),
    }
