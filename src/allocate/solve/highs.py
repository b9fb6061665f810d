"""HiGHS, the default solver: arrays in, arrays out. Which solver a name means."""

from __future__ import annotations

from importlib import import_module

import numpy as np

from allocate.errors import UsageError
from allocate.model.program import LinearProgram
from allocate.solve.engine import NAME
from allocate.solve.loaded import LoadedProgram
from allocate.solve.solution import Limits, Solution, Solver, Status


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


def solver_named(name: str) -> Solver:
    """The backend of that name. PuLP is imported only when it is asked for, because it is slow to load."""
    if name.lower() == Highs.name:
        return Highs()
    gate = import_module("allocate.solve.via_pulp")
    if name.lower().startswith(gate.PREFIX):
        solver: Solver = gate.PulpSolver(name)
        return solver
    raise UsageError("solver-unknown", solver=name, known=", ".join([Highs.name, *gate.solver_names()]))
