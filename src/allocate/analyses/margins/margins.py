"""Margins: a scenario's program with every rule open to question, and what it is worth when one of them gives way.

The widened program stays in the solver; a question opens a rule (or tightens it), solves again from the optimum's basis
and goes back. Values are objective points, more is better; here, and nowhere else in this question, signs turn.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from allocate.analyses.margins.value_curve import Piece, Reading, first_piece
from allocate.bench.resolve import Bench
from allocate.bench.widening import Widened, widen
from allocate.errors import CertificateError, UsageError
from allocate.model.program import LinearProgram
from allocate.solve.loaded import PRIMAL, LoadedProgram, Row
from allocate.solve.solution import Solution, Status
from allocate.town.arrays import Bools, Floats, Ints

# How far the widened program's optimum may lie from the scenario's (objective points).
SAME_OPTIMUM = 1e-7
# The part of a pot or a capacity within which a value's range is sought, and the points of a floor.
PART = 0.25
POINTS = 0.10
# The search begins with this part of that width and widens as long as the value holds, because a re-solve costs the
# more the further it leads, and most ranges are short.
FIRST = 0.04
WIDER = 5.0
# Steps below these are not looked at: EUR, need or capacity units.
SMALLEST = {"pot": 10.0, "moved": 10.0, "floor": 0.01, "capacity": 0.01, "reach": 0.01, "commitment": 0.01}
# Of a rule with less room than that, a part of the room is the smallest step; room below this part of it is rounding.
DUST = 1e-3
# More money is asked about within at least this width (EUR), because a part of a small or empty pot says nothing.
ROOM = 1000.0
# Rules that stand in the bound of a column.
OF_COLUMNS = ("capacity", "reach", "commitment")


@dataclass(frozen=True)
class Sides:
    """What one unit of a rule's room is worth: ``more`` = it gives way, ``less`` = it is tightened."""

    more: Piece
    less: Piece


