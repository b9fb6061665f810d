"""Scaling: rows and columns brought to a common size before a solver sees them, and undone once afterwards.

In euros and persons the objective's coefficients lie below a solver's tolerances, which makes it call plans optimal
that are not. Every column is therefore measured by how large it can be, so that a grant of 5,000 EUR counts as exactly
as one of 150 million beside it; rows and columns are then equilibrated (Ruiz 2001, A scaling algorithm to equilibrate
both rows and columns norms in matrices) and the objective is multiplied. All factors are powers of two, so scaling and
unscaling are exact in floating point.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from allocate.model.program import LinearProgram
from allocate.town.arrays import Floats, Ints

ROUNDS = 6
# From pots to funding, offers, uses and what they supply it is four rows.
TIGHTENINGS = 4
# The largest objective coefficient after scaling: loud enough that what a solver neglects is far below what counts,
# and that solvers with loose dual tolerances still reach the optimum.
COST_SIZE = 2.0**17


@dataclass(frozen=True)
class Scaled:
    """A scaled program and its factors: x = column * x', row activity = activity' / row, cost' = cost * objective."""

    program: LinearProgram
    row: Floats
    column: Floats
    objective: float

    def unscale_x(self, x: Floats) -> Floats:
        """A point of the scaled program in the units of the original."""
        unscaled: Floats = x * self.column
        return unscaled

    def scale_x(self, x: Floats) -> Floats:
        """A point of the original program in scaled units."""
        scaled: Floats = x / self.column
        return scaled

    def unscale_dual(self, row_dual: Floats) -> Floats:
        """Row duals of the scaled program in objective units per unit of the original row."""
        unscaled: Floats = row_dual * self.row / self.objective
        return unscaled


def scale(program: LinearProgram) -> Scaled:
    """Equilibrate a program; integer columns keep their unit."""
    row, column = _factors(program)
    return scaled_by(program, row, column, loudness(program.cost * column))


def loudness(cost: Floats) -> float:
    """The factor (a power of two) that brings the largest of scaled costs near ``COST_SIZE``; 1 where all are 0."""
    largest = float(np.abs(cost).max(initial=0.0))
    return float(_power_of_two(np.array([COST_SIZE / largest]))[0]) if largest > 0 else 1.0


def scaled_by(program: LinearProgram, row: Floats, column: Floats, objective: float) -> Scaled:
    """The program scaled by factors that are known, for example those of a like program."""
    cost = program.cost * column
    scaled = replace(
        program,
        cost=cost * objective,
        lower=program.lower / column,
        upper=program.upper / column,
        row_lower=program.row_lower * row,
        row_upper=program.row_upper * row,
        values=program.values * row[program.rows] * column[program.entry_columns],
        offset=program.offset * objective,
    )
    return Scaled(scaled, row, column, objective)


def largest_values(program: LinearProgram) -> Floats:
    """How large each column can be in size, from its own bounds and from what the rows leave of them.

    A capacity of a million that no pot can pay for is not large. Upper bounds only are tightened, row by row.
    """
    upper = program.upper.astype(float, copy=True)
    columns, rows, values = program.entry_columns, program.rows, program.values
    positive = values > 0
    for _ in range(TIGHTENINGS):
        at_upper, at_lower = values * upper[columns], values * program.lower[columns]
        least = np.bincount(rows, np.where(positive, at_lower, at_upper), minlength=program.row_count)
        most = np.bincount(rows, np.where(positive, at_upper, at_lower), minlength=program.row_count)
        left = np.where(positive, (program.row_upper - least)[rows], (program.row_lower - most)[rows])
        # An entry of nothing (a need without weight) leaves its column all the room there is.
        room = np.divide(left, values, out=np.full(len(values), np.inf), where=values != 0)
        np.minimum.at(upper, columns, program.lower[columns] + np.maximum(room, 0.0))
    return np.maximum(np.abs(program.lower), np.abs(upper))


def _factors(program: LinearProgram) -> tuple[Floats, Floats]:
    largest = largest_values(program)
    row = np.ones(program.row_count)
    column = np.where((largest > 0) & ~program.integer, largest, 1.0)
    columns = program.entry_columns
    for _ in range(ROUNDS):
        size = np.abs(program.values) * row[program.rows] * column[columns]
        row /= _root_of_largest(size, program.rows, program.row_count)
        column /= np.where(program.integer, 1.0, _root_of_largest(size, columns, program.column_count))
    return _power_of_two(row), np.where(program.integer, 1.0, _power_of_two(column))


def _root_of_largest(size: Floats, group: Ints, count: int) -> Floats:
    largest = np.zeros(count)
    np.maximum.at(largest, group, size)
    return np.sqrt(np.where(largest > 0, largest, 1.0))


def _power_of_two(factor: Floats) -> Floats:
    rounded: Floats = np.exp2(np.round(np.log2(factor)))
    return rounded
