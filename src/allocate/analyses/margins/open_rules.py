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

from allocate.analyses.margins.part import Held, PartProgram
from allocate.analyses.margins.value_curve import Piece, Reading, first_piece, proven_piece
from allocate.bench.resolve import NOTHING, Bench
from allocate.bench.widening import Rules, Widened, widen
from allocate.errors import CertificateError, UsageError
from allocate.model.program import LinearProgram
from allocate.model.rules.floor import FLOOR, FLOOR_ROWS
from allocate.model.rules.pot import POT, POT_ROWS
from allocate.model.rules.register import rule_of, way_of
from allocate.model.rules.rule import CAPACITY_UNITS, EUR, NEED_UNITS, POSTS, Bound
from allocate.solve.held import Row
from allocate.solve.loaded import PRIMAL, LoadedProgram
from allocate.solve.solution import Solution, Status
from allocate.solve.value import value_of, worth_of
from allocate.town.arrays import Bools, Floats, Ints

# From this many stored entries of the widened program on, rules are asked about without the relaxers of most others.
PART_FROM = 50_000
# How far the widened program's optimum may lie from the scenario's (objective points).
SAME_OPTIMUM = 1e-7
# The part of a pot or a capacity within which a value's range is sought, and the points of a floor.
PART = 0.25
POINTS = 0.10
# The search begins with this part of that width and widens as long as the value holds, because a re-solve costs the
# more the further it leads, and most ranges are short.
FIRST = 0.04
WIDER = 5.0
# Steps below these are not looked at.
SMALLEST = {EUR: 10.0, NEED_UNITS: 0.01, CAPACITY_UNITS: 0.01, POSTS: 0.01}
# Of a rule with less room than that, a part of the room is the smallest step; room below this part of it is rounding.
DUST = 1e-3
# More money (EUR) or posts are asked about within at least this width: a part of a small or empty pot says nothing.
ROOM = {EUR: 1000.0, POSTS: 1.0}


@dataclass(frozen=True)
class Sides:
    """What one unit of a rule's room is worth: ``more`` = it gives way, ``less`` = it is tightened."""

    more: Piece
    less: Piece


