"""The figures by which plans are compared: objective, measures, covered units, money moved between two of them."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from allocate.results.allocation import Allocation
from allocate.results.measures import Measures
from allocate.town.arrays import Floats

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


def distance(first: Floats, second: Floats) -> float:
    """EUR moved between two plans: half the sum of the differences over all offers."""
    return float(np.abs(first - second).sum() / 2.0)
