"""Sketch: the figures of a point of the program before anybody has judged it.

It answers while somebody still moves a slider. It is optimal by its certificate, but it has neither been judged nor
made canonical, so that it has no place in a report or a file: an ``Allocation`` takes its place.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from allocate.inputs.scenario.variant import Variant
from allocate.model.compile import Compiled
from allocate.results.allocation import Note, cost_at
from allocate.results.measures import Measures, measure
from allocate.results.plan_tables import coverage_table, offers_table, without_noise
from allocate.solve.solution import Status
from allocate.town.arrays import Floats


@dataclass(frozen=True, eq=False)
class Sketch:
    """Measures, and the tables ``offers`` and ``coverage`` with the columns of those of an ``Allocation``."""

    variant: Variant
    status: Status
    measures: Measures
    objective: float
    offers: pd.DataFrame
    coverage: pd.DataFrame
    notes: tuple[Note, ...] = ()

    @property
    def has_plan(self) -> bool:
        """That there is one; of clashing rules nothing is sketched."""
        return True


def sketched(compiled: Compiled, x: Floats) -> Sketch:
    """The figures of an optimal point, by the one calculator."""
    town = compiled.town
    delivery = without_noise(x[compiled.program.columns_index.slice("use")])
    capacity = town.capacity_of(delivery)
    cost = cost_at(compiled, x, capacity)
    measures = measure(town, delivery, cost=cost)
    return Sketch(
        compiled.variant,
        Status.OPTIMAL,
        measures,
        measures.objective(town),
        offers_table(town, capacity, cost),
        coverage_table(town, delivery),
    )
