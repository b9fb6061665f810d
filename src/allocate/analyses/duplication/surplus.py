"""Duplicated cells of a plan: who supplies too much, for which need, where; is it wanted, and what holds it there.

A surplus is first of all a measurement. It is called wanted where a cluster of ``plurality`` says so, and stays a
suspicion (or something to check) otherwise, until somebody has spoken with the people there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocate.inputs.case import LIST_SEPARATOR, Case
from allocate.inputs.handed import OneLine
from allocate.model.compile import Compiled
from allocate.results.allocation import Allocation
from allocate.results.columns import Columns
from allocate.results.ledger import ledger
from allocate.town.facts import NeedFacts, OfferFacts
from allocate.town.places import clusters_by_space

# Need units/year; less is rounding.
NOTICEABLE = 1e-6
SUSPECTED, TO_CHECK, WANTED = "suspected", "to_check", "wanted"
# The basis of an assessment: a cluster somebody has assessed, or the quantity alone.
CLUSTER, QUANTITY = "cluster", "quantity"
CELL_COLUMNS = Columns(
    "space_id", "need_id", "demand", "supply", "duplication", "duplication_eur", "wanted_reserve", "wanted_reserve_eur",
    "assessment", "basis", "cluster_id", "reason", "locked", "locked_eur", "locked_until", "offers", "providers",
)  # fmt: skip
SUPPLIER_COLUMNS = Columns(
    "space_id", "need_id", "offer_id", "provider_id", "supply", "duplication", "duplication_eur", "committed_share",
    "committed_until", "contract_end", "notice_months",
)  # fmt: skip
# The narrower a cluster's place, the more it knows; at the same place a suspicion is not overruled by a wish.
_SCOPES = ("space", "region", "all")
_ASSESSMENTS = (SUSPECTED, TO_CHECK, WANTED)


@dataclass(frozen=True, eq=False, repr=False)
class Surplus(OneLine):
    """Surplus cells (``CELL_COLUMNS``) and their suppliers (``SUPPLIER_COLUMNS``); need units/year and EUR/year."""

    cells: pd.DataFrame
    suppliers: pd.DataFrame


def surplus(compiled: Compiled, plan: Allocation) -> Surplus:
    """All cells of a plan with more supply than demand.

    ``locked`` is the part of the duplication that would stay if everything that is not committed were withdrawn, with
    users as they are; ``locked_until`` the last day or year of the commitments that hold it.
    """
    case = compiled.variant.case
    coverage = plan.coverage
    over = coverage[(coverage["duplication"] > NOTICEABLE) | (coverage["wanted_reserve"] > NOTICEABLE)]
    suppliers = _suppliers(compiled, plan, over)
    cells = over[["space_id", "need_id", "demand", "supply", "duplication", "wanted_reserve"]].copy()
    price = NeedFacts(case).of(compiled.town.needs.price, cells["need_id"])
    keys = ["space_id", "need_id"]
    named = suppliers.groupby(keys, sort=False).agg(
        offers=("offer_id", _listed), providers=("provider_id", _listed), held=("held", "sum")
    )
    binding = suppliers[suppliers["held"] > NOTICEABLE].groupby(keys)["committed_until"].max()
    cells = cells.join(named, on=keys).join(binding.rename("locked_until"), on=keys)
    loose = cells["supply"] - cells["held"].fillna(0.0)
    locked = np.clip(cells["duplication"] - loose, 0.0, cells["duplication"])
    locked = locked.where(locked > NOTICEABLE, 0.0)
    cells = cells.assign(
        duplication_eur=price * cells["duplication"],
        wanted_reserve_eur=price * cells["wanted_reserve"],
        locked=locked,
        locked_eur=price * locked,
        locked_until=cells["locked_until"].astype(object).where(locked > 0, "").fillna(""),
    )
    cells = _assessed(cells, suppliers, case).sort_values("duplication_eur", ascending=False, kind="stable")
    return Surplus(CELL_COLUMNS.of(cells.reset_index(drop=True)), SUPPLIER_COLUMNS.of(suppliers.reset_index(drop=True)))


def _suppliers(compiled: Compiled, plan: Allocation, over: pd.DataFrame) -> pd.DataFrame:
    """The offers that supply the cells with a surplus, the largest supply first."""
    town, offers = compiled.town, OfferFacts(compiled.variant.case)
    entries = ledger(town, plan).merge(over[["space_id", "need_id"]], on=["space_id", "need_id"])
    capacity = plan.offers["capacity"].to_numpy(dtype=float)
    share = np.divide(town.offers.committed, capacity, out=np.zeros(len(capacity)), where=capacity > 0)
    price = NeedFacts(compiled.variant.case).of(town.needs.price, entries["need_id"])
    held = offers.of(np.minimum(share, 1.0), entries["offer_id"])
    entries = offers.beside(entries, "provider_id", "committed_until", "contract_end", "notice_months").assign(
        duplication_eur=entries["duplication"] * price, committed_share=held, held=entries["supply"] * held
    )
    return entries.sort_values(["space_id", "need_id", "supply"], ascending=[True, True, False], kind="stable")


def _assessed(cells: pd.DataFrame, suppliers: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Each cell with the assessment of the narrowest cluster that several of its suppliers belong to."""
    clusters = _clusters_by_space(case)
    keys = ["space_id", "need_id"]
    met = suppliers[[*keys, "offer_id"]].merge(clusters, on=[*keys, "offer_id"])
    count = met.groupby([*keys, "cluster_id"])["offer_id"].transform("size")
    met = met[(count >= 2) | (met["size"] == 1)].sort_values(["scope_rank", "assessment_rank"], kind="stable")
    first = met.drop_duplicates(keys).set_index(keys)[["assessment", "cluster_id", "reason"]]
    cells = cells.join(first, on=keys)
    return cells.assign(
        basis=np.where(cells["cluster_id"].isna(), QUANTITY, CLUSTER),
        assessment=cells["assessment"].astype(object).fillna(SUSPECTED),
        cluster_id=cells["cluster_id"].astype(object).fillna(""),
        reason=cells["reason"].astype(object).fillna(""),
    )


def _clusters_by_space(case: Case) -> pd.DataFrame:
    """One row per assessed cluster, space it concerns, and offer, with the ranks of its scope and assessment."""
    rows = clusters_by_space(case)
    rows = rows[rows["assessment"].isin(_ASSESSMENTS)]
    return rows.assign(
        scope_rank=rows["scope"].map(dict(zip(_SCOPES, range(3), strict=True))).astype(float),
        assessment_rank=rows["assessment"].map(dict(zip(_ASSESSMENTS, range(3), strict=True))).astype(float),
    )


def _listed(values: pd.Series) -> str:
    return LIST_SEPARATOR.join(dict.fromkeys(str(value) for value in values if value))
