"""What coverage is measured by: plans of scenarios that change it are no better or worse for a higher share."""

from __future__ import annotations

from allocate.results.allocation import Allocation

TABLES = ("needs", "demand", "segments", "weight_sets", "effects")
CELL = ["table", "key", "column", "new"]
"""What tells a changed cell and its new value."""


def measured_alike(plan: Allocation, other: Allocation) -> bool:
    """Whether the coverage of two plans is measured by the same needs, weights, demand and effects."""
    alike = plan.scenario.weight_set == other.scenario.weight_set
    return alike and _measured_by(plan) == _measured_by(other)


def _measured_by(plan: Allocation) -> list[tuple[object, ...]]:
    log = plan.variant.changes
    rows = log[log["table"].isin(TABLES)][CELL]
    return sorted(tuple(map(str, row)) for row in rows.itertuples(index=False))