@dataclass(frozen=True)
class _Way:
    """A rule that gives way or is tightened: the curve read by a re-solve, and what the optimum's basis says of it.

    ``slope``: the slope of a tangent from multipliers; ``reach``: the step up to which that of the optimum of ``held``,
    the program that is asked, is proven.
    """

    ask: Callable[[float], Reading | None]
    slope: Callable[[Floats], float]
    reach: Callable[[], float]
    held: Held


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
        self._whole = self._held(LoadedProgram(self.program, bench.session.limits))
        self.optimum = self._whole.optimum
        self.value = self.optimum.value
        self._part = self._whole
        if len(self.program.values) > PART_FROM:
            columns = np.ones(self.program.column_count, dtype=bool)
            columns[self.widened.relaxers.column] = self._asked_alone[self.widened.relaxers.rule]
            loaded = PartProgram(self.program, columns, bench.program.row_count, bench.session.limits)
            self._part = self._held(loaded)

    def _held(self, loaded: LoadedProgram) -> Held:
        """A program with the scenario's plans, at its optimum, which is the scenario's."""
        loaded.start_from_narrower(self.bench.loaded)
        held = Held(loaded, self._solved(loaded))
        if held.optimum.row_dual is None or abs(held.optimum.value - self.bench.value) > SAME_OPTIMUM:
            reason = f"{held.optimum.value} against {self.bench.value}"
            raise CertificateError("plan-not-verified", scenario=self.bench.scenario_id, reason=reason)
        return held

    @cached_property
    def _asked_alone(self) -> Bools:
        """The rules that are asked about one at a time: pots, floors, and those that may cost something."""
        return self.widened.rules.of(POT, FLOOR) | (self.lifting_bounds > NOTHING)

    def _having(self, columns: Ints) -> Held:
        """The smallest program in which these columns can be opened."""
        return self._part if self._part.has(columns) else self._whole

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
        changed = np.flatnonzero(steps > 0)
        columns = self.widened.relaxers.column[changed]
        loaded = self._having(columns).loaded
        with loaded.what_if():
            loaded.change_bounds(columns, np.zeros(len(columns)), steps[changed])
            if amounts is not None:
                self._set_amounts(loaded, amounts)
            found = self._solved(loaded)
        return self._gain(found), found

    def opened_within(self, relaxers: Ints, step: float) -> tuple[float, Solution]:
        """What it is worth when some relaxers may give way by ``step`` together, and the solution."""
        columns = self.widened.relaxers.column[relaxers]
        loaded = self._having(columns).loaded
        with loaded.what_if():
            loaded.change_bounds(columns, np.zeros(len(columns)), np.full(len(columns), step))
            loaded.add_row(Row(columns, np.ones(len(columns)), upper=step))
            found = self._solved(loaded)
        return self._gain(found), found

    def without_charge(self, amounts: Floats) -> float:
        """The best value (objective points) with these pots if unwanted duplication were not charged."""
        columns = np.arange(self.program.column_count)[self.program.columns_index.slice("duplication")]
        loaded = self._part.loaded
        with loaded.what_if():
            loaded.change_cost(columns, np.zeros(len(columns)))
            self._set_amounts(loaded, amounts)
            found = self._solved(loaded, PRIMAL)
        return math.nan if found.x is None else found.value

    def _solved(self, loaded: LoadedProgram, method: str | None = None) -> Solution:
        """A loaded program's optimum; a number that a limit cut short is no answer (``CertificateError``)."""
        found = loaded.solve(method=method)
        if found.status is Status.LIMIT:
            raise CertificateError("limit-reached", scenario=self.bench.scenario_id)
        return found

    def _set_amounts(self, loaded: LoadedProgram, amounts: Floats) -> None:
        rows = np.arange(self.program.row_count)[self.program.rows_index.slice(POT_ROWS)]
        loaded.change_row_bounds(rows, np.full(len(rows), -np.inf), amounts)

    def _gain(self, found: Solution) -> float:
        return math.nan if found.x is None else found.value - self.value

    @cached_property
    def bounds(self) -> Floats:
        """Per relaxer: an upper bound of what each unit of it is worth; 0 proves that it is worth nothing."""
        reduced = self.program.reduced_cost(_dual(self.optimum))
        return np.maximum(0.0, worth_of(reduced[self.widened.relaxers.column]))

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
        smallest = SMALLEST[rule_of(kind).unit]
        more = self._piece(self._opening(column), room, smallest, bound)
        less = self._piece(self._tightening(kind, rule, relaxer), spare, smallest, -bound)
        return Sides(more, less)

    def gain(self, rule: int, step: float) -> float:
        """Change of the best value (points) when a rule in one number gives way by ``step``, negative: is tightened.

        NaN where there is no plan, or where the rule cannot be tightened that far.
        """
        kind = str(self.widened.rules.kind[rule])
        relaxer = int(np.flatnonzero(self.widened.relaxers.rule == rule)[0])
        if step < 0 and -step > self._spare(kind, relaxer):
            return math.nan
        ask = self._opening(int(self.widened.relaxers.column[relaxer])).ask
        found = ask(step) if step >= 0 else self._tightening(kind, rule, relaxer).ask(-step)
        return math.nan if found is None else found.value - self.value

    def _piece(self, way: _Way, limit: float, smallest: float, steepest: float) -> Piece:
        if limit <= DUST * smallest:
            return Piece(math.nan, 0.0, True)
        smallest = min(smallest, FIRST * limit)
        ask, reach = way.ask, way.reach()
        if reach > smallest:
            proven = proven_piece(ask, self.value, limit, way.slope(_dual(way.held.optimum)), reach)
            if proven is not None:
                return proven
        width = max(FIRST * limit, smallest)
        piece = first_piece(ask, self.value, width, smallest, steepest)
        while not piece.ends and width < limit:
            width = min(limit, WIDER * width)
            piece = first_piece(ask, self.value, width, piece.reach, piece.slope)
        return piece

    def _widths(self, kind: str, relaxer: int, step: float) -> tuple[float, float]:
        """How far the rule is opened and tightened at most, in its unit."""
        spare, bound = self._spare(kind, relaxer), self._bound(kind, relaxer)
        if bound:
            column = self._column(bound, relaxer)
            width = PART * max(float(self.program.upper[column]), 1.0)
            room = width if bound.is_upper else float(self.program.lower[column])
            return min(width, room), min(width, spare)
        if rule_of(kind).unit == CAPACITY_UNITS:
            return (min(PART * max(spare, 1.0), spare),) * 2
        if least := ROOM.get(rule_of(kind).unit):
            room = max(PART * spare, step or least)
            return min(room, spare) if way_of(kind).down else room, PART * spare
        demand, required = self._floor(relaxer)
        return min(POINTS * demand, required), min(POINTS * demand, spare)

    def _spare(self, kind: str, relaxer: int) -> float:
        """How far the rule can be tightened at all, in its unit."""
        bound = self._bound(kind, relaxer)
        if bound:
            column = self._column(bound, relaxer)
            return float(self.program.upper[column] - self.program.lower[column])
        if rule_of(kind).unit != NEED_UNITS:
            # What must be at least is looked at as far as it is asked for; what may be at most, down to nothing.
            row = self._row(kind, int(self.widened.relaxers.rule[relaxer]))
            lower, upper = float(self.program.row_lower[row]), float(self.program.row_upper[row])
            return upper if math.isfinite(upper) else lower
        demand, required = self._floor(relaxer)
        return demand - required

    def _floor(self, relaxer: int) -> tuple[float, float]:
        """Demand and required units of a floor."""
        row = self._row(FLOOR, int(self.widened.relaxers.rule[relaxer]))
        floors = self.bench.compiled.floors
        number = np.flatnonzero(floors.enforced)[row - self.program.rows_index[FLOOR_ROWS].start]
        return float(floors.demand[number]), float(floors.required[number])

    def _row(self, kind: str, rule: int) -> int:
        rules = self.widened.rules
        name = next(equation.name for equation in rule_of(kind).equations if equation.rule)
        return self.program.rows_index.at(name, *_key(rules, rule))

    def _bound(self, kind: str, relaxer: int) -> Bound | None:
        """The bound in which the rule stands; None where it stands in a row."""
        key, index = _key(self.widened.rules, int(self.widened.relaxers.rule[relaxer])), self.program.rows_index
        in_rows = [one.name for one in rule_of(kind).equations if one.rule and one.name in index]
        return None if any(key in index[name].position for name in in_rows) else rule_of(kind).bound

    def _opening(self, column: int) -> _Way:
        number = np.array([column])
        held = self._having(number)

        def ask(step: float) -> Reading | None:
            with held.loaded.what_if():
                held.loaded.change_bounds(number, np.zeros(1), np.array([step]))
                found = self._solved(held.loaded)
            return self._reading(step, found, slope)

        def slope(dual: Floats) -> float:
            return max(0.0, self._worth(column, dual))

        return _Way(ask, slope, lambda: held.reach_of_column(column, 1.0, upper=True), held)

    def _tightening(self, kind: str, rule: int, relaxer: int) -> _Way:
        bound = self._bound(kind, relaxer)
        if bound:
            return self._tightening_column(self._column(bound, relaxer), bound.is_upper)
        row, held = self._row(kind, rule), self._having(self.widened.relaxers.column[[relaxer]])
        lower, upper = self.program.row_lower[row], self.program.row_upper[row]
        sign = 1.0 if np.isfinite(lower) else -1.0

        def tighten(step: float) -> Reading | None:
            with held.loaded.what_if():
                sides = (np.array([lower + sign * step]), np.array([upper + sign * step]))
                held.loaded.change_row_bounds(np.array([row]), *sides)
                found = self._solved(held.loaded)
            return self._reading(step, found, slope)

        def slope(dual: Floats) -> float:
            return sign * float(worth_of(dual)[row])

        return _Way(tighten, slope, lambda: held.reach(row, sign), held)

    def _column(self, bound: Bound, relaxer: int) -> int:
        """The column in whose bound a rule stands."""
        key = _key(self.widened.rules, int(self.widened.relaxers.rule[relaxer]))
        blank = ("",) * (len(self.program.columns_index[bound.columns].keys) - len(key))
        return self.program.columns_index.at(bound.columns, *key, *blank)

    def _tightening_column(self, column: int, is_upper: bool) -> _Way:
        number, held = np.array([column]), self._part
        lower, upper = self.program.lower[number], self.program.upper[number]

        def tighten(step: float) -> Reading | None:
            with held.loaded.what_if():
                bounds = (lower, upper - step) if is_upper else (lower + step, upper)
                held.loaded.change_bounds(number, *bounds)
                found = self._solved(held.loaded)
            return self._reading(step, found, slope)

        def slope(dual: Floats) -> float:
            worth = self._worth(column, dual)
            return min(0.0, -worth) if is_upper else min(0.0, worth)

        sign = -1.0 if is_upper else 1.0
        return _Way(tighten, slope, lambda: held.reach_of_column(column, sign, upper=is_upper), held)

    def _reading(self, step: float, found: Solution, slope: Callable[[Floats], float]) -> Reading | None:
        if found.status is not Status.OPTIMAL or found.row_dual is None:
            return None
        return Reading(step, found.value, slope(found.row_dual))

    def _worth(self, column: int, dual: Floats) -> float:
        """What one unit more in a column is worth, from the multipliers of the rows."""
        entries = slice(self.program.starts[column], self.program.starts[column + 1])
        priced = self.program.values[entries] @ dual[self.program.rows[entries]]
        return value_of(self.program.cost[column] - priced)


def _dual(found: Solution) -> Floats:
    if found.row_dual is None:
        raise CertificateError("plan-not-verified", scenario="", reason="no duals")
    return found.row_dual


def _key(rules: Rules, rule: int) -> tuple[str, ...]:
    """The key of the row or column in which a rule stands."""
    return tuple(str(part[rule]) for part in (rules.id, rules.place) if part[rule])
