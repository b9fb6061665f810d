"""Group plans: what each set of weights would plan, which decisions all share, and where they part."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from allocate.analyses.figures import distance
from allocate.analyses.reasons.direction import DIRECTIONS, KEPT, LOWERED, RAISED, directions
from allocate.bench.least_regret import Bests, LeastRegret
from allocate.bench.weighting import LEAST_REGRET
from allocate.model.compile import Compiled
from allocate.results.allocation import Allocation
from allocate.results.columns import Columns
from allocate.results.measures import need_coverage, weighted_coverage
from allocate.town.arrays import Floats

SHARED, PARTED = "shared", "parted"
_NEED_COLUMNS = Columns("weight_set", "need_id", "weight", "coverage", "coverage_change")


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


def overview(known: Bests, regret: LeastRegret | None, reference: Allocation, base: Compiled) -> pd.DataFrame:
    """One row per plan, that of least regret last.

    Columns: ``plan``, ``weighted_coverage`` by the set's own weights, ``reference_coverage`` by the scenario's,
    ``lowest_space_coverage``, ``moved_eur`` against today, ``differs_eur`` (money that is elsewhere than in the
    scenario's own plan), ``turned`` (offers that change in another direction than there), ``duplication_eur``,
    ``spent_eur``, ``regret`` of the scenario's own plan under this set, ``regret_least`` of the plan of least regret.
    """
    plans = dict(zip(known.names, known.plans, strict=True))
    of_reference = dict(zip(known.names, known.regrets(reference), strict=True))
    of_least = dict(zip(known.names, known.regrets(regret.plan), strict=True)) if regret else {}
    rows = []
    for name, plan in [*plans.items(), *([(LEAST_REGRET, regret.plan)] if regret else [])]:
        measures = plan.measures
        if measures is None:
            continue
        rows.append(
            {
                "plan": name,
                "weighted_coverage": measures.weighted_coverage,
                "reference_coverage": weighted_coverage(base.town, covered_of(base, plan)),
                "lowest_space_coverage": measures.lowest_space_coverage,
                "moved_eur": measures.moved_eur,
                "differs_eur": distance(spent_on(plan), spent_on(reference)),
                "turned": turned(plan, reference),
                "duplication_eur": measures.duplication_eur,
                "spent_eur": measures.spent_eur,
                "regret": of_reference.get(name, np.nan),
                "regret_least": of_least.get(name, np.nan),
            }
        )
    return pd.DataFrame(rows)


def by_need(known: Bests, regret: LeastRegret | None, reference: Allocation) -> pd.DataFrame:
    """Weight and coverage of every need in every plan: ``weight_set``, ``need_id``, ``weight`` (share 0..1 of all
    weights), ``coverage`` 0..1 of the town's demand, ``coverage_change`` against the scenario's own plan.
    """
    own = need_coverage(known.compiled[0].town, covered_of(known.compiled[0], reference))
    blocks = []
    for name, plan, one in zip(known.names, known.plans, known.compiled, strict=True):
        blocks.append(_needs(name, plan, one, own, one.town.needs.weight))
    if regret is not None:
        one = known.compiled[0]
        blocks.append(_needs(LEAST_REGRET, regret.plan, one, own, np.full(len(own), np.nan)))
    return _NEED_COLUMNS.of(pd.concat(blocks, ignore_index=True))


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


def decisions(plans: Mapping[str, Allocation], regret: LeastRegret | None) -> pd.DataFrame:
    """What the plans do with every offer, the most disputed first.

    Columns: ``offer_id``, ``agreement`` (``shared`` | ``parted``), ``direction`` (where shared), ``raised_by``,
    ``lowered_by``, ``kept_by`` (the sets that do so, joined by ``;``), ``baseline_cost_eur``, ``lowest_cost_eur``,
    ``highest_cost_eur``, ``range_eur`` between them, ``certain_eur`` (the change that every plan makes at least),
    ``least_regret_eur`` (cost in the plan of least regret).
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
            "least_regret_eur": spent_on(regret.plan) if regret else np.nan,
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
