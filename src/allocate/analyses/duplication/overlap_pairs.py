"""Structural overlap of pairs of offers: same people, same place, same hours, and not wanted side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.analyses.duplication.surplus import SUSPECTED, TO_CHECK, WANTED
from allocate.model.compile import Compiled
from allocate.results.allocation import Allocation
from allocate.results.columns import Columns

COLUMNS = Columns(
    "offer_id_a", "offer_id_b", "need_id", "same_target_group", "same_space", "overlapping_hours", "wanted", "overlap",
    "assessment", "status", "heard", "note", "both_run", "shared_duplication", "one_site_eur",
)  # fmt: skip


def overlap_pairs(compiled: Compiled, plan: Allocation, cells: pd.DataFrame) -> pd.DataFrame:
    """The pairs of ``overlaps`` with their overlap = target group x space x hours x (1 - wanted), 0..1.

    A blank fact is unknown, and the overlap with it. ``assessment``: wanted (wholly), to_check (partly wanted, or a
    fact is missing), else suspected; ``status`` and ``heard`` are what the planners entered. ``both_run``: both have
    capacity in the plan. ``shared_duplication``: duplicated need units/year in ``cells`` that both supply.
    ``one_site_eur``: what could be re-steered at most if the two shared one site, the smaller of the two fixed costs
    (EUR/year), never the whole cost of an offer; NaN without fixed costs, 0 where being side by side is wanted.
    """
    case = compiled.variant.case
    pairs = case["overlaps"]
    facts = pairs[["same_target_group", "same_space", "overlapping_hours"]]
    wanted = pairs["wanted"].fillna(0.0)
    overlap = facts.prod(axis=1, skipna=False) * (1.0 - wanted)
    partly = ((wanted > 0) & (wanted < 1)) | facts.isna().any(axis=1)
    fixed = case["offers"].set_index("offer_id")["fixed_cost"]
    both = pd.concat([pairs[side].map(fixed).astype(float) for side in ("offer_id_a", "offer_id_b")], axis=1)
    smaller = both.min(axis=1, skipna=False)
    running = plan.offers.set_index("offer_id")["capacity"] > 0
    table = pairs.assign(
        overlap=overlap,
        assessment=np.select([wanted >= 1, partly], [WANTED, TO_CHECK], SUSPECTED),
        both_run=pairs["offer_id_a"].map(running).eq(True) & pairs["offer_id_b"].map(running).eq(True),
        shared_duplication=_shared(pairs, cells),
        one_site_eur=smaller.where(wanted < 1, 0.0),
    )
    return COLUMNS.of(table.sort_values("overlap", ascending=False, kind="stable").reset_index(drop=True))


def _shared(pairs: pd.DataFrame, cells: pd.DataFrame) -> pd.Series:
    """Duplicated units in the cells of the pair's need that both offers supply."""
    supplied = cells.assign(offer=cells["offers"].str.split(";")).explode("offer")[["space_id", "need_id", "offer"]]
    numbered = pairs[["offer_id_a", "offer_id_b", "need_id"]].assign(pair=np.arange(len(pairs)))
    both = numbered.merge(supplied, left_on=["offer_id_a", "need_id"], right_on=["offer", "need_id"]).merge(
        supplied, left_on=["offer_id_b", "need_id", "space_id"], right_on=["offer", "need_id", "space_id"]
    )
    units = both.merge(cells[["space_id", "need_id", "duplication"]], on=["space_id", "need_id"])
    found = units.groupby("pair")["duplication"].sum().reindex(range(len(pairs)), fill_value=0.0)
    return pd.Series(found.to_numpy(), index=pairs.index)
