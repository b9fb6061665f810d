"""Sureness: one word for how sure the direction of each offer is, from two tests that know nothing of each other.

The first test asks the plans that are almost as good: where they go another way, the choice is a free one. The second
asks the plans made for other weights and other figures: where they go another way, the figures decide. A word says
both (docs/decisions/0050-how-sure-in-four-words.md):

* ``robust``: at least 7/8 of the plans of each test go in the proposal's direction
* ``likely``: at least 2/3 of each
* ``open``: almost equally good plans go another way, other figures do not
* ``fragile``: other weights or figures turn it
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from allocate.analyses.reasons.direction import DIRECTIONS, MOSTLY, directions
from allocate.analyses.robustness.stability import RATHER_FROM
from allocate.results.allocation import Allocation
from allocate.results.columns import Columns

ROBUST, LIKELY, OPEN, FRAGILE = "robust", "likely", "open", "fragile"
# The weakest word first: what fails is said before what holds.
WORDS = (FRAGILE, OPEN, LIKELY, ROBUST)
COLUMNS = Columns("offer_id", "direction", "near_same", "near_plans", "runs_same", "runs", "sure")
_ROUNDING = 1e-12


def sureness(plan: Allocation, agreement: pd.DataFrame | None, offers: pd.DataFrame | None) -> pd.DataFrame:
    """One row per offer of a plan (``COLUMNS``).

    ``agreement``: how often almost equally good plans raise, lower and keep an offer (``direction.agreement``);
    ``offers``: the same over other weights and figures (``stability``). A test that was not made is None and does not
    count; ``sure`` is blank where neither was.
    """
    table = pd.DataFrame({"offer_id": plan.offers["offer_id"], "direction": _directions(plan, offers)})
    table["near_same"], table["near_plans"] = _near(table, agreement)
    table["runs_same"], table["runs"], weakest = _runs(table, offers)
    # Of a withheld offer the plan does not tell the direction.
    table.loc[table["direction"].eq(""), ["near_same", "near_plans"]] = 0
    near = (table["near_same"] / table["near_plans"].where(table["near_plans"] > 0)).tolist()
    table["sure"] = [word(one, other) for one, other in zip(near, weakest, strict=True)]
    return COLUMNS.of(table)


def word(near: float, runs: float) -> str:
    """The word for the shares (0..1, NaN: not tested) of the plans of both tests that go in the same direction."""
    known = [one for one in (near, runs) if not math.isnan(one)]
    if not known:
        return ""
    if runs < RATHER_FROM - _ROUNDING:
        return FRAGILE
    if near < RATHER_FROM - _ROUNDING:
        return OPEN
    return ROBUST if min(known) >= MOSTLY - _ROUNDING else LIKELY


def _directions(plan: Allocation, offers: pd.DataFrame | None) -> list[str]:
    """The direction of every offer; one whose money is withheld has that of ``offers``, blank where there is none."""
    told = {} if offers is None else dict(zip(offers["offer_id"], offers["direction"], strict=True))
    known = plan.offers["change_eur"].notna().tolist()
    own = directions(plan.offers)
    return [
        str(one) if is_known else str(told.get(id, ""))
        for id, one, is_known in zip(own.index.tolist(), own.tolist(), known, strict=True)
    ]


def _near(table: pd.DataFrame, agreement: pd.DataFrame | None) -> tuple[pd.Series, pd.Series]:
    """How many almost equally good plans go in the proposal's direction, the proposal aside, and how many there are."""
    none = pd.Series(0, index=table.index)
    if agreement is None or agreement.empty:
        return none, none
    found = agreement.set_index("offer_id").reindex(table["offer_id"])
    counts = found[list(DIRECTIONS)].to_numpy(dtype=float)
    place = [DIRECTIONS.index(str(word)) if word else 0 for word in table["direction"].tolist()]
    same = np.nan_to_num(counts[np.arange(len(table)), place])
    total = np.nan_to_num(found["plans"].to_numpy(dtype=float))
    # The proposal is one of the plans that are counted, and agrees with itself.
    return pd.Series(np.maximum(same - 1, 0)).astype(int), pd.Series(np.maximum(total - 1, 0)).astype(int)


def _runs(table: pd.DataFrame, offers: pd.DataFrame | None) -> tuple[pd.Series, pd.Series, list[float]]:
    """Runs in the same direction, runs in all, and the share in the weaker of weights and chance."""
    if offers is None or offers.empty:
        none = pd.Series(0, index=table.index)
        return none, none, [math.nan] * len(table)
    found = offers.set_index("offer_id").reindex(table["offer_id"])
    shares = []
    for groups in (("need_weights", "weight_sets"), ("draws",)):
        total = sum(found[f"{group}_runs"].to_numpy(dtype=float) for group in groups)
        same = sum(found[f"{group}_same"].to_numpy(dtype=float) for group in groups)
        shares.append(np.divide(same, total, out=np.full(len(table), np.nan), where=np.asarray(total) > 0))
    weakest = np.fmin(*shares).tolist()
    counted = [found[name].fillna(0).astype(int).reset_index(drop=True) for name in ("same", "runs")]
    return counted[0], counted[1], weakest
