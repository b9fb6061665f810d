"""Certificate: feasibility, objective and bound recomputed from the arrays, independent of the solver's own report.

Bound by weak duality (Neumaier and Shcherbina 2004, Safe bounds in linear and mixed-integer linear programming): for
*any* row multipliers y,

    min cost x  >=  offset + sum_i (y_i > 0 ? y_i row_lower_i : y_i row_upper_i) + sum_j min(d_j lower_j, d_j upper_j),

with d = cost - A'y. Every column is bounded, so a slightly wrong dual costs only its error times the column's range.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocate.model.program import LinearProgram
from allocate.solve.value import Value, value_of
from allocate.town.arrays import Floats

# Largest violation of a row or bound that is accepted, relative to the size of the numbers in it.
FEASIBILITY = 1e-7
# Numbers are never judged as parts of less than this: below it there is only rounding.
SMALLEST_SIZE = 1e-3
# Largest distance between objective and bound that still proves a plan optimal, in objective units.
OPTIMALITY = 1e-7


@dataclass(frozen=True)
class Certificate:
    """What the arrays themselves say of a plan (in the program's units, minimised).

    ``primal_violation`` is the largest violation of a row or bound relative to the size of its terms; ``bound`` a
    proven lower bound of the objective; ``gap`` = objective - bound; ``verified``: feasible, and within the proven
    distance of the optimum that the caller asked for.
    """

    verified: bool
    primal_violation: float
    objective: float
    bound: float
    gap: float

    @property
    def value(self) -> Value:
        """What the plan is worth."""
        return value_of(self.objective)

    @property
    def best(self) -> Value:
        """No plan is worth more."""
        return value_of(self.bound)


def certify(program: LinearProgram, x: Floats, row_dual: Floats | None, *, within: float = OPTIMALITY) -> Certificate:
    """Judge a point and, with multipliers, bound the best objective there can be.

    ``within`` is the gap up to which the plan counts as proven; ``inf`` asks for feasibility only (a plan that was
    stopped by a limit).
    """
    violation = primal_violation(program, x)
    objective = program.objective(x)
    bound = -np.inf if row_dual is None else dual_bound(program, row_dual)
    gap = objective - bound
    verified = violation <= FEASIBILITY and (np.isinf(within) or gap <= within)
    return Certificate(bool(verified), violation, objective, bound, gap)


def primal_violation(program: LinearProgram, x: Floats) -> float:
    """The largest violation of a row, column bound or integrality, each relative to the size of its terms.

    Terms smaller than 1 count as 1, or as the largest that they can be where that is less: a row in millions of EUR is
    judged as strictly as the same row in EUR.
    """
    if not np.isfinite(x).all():
        return float("inf")
    activity = program.activity(x)
    largest = np.maximum(np.abs(program.lower), np.abs(program.upper))
    size, most = (
        np.bincount(program.rows, np.abs(program.values * terms[program.entry_columns]), minlength=program.row_count)
        for terms in (x, largest)
    )
    rows = np.maximum(program.row_lower - activity, activity - program.row_upper) / _at_least(size, most)
    columns = np.maximum(program.lower - x, x - program.upper) / _at_least(np.abs(x), largest)
    whole = np.abs(x - np.round(x))[program.integer]
    return float(max(0.0, rows.max(initial=0.0), columns.max(initial=0.0), whole.max(initial=0.0)))


def _at_least(size: Floats, most: Floats) -> Floats:
    """``size``, but not below 1 or, where it cannot reach that, the largest it can be."""
    return np.maximum(size, np.clip(most, SMALLEST_SIZE, 1.0))


def dual_bound(program: LinearProgram, row_dual: Floats) -> float:
    """The proven lower bound that any multipliers give; wrong signs on one-sided rows are clipped to zero."""
    multipliers = np.where((row_dual > 0) & np.isinf(program.row_lower), 0.0, row_dual)
    multipliers = np.where((multipliers < 0) & np.isinf(program.row_upper), 0.0, multipliers)
    side = np.where(multipliers > 0, program.row_lower, program.row_upper)
    with np.errstate(invalid="ignore"):
        from_rows = np.where(multipliers == 0, 0.0, multipliers * side)
    reduced = program.reduced_cost(multipliers)
    from_columns = np.minimum(reduced * program.lower, reduced * program.upper)
    # Rounding in d is at most this much per column; it is charged so that the bound stays a bound.
    terms = np.abs(program.values * multipliers[program.rows])
    rounding = 2.0**-50 * (
        np.abs(program.cost) + np.bincount(program.entry_columns, terms, minlength=program.column_count)
    )
    reach = np.maximum(np.abs(program.lower), np.abs(program.upper))
    return float(program.offset + from_rows.sum() + from_columns.sum() - (rounding * reach).sum())


def proves_infeasible(program: LinearProgram, ray: Floats) -> bool:
    """True when the multipliers show that no point within the column bounds meets all rows (Farkas 1902).

    The solver's ray may come with either sign; it is a proof if one of the two signs is.
    """
    return any(_contradiction(program, sign * ray) for sign in (1.0, -1.0))


def _contradiction(program: LinearProgram, ray: Floats) -> bool:
    """Feasible points need ray @ A x >= least; the box allows at most ``most``; they contradict if most < least."""
    ray = np.where(np.abs(ray) <= 1e-12 * np.abs(ray).max(initial=0.0), 0.0, ray)
    ray = np.where((ray > 0) & np.isinf(program.row_lower), 0.0, ray)
    ray = np.where((ray < 0) & np.isinf(program.row_upper), 0.0, ray)
    side = np.where(ray > 0, program.row_lower, program.row_upper)
    with np.errstate(invalid="ignore"):
        least = np.where(ray == 0, 0.0, ray * side)
    priced = np.bincount(program.entry_columns, program.values * ray[program.rows], minlength=program.column_count)
    most = np.maximum(priced * program.lower, priced * program.upper)
    size = np.abs(least).sum() + np.abs(most).sum()
    return bool(least.sum() - most.sum() > 1e-9 * size)
