"""Epsilon-constraint points of an indivisible scenario: the best coverage at each of several levels of the other goal.

Weighted sums would miss plans below the hull (Mavrotas 2009, AUGMECON). A mix of two plans is no plan here; every point
states the gap proven by the divisible relaxation, because a mixed-integer solver's own bound cannot be checked.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocate.analyses.tradeoffs.goal_terms import cost_of
from allocate.bench.recast import cost_row, extended
from allocate.model.compile import Compiled
from allocate.model.program import LinearProgram
from allocate.results.allocation import Allocation, Note, planned
from allocate.solve.certify import certify
from allocate.solve.highs import Highs
from allocate.solve.solution import Limits, Solution, Status
from allocate.town.arrays import Floats

# The second goal counts this much in the first one's objective, so that of equal plans the better one is taken.
TIE_BREAK = 1e-4
_SLACK = 1e-9


def indivisible_points(
    compiled: Compiled, goal: str, count: int, limits: Limits | None = None
) -> tuple[list[Allocation], list[float]]:
    """Plans of falling coverage and the proven gap of each (coverage value points, against the relaxation)."""
    limits = limits or Limits()
    coverage, other = cost_of(compiled, "coverage"), cost_of(compiled, goal)
    program = compiled.program
    both = coverage + TIE_BREAK * other
    best = _solve(replace(program, cost=both), limits)
    least = _solve(replace(program, cost=other + TIE_BREAK * coverage), limits)
    if best is None or least is None or best.x is None or least.x is None:
        return [], []
    start, stop = float(other @ best.x), float(other @ least.x)
    plans: list[Allocation] = []
    gaps: list[float] = []
    for level in np.linspace(start, stop, max(2, count)):
        asked = extended(replace(program, cost=both), rows=[cost_row("level", other, upper=level + _SLACK)])
        found = _solve(asked, limits)
        if found is None or found.x is None:
            continue
        plan, gap = _plan(compiled, asked, found, limits)
        if plans and _same(plans[-1], plan):
            continue
        plans.append(plan)
        gaps.append(gap)
    return plans, gaps


def _solve(program: LinearProgram, limits: Limits) -> Solution | None:
    found = Highs().solve(program, limits)
    return None if found.status is Status.INFEASIBLE else found


def _plan(compiled: Compiled, asked: LinearProgram, found: Solution, limits: Limits) -> tuple[Allocation, float]:
    x: Floats = found.x if found.x is not None else np.zeros(0)
    relaxed = Highs().solve(asked.relaxed(), limits)
    certificate = certify(asked, x, relaxed.row_dual, within=np.inf)
    note = Note(
        "indivisible-bound",
        {"solver_gap": f"{max(0.0, found.objective - found.bound):.1e}", "gap": f"{certificate.gap:.1e}"},
    )
    plan = planned(
        compiled,
        x[: compiled.program.column_count],
        certificate,
        status=found.status,
        solver=found.solver,
        unique=False,
        notes=(note,),
    )
    return plan, certificate.gap


def _same(a: Allocation, b: Allocation) -> bool:
    return bool(np.allclose(a.offers["capacity"].to_numpy(), b.offers["capacity"].to_numpy(), atol=1e-6))
