"""Raised, lowered or kept: the direction in which a plan moves an offer, and how well several plans agree on it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from allocate.results.allocation import Allocation
from allocate.town.arrays import Floats, Ids

RAISED, LOWERED, KEPT = "raised", "lowered", "kept"
DIRECTIONS = (RAISED, LOWERED, KEPT)
# A change below a euro, or below this share of today's cost, is no change of direction.
EUR = 1.0
SHARE = 0.01
# From this share of the plans on, a direction is "mostly" the same (21 of 24 runs).
MOSTLY = 0.875


def direction(change_eur: float, today_eur: float) -> str:
    """``raised``, ``lowered`` or ``kept``, from the change and today's cost in EUR/year."""
    if abs(change_eur) <= max(EUR, SHARE * today_eur):
        return KEPT
    return RAISED if change_eur > 0 else LOWERED


def directions(offers: pd.DataFrame) -> pd.Series:
    """The direction of every offer of a plan's table ``offers``, by offer id."""
    change, today = offers["change_eur"].to_numpy(dtype=float), offers["baseline_cost_eur"].to_numpy(dtype=float)
    return pd.Series(words_of(change, today), index=offers["offer_id"].to_numpy(), dtype="str", name="direction")


def words_of(change: Floats, today: Floats) -> Ids:
    """The direction of every offer, from the change and today's cost in EUR/year."""
    kept = np.abs(change) <= np.maximum(EUR, SHARE * today)
    return np.select([kept, change > 0], [KEPT, RAISED], LOWERED).astype(object)


def agreement(plans: Mapping[str, Allocation]) -> pd.DataFrame:
    """How often each offer is raised, lowered and kept over several plans.

    Columns: ``offer_id``, ``raised``, ``lowered``, ``kept`` (numbers of plans), ``plans``, ``direction`` (the most
    frequent one; at a tie ``kept`` before ``lowered`` before ``raised``), ``share`` (of the plans that agree, 0..1) and
    ``how_often`` (``always``, ``mostly`` from 7/8 on, ``sometimes``). Plans without a result are left out.
    """
    return counted(pd.DataFrame({name: directions(plan.offers) for name, plan in plans.items() if plan.has_plan}))


def counted(words: pd.DataFrame) -> pd.DataFrame:
    """The same from the directions themselves: one column per plan, one row per offer id."""
    counts = pd.DataFrame({word: (words == word).sum(axis=1) for word in DIRECTIONS}).rename_axis("offer_id")
    total = words.shape[1]
    order = [KEPT, LOWERED, RAISED]
    table = counts.assign(plans=total, direction=counts[order].idxmax(axis=1).astype("str"))
    table["share"] = counts.max(axis=1) / max(total, 1)
    table["how_often"] = [how_often(share) for share in table["share"]]
    return table.reset_index()


def how_often(share: float) -> str:
    """The word for a share of plans: ``always``, ``mostly``, ``sometimes``, ``never``."""
    if share >= 1.0:
        return "always"
    if share >= MOSTLY:
        return "mostly"
    return "sometimes" if share > 0 else "never"
