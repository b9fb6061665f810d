"""Plain facts about a point and a program, computed from the arrays alone."""

from __future__ import annotations

import numpy as np

from allocate.model.program import LinearProgram
from allocate.town.arrays import Floats

# Largest violation of a row, relative to the row's own terms, at which a point still counts as feasible.
FEASIBLE = 1e-6
# Largest distance from a whole number that a column for whole numbers may have; solvers stop at 1e-6 to 1e-5.
WHOLE = 1e-5


def is_feasible(program: LinearProgram, x: Floats) -> bool:
    """Whether rows and whole numbers hold at ``x``, up to solver tolerances; bounds are not looked at."""
    activity = program.activity(x)
    terms = np.abs(program.values * x[program.entry_columns])
    size = 1 + np.bincount(program.rows, terms, minlength=program.row_count)
    excess = np.maximum(program.row_lower - activity, activity - program.row_upper)
    whole = x[program.integer]
    return bool((excess <= FEASIBLE * size).all() and (np.abs(whole - np.rint(whole)) <= WHOLE).all())


def nearest_to_zero(program: LinearProgram) -> Floats:
    """Every column at zero, or at the bound nearest to zero."""
    return np.clip(np.zeros(program.column_count), program.lower, program.upper)


def has_impossible_empty_row(program: LinearProgram) -> bool:
    """Whether a row without entries has bounds that exclude zero, which no plan can help."""
    empty = np.bincount(program.rows, minlength=program.row_count) == 0
    return bool((empty & ((program.row_lower > 0) | (program.row_upper < 0))).any())
