"""Proof: the certificate of a plan as it is shown, in values of the plan."""

from __future__ import annotations

from dataclasses import dataclass

from allocate.results.plain import plain
from allocate.solve.certify import Certificate
from allocate.solve.value import Value


@dataclass(frozen=True)
class Proof:
    """What the arrays themselves say of a plan: no plan is worth more than ``bound``; ``gap`` = bound - objective.

    ``primal_violation``: the largest violation of a rule relative to the size of its terms; ``verified``: as good as
    was asked for.
    """

    verified: bool
    primal_violation: float
    objective: Value
    bound: Value
    gap: float

    @classmethod
    def of(cls, found: Certificate) -> Proof:
        """The certificate of a program, whose costs are values of the plan."""
        return cls(found.verified, found.primal_violation, found.value, found.best, found.gap)

    def to_json(self) -> dict[str, object]:
        """``certificate`` in the JSON of plans and paths."""
        return {
            "verified": self.verified,
            "primal_violation": self.primal_violation,
            "bound": plain(self.bound),
            "gap": plain(self.gap),
        }
