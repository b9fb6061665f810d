"""CANON: among all optimal plans, the one closest to today.

Optima are rarely unique, and which one a solver returns depends on row order and luck. The optimal face is described
by complementary slackness with an optimal dual (Mangasarian 1979, Uniqueness of solution in linear programming):
columns with a reduced cost are fixed at their bound, rows with a dual become equalities. On that face the weighted
distance to today's use and funding is minimised (``distance``), so that the answer is unique and independent of solver,
row order and threads.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocate.model.program import LinearProgram
from allocate.solve.certify import FEASIBILITY, primal_violation
from allocate.solve.distance import Reference, distance_program
from allocate.solve.highs import Highs
from allocate.solve.loaded import LoadedProgram
from allocate.solve.second import best_beside, keeping_basis
from allocate.solve.solution import Limits, Solution, Status
from allocate.town.arrays import Floats, Ints

# A reduced cost or dual counts as nonzero from this share of the objective on.
FACE = 1e-12
# How far the canonical plan's objective may lie from the optimum, relative to its size.
TOLERANCE = 1e-9


def canonical(
    program: LinearProgram,
    optimum: Solution,
    reference: Reference,
    limits: Limits | None = None,
    loaded: LoadedProgram | None = None,
) -> Solution | None:
    """The optimal point closest to the reference; None where it could not be found without loss.

    ``optimum`` must hold an optimal vertex with its row duals. ``loaded``: where the optimum was found; while it still
    stands there the way to the closest one begins at the basis of the optimum. Else, and where that does not end well,
    it begins from scratch.
    """
    if optimum.x is None or optimum.row_dual is None:
        return None
    found = None if loaded is None else from_basis(program, optimum, reference, loaded)
    if found is not None:
        return found
    for tolerance in (FACE, FACE * 10, FACE * 1e-1, FACE * 1e3):
        face = optimal_face(program, optimum.x, optimum.row_dual, tolerance)
        distance = distance_program(face, reference)
        closest = Highs().solve(distance.program, limits or Limits())
        if closest.status is not Status.OPTIMAL or closest.x is None:
            continue
        found = _without_loss(program, optimum, distance.joined(closest.x))
        if found is not None:
            return found
    return None


def from_basis(
    program: LinearProgram, optimum: Solution, reference: Reference, loaded: LoadedProgram
) -> Solution | None:
    """The same by the way that begins at the basis of the optimum.

    None where ``loaded`` does not stand there, where the way is long, and where the arrays do not confirm its end.
    """
    if optimum.x is None or optimum.row_dual is None or not loaded.stands_at(program, optimum):
        return None
    face = optimal_face(program, optimum.x, optimum.row_dual, FACE)
    kept = keeping_basis(loaded, program, face)
    if kept is None:
        return None
    distance = distance_program(kept, reference, optimum.x)
    near = best_beside(loaded, program, distance, optimum.x, lambda x: _losing(program, optimum, x))
    found = None if near is None else _without_loss(program, optimum, distance.joined(near))
    if found is None or found.x is None or primal_violation(program, found.x) > FEASIBILITY:
        return None
    return found


def _without_loss(program: LinearProgram, optimum: Solution, x: Floats) -> Solution | None:
    """The point as the canonical optimum, within its bounds; None where it is worse than the optimum."""
    goal = program.objective(optimum.x) if optimum.x is not None else optimum.objective
    x = np.clip(x, program.lower, program.upper)
    objective = program.objective(x)
    if _loses(objective, goal):
        return None
    return replace(optimum, x=x, objective=objective, detail="canonical")


def _loses(objective: float, goal: float) -> bool:
    """Whether a point is worse than the optimum by more than rounding."""
    return objective - goal > TOLERANCE * max(1.0, abs(goal))


def _losing(program: LinearProgram, optimum: Solution, x: Floats) -> tuple[Ints, Floats]:
    """The rows at whose cost a point is worse than the optimum, and the sides at which they stand in it.

    Whether a dual is nothing is judged by the size of the row's sides; a row with a side of 0 may lose more.
    """
    goal = program.objective(optimum.x) if optimum.x is not None else optimum.objective
    if optimum.x is None or optimum.row_dual is None or not _loses(program.objective(x), goal):
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    lost = optimum.row_dual * (program.activity(x) - program.activity(optimum.x))
    rows = np.flatnonzero(lost > FACE * max(1e-6, abs(goal)))
    return rows, np.where(optimum.row_dual[rows] > 0, program.row_lower[rows], program.row_upper[rows])


def optimal_face(program: LinearProgram, x: Floats, row_dual: Floats, tolerance: float) -> LinearProgram:
    """The program restricted to its optimal points, without objective."""
    threshold = tolerance * max(1e-6, abs(program.objective(x)))
    reduced = program.reduced_cost(row_dual)
    at_lower = reduced * (program.upper - program.lower) > threshold
    at_upper = -reduced * (program.upper - program.lower) > threshold
    finite_lower = np.where(np.isinf(program.row_lower), 0.0, program.row_lower)
    finite_upper = np.where(np.isinf(program.row_upper), 0.0, program.row_upper)
    at_row_lower = (row_dual * np.maximum(1.0, np.abs(finite_lower)) > threshold) & np.isfinite(program.row_lower)
    at_row_upper = (-row_dual * np.maximum(1.0, np.abs(finite_upper)) > threshold) & np.isfinite(program.row_upper)
    return replace(
        program,
        cost=np.zeros(program.column_count),
        offset=0.0,
        upper=np.where(at_lower, program.lower, program.upper),
        lower=np.where(at_upper, program.upper, program.lower),
        row_upper=np.where(at_row_lower, program.row_lower, program.row_upper),
        row_lower=np.where(at_row_upper, program.row_upper, program.row_lower),
    )
