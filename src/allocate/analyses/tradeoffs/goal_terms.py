"""The goals of planning as objectives of the program: coverage, duplication, equity, movement, cost.

Every goal is a cost vector to be minimised. Money counts as a share of the budget, so that all five have the size of
one; ``amount`` turns a minimised value into what a planner reads (the one place here where signs and units turn).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocate.model.compile import Compiled, objective
from allocate.results.measures import Measures
from allocate.town.arrays import Floats


@dataclass(frozen=True)
class Goal:
    """One goal: its measure (a field of ``Measures``), whether more is better, and its unit (``eur`` or ``share``)."""

    name: str
    measure: str
    more_is_better: bool
    unit: str

    def of(self, measures: Measures) -> float:
        """What a plan achieves, in the measure's own unit."""
        return float(getattr(measures, self.measure))


GOALS = {
    goal.name: goal
    for goal in (
        Goal("coverage", "coverage_value", True, "share"),
        Goal("duplication", "duplication_eur", False, "eur"),
        Goal("equity", "lowest_space_coverage", True, "share"),
        Goal("movement", "moved_eur", False, "eur"),
        Goal("cost", "spent_eur", False, "eur"),
    )
}


def cost_of(compiled: Compiled, goal: str) -> Floats:
    """The goal as a cost vector over the program's columns, to be minimised."""
    town, layout, program = compiled.town, compiled.layout, compiled.program
    cost = np.zeros(program.column_count)
    index = program.columns_index
    if goal == "coverage":
        covered = index.slice("covered")
        cost[covered] = objective(town, layout)[covered]
    elif goal == "duplication":
        cost[index.slice("duplication")] = town.needs.price[town.cells.need] / scale_of(compiled, goal)
    elif goal == "equity":
        cost[index.slice("least")] = -1.0
    elif goal == "movement":
        cost[index.slice("release")] = 1.0 / scale_of(compiled, goal)
    else:
        cost[index.slice("funding")] = 1.0 / scale_of(compiled, goal)
    return cost


def scale_of(compiled: Compiled, goal: str) -> float:
    """Units of the measure per unit of the minimised value: the budget for money, else 1."""
    return money_size(compiled) if GOALS[goal].unit == "eur" else 1.0


def money_size(compiled: Compiled) -> float:
    """The euros a year that money is measured by: the budget, or what today costs where that is more, at least 1.

    Where the pots are cut to nothing the budget alone would make every euro as large as a whole need.
    """
    town = compiled.town
    return max(town.weights.budget, float(town.offers.baseline_cost.sum()), 1.0)


def amount(compiled: Compiled, goal: str, minimised: float) -> float:
    """A minimised value in the measure's own unit and direction."""
    sign = -1.0 if GOALS[goal].more_is_better else 1.0
    return sign * minimised * scale_of(compiled, goal) + 0.0


def minimised(compiled: Compiled, goal: str, value: float) -> float:
    """A measure's value as the program minimises it."""
    sign = -1.0 if GOALS[goal].more_is_better else 1.0
    return sign * value / scale_of(compiled, goal)
