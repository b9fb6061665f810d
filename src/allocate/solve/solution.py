"""Status, Solution, Limits and the Solver protocol: what every solver backend takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np

from allocate.errors import UsageError, expect
from allocate.model.program import Floats, LinearProgram


class Status(StrEnum):
    """How a run ended. ``evaluated``: a given delivery was judged and nothing was optimised."""

    OPTIMAL = "optimal"
    EVALUATED = "evaluated"
    INFEASIBLE = "infeasible"
    LIMIT = "limit"


@dataclass(frozen=True)
class Limits:
    """When a solver must stop: seconds of wall time (> 0, inf: never), relative gap of a mixed-integer run (>= 0).

    Raises ``UsageError`` for anything else.
    """

    seconds: float = float("inf")
    mip_gap: float = 0.0

    def __post_init__(self) -> None:
        for name, value, bound in (("seconds", self.seconds, "> 0"), ("mip_gap", self.mip_gap, ">= 0")):
            expect(value, (int, float, np.number), name)
            if not (value > 0 or (value == 0 and bound == ">= 0")):
                raise UsageError("value-not-positive", place=name, bound=bound, given=value)


@dataclass(frozen=True)
class Solution:
    """What a solver says, in the units of the program it was given (minimised, unscaled).

    ``x`` is None where no feasible point is known. ``row_dual`` is None where the solver gives none that can be
    trusted. ``bound`` is the solver's own lower bound of the objective; nobody is shown it before ``certify``.
    """

    status: Status
    solver: str
    x: Floats | None = None
    row_dual: Floats | None = None
    objective: float = float("nan")
    bound: float = float("-inf")
    seconds: float = 0.0
    detail: str = ""


class Solver(Protocol):
    """A backend: solves one program from scratch. Raises ``SolverMissing`` or ``AllocateError``."""

    name: str

    def solve(self, program: LinearProgram, limits: Limits) -> Solution:
        """Solve ``program`` within ``limits``."""
        ...
