"""Kinds of floors: what must be met (statutory, political) apart from what is only measured (a target)."""

from __future__ import annotations

import pandas as pd

from allocate.results.allocation import Allocation

TARGET = "target"
# A kind that is not given binds nothing, as a target.
BINDING = ("statutory", "political")


def floors_with_kind(plan: Allocation) -> pd.DataFrame:
    """The plan's floors with ``floor_kind`` and ``legal_basis`` of the table ``floors``."""
    about = plan.variant.case["floors"][["floor_id", "kind", "basis"]].drop_duplicates("floor_id")
    about = about.rename(columns={"kind": "floor_kind", "basis": "legal_basis"})
    if not len(plan.floors):
        return pd.DataFrame(columns=[*plan.floors.columns, "floor_kind", "legal_basis"])
    return plan.floors.merge(about, on="floor_id", how="left", validate="many_to_one")


def minima(plan: Allocation) -> pd.DataFrame:
    """The floors that bind: statutory and political ones."""
    floors = floors_with_kind(plan)
    return floors[floors["floor_kind"].isin(BINDING)]


def targets(plan: Allocation) -> pd.DataFrame:
    """What is measured and reported, and asked of no plan."""
    floors = floors_with_kind(plan)
    return floors[~floors["floor_kind"].isin(BINDING)]


def missed(floors: pd.DataFrame) -> int:
    """How many of them (one per place) are not met."""
    return int((~floors["met"].astype(bool)).sum()) if len(floors) else 0
