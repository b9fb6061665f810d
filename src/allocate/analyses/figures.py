"""The figures by which plans are compared: objective, measures, covered units."""

from __future__ import annotations

from dataclasses import asdict

from allocate.results.allocation import Allocation
from allocate.results.measures import Measures

# Objective and all measures in their order, then covered need units/year summed over all cells.
FIGURES = ("objective", *Measures.__dataclass_fields__, "covered_units")


def figures(plan: Allocation) -> dict[str, float]:
    """The figures of a plan by name; only of a plan that exists."""
    if plan.measures is None:
        raise ValueError(f"{plan.scenario.scenario_id} has no plan")
    return gathered(plan.measures, plan.objective, float(plan.coverage["covered"].sum()))


def gathered(measures: Measures, objective: float, covered_units: float) -> dict[str, float]:
    """The same from their parts."""
    return {"objective": objective, **asdict(measures), "covered_units": covered_units}
