"""Variant plans: the plans of many variants of one scenario, made one after the other.

Each is the plan that a run of the variant alone would give: compiled from the changed tables, certified, judged, and
the one closest to today among equally good ones. What the variants share is done once, and neighbours are solved from
each other's basis, which changes how long it takes and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from allocate.bench.siblings import Siblings
from allocate.errors import CertificateError
from allocate.inputs.case import Case
from allocate.inputs.scenario.changes import parse_changes
from allocate.inputs.scenario.offshoots import Offshoots
from allocate.inputs.scenario.variant import COMMAND_LINE, Change
from allocate.model.compile import Compiled, compile_variant
from allocate.results.allocation import Allocation, without_plan
from allocate.session import Session
from allocate.solve.solution import Limits, Status


class VariantPlans:
    """Runs the variants of one scenario of a case. Raises as ``inputs.scenario.variant.apply`` does."""

    def __init__(self, case: Case, scenario_id: str, limits: Limits | None = None) -> None:
        self.case = case
        self.scenario_id = scenario_id
        self.offshoots = Offshoots(case, scenario_id)
        self.siblings = Siblings(limits)
        self.session = Session(case, limits=limits)

    def plan(self, lines: Sequence[str] = (), reason: str = COMMAND_LINE) -> Allocation:
        """The plan with further changes (lines as of ``--change``).

        Raises ``UsageError`` (change-...), ``InputError`` where the changes make the tables invalid, and
        ``CertificateError``.
        """
        return self.plan_with(parse_changes(lines, reason, self.case) if lines else ())

    def plan_with(self, changes: Sequence[Change]) -> Allocation:
        """The plan with further changes. Raises ``InputError`` and ``CertificateError`` as ``plan``."""
        variant = self.offshoots.variant(changes)
        if changes:
            variant = replace(variant, scenario=replace(variant.scenario, expected=""))
        if variant.scenario.evaluate or variant.scenario.indivisible:
            return self.session.run(self.session.add(variant))
        return self.plan_of(compile_variant(variant))

    def plan_of(self, compiled: Compiled) -> Allocation:
        """The plan of a divisible variant that is compiled already. Raises ``CertificateError``."""
        variant = compiled.variant
        try:
            plan = self.siblings.plan(compiled, scenario=self.scenario_id)
        except CertificateError:
            # The session tells a limit, which leaves the best plan so far, from a plan that is not proven.
            return self.session.run(self.session.add(variant))
        return without_plan(variant, Status.INFEASIBLE) if plan is None else plan
