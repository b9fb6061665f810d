"""Re-assigning users without moving a euro: what outreach alone could reach with today's offers.

Every offer keeps today's capacity and therefore today's cost; only who uses it changes, within reach and corridors.
Floors are off, because no re-assignment alone may be able to meet them (docs/model.md, Reported apart).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from allocate.bench.around_plan import admitting, canonical_answer, closest_to, point_of, without_rows
from allocate.model.compile import Compiled
from allocate.model.program import LinearProgram
from allocate.model.rules.register import families
from allocate.results.measures import Measures, judge_cells, measure
from allocate.session import Session
from allocate.solve.certify import OPTIMALITY, Certificate
from allocate.town.arrays import Floats


@dataclass(frozen=True)
class Reassignment:
    """The best use of today's offers under a scenario's inputs.

    ``delivery`` in capacity units/year per pair, ``covered_units`` in need units/year; ``objective`` to be read as
    "more is better" and unique, the measures are those of the plan closest to today's use.
    """

    scenario_id: str
    objective: float
    measures: Measures
    covered_units: float
    delivery: Floats
    certificate: Certificate


def reassignment(session: Session, scenario_id: str) -> Reassignment:
    """Solve a scenario with every offer's capacity fixed at today's. Raises ``CertificateError``."""
    compiled = session.compiled(scenario_id)
    today = point_of(compiled, session.status_quo(scenario_id))
    program = reassigning(compiled, today)
    answer = canonical_answer(program, closest_to(compiled, today), session.limits, scenario_id, OPTIMALITY)
    town = compiled.town
    delivery = np.maximum(answer.x[compiled.layout.index.slice("use")], 0.0)
    measures = measure(town, delivery, cost=town.offers.baseline_cost)
    covered = float(judge_cells(town, delivery).covered.sum())
    return Reassignment(scenario_id, measures.objective(town), measures, covered, delivery, answer.certificate)


def reassigning(compiled: Compiled, today: Floats) -> LinearProgram:
    """The scenario's program with capacities and money as in the point ``today``; ``today`` is one of its points."""
    # Money is fixed, so its rows have nothing to say; floors are off by definition; sites neither open nor close.
    void = families(lambda equation: not equation.of_use)
    program = without_rows(compiled.program.relaxed(), *void)
    lower, upper = program.lower.copy(), program.upper.copy()
    for family in ("capacity", "funding", "release", "open", "step", "present"):
        if family in compiled.layout.index:
            columns = compiled.layout.index.slice(family)
            lower[columns] = upper[columns] = today[columns]
    return admitting(replace(program, lower=lower, upper=upper), today)
