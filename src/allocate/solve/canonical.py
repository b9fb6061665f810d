"""CANON: among all optimal plans, the one closest to today.

Optima are rarely unique, and which one a solver returns depends on row order and luck. The optimal face is described
by complementary slackness with an optimal dual (Mangasarian 1979, Uniqueness of solution in linear programming):
columns with a reduced cost are fixed at their bound, rows with a dual become equalities. On that face the weighted
distance to today's use and funding is minimised; each weight carries a tiny factor hashed from the domain ids, so that
the answer is unique and independent of solver, row order and threads.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b

import numpy as np

from allocate.model.compile import Compiled
from allocate.model.program import Family, Index, LinearProgram
from allocate.solve.highs import Highs
from allocate.solve.solution import Limits, Solution, Status
from allocate.town.arrays import Floats, Ints

# A reduced cost or dual counts as nonzero from this share of the objective on.
FACE = 1e-12
HASH_SPREAD = 1e-2
# A place that costs nothing weighs this share of the dearest one, else it could be moved about for nothing.
FREE = 1e-4
# How far the canonical plan's objective may lie from the optimum, relative to its size.
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Reference:
    """Today's value of some columns and the weight of leaving it (EUR per unit of the column).

    ``today`` is NaN where nobody knows it: such a column counts no distance, and among plans that are equally near only
    the hash of its label chooses.
    """

    columns: Ints
    today: Floats
    weight: Floats


def today_of(compiled: Compiled) -> Reference:
    """Today's use and funding; leaving it by one unit weighs what the unit costs (EUR)."""
    town, columns = compiled.town, compiled.program.columns_index
    use, funding = columns["use"], columns["funding"]
    largest = float(town.offers.unit_cost.max(initial=0.0))
    unit_cost = np.maximum(town.offers.unit_cost[town.pairs.offer], FREE * largest if largest > 0 else 1.0)
    return Reference(
        columns=np.concatenate([np.arange(use.start, use.stop), np.arange(funding.start, funding.stop)]),
        today=np.concatenate([town.pairs.baseline, town.funding.baseline]),
        weight=np.concatenate([unit_cost, np.ones(len(town.funding.pot))]),
    )


def canonical(
    program: LinearProgram, optimum: Solution, reference: Reference, limits: Limits | None = None
) -> Solution | None:
    """The optimal point closest to the reference; None where it could not be found without loss.

    ``optimum`` must hold an optimal vertex with its row duals.
    """
    if optimum.x is None or optimum.row_dual is None:
        return None
    goal = program.objective(optimum.x)
    for tolerance in (FACE, FACE * 10, FACE * 1e-1, FACE * 1e3):
        face = optimal_face(program, optimum.x, optimum.row_dual, tolerance)
        distance = distance_program(face, reference)
        closest = Highs().solve(distance.program, limits or Limits())
        if closest.status is not Status.OPTIMAL or closest.x is None:
            continue
        x = np.clip(distance.joined(closest.x), program.lower, program.upper)
        if program.objective(x) - goal <= TOLERANCE * max(1.0, abs(goal)):
            return replace(optimum, x=x, objective=program.objective(x), detail="canonical")
    return None


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


@dataclass(frozen=True)
class Distance:
    """A program that minimises the distance to the reference.

    Column ``beyond[k]`` of the face is divided at today: it holds what is below, the k-th of the columns behind those
    of the face what is above.
    """

    program: LinearProgram
    beyond: Ints
    today: Floats

    def joined(self, x: Floats) -> Floats:
        """A point of this program as a point of the face."""
        whole = x[: len(x) - len(self.beyond)].copy()
        whole[self.beyond] += x[len(whole) :]
        return whole

    def divided(self, x: Floats) -> Floats:
        """A point of the face as a point of this program."""
        above = np.maximum(x[self.beyond] - self.today, 0.0)
        below = x.copy()
        below[self.beyond] -= above
        return np.concatenate([below, above])


def distance_program(face: LinearProgram, reference: Reference) -> Distance:
    """minimise sum weight |column - today| on the face.

    A column that cannot go below today costs its weight, one that cannot go above it earns it, and one that can do both
    is divided at today. No row is needed for the distance, so that the program is hardly larger than the face.
    """
    columns = reference.columns
    unknown = np.isnan(reference.today)
    today = np.where(unknown, 0.0, reference.today)
    labels = face.columns_index.labels_at(columns)
    weight = reference.weight * (np.where(unknown, 0.0, 1.0) + HASH_SPREAD * _hashes(labels))
    lower, upper = face.lower[columns], face.upper[columns]
    between = (lower < today) & (today < upper)
    beyond, at, own = columns[between], today[between], weight[between]
    cost, bound = face.cost.copy(), face.upper.copy()
    cost[columns] += np.where(today <= lower, weight, -weight)
    bound[beyond] = at
    sizes = np.diff(face.starts)[beyond]
    first = np.repeat(face.starts[:-1][beyond] - np.append(0, np.cumsum(sizes)[:-1]), sizes)
    entries = first + np.arange(int(sizes.sum()))
    names = (np.array(["|".join(labels[n]) for n in np.flatnonzero(between)], dtype=object),)
    program = replace(
        face,
        cost=np.concatenate([cost, face.cost[beyond] + own]),
        lower=np.concatenate([face.lower, np.zeros(len(beyond))]),
        upper=np.concatenate([bound, upper[between] - at]),
        starts=np.concatenate([face.starts, face.starts[-1] + np.cumsum(sizes)]),
        rows=np.concatenate([face.rows, face.rows[entries]]),
        values=np.concatenate([face.values, face.values[entries]]),
        columns_index=Index((*face.columns_index.families, Family("beyond", face.column_count, names))),
        integer=np.concatenate([face.integer, np.zeros(len(beyond), dtype=bool)]),
    )
    return Distance(program, beyond, at)


def _hashes(labels: list[tuple[str, ...]]) -> Floats:
    """A number in 0..1 for each label, the same on every machine."""
    return np.array([_hash(label) for label in labels], dtype=float)


@lru_cache(maxsize=1_000_000)
def _hash(label: tuple[str, ...]) -> float:
    """Remembered, because one analysis asks for the canonical plans of many variants with the same labels."""
    return int.from_bytes(blake2b("\x1f".join(label).encode(), digest_size=6).digest()) / 2.0**48
