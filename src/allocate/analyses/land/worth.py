"""Worth: what the pots of a Land are worth to one town, from the town's own program.

With amounts a of the Land's pots the town's best plan is worth V(a), a concave, piecewise linear function that never
falls (the amounts are right-hand sides of the rows M2 of docs/model.md). Every solve at a point gives V there and, from
its row duals y by weak duality, a *cut* that holds for all amounts,

    V(a') <= height + slopes @ a',      slopes = -y of the pots' rows,

whatever the solver says: the cut is computed from the arrays (``certify.dual_bound``). All other inputs, and the
budget that turns the weights of duplication and re-steering into a price of a euro, stay those of today's key.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import RLock

import numpy as np

from allocate.bench.recast import NewColumns, extended, without_objective
from allocate.errors import CertificateError
from allocate.model.compile import Compiled
from allocate.model.program import LinearProgram
from allocate.model.rules.pot import POT_ROWS
from allocate.solve.certify import Certificate, certify, dual_bound
from allocate.solve.loaded import LoadedProgram
from allocate.solve.solution import Limits, Solution, Status
from allocate.solve.value import value_of, worth_of
from allocate.town.arrays import Floats, Ints

# A value that a cut and a solve agree on within this is the same (objective points).
SAME = 1e-10
# Money that is missing below this is rounding, in EUR.
MISSING = 0.005
# Breakpoints of a curve beyond these are not looked for; what is missing shows as a gap.
MOST_POINTS = 600


@dataclass(frozen=True)
class Cut:
    """V(a) <= height + slopes @ a for all amounts a (EUR/year, in the order of the Land's pots)."""

    height: float
    slopes: tuple[float, ...]

    def at(self, amounts: Floats) -> float:
        """The upper bound at these amounts."""
        return self.height + float(np.dot(self.slopes, amounts))


@dataclass(frozen=True)
class Point:
    """What a solve says at some amounts: a plan worth ``value`` exists, and none is worth more than ``cut`` allows."""

    amounts: tuple[float, ...]
    value: float
    cut: Cut


@dataclass(frozen=True)
class Curve:
    """A town's worth of the Land's money as far as it is known: cuts above, points below.

    ``needed``: cuts of the money that is missing, height + slopes @ a >= 0 wherever the town has a plan.
    """

    points: tuple[Point, ...]
    needed: tuple[Cut, ...] = ()

    def upper(self, amounts: Floats) -> float:
        """The least of the bounds at these amounts."""
        return min(point.cut.at(amounts) for point in self.points)

    def joined(self, other: Curve) -> Curve:
        """What both know; points in the order of their amounts."""
        points = sorted((*self.points, *other.points), key=lambda point: point.amounts)
        return Curve(tuple(points), (*self.needed, *other.needed))


class Worth:
    """The program of one town, asked for its value at many amounts.

    ``pots``: the numbers of the town's own pots that are the Land's, -1 where the town has none of that pot. Where
    ``hot``, one program stays in the solver and a question begins where the one before ended, which is several times
    quicker; else every question begins at the basis of today's key, so that its answer depends on nothing but itself.
    """

    def __init__(
        self, compiled: Compiled, pots: Sequence[int], limits: Limits | None = None, *, hot: bool = False
    ) -> None:
        self.own = np.array([at for at, pot in enumerate(pots) if pot >= 0], dtype=np.int64)
        first = compiled.program.rows_index[POT_ROWS].start
        self.rows: Ints = first + np.array([pot for pot in pots if pot >= 0], dtype=np.int64)
        self.count = len(pots)
        self.name = compiled.variant.scenario.scenario_id
        self.value_program = compiled.program
        self.need_program = _missing_money(compiled, self.rows)
        self._limits = limits
        self._hot = hot
        self._lock = RLock()
        self._first: dict[str, LoadedProgram] = {}

    def value(self, amounts: Floats) -> Point | None:
        """V at these amounts; None where no plan meets the rules with them. Raises ``CertificateError``."""
        return self._at("value", self.value_program, amounts)

    def missing(self, amounts: Floats) -> Point | None:
        """Minus the EUR/year that the town lacks for a plan; its cut must not be negative where there is one.

        None where no amount gives a plan. Raises ``CertificateError``.
        """
        return self._at("need", self.need_program, amounts)

    def _at(self, kind: str, program: LinearProgram, amounts: Floats) -> Point | None:
        upper = program.row_upper.copy()
        upper[self.rows] = amounts[self.own]
        asked = replace(program, row_upper=upper)
        with self._lock:
            loaded = self._ready(kind, program)
            loaded.change_row_bounds(self.rows, program.row_lower[self.rows], upper[self.rows])
            found = loaded.solve()
        if found.status is Status.INFEASIBLE:
            return None
        judged = self._judged(asked, found)
        if not judged.verified:
            # Where the way from another question ends beside the optimum, the question is put from the beginning.
            found = LoadedProgram(asked, self._limits).solve()
            judged = self._judged(asked, found)
        if not judged.verified or found.row_dual is None:
            reason = f"violation {judged.primal_violation:.1e}, gap {judged.gap:.1e}"
            raise CertificateError("plan-not-verified", scenario=self.name, reason=reason)
        slopes = np.zeros(self.count)
        slopes[self.own] = np.maximum(0.0, worth_of(found.row_dual[self.rows]))
        height = value_of(dual_bound(asked, found.row_dual)) - float(slopes @ amounts)
        return Point(tuple(amounts.tolist()), judged.value, Cut(height, tuple(slopes.tolist())))

    def _judged(self, asked: LinearProgram, found: Solution) -> Certificate:
        if found.x is None or found.row_dual is None:
            raise CertificateError("limit-reached", scenario=self.name)
        return certify(asked, found.x, found.row_dual)

    def _ready(self, kind: str, program: LinearProgram) -> LoadedProgram:
        if kind not in self._first:
            self._first[kind] = LoadedProgram(program, self._limits)
            self._first[kind].solve()
        first = self._first[kind]
        if self._hot:
            return first
        fresh = LoadedProgram(program, self._limits)
        basis = first.basis()
        if basis is not None:
            fresh.start_from(basis)
        return fresh


def least_amount(worth: Worth, most: float) -> float | None:
    """The least EUR/year of the only pot with which the town has a plan, rounded up to cents; None above ``most``."""
    found = worth.missing(np.zeros(1))
    if found is None:
        return None
    missing = -found.value
    least = math.ceil(round(missing * 100, 4)) / 100 if missing > MISSING else 0.0
    return least if least <= most else None


def whole_curve(worth: Worth, least: float, most: float) -> Curve:
    """V of the only pot between two amounts, with all its breakpoints (chords and tangents: Eisner and Severance 1976).

    Between two points whose tangents meet on the curve nothing is left to find; where they meet above it, the meeting
    point gives a new tangent. Where rounding or ``MOST_POINTS`` ends the search, cuts and points differ, which shows.
    """
    ends = [worth.value(np.array([at])) for at in (least, most)]
    points = [point for point in ends if point is not None]
    if len(points) < 2:
        return Curve(tuple(points))
    open_parts = [(points[0], points[1])]
    while open_parts and len(points) < MOST_POINTS:
        left, right = open_parts.pop()
        between = _meeting(left, right)
        if between is None:
            continue
        found = worth.value(np.array([between]))
        if found is None:
            continue
        points.append(found)
        if left.cut.at(np.array([between])) - found.value > SAME:
            open_parts += [(left, found), (found, right)]
    return Curve(tuple(sorted(points, key=lambda point: point.amounts)))


def _meeting(left: Point, right: Point) -> float | None:
    """Where the tangents of two points meet, None where one of them holds for both."""
    a, b = left.amounts[0], right.amounts[0]
    if b - a <= MISSING or left.cut.at(np.array([b])) - right.value <= SAME:
        return None
    if right.cut.at(np.array([a])) - left.value <= SAME:
        return None
    steeper = left.cut.slopes[0] - right.cut.slopes[0]
    if steeper <= 0:
        return None
    at = (right.cut.height - left.cut.height) / steeper
    return at if a + MISSING < at < b - MISSING else None


def _missing_money(compiled: Compiled, rows: Ints) -> LinearProgram:
    """The town's rules with money on top of its Land's pots, of which as little as possible is taken (EUR)."""
    largest = float(compiled.town.cost_of(compiled.town.offers.max_capacity).sum()) + 1.0
    count = len(rows)
    top_up = NewColumns(
        name="top_up",
        keys=(compiled.town.pots[rows - compiled.program.rows_index[POT_ROWS].start],),
        cost=np.zeros(count),
        lower=np.zeros(count),
        upper=np.full(count, largest),
        rows=rows,
        members=np.arange(count),
        values=np.full(count, -1.0),
    )
    goal = np.concatenate([np.zeros(compiled.program.column_count), np.ones(count)])
    return without_objective(extended(compiled.program.relaxed(), [top_up]), goal)
