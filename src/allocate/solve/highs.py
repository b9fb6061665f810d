"""HiGHS, the default solver: arrays in, arrays out."""

from __future__ import annotations

import numpy as np

from allocate.model.program import LinearProgram
from allocate.solve.engine import NAME
from allocate.solve.loaded import LoadedProgram
from allocate.solve.solution import Limits, Solution, Status


class Highs:
    """Solves a program from scratch with HiGHS."""

    name = NAME

    def solve(self, program: LinearProgram, limits: Limits) -> Solution:
        """Solve within ``limits``; raises ``AllocateError`` when HiGHS ends without a usable answer."""
        if not program.column_count and not program.row_count:
            # HiGHS calls a program without columns and rows empty, which is neither optimal nor infeasible.
            return Solution(
                Status.OPTIMAL,
                NAME,
                x=np.zeros(0),
                row_dual=np.zeros(0),
                objective=program.offset,
                bound=program.offset,
            )
        return LoadedProgram(program, limits).solve()
