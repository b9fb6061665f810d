"""Lights: how sure the direction of each offer is, in words, and what the word rests on.

The word is that of the weakest support: an offer whose direction survives every draw of chance but not other weights is
as unsure as its weights. Colours never carry the meaning.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from allocate.analyses.reasons.direction import MOSTLY, counted
from allocate.analyses.robustness.replan import Replanned
from allocate.results.columns import Columns
from allocate.town.arrays import Floats

# From these shares of the runs on, a direction is stable (21 of 24) or rather stable (16 of 24).
STABLE, RATHER, FRAGILE = "stable", "rather_stable", "fragile"
RATHER_FROM = 2 / 3
WEIGHTS, SETS, DRAWS = "need_weights", "weight_sets", "draws"
GROUPS = (WEIGHTS, SETS, DRAWS)
# What a word may rest on: weights of single needs and whole sets are one support, chance is the other.
SUPPORTS = {"weights": (WEIGHTS, SETS), "draws": (DRAWS,)}
OFFER_COLUMNS = Columns(
    "offer_id", "direction", "light", "rests_on", "same", "runs", "otherwise", "cost_eur", "change_eur",
    *(f"{group}_{what}" for group in GROUPS for what in ("same", "runs")),
)  # fmt: skip


def stability(proposal: Replanned, runs: Mapping[str, list[Replanned]]) -> pd.DataFrame:
    """One row per offer (``OFFER_COLUMNS``).

    ``runs``: the plans of each of ``GROUPS``; runs without a plan have no direction and are not counted. ``same`` of
    ``runs`` go in the proposal's ``direction``; ``otherwise``: the direction most other runs take (blank where there is
    none); ``light``: stable (at least 7/8 in every support), rather_stable (2/3) or fragile, blank without any run;
    ``rests_on``: the weakest support, ``weights`` or ``draws``. ``change_eur``: of the proposal, EUR/year.
    """
    own = proposal.directions
    ids = own.index
    words = {group: _words(runs.get(group, []), ids) for group in GROUPS}
    same = {group: words[group].eq(own, axis=0).sum(axis=1).to_numpy(dtype=np.int64) for group in GROUPS}
    total = {group: words[group].shape[1] for group in GROUPS}
    shares: dict[str, Floats] = {}
    for support, groups in SUPPORTS.items():
        if counted_runs := sum(total[group] for group in groups):
            shares[support] = np.sum([same[group] for group in groups], axis=0) / counted_runs
    weakest, word = _weakest(shares, len(ids))
    everything = pd.concat([words[group].add_prefix(f"{group} ") for group in GROUPS], axis=1)
    today = proposal.compiled.town.offers.baseline_cost
    table = pd.DataFrame(
        {
            "offer_id": ids.to_numpy(),
            "direction": own.to_numpy(),
            "light": _lights(weakest),
            "rests_on": word,
            "same": sum(same.values()),
            "runs": sum(total.values()),
            "otherwise": _otherwise(everything, own),
            "cost_eur": proposal.cost,
            "change_eur": proposal.cost - today,
        }
    )
    for group in GROUPS:
        table[f"{group}_same"], table[f"{group}_runs"] = same[group], total[group]
    return OFFER_COLUMNS.of(table)


def light(share: float) -> str:
    """The word for a share of runs that go in the same direction; blank for NaN."""
    if np.isnan(share):
        return ""
    return STABLE if share >= MOSTLY else RATHER if share >= RATHER_FROM - 1e-12 else FRAGILE


def _lights(shares: Floats) -> list[str]:
    return [light(share) for share in shares.tolist()]


def _words(plans: list[Replanned], ids: pd.Index) -> pd.DataFrame:
    return pd.DataFrame({str(number): plan.directions for number, plan in enumerate(plans)}, index=ids)


def _weakest(shares: Mapping[str, Floats], count: int) -> tuple[Floats, list[str]]:
    """The smallest share of every offer and the support it belongs to (the first at a tie)."""
    if not shares:
        return np.full(count, np.nan), [""] * count
    names = list(shares)
    stacked = np.vstack([shares[name] for name in names])
    return stacked.min(axis=0), [names[place] for place in stacked.argmin(axis=0).tolist()]


def _otherwise(words: pd.DataFrame, own: pd.Series) -> list[str]:
    """The most frequent direction among the runs that go another way."""
    if not words.shape[1]:
        return [""] * len(own)
    others = counted(words.mask(words.eq(own, axis=0), ""))
    found = others["direction"].where(others[["raised", "lowered", "kept"]].sum(axis=1) > 0, "")
    return [str(one) for one in found.tolist()]
