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
    gate = import_module("allocate.solve.via_pulp")
    if name.lower().startswith(gate.PREFIX):
        solver: Solver = gate.PulpSolver(name)
        return solver
    raise UsageError("solver-unknown", solver=name, known=", ".join([Highs.name, *gate.solver_names()]))
