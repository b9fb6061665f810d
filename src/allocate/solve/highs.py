"""HiGHS, the default solver: arrays in, arrays out."""

from __future__ import annotations

from allocate.model.program import LinearProgram
from allocate.solve.loaded import NAME, LoadedProgram
from allocate.solve.solution import Limits, Solution


class Highs:
    """Solves a program from scratch with HiGHS."""

    name = NAME

    def solve(self, program: LinearProgram, limits: Limits) -> Solution:
        """Solve within ``limits``; raises ``AllocateError`` when HiGHS ends without a usable answer."""
        return LoadedProgram(program, limits).solve()
