"""The second goal from the first one's basis: among the optima of a loaded program, the best one by other costs.

The optimal basis stays feasible when the program is narrowed to its optimal face and gets another objective, which is
where the primal simplex method begins. So the second stage goes on in the same instance, with its scaling and its
factorisation, and takes as many steps as its answer lies away from the optimum that was found. A cold solve, with
another scaling and presolve, takes as long as the first stage and sometimes calls the face empty.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import highspy
import numpy as np

from allocate.model.program import LinearProgram
from allocate.solve.distance import Distance
from allocate.solve.engine import Numbers, int32
from allocate.solve.loaded import LoadedProgram
from allocate.solve.scaling import Scaled, loudness
from allocate.town.arrays import Bools, Floats, Ints

# On very wide faces the way from the basis is longer than one from scratch. It is not begun where more than this share
# of the columns, and more than a few, are outside the basis and free to move; after so many steps it is given up.
WIDE, FEW, STEPS = 0.5, 1_000, 1_000
# From so many columns on those that cannot move are left out, in an instance of its own: a step then costs half. A way
# may have a step for so many rows there, because one from scratch is longer, too.
LARGE, ROWS_A_STEP = 50_000, 3
# Rows that turn out to lose are held, and the way goes on, so many times.
_ROUNDS = 3
# As strict as the first stage; both in the solver's scaled units.
_FEASIBLE = 1e-9
_DUAL, _PRIMAL = 1, 4

type Held = Callable[[Floats], tuple[Ints, Floats]]


def keeping_basis(loaded: LoadedProgram, program: LinearProgram, face: LinearProgram) -> LinearProgram | None:
    """The face with what stands in the basis left free, where rounding would have fixed it beside its value.

    None where the face is so wide that the way from the basis is a long one.
    """
    columns, rows = loaded.basic()
    if np.count_nonzero((face.lower < face.upper) & ~columns) > max(FEW, WIDE * program.column_count):
        return None
    return replace(
        face,
        lower=np.where(columns, program.lower, face.lower),
        upper=np.where(columns, program.upper, face.upper),
        row_lower=np.where(rows, program.row_lower, face.row_lower),
        row_upper=np.where(rows, program.row_upper, face.row_upper),
    )


def best_beside(
    loaded: LoadedProgram, program: LinearProgram, distance: Distance, at: Floats, held: Held
) -> Floats | None:
    """The optimum of ``distance`` from the basis of the program's; None where it was not reached in few steps.

    ``loaded`` stands at an optimum ``at`` of ``program``, ``distance`` is divided at that point, and its columns and
    rows have narrower bounds; the program is left as it was, with the same basis. ``held``: of a point of the program
    that was found, the rows that must stand at a side of theirs and do not, with these sides; none where it is good.
    """
    basis = loaded.basis()
    if basis is None:
        return None
    if program.column_count >= LARGE:
        return _ways(_Apart(loaded, distance, at, basis), loaded, distance, held)
    with loaded.taken() as (solver, scaled):
        asked = _Asked(solver, scaled, program, distance)
        try:
            asked.put()
            return _ways(asked, loaded, distance, held)
        finally:
            asked.take_back()
            solver.setBasis(basis)


def _ways(asked: _Asked | _Apart, loaded: LoadedProgram, distance: Distance, held: Held) -> Floats | None:
    near = asked.solved(loaded.limits.remaining, _PRIMAL)
    for _ in range(_ROUNDS):
        rows, sides = (np.zeros(0, np.int64), np.zeros(0)) if near is None else held(distance.joined(near))
        if not len(rows):
            break
        asked.hold(rows, sides)
        near = asked.solved(loaded.limits.remaining, _DUAL)
    return near


class _Apart:
    """The distance in an instance of its own, on the columns that may move."""

    def __init__(self, loaded: LoadedProgram, distance: Distance, at: Floats, basis: Any) -> None:
        asked = distance.program
        copies = len(distance.beyond)
        self.moving: Bools = np.append(loaded.basic()[0], np.zeros(copies, dtype=bool)) | (asked.lower < asked.upper)
        self.still = np.where(self.moving, 0.0, np.clip(distance.divided(at), asked.lower, asked.upper))
        self.spent = asked.activity(self.still)
        small = asked.on(self.moving)
        self.loaded = LoadedProgram(
            replace(small, row_lower=small.row_lower - self.spent, row_upper=small.row_upper - self.spent),
            loaded.limits,
        )
        own = highspy.HighsBasis()
        states = np.array([*basis.col_status, *[highspy.HighsBasisStatus.kLower] * copies], dtype=object)
        own.col_status, own.row_status, own.valid = states[self.moving].tolist(), basis.row_status, True
        self.loaded.start_from(own)

    def hold(self, rows: Ints, sides: Floats) -> None:
        """Rows at these sides from now on."""
        at = sides - self.spent[rows]
        self.loaded.change_row_bounds(rows, at, at)

    def solved(self, seconds: float, strategy: int) -> Floats | None:
        """The point found, in the units of the program."""
        with self.loaded.taken() as (solver, scaled):
            found = _run(solver, strategy, seconds, max(STEPS, len(self.spent) // ROWS_A_STEP))
            if found is None:
                return None
            x = self.still.copy()
            x[self.moving] = found * scaled.column
            return x


class _Asked:
    """The distance put into a HiGHS instance that holds the program, and taken out again."""

    def __init__(self, solver: Any, scaled: Scaled, program: LinearProgram, distance: Distance) -> None:
        self.solver, self.scaled, self.program, self.distance = solver, scaled, program, distance
        beyond = distance.beyond
        self.factor = np.concatenate([scaled.column, scaled.column[beyond]])
        self.columns, self.rows = int32(np.arange(program.column_count)), int32(np.arange(program.row_count))

    def put(self) -> None:
        """New bounds and costs, and a copy of every column that is divided."""
        asked, count = self.distance.program, self.program.column_count
        cost = asked.cost * self.factor
        cost *= loudness(cost)
        lower, upper = asked.lower / self.factor, asked.upper / self.factor
        starts, rows, values = self._copied()
        copies = len(self.distance.beyond)
        if copies:
            # They come in at their lower bound, so that the basis stays feasible and need not be factorised anew.
            self.solver.addCols(copies, cost[count:], lower[count:], upper[count:], len(values), starts, rows, values)
        self._change(cost[:count], lower[:count], upper[:count], asked.row_lower, asked.row_upper)

    def _copied(self) -> tuple[Numbers, Numbers, Floats]:
        """The stored entries of the copies: where each begins, rows and values."""
        starts, rows, values = self.scaled.program.entries_of(self.distance.beyond)
        return int32(starts), int32(rows), np.repeat(self.distance.side, np.diff(starts)) * values

    def hold(self, rows: Ints, sides: Floats) -> None:
        """Rows at these sides from now on; the basis keeps its prices, which is where the dual method begins."""
        at = sides * self.scaled.row[rows]
        self.solver.changeRowsBounds(len(rows), int32(rows), at, at)

    def take_back(self) -> None:
        """The program as it was."""
        program, column = self.program, self.scaled.column
        copies = len(self.distance.beyond)
        if copies:
            self.solver.deleteCols(copies, int32(np.arange(program.column_count, program.column_count + copies)))
        self._change(
            program.cost * column * self.scaled.objective,
            program.lower / column,
            program.upper / column,
            program.row_lower,
            program.row_upper,
        )

    def _change(self, cost: Floats, lower: Floats, upper: Floats, row_lower: Floats, row_upper: Floats) -> None:
        row = self.scaled.row
        self.solver.changeColsCost(len(self.columns), self.columns, cost)
        self.solver.changeColsBounds(len(self.columns), self.columns, lower, upper)
        self.solver.changeRowsBounds(len(self.rows), self.rows, row_lower * row, row_upper * row)

    def solved(self, seconds: float, strategy: int) -> Floats | None:
        """The point found, in the units of the program."""
        found = _run(self.solver, strategy, seconds, STEPS)
        return None if found is None else found * self.factor


def _run(solver: Any, strategy: int, seconds: float, steps: int) -> Floats | None:
    """The optimum from the basis in the solver's units; None where it was not reached in so many steps."""
    options: dict[str, str | float] = {
        "solver": "simplex",
        "simplex_strategy": strategy,
        "dual_simplex_cost_perturbation_multiplier": 0.0,
        "simplex_iteration_limit": steps,
        "presolve": "off",
        "primal_feasibility_tolerance": _FEASIBLE,
    }
    if math.isfinite(seconds):
        options["time_limit"] = solver.getRunTime() + seconds
    for name, value in options.items():
        solver.setOptionValue(name, value)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    found: Floats = np.asarray(solver.getSolution().col_value)
    return found