class Margins:
    """One divisible scenario with a plan, ready for questions about its rules.

    Raises ``UsageError`` (explain-judged, explain-no-plan, divisible-only), and ``CertificateError`` (limit-reached)
    here and at every question.
    """

    def __init__(self, bench: Bench) -> None:
        if bench.is_mixed_integer:
            raise UsageError("divisible-only", scenario=bench.scenario_id)
        self.bench = bench
        self.widened: Widened = widen(bench.compiled)
        self.loaded = LoadedProgram(self.program, bench.session.limits)
        self.loaded.start_from_narrower(bench.loaded)
        self.optimum = self._solved()
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

    def opened(self, steps: Floats, amounts: Floats | None = None) -> tuple[float, Solution]:
        """What it is worth when relaxers may give way by these steps (their rules' units), and the solution.

        ``amounts``: EUR/year in every pot instead of what the scenario gives it. NaN where there is no plan.
        """
        with self.loaded.what_if():
            self._open(steps)
            if amounts is not None:
                self._set_amounts(amounts)
            found = self._solved()
        return self._gain(found), found

    def opened_within(self, relaxers: Ints, step: float) -> tuple[float, Solution]:
        """What it is worth when some relaxers may give way by ``step`` together, and the solution."""
        columns = self.widened.relaxers.column[relaxers]
        with self.loaded.what_if():
            self.loaded.change_bounds(columns, np.zeros(len(columns)), np.full(len(columns), step))
            self.loaded.add_row(Row(columns, np.ones(len(columns)), upper=step))
            found = self._solved()
        return self._gain(found), found

    def without_charge(self, amounts: Floats) -> float:
        """The best value (objective points) with these pots if unwanted duplication were not charged."""
        columns = np.arange(self.program.column_count)[self.program.columns_index.slice("duplication")]
        with self.loaded.what_if():
            self.loaded.change_cost(columns, np.zeros(len(columns)))
            self._set_amounts(amounts)
            found = self._solved(PRIMAL)
        return math.nan if found.x is None else -found.objective

    def _solved(self, method: str | None = None) -> Solution:
        """The loaded program's optimum; a number that a limit cut short is no answer (``CertificateError``)."""
        found = self.loaded.solve(method=method)
        if found.status is Status.LIMIT:
            raise CertificateError("limit-reached", scenario=self.bench.scenario_id)
        return found

    def _open(self, steps: Floats) -> None:
        changed = np.flatnonzero(steps > 0)
        columns = self.widened.relaxers.column[changed]
        self.loaded.change_bounds(columns, np.zeros(len(columns)), steps[changed])

    def _set_amounts(self, amounts: Floats) -> None:
        rows = np.arange(self.program.row_count)[self.program.rows_index.slice("pot")]
        self.loaded.change_row_bounds(rows, np.full(len(rows), -np.inf), amounts)

    def _gain(self, found: Solution) -> float:
        return math.nan if found.x is None else -found.objective - self.value

    @cached_property
    def bounds(self) -> Floats:
        """Per relaxer: an upper bound of what each unit of it is worth; 0 proves that it is worth nothing."""
        reduced = self.program.reduced_cost(_dual(self.optimum))
        return np.maximum(0.0, -reduced[self.widened.relaxers.column])

    @cached_property
    def lifting_bounds(self) -> Floats:
        """Per rule: the most that lifting it altogether can be worth, objective points."""
        relaxers = self.widened.relaxers
        return np.bincount(relaxers.rule, self.bounds * relaxers.limit, minlength=len(self.widened.rules))

    def sides(self, rule: int, step: float = 0.0) -> Sides:
        """Both one-sided values of a rule that stands in one number, per unit of the rule.

        These are pots, floors, capacities, limits of reach, commitments and the cap on re-steering.

        ``step``: the least width within which the range is sought (EUR for a pot that a planner names a step for).
        """
        kind = str(self.widened.rules.kind[rule])
        relaxer = int(np.flatnonzero(self.widened.relaxers.rule == rule)[0])
        room, spare = self._widths(kind, relaxer, step)
        column = int(self.widened.relaxers.column[relaxer])
        bound = float(self.bounds[relaxer])
        more = self._piece(self._opening(column), room, SMALLEST[kind], bound)
        less = self._piece(self._tightening(kind, rule, relaxer), spare, SMALLEST[kind], -bound)
        return Sides(more, less)

    def gain(self, rule: int, step: float) -> float:
        """Change of the best value (points) when a rule in one number gives way by ``step``, negative: is tightened.

        NaN where there is no plan, or where the rule cannot be tightened that far.
        """
        kind = str(self.widened.rules.kind[rule])
        relaxer = int(np.flatnonzero(self.widened.relaxers.rule == rule)[0])
        if step < 0 and -step > self._spare(kind, relaxer):
            return math.nan
        ask = self._opening(int(self.widened.relaxers.column[relaxer]))
        found = ask(step) if step >= 0 else self._tightening(kind, rule, relaxer)(-step)
        return math.nan if found is None else found.value - self.value

    def _piece(self, ask: Callable[[float], Reading | None], limit: float, smallest: float, steepest: float) -> Piece:
        if limit <= DUST * smallest:
            return Piece(math.nan, 0.0, True)
        smallest = min(smallest, FIRST * limit)
        width = max(FIRST * limit, smallest)
        piece = first_piece(ask, self.value, width, smallest, steepest)
        while not piece.ends and width < limit:
            width = min(limit, WIDER * width)
            piece = first_piece(ask, self.value, width, piece.reach, piece.slope)
        return piece

    def _widths(self, kind: str, relaxer: int, step: float) -> tuple[float, float]:
        """How far the rule is opened and tightened at most, in its unit."""
        town = self.bench.compiled.town
        spare = self._spare(kind, relaxer)
        if kind in ("pot", "moved"):
            amount = float(town.pot_amount[self.widened.relaxers.pot[relaxer]]) if kind == "pot" else town.max_moved
            return max(PART * amount, step or ROOM), PART * amount
        if kind == "reach" and self._is_sum(relaxer):
            return min(PART * max(spare, 1.0), spare), min(PART * max(spare, 1.0), spare)
        if kind in OF_COLUMNS:
            column, _ = self._column(kind, relaxer)
            width = PART * max(float(self.program.upper[column]), 1.0)
            room = float(self.program.lower[column]) if kind == "commitment" else width
            return min(width, room), min(width, spare)
        demand, required = self._floor(relaxer)
        return min(POINTS * demand, required), min(POINTS * demand, spare)

    def _spare(self, kind: str, relaxer: int) -> float:
        """How far the rule can be tightened at all, in its unit."""
        if kind == "pot":
            return float(self.bench.compiled.town.pot_amount[self.widened.relaxers.pot[relaxer]])
        if kind == "moved":
            return self.bench.compiled.town.max_moved
        if kind == "reach" and self._is_sum(relaxer):
            return float(self.program.row_upper[self._row(kind, int(self.widened.relaxers.rule[relaxer]))])
        if kind in OF_COLUMNS:
            column, _ = self._column(kind, relaxer)
            return float(self.program.upper[column] - self.program.lower[column])
        demand, required = self._floor(relaxer)
        return demand - required

    def _floor(self, relaxer: int) -> tuple[float, float]:
        """Demand and required units of a floor."""
        row = self._row("floor", int(self.widened.relaxers.rule[relaxer]))
        floors = self.bench.compiled.floors
        number = np.flatnonzero(floors.enforced)[row - self.program.rows_index["floor"].start]
        return float(floors.demand[number]), float(floors.required[number])

    def _row(self, kind: str, rule: int) -> int:
        rules = self.widened.rules
        placed = kind in ("floor", "reach")
        key = (str(rules.id[rule]), str(rules.place[rule])) if placed else (str(rules.id[rule]),)
        return self.program.rows_index.at("use_most" if kind == "reach" else kind, *key)

    def _is_sum(self, relaxer: int) -> bool:
        """Whether the limit of a use stands in the row of its sum, because it is divided among needs."""
        pairs = self.bench.compiled.town.pairs
        return bool((pairs.serves[pairs.offer == self.widened.relaxers.offer[relaxer]] >= 0).any())

    def _opening(self, column: int) -> Callable[[float], Reading | None]:
        number = np.array([column])

        def ask(step: float) -> Reading | None:
            with self.loaded.what_if():
                self.loaded.change_bounds(number, np.zeros(1), np.array([step]))
                found = self._solved()
            return self._reading(step, found, lambda dual: max(0.0, -self._reduced(column, dual)))

        return ask

    def _tightening(self, kind: str, rule: int, relaxer: int) -> Callable[[float], Reading | None]:
        if kind in OF_COLUMNS and not (kind == "reach" and self._is_sum(relaxer)):
            return self._tightening_column(*self._column(kind, relaxer))
        row = self._row(kind, rule)
        sign = 1.0 if kind == "floor" else -1.0
        lower, upper = self.program.row_lower[row], self.program.row_upper[row]

        def tighten(step: float) -> Reading | None:
            with self.loaded.what_if():
                sides = (np.array([lower + sign * step]), np.array([upper + sign * step]))
                self.loaded.change_row_bounds(np.array([row]), *sides)
                found = self._solved()
            return self._reading(step, found, lambda dual: -sign * float(dual[row]))

        return tighten

    def _column(self, kind: str, relaxer: int) -> tuple[int, bool]:
        """The column in whose bound a rule stands, and whether it is the upper one."""
        rules, index = self.widened.rules, self.program.columns_index
        rule = int(self.widened.relaxers.rule[relaxer])
        if kind == "reach":
            key = (str(rules.id[rule]), str(rules.place[rule]))
            blank = ("",) * (len(index["use"].keys) - len(key))
            return index.at("use", *key, *blank), True
        return index.at("capacity", str(rules.id[rule])), kind == "capacity"

    def _tightening_column(self, column: int, is_upper: bool) -> Callable[[float], Reading | None]:
        number = np.array([column])
        lower, upper = self.program.lower[number], self.program.upper[number]

        def tighten(step: float) -> Reading | None:
            with self.loaded.what_if():
                bounds = (lower, upper - step) if is_upper else (lower + step, upper)
                self.loaded.change_bounds(number, *bounds)
                found = self._solved()
            return self._reading(step, found, lambda dual: self._bound_slope(column, dual, is_upper))

        return tighten

    def _bound_slope(self, column: int, dual: Floats, is_upper: bool) -> float:
        reduced = self._reduced(column, dual)
        return min(0.0, reduced) if is_upper else min(0.0, -reduced)

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
