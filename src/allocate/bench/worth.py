"""What a better plan is worth in money: exact amounts from linear programs, not from extrapolated prices.

* *extra money*: the least further EUR in the pots with which a program reaches a given objective;
* *money less*: how many EUR fewer a plan needs that still reaches a given objective.

Both are linear programs over the scenario's own rules; the objective's weights stay those of the given budget.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from allocate.bench.proposals import solve_proven
from allocate.bench.recast import NewColumns, cost_row, extended, without_objective
from allocate.model.compile import Compiled
from allocate.model.rules.pot import POT_ROWS
from allocate.results.allocation import Allocation
from allocate.solve.loaded import LoadedProgram
from allocate.solve.solution import Limits
from allocate.solve.value import cost_of
from allocate.town.arrays import Floats

_MILLION = 1e6


@dataclass(frozen=True)
class ExtraMoney:
    """EUR/year to add to each pot, in the order of the town's pots; NaN total where no amount is enough."""

    total: float
    per_pot: Floats


def extra_money(
    compiled: Compiled, objective: float, limits: Limits | None = None, near: LoadedProgram | None = None
) -> ExtraMoney:
    """The least money, put into the pots where it helps most, with which the objective (more is better) is reached.

    ``near``: the same program, or one that differs in bounds only, at an optimum to begin at (``solve_proven``).
    """
    program, pots = compiled.program, compiled.town.pots
    count = len(pots)
    largest = float(compiled.town.cost_of(compiled.town.offers.max_capacity).sum())
    # A town without money is measured by what all of its offers would cost.
    scale = compiled.town.weights.budget or max(largest, 1.0)
    first = program.rows_index[POT_ROWS].start
    top_up = NewColumns(
        name="top_up",
        keys=(pots,),
        cost=np.zeros(count),
        lower=np.zeros(count),
        upper=np.full(count, largest / scale),
        rows=first + np.arange(count),
        members=np.arange(count),
        values=np.full(count, -scale),
    )
    reached = np.concatenate([program.cost * _MILLION, np.zeros(count)])
    goal = np.concatenate([np.zeros(program.column_count), np.ones(count)])
    asked = extended(
        program, [top_up], [cost_row("reached", reached, upper=(cost_of(objective) - program.offset) * _MILLION)]
    )
    answer = solve_proven(without_objective(asked, goal), limits, near=near)
    if answer is None:
        return ExtraMoney(math.nan, np.full(count, math.nan))
    amounts = answer.x[program.column_count :] * scale
    return ExtraMoney(float(amounts.sum()), amounts)


def least_spending(
    compiled: Compiled, objective: float, limits: Limits | None = None, near: LoadedProgram | None = None
) -> float:
    """The least EUR/year with which the objective (more is better) is reached; NaN where it cannot be.

    ``near`` as in ``extra_money``.
    """
    program = compiled.program
    scale = max(compiled.town.weights.budget, 1.0)
    goal = np.zeros(program.column_count)
    goal[program.columns_index.slice("funding")] = 1.0 / scale
    reached = cost_row("reached", program.cost * _MILLION, upper=(cost_of(objective) - program.offset) * _MILLION)
    answer = solve_proven(without_objective(extended(program, rows=[reached]), goal), limits, near=near)
    return math.nan if answer is None else answer.least * scale


def value_of_a_euro(plan: Allocation) -> float:
    """Objective per further EUR in the pot where it helps most (right slope); NaN where no pot is worth anything."""
    values = plan.pots["marginal_value"].to_numpy(dtype=float)
    best = float(np.nanmax(values)) if np.isfinite(values).any() else math.nan
    return best if best > 0 else math.nan
