"""Kinds of floors: what must be met (statutory, political) apart from what is only measured (a target)."""

from __future__ import annotations

import pandas as pd

from allocate.inputs.case import Case
from allocate.results.allocation import Allocation
from allocate.town.facts import FloorFacts

TARGET = "target"
# A kind that is not given binds nothing, as a target.
BINDING = ("statutory", "political")


def floors_with_kind(plan: Allocation) -> pd.DataFrame:
    """The plan's floors with ``floor_kind`` and ``legal_basis`` of the table ``floors``."""
    return with_kind(plan.floors, plan.variant.case)


def with_kind(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """A table that names floors, with ``floor_kind`` and ``legal_basis`` of each."""
    floors, own = FloorFacts(case), table["floor_id"]
    return table.assign(floor_kind=floors.of(floors.kind, own), legal_basis=floors.of(floors.basis, own))


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
