"""Planning again under changed figures, from the proposal's basis: proven, and closest to today among equal plans.

A direction read from any optimal vertex would be an accident where several plans are equally good. So every plan here
is the canonical one, as the proposal it is compared with; only its start differs, which the certificate does not see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from allocate.analyses.reasons.direction import words_of
from allocate.bench.proposals import solve_proven
from allocate.bench.resolve import Bench
from allocate.errors import CertificateError
from allocate.inputs.scenario.variant import Variant
from allocate.model.compile import Compiled, compile_variant
from allocate.results.allocation import Allocation, cost_at
from allocate.results.ledger import delivery_of
from allocate.results.measures import Measures, measure
from allocate.solve.canonical import canonical
from allocate.solve.certify import certify
from allocate.solve.distance import today_of
from allocate.solve.loaded import LoadedProgram
from allocate.solve.solution import Solution, Status
from allocate.town.arrays import Floats, Ids


@dataclass(frozen=True)
class Replanned:
    """The plan of a changed scenario.

    ``delivery``: capacity units/year per pair; ``capacity`` and ``cost`` (EUR/year) per offer; ``objective``: more is
    better, under the changed figures. ``unique``: it is the optimal plan closest to today.
    """

    compiled: Compiled
    delivery: Floats
    capacity: Floats
    cost: Floats
    unique: bool = True

    @cached_property
    def measures(self) -> Measures:
        """All figures of the plan under the changed inputs."""
        return measure(self.compiled.town, self.delivery, cost=self.cost)

    @property
    def objective(self) -> float:
        """The plan's value under the changed inputs."""
        return self.measures.objective(self.compiled.town)

    @cached_property
    def directions(self) -> pd.Series:
        """Raised, lowered or kept, by offer id."""
        return pd.Series(self.words, index=self.compiled.town.offers.ids, dtype="str", name="direction")

    @cached_property
    def words(self) -> Ids:
        """The same in the order of the offers."""
        return words_of(self.cost - self.compiled.town.offers.baseline_cost, self.compiled.town.offers.baseline_cost)


class Replanner:
    """Plans a scenario again under changed figures."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.variant: Variant = bench.compiled.variant
        self.solves = 0
        # The program planned last, in the solver.
        self._loaded: LoadedProgram | None = None

    @cached_property
    def proposal(self) -> Replanned:
        """The scenario's own proposal in the same form."""
        return self.as_plan(self.bench.plan)

    def as_plan(self, plan: Allocation) -> Replanned:
        """A plan of the scenario in the same form."""
        compiled = self.bench.compiled
        delivery = delivery_of(compiled.town, plan)
        capacity = plan.offers["capacity"].to_numpy(dtype=float)
        return Replanned(compiled, delivery, capacity, plan.offers["cost_eur"].to_numpy(dtype=float), plan.unique)

    def with_tables(self, tables: Mapping[str, pd.DataFrame | Mapping[str, Floats]]) -> Variant:
        """The scenario with some tables replaced, or some of their columns."""
        return replace(self.variant, case=self.variant.case._unchecked(**tables))

    def weighted(self, weights: Floats) -> Variant:
        """The scenario with other weights of the needs, in table order, whatever weight set it names."""
        changed = self.with_tables({"needs": {"weight": weights}})
        return replace(changed, scenario=replace(self.variant.scenario, weight_set=""))

    def plan(self, variant: Variant) -> Replanned | None:
        """The canonical plan of a changed scenario; None where no plan meets its rules."""
        compiled = compile_variant(variant)
        found = self.optimum(compiled)
        return None if found is None else self.closest(compiled, found)

    def optimum(self, compiled: Compiled) -> Solution | None:
        """A certified optimum of a changed program, some vertex; None where it is infeasible.

        Raises ``CertificateError`` where the arrays do not confirm it.
        """
        self.solves += 1
        program, loaded = compiled.program, self.bench.changed(compiled)
        found = loaded.solve()
        if program.is_mixed_integer and found.x is not None:
            self._loaded = LoadedProgram(program.with_integers_of(found.x), self.bench.session.limits)
            return self._loaded.solve()
        self._loaded = loaded
        if (
            found.status is Status.OPTIMAL
            and found.x is not None
            and certify(program, found.x, found.row_dual).verified
        ):
            return found
        # Where rounding on the way keeps the arrays from confirming an answer, and where the solver says that there is
        # no plan, the question is asked once more from scratch.
        return self.afresh(compiled)

    def afresh(self, compiled: Compiled) -> Solution | None:
        """The same from scratch."""
        answer = solve_proven(
            compiled.program, self.bench.session.limits, scenario=compiled.variant.scenario.scenario_id
        )
        self._loaded = None if answer is None else answer.loaded
        return None if answer is None else answer.solution

    def closest(self, compiled: Compiled, found: Solution) -> Replanned:
        """The plan closest to today among those as good as an optimum."""
        program = compiled.program
        if program.is_mixed_integer and found.x is not None:
            program = program.with_integers_of(found.x)
        closest = canonical(program, found, today_of(compiled), self.bench.session.limits, self._loaded)
        if closest is None or closest.x is None or not certify(program, closest.x, found.row_dual).verified:
            return at_point(compiled, found)
        return at_point(compiled, closest, unique=True)


def at_point(compiled: Compiled, found: Solution, *, unique: bool = False) -> Replanned:
    """The plan at a point of the program."""
    if found.x is None:
        raise CertificateError("plan-not-verified", scenario=compiled.variant.scenario.scenario_id, reason="no point")
    delivery = np.maximum(found.x[compiled.program.columns_index.slice("use")], 0.0)
    capacity = compiled.town.capacity_of(delivery)
    cost = cost_at(compiled, found.x, capacity)
    return Replanned(compiled, delivery, capacity, cost, unique)
