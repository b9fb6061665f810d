"""Margins: a scenario's program with every rule open to question, and what it is worth when one of them gives way.

The widened program stays in the solver; a question opens a rule (or tightens it), solves again from the optimum's basis
and goes back. Values are objective points, more is better; here, and nowhere else in this question, signs turn.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from allocate.analyses.margins.value_curve import Piece, Reading, first_piece
from allocate.analyses.resolving.resolve import Bench
from allocate.errors import CertificateError, UsageError
from allocate.model.program import Bools, Floats, LinearProgram
from allocate.model.widening import Widened, widen
from allocate.solve.loaded import LoadedProgram
from allocate.solve.solution import Solution, Status

# How far the widened program's optimum may lie from the scenario's (objective points).
SAME_OPTIMUM = 1e-7
# The part of a pot or a capacity within which a value's range is sought, and the points of a floor.
PART = 0.25
POINTS = 0.10
# Steps below these are not looked at: EUR, need or capacity units.
SMALLEST = {"pot": 10.0, "moved": 10.0, "floor": 0.01, "capacity": 0.01}


@dataclass(frozen=True)
class Sides:
    """What one unit of a rule's room is worth: ``more`` = it gives way, ``less`` = it is tightened."""

    more: Piece
    less: Piece


class Margins:
    """One divisible scenario with a plan, ready for questions about its rules.

    Raises ``UsageError`` (explain-judged, explain-no-plan, divisible-only).
    """

    def __init__(self, bench: Bench) -> None:
        if bench.is_mixed_integer:
            raise UsageError("divisible-only", scenario=bench.scenario_id)
        self.bench = bench
        self.widened: Widened = widen(bench.compiled)
        self.loaded = LoadedProgram(self.program, bench.session.limits)
        self.loaded.start_from_narrower(bench.loaded)
        self.optimum = self.loaded.solve()
        self.value = -self.optimum.objective
        if self.optimum.row_dual is None or abs(self.value - bench.value) > SAME_OPTIMUM:
            reason = f"{self.value} against {bench.value}"
            raise CertificateError("plan-not-verified", scenario=bench.scenario_id, reason=reason)

    @property
    def program(self) -> LinearProgram:
        """The widened program, all rules in force."""
        return self.widened.program

    def lifted(self, relaxers: Bools) -> tuple[float, Solution]:
        """What it is worth (objective points) when some relaxers are opened all the way, and the solution."""
        return self.opened(np.where(relaxers, self.widened.relaxers.limit, 0.0))

    def opened(self, steps: Floats) -> tuple[float, Solution]:
        """What it is worth when relaxers may give way by these steps (their rules' units), and the solution."""
        changed = np.flatnonzero(steps > 0)
        columns = self.widened.relaxers.column[changed]
        with self.loaded.what_if():
            self.loaded.change_bounds(columns, np.zeros(len(columns)), steps[changed])
            found = self.loaded.solve()
        gain = math.nan if found.x is None else -found.objective - self.value
        return gain, found

    def bound(self) -> Floats:
        """Per relaxer: an upper bound of what its first unit is worth; 0 proves that it is worth nothing."""
        reduced = self.program.reduced_cost(_dual(self.optimum))
        return np.maximum(0.0, -reduced[self.widened.relaxers.column])

    def sides(self, rule: int, step: float = 0.0) -> Sides:
        """Both one-sided values of a pot, floor, capacity or cap on re-steering, per unit of the rule.

        ``step``: the least width within which the range is sought (EUR for a pot that a planner names a step for).
        """
        kind = str(self.widened.rules.kind[rule])
        relaxer = int(np.flatnonzero(self.widened.relaxers.rule == rule)[0])
        room, spare = self._widths(kind, relaxer, step)
        column = int(self.widened.relaxers.column[relaxer])
        more = self._piece(self._opening(column), room, SMALLEST[kind], float(self.bound()[relaxer]))
        less = self._piece(self._tightening(kind, rule, relaxer), spare, SMALLEST[kind], -float(self.bound()[relaxer]))
        return Sides(more, less)

    def _piece(self, ask: Callable[[float], Reading | None], limit: float, smallest: float, steepest: float) -> Piece:
        if limit <= smallest:
            return Piece(math.nan, 0.0, True)
        return first_piece(ask, self.value, limit, smallest, steepest)

    def _widths(self, kind: str, relaxer: int, step: float) -> tuple[float, float]:
        """How far the rule is opened and tightened at most, in its unit."""
        town, relaxers = self.bench.compiled.town, self.widened.relaxers
        if kind == "pot":
            amount = float(town.pot_amount[relaxers.pot[relaxer]])
            return max(PART * amount, step), PART * amount
        if kind == "moved":
            return max(PART * town.max_moved, step), PART * town.max_moved
        if kind == "capacity":
            offer = int(relaxers.offer[relaxer])
            most, least = float(town.offers.max_capacity[offer]), float(town.offers.committed[offer])
            return max(PART * most, 1.0), min(PART * most, most - least)
        row = self._row("floor", int(relaxers.rule[relaxer]))
        floors = self.bench.compiled.floors
        number = np.flatnonzero(floors.enforced)[row - self.program.rows_index["floor"].start]
        demand, required = float(floors.demand[number]), float(floors.required[number])
        return min(POINTS * demand, required), min(POINTS * demand, demand - required)

    def _row(self, kind: str, rule: int) -> int:
        rules = self.widened.rules
        key = (str(rules.id[rule]), str(rules.place[rule])) if kind == "floor" else (str(rules.id[rule]),)
        return self.program.rows_index.at(kind, *key)

    def _opening(self, column: int) -> Callable[[float], Reading | None]:
        number = np.array([column])

        def ask(step: float) -> Reading | None:
            with self.loaded.what_if():
                self.loaded.change_bounds(number, np.zeros(1), np.array([step]))
                found = self.loaded.solve()
            return self._reading(step, found, lambda dual: -self._reduced(column, dual))

        return ask

    def _tightening(self, kind: str, rule: int, relaxer: int) -> Callable[[float], Reading | None]:
        if kind == "capacity":
            offer = int(self.widened.relaxers.offer[relaxer])
            column = self.program.columns_index["capacity"].start + offer
            lower, upper = self.program.lower[column], self.program.upper[column]

            def shrink(step: float) -> Reading | None:
                with self.loaded.what_if():
                    self.loaded.change_bounds(np.array([column]), np.array([lower]), np.array([upper - step]))
                    found = self.loaded.solve()
                return self._reading(step, found, lambda dual: min(0.0, self._reduced(column, dual)))

            return shrink
        row = self._row(kind, rule)
        sign = 1.0 if kind == "floor" else -1.0
        lower, upper = self.program.row_lower[row], self.program.row_upper[row]

        def tighten(step: float) -> Reading | None:
            with self.loaded.what_if():
                sides = (np.array([lower + sign * step]), np.array([upper + sign * step]))
                self.loaded.change_row_bounds(np.array([row]), *sides)
                found = self.loaded.solve()
            return self._reading(step, found, lambda dual: -sign * float(dual[row]))

        return tighten

    def _reading(self, step: float, found: Solution, slope: Callable[[Floats], float]) -> Reading | None:
        if found.status is not Status.OPTIMAL or found.row_dual is None:
            return None
        return Reading(step, -found.objective, slope(found.row_dual))

    def _reduced(self, column: int, dual: Floats) -> float:
        entries = slice(self.program.starts[column], self.program.starts[column + 1])
        priced = self.program.values[entries] @ dual[self.program.rows[entries]]
        return float(self.program.cost[column] - priced)


def _dual(found: Solution) -> Floats:
    if found.row_dual is None:
        raise CertificateError("plan-not-verified", scenario="", reason="no duals")
    return found.row_dual
