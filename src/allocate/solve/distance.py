"""The distance to today as a program: columns divided where they can lie on both sides of today.

Each weight carries a tiny factor hashed from the domain ids, so that among points that are equally near only one is
nearest, whatever the order of rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from allocate.model.compile import Compiled
from allocate.model.program import Family, Index, LinearProgram
from allocate.town.arrays import Floats, Ints

HASH_SPREAD = 1e-2
# A place that costs nothing weighs this share of the dearest one, else it could be moved about for nothing.
FREE = 1e-4


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


@dataclass(frozen=True)
class Distance:
    """A program that minimises the distance to the reference.

    Column ``beyond[k]`` of the face is divided at today: it holds what lies on one side, and the k-th of the columns
    behind those of the face holds what lies on the other, above (``side`` 1) or below (-1).
    """

    program: LinearProgram
    beyond: Ints
    today: Floats
    side: Floats

    def joined(self, x: Floats) -> Floats:
        """A point of this program as a point of the face."""
        whole = x[: len(x) - len(self.beyond)].copy()
        whole[self.beyond] += self.side * x[len(whole) :]
        return whole

    def divided(self, x: Floats) -> Floats:
        """A point of the face as a point of this program."""
        away = np.maximum(self.side * (x[self.beyond] - self.today), 0.0)
        near = x.copy()
        near[self.beyond] -= self.side * away
        return np.concatenate([near, away])

    def distance(self, x: Floats) -> float:
        """What this program minimises, of a point of the face."""
        return self.program.objective(self.divided(x))


def distance_program(face: LinearProgram, reference: Reference, at: Floats | None = None) -> Distance:
    """minimise sum weight |column - today| on the face.

    A column that cannot go below today costs its weight, one that cannot go above it earns it, and one that can do both
    is divided at today. No row is needed for the distance, so that the program is hardly larger than the face. ``at``:
    a point whose columns shall keep their values when they are divided, so that a basis of it stays one.
    """
    columns = reference.columns
    unknown = np.isnan(reference.today)
    today = np.where(unknown, 0.0, reference.today)
    hashes = face.columns_index.hashes_at(columns)
    weight = reference.weight * (np.where(unknown, 0.0, 1.0) + HASH_SPREAD * hashes)
    lower, upper = face.lower[columns], face.upper[columns]
    between = (lower < today) & (today < upper)
    is_above = between & (at[columns] > today) if at is not None else np.zeros(len(columns), dtype=bool)
    beyond, border, own = columns[between], today[between], weight[between]
    side = np.where(is_above[between], -1.0, 1.0)
    cost, least, most = face.cost.copy(), face.lower.copy(), face.upper.copy()
    cost[columns] += np.where((today <= lower) | is_above, weight, -weight)
    most[beyond], least[beyond] = np.where(side > 0, border, most[beyond]), np.where(side > 0, least[beyond], border)
    starts, rows, values = face.entries_of(beyond)
    names = (np.array(["|".join(label) for label in face.columns_index.labels_at(beyond)], dtype=object),)
    program = replace(
        face,
        cost=np.concatenate([cost, side * face.cost[beyond] + own]),
        lower=np.concatenate([least, np.zeros(len(beyond))]),
        upper=np.concatenate([most, np.where(side > 0, upper[between] - border, border - lower[between])]),
        starts=np.concatenate([face.starts, face.starts[-1] + starts[1:]]),
        rows=np.concatenate([face.rows, rows]),
        values=np.concatenate([face.values, np.repeat(side, np.diff(starts)) * values]),
        columns_index=Index((*face.columns_index.families, Family("beyond", face.column_count, names))),
        integer=np.concatenate([face.integer, np.zeros(len(beyond), dtype=bool)]),
    )
    return Distance(program, beyond, border, side)
