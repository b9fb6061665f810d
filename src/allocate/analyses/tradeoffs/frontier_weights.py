"""Weighted and lexicographic questions of a curve: warm re-solves to find it, cold canonical plans for its points."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import numpy as np

from allocate.analyses.tradeoffs.goal_terms import GOALS, cost_of, minimised
from allocate.analyses.tradeoffs.sandwich import Line, Vertex
from allocate.bench.proposals import FACE, Answer, proposal, solve_in_order, then_best
from allocate.bench.siblings import Siblings
from allocate.errors import CertificateError
from allocate.model.compile import Compiled
from allocate.model.program import LinearProgram
from allocate.results.allocation import Allocation
from allocate.results.measures import Measures
from allocate.solve.canonical import optimal_face
from allocate.solve.certify import certify, dual_bound
from allocate.solve.loaded import PRIMAL, LoadedProgram
from allocate.solve.solution import Solution, Status
from allocate.town.arrays import Floats

# A weighted solve counts as proven up to this gap in scaled goals, else it is solved again from scratch.
PROVEN = 1e-7


@dataclass
class Weighted:
    """Coverage and one other goal of a scenario, scaled so that the lexicographic ends are (1, 0) and (0, 1)."""

    compiled: Compiled
    loaded: LoadedProgram
    goal: str
    costs: tuple[Floats, Floats]
    best: tuple[float, float] = (0.0, 0.0)
    width: tuple[float, float] = (1.0, 1.0)
    solves: int = 0
    ends: list[Vertex] = field(default_factory=list)
    bases: list[tuple[float, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, compiled: Compiled, loaded: LoadedProgram, goal: str) -> Weighted:
        """Find the two lexicographic ends (four re-solves): best in one goal, then best in the other."""
        own = cls(compiled, loaded, goal, (cost_of(compiled, "coverage"), cost_of(compiled, goal)))
        first, first_bound = own._lexicographic(0)
        last, last_bound = own._lexicographic(1)
        own.best = (first[0], last[1])
        own.width = (max(last[0] - first[0], 0.0), max(first[1] - last[1], 0.0))
        own.width = (own.width[0] or 1.0, own.width[1] or 1.0)
        own.ends = [
            Vertex(own._scale(first), (Line((1.0, 0.0), 1.0 + (first[0] - first_bound) / own.width[0]),)),
            Vertex(own._scale(last), (Line((0.0, 1.0), 1.0 + (last[1] - last_bound) / own.width[1]),)),
        ]
        return own

    @cached_property
    def siblings(self) -> Siblings:
        """Solves the points of the curve once more, one after the other, apart from the program of the search."""
        return Siblings(self.loaded.limits)

    @property
    def first(self) -> Vertex:
        """The end with the best coverage, and there the best of the other goal."""
        return self.ends[0]

    @property
    def last(self) -> Vertex:
        """The end best in the other goal, and there the best coverage."""
        return self.ends[1]

    def ask(self, weight: tuple[float, float]) -> Vertex:
        """The point with the greatest weighted sum of scaled goals, and the line proven by its duals."""
        cost = self._weighted(weight)
        program = replace(self.compiled.program, cost=cost, offset=0.0)
        with self.loaded.what_if():
            self.loaded.change_cost(np.arange(len(cost)), cost)
            self._start_near(weight)
            found = self._proven(program)
            self._remember(weight)
        lower = dual_bound(program, _dual(found))
        # weight @ f <= bound in scaled goals, where f_i = 1 - (value_i - best_i) / width_i.
        offset = sum(w * (1.0 + b / r) for w, b, r in zip(weight, self.best, self.width, strict=True))
        return Vertex(self._scale(self._values(_x(found))), (Line(weight, offset - lower),))

    def plan(self, vertex: Vertex, *, end: bool) -> Allocation:
        """The canonical plan of a point: among the optima of its weight those with most coverage, closest to today."""
        weight = vertex.lines[0].weight
        if end:
            order = [self.costs[0], self.costs[1]] if weight[0] > 0 else [self.costs[1], self.costs[0]]
        else:
            order = [self._weighted(weight), self.costs[0]]
        name = self.compiled.variant.scenario.scenario_id
        limits, solve = self.loaded.limits, partial(self.siblings.solve, scenario=name)
        answer = solve_in_order(self.compiled.program, order, limits, scenario=name, solve=solve)
        if answer is None:
            raise CertificateError("plan-not-verified", scenario=name, reason="a point of the curve was lost")
        return proposal(self.compiled, answer, limits)

    def scaled(self, measures: Measures) -> tuple[float, float]:
        """A plan's measures as scaled goals."""
        coverage = minimised(self.compiled, "coverage", measures.coverage_value)
        return self._scale((coverage, minimised(self.compiled, self.goal, GOALS[self.goal].of(measures))))

    def _weighted(self, weight: tuple[float, float]) -> Floats:
        cost: Floats = weight[0] / self.width[0] * self.costs[0] + weight[1] / self.width[1] * self.costs[1]
        return cost

    def _scale(self, values: tuple[float, float]) -> tuple[float, float]:
        return (
            1.0 - (values[0] - self.best[0]) / self.width[0],
            1.0 - (values[1] - self.best[1]) / self.width[1],
        )

    def _values(self, x: Floats) -> tuple[float, float]:
        return (float(self.costs[0] @ x), float(self.costs[1] @ x))

    def _lexicographic(self, leading: int) -> tuple[tuple[float, float], float]:
        """Both minimised values at one end, and the proven bound of the leading goal."""
        program = replace(self.compiled.program, cost=self.costs[leading], offset=0.0)
        columns, rows = np.arange(program.column_count), np.arange(program.row_count)
        with self.loaded.what_if():
            self.loaded.change_cost(columns, program.cost)
            found = self._proven(program)
            self._remember((1.0 - leading, float(leading)))
            bound = dual_bound(program, _dual(found))
            face = optimal_face(program, _x(found), _dual(found), FACE)
            face = replace(face, cost=self.costs[1 - leading])
            self.loaded.change_bounds(columns, face.lower, face.upper)
            self.loaded.change_row_bounds(rows, face.row_lower, face.row_upper)
            self.loaded.change_cost(columns, face.cost)
            try:
                second = _x(self._proven(face))
            except CertificateError:
                # Where the leading goal is worth nothing (no money at all), every dual is noise and cuts the face away.
                second = self._then_best(program, found, face.cost)
        return self._values(second), bound

    def _then_best(self, program: LinearProgram, found: Solution, cost: Floats) -> Floats:
        name = self.compiled.variant.scenario.scenario_id
        answer = Answer(program, found, certify(program, _x(found), _dual(found), within=PROVEN))
        return then_best(answer, cost, self.loaded.limits, scenario=name).x[: program.column_count]

    def _start_near(self, weight: tuple[float, float]) -> None:
        """Let the next solve begin at the basis of the most similar weight asked so far."""
        if self.bases:
            _, basis = min(self.bases, key=lambda known: abs(known[0] - _angle(weight)))
            self.loaded.start_from(basis)

    def _remember(self, weight: tuple[float, float]) -> None:
        basis = self.loaded.basis()
        if basis is not None:
            self.bases.append((_angle(weight), basis))

    def _proven(self, program: LinearProgram) -> Solution:
        """Solve what is loaded; from the last basis, or from scratch where the arrays do not confirm the answer."""
        for warm in (True, False):
            found = self.loaded.solve(warm=warm, method=PRIMAL if warm else None)
            self.solves += 1
            if found.status is Status.OPTIMAL and found.x is not None and found.row_dual is not None:
                certificate = certify(program, found.x, found.row_dual, within=PROVEN)
                if certificate.verified:
                    return found
        name = self.compiled.variant.scenario.scenario_id
        raise CertificateError("plan-not-verified", scenario=name, reason=f"{found.status} on the curve")


def _angle(weight: tuple[float, float]) -> float:
    return math.atan2(weight[1], weight[0])


def _x(found: Solution) -> Floats:
    assert found.x is not None, "only proven solutions are handed on"
    return found.x


def _dual(found: Solution) -> Floats:
    assert found.row_dual is not None, "only proven solutions are handed on"
    return found.row_dual
