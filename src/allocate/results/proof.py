"""Proof: the certificate of a plan as it is shown, in values of the plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from allocate.results.told import Told
from allocate.solve.certify import Certificate
from allocate.solve.value import Value


@dataclass(frozen=True)
class Proof(Told):
    """What the arrays themselves say of a plan: no plan is worth more than ``bound``; ``gap`` = bound - objective.

    ``primal_violation``: the largest violation of a rule relative to the size of its terms; ``verified``: as good as
    was asked for.
    """

    JSON: ClassVar = ("verified", "primal_violation", "bound", "gap")

    verified: bool
    primal_violation: float
    objective: Value
    bound: Value
    gap: float

    @classmethod
    def of(cls, found: Certificate) -> Proof:
        """The certificate of a program, whose costs are values of the plan."""
        return cls(found.verified, found.primal_violation, found.value, found.best, found.gap)
