"""Integration without losers: the best pooled plan in which no department's needs fare worse than in the silo."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import ClassVar

import numpy as np

from allocate.analyses.silos.departments import Departments
from allocate.bench.proposals import proposal, solve_proven
from allocate.bench.recast import extended
from allocate.model.compile import Compiled
from allocate.model.program import Block
from allocate.results.allocation import Allocation
from allocate.results.measures import segment_value
from allocate.results.told import Told
from allocate.solve.solution import Limits
from allocate.town.arrays import Floats

_MILLION = 1e6
_SLACK = 1e-9


@dataclass(frozen=True)
class NoLoser(Told):
    """The no-loser plan: ``optimal``, ``infeasible``, or ``unknown`` where a level to compare with has no plan.

    ``cost_of_rule``: objective points the rule costs against the pooled plan (0: nobody loses anyway).
    """

    JSON: ClassVar = ("status", "objective", "coverage_value", "cost_of_rule")

    status: str
    objective: float = math.nan
    coverage_value: float = math.nan
    cost_of_rule: float = math.nan
    plan: Allocation | None = None


def led_value(compiled: Compiled, owners: Departments, plan: Allocation) -> Floats:
    """Coverage value (share 0..1) of the needs each department leads, from a plan's coverage table."""
    if not plan.has_plan:
        return np.full(len(owners), np.nan)
    town = compiled.town
    covered = plan.coverage["covered"].to_numpy(dtype=float)
    value = town.cells.worth * segment_value(town, covered)
    return np.bincount(owners.lead[town.cells.need], value, minlength=len(owners))


def no_loser(
    pooled: Compiled,
    owners: Departments,
    silo: Allocation | None,
    best: Allocation,
    limits: Limits | None = None,
) -> NoLoser:
    """The best pooled plan with ``led_value`` of every department at least that of the silo."""
    if silo is None or not best.has_plan:
        return NoLoser("unknown")
    answer = solve_proven(
        extended(pooled.program, rows=[_rows(pooled, owners, led_value(pooled, owners, silo))]), limits
    )
    if answer is None:
        return NoLoser("infeasible")
    plan = proposal(pooled, answer, limits)
    measures = asdict(plan.measures) if plan.measures else {}
    return NoLoser("optimal", plan.objective, measures["coverage_value"], best.objective - plan.objective, plan)


def _rows(pooled: Compiled, owners: Departments, least: Floats) -> Block:
    program, town = pooled.program, pooled.town
    covered = program.columns_index["covered"]
    lead = owners.lead[town.cells.need[pooled.layout.demanded]]
    kept = _MILLION * least * (1.0 - _SLACK)
    return Block(
        "no_loser",
        (owners.ids,),
        kept,
        np.full(len(owners), np.inf),
        np.repeat(lead, len(town.segments.value)),
        np.arange(covered.start, covered.stop),
        -_MILLION * program.cost[covered.slice],
    )
