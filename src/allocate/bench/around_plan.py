"""Questions around one given plan: the plan as a point of the program, a program that admits it, a certified answer.

A question such as "the same coverage for less money" is asked of the rules of a scenario, but the plan it is asked of
may break some of them: today's provision misses floors or is paid by a pot that may not pay. Every rule the plan meets
stays; a rule it breaks may stay broken as far as today, never further. The plan itself is then always an answer, and
no answer can come out worse than the plan.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocate.bench.proposals import Answer, solve_proven
from allocate.errors import CertificateError
from allocate.model.compile import Compiled
from allocate.model.program import LinearProgram
from allocate.results.allocation import Allocation
from allocate.results.ledger import delivery_of, funding_of
from allocate.results.point import point_at
from allocate.solve.canonical import canonical
from allocate.solve.certify import certify
from allocate.solve.distance import Reference
from allocate.solve.solution import Limits
from allocate.town.arrays import Floats

# A row counts as broken by the plan from this share of the size of its terms on; less is rounding.
BROKEN = 1e-9


def point_of(compiled: Compiled, plan: Allocation) -> Floats:
    """The plan as a point of the scenario's program."""
    capacity = plan.offers["capacity"].to_numpy(dtype=float)
    cost = plan.offers["cost_eur"].to_numpy(dtype=float)
    return point_at(compiled, delivery_of(compiled.town, plan), capacity, cost, funding_of(compiled.town, plan))


def admitting(program: LinearProgram, x: Floats) -> LinearProgram:
    """The program with every side that ``x`` breaks moved just as far as ``x`` breaks it."""
    activity = program.activity(x)
    size = np.bincount(program.rows, np.abs(program.values * x[program.entry_columns]), minlength=program.row_count)
    slack = BROKEN * np.maximum(size, 1.0)
    return replace(
        program,
        row_lower=np.where(activity < program.row_lower - slack, activity, program.row_lower),
        row_upper=np.where(activity > program.row_upper + slack, activity, program.row_upper),
        lower=np.minimum(program.lower, x),
        upper=np.maximum(program.upper, x),
    )


def without_rows(program: LinearProgram, *families: str) -> LinearProgram:
    """The program with the rows of some families made void (families it does not have are passed over)."""
    lower, upper = program.row_lower.copy(), program.row_upper.copy()
    for family in families:
        lower[program.rows_index.slice(family)] = -np.inf
        upper[program.rows_index.slice(family)] = np.inf
    return replace(program, row_lower=lower, row_upper=upper)


def closest_to(compiled: Compiled, x: Floats) -> Reference:
    """The use and funding of ``x`` as what a canonical answer stays close to."""
    town, columns = compiled.town, compiled.program.columns_index
    use, funding = columns["use"], columns["funding"]
    numbers = np.concatenate([np.arange(use.start, use.stop), np.arange(funding.start, funding.stop)])
    unit_cost = np.maximum(town.offers.unit_cost[town.pairs.offer], 1.0)
    return Reference(numbers, x[numbers], np.concatenate([unit_cost, np.ones(len(funding))]))


def canonical_answer(program: LinearProgram, near: Reference, limits: Limits, scenario: str, within: float) -> Answer:
    """The certified optimum of a linear program that has one, and among its optima the point closest to ``near``.

    ``within`` is the accepted distance between objective and proven bound, in the program's objective units. Raises
    ``CertificateError`` where the answer is not proven.
    """
    answer = certain_answer(program, limits, scenario, within)
    closest = canonical(program, answer.solution, near, limits, answer.loaded)
    if closest is None or closest.x is None:
        return answer
    certificate = certify(program, closest.x, answer.solution.row_dual, within=within)
    return Answer(program, closest, certificate) if certificate.verified else answer


def certain_answer(program: LinearProgram, limits: Limits, scenario: str, within: float) -> Answer:
    """The certified optimum of a program that has one, because the plan asked about is one of its points."""
    answer = solve_proven(program, limits, scenario=scenario, within=within)
    if answer is None:
        raise CertificateError("plan-not-verified", scenario=scenario, reason="the plan asked about was not admitted")
    return answer
