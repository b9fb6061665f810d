"""Which solver a name means: ``highs``, or ``pulp:NAME`` for every solver that PuLP reaches."""

from __future__ import annotations

from importlib import import_module

from allocate.errors import UsageError
from allocate.solve.highs import Highs
from allocate.solve.solution import Solver


def solver_named(name: str) -> Solver:
    """The backend of that name. PuLP is imported only when it is asked for, because it is slow to load."""
    if name.lower() == Highs.name:
        return Highs()
    if name.lower().startswith("pulp:"):
        solver: Solver = import_module("allocate.solve.via_pulp").PulpSolver(name)
        return solver
    raise UsageError("solver-unknown", solver=name, known="highs, pulp:CBC, pulp:SCIP, pulp:HiGHS")
