"""One-sided slopes of the best objective in the side of a row: what one more euro, place or point would change.

The best objective is convex and piecewise linear in a row's side, and at the round numbers of real budgets left and
right slope differ, so a solver's dual is only one of many answers (Jansen, de Jong, Roos and Terlaky 1997,
Sensitivity analysis in linear programming: just be careful!). Where the optimal basis stays feasible for a while, its
dual is the slope and is proven by that. Where it gives way at once, the program is solved again a step further on;
where the dual there equals the chord, the piece is linear and the chord exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from allocate.solve.loaded import LoadedProgram
from allocate.solve.solution import Solution, Status
from allocate.town.arrays import Ints

SAME_SLOPE = 1e-6
SMALLEST_STEP = 1e-6
SHRINK = 4.0


@dataclass(frozen=True)
class Slope:
    """Change of the (minimised) objective per unit of the row's side, and the step up to which it is proven.

    ``reach`` in units of the side (signed like the step); 0 where no linear piece could be proven, ``slope`` is then
    the dual at the smallest step. NaN slope: the step leads to no feasible plan.
    """

    slope: float
    reach: float


def slopes_at(loaded: LoadedProgram, rows: Ints, optimum: Solution, steps: list[float]) -> list[Slope]:
    """Slopes of the best objective when the finite side(s) of each row move (the sign of its step: the direction).

    ``loaded`` stands at ``optimum`` and is left as it was. ``steps``: where a slope is first sought by a second solve,
    in units of the sides, where the optimal basis gives none.
    """
    reaches = loaded.reaches(rows, np.sign(steps))
    found = []
    for row, step, reach in zip(rows.tolist(), steps, reaches.tolist(), strict=True):
        if optimum.row_dual is not None and reach > abs(step) * SMALLEST_STEP:
            found.append(Slope(float(optimum.row_dual[row]), math.copysign(reach, step)))
        else:
            found.append(_by_resolving(loaded, row, optimum.objective, step))
    return found


def _by_resolving(loaded: LoadedProgram, row: int, base: float, step: float) -> Slope:
    lower, upper = loaded.program.row_lower[row], loaded.program.row_upper[row]
    number = np.array([row])
    smallest = abs(step) * SMALLEST_STEP
    found = Slope(math.nan, 0.0)
    while abs(step) >= smallest:
        with loaded.what_if():
            loaded.change_row_bounds(number, np.array([lower + step]), np.array([upper + step]))
            solution = loaded.solve()
        if solution.status is Status.OPTIMAL and solution.row_dual is not None:
            chord = (solution.objective - base) / step
            dual = float(solution.row_dual[row])
            if abs(dual - chord) <= SAME_SLOPE * max(abs(chord), abs(dual)) + 1e-15:
                return Slope(chord, step)
            found = Slope(dual, 0.0)
        step /= SHRINK
    return found
