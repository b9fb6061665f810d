"""Value: what a plan is worth, in points of the objective; more is better.

Programs minimise. Here, and nowhere else, a cost becomes a value or a value a cost; whoever is above the solver asks
for the ``value`` of a solution, a certificate or an answer, and never changes a sign itself.
"""

from __future__ import annotations

from typing import NewType

from allocate.town.arrays import Floats

Value = NewType("Value", float)


def value_of(cost: float) -> Value:
    """The value of what a program minimises."""
    return Value(0.0 - cost)


def cost_of(value: float) -> float:
    """What a program minimises where a plan has this value: the most that it may cost to be as good."""
    return 0.0 - value


def worth_of(duals: Floats) -> Floats:
    """What one more unit in each bound is worth, from the multipliers (or reduced costs) of the minimised program."""
    worth: Floats = 0.0 - duals
    return worth
