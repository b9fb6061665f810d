"""Status, Solution, Limits and the Solver protocol: what every solver backend takes and gives."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

import numpy as np

from allocate.errors import UsageError, expect
from allocate.model.program import LinearProgram
from allocate.solve.value import Value, value_of
from allocate.town.arrays import Floats


class Status(StrEnum):
    """How a run ended. ``evaluated``: a given delivery was judged and nothing was optimised."""

    OPTIMAL = "optimal"
    EVALUATED = "evaluated"
    INFEASIBLE = "infeasible"
    LIMIT = "limit"


@dataclass(frozen=True)
class Limits:
    """When a solver must stop (inf: never).

    ``seconds``: wall time of one solve; ``deadline``: the moment (of ``time.monotonic``) at which all solves that share
    these limits must have ended; ``nodes``: how many branches of a mixed-integer run may be looked at; ``mip_gap``: the
    relative gap at which one may end; ``stopped``: whether nobody waits for the answer any more, asked now and then
    from the thread that solves.

    Raises ``UsageError`` for seconds that are not positive and for a negative gap.
    """

    seconds: float = float("inf")
    mip_gap: float = 0.0
    deadline: float = float("inf")
    nodes: float = float("inf")
    stopped: Callable[[], bool] | None = None

    def __post_init__(self) -> None:
        for name, value, bound in (("seconds", self.seconds, "> 0"), ("mip_gap", self.mip_gap, ">= 0")):
            expect(value, (int, float, np.number), name)
            if not (value > 0 or (value == 0 and bound == ">= 0")):
                raise UsageError("value-not-positive", place=name, bound=bound, given=value)

    @classmethod
    def together(cls, seconds: float) -> Limits:
        """Limits of many solves that must all have ended in so many seconds from now."""
        return cls(deadline=time.monotonic() + seconds)

    def within(self, seconds: float) -> Limits:
        """The same limits, and no solve may take longer than this."""
        return replace(self, seconds=min(seconds, self.seconds))

    @property
    def remaining(self) -> float:
        """Seconds that a solve may take which begins now."""
        if self.stopped is not None and self.stopped():
            return 0.0
        return max(0.0, min(self.seconds, self.deadline - time.monotonic()))


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

    @property
    def value(self) -> Value:
        """What the plan found is worth."""
        return value_of(self.objective)


class Solver(Protocol):
    """A backend: solves one program from scratch. Raises ``SolverMissing`` or ``AllocateError``."""

    name: str

    def solve(self, program: LinearProgram, limits: Limits) -> Solution:
        """Solve ``program`` within ``limits``."""
        ...
