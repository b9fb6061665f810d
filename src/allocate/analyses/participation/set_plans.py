"""Set plans: the plan of every set of weights, the compromise between them, and what each set loses with any plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from allocate.analyses.alternatives.regret import OWN, Regret, least_regret
from allocate.analyses.participation.weight_groups import WeightGroups
from allocate.analyses.participation.weighting import EXPERTS, table_of, under_weights, value_under
from allocate.errors import UsageError
from allocate.inputs.scenario import Variant
from allocate.model.compile import Compiled
from allocate.model.program import Floats
from allocate.results.allocation import Allocation
from allocate.session import Session

# A share of a best value below this says nothing.
SMALLEST_BEST = 1e-9


@dataclass(frozen=True)
class SetPlans:
    """Every set's compiled scenario and its best plan, by name; the compromise where there are two sets or more.

    ``judged``: the sets that the compromise looks after (``weight_groups.WeightGroups.judged``).
    """

    compiled: dict[str, Compiled]
    plans: dict[str, Allocation]
    judged: tuple[str, ...]
    compromise: Regret | None = None

    def losses(self, plan: Allocation) -> Floats:
        """What every set loses with a plan against its own best one, in objective points; never below zero."""
        return np.array([loss(self.compiled[name], own, plan) for name, own in self.plans.items()])

    def loss_shares(self, plan: Allocation) -> Floats:
        """The same as a share of each set's best value; NaN where that is nothing."""
        best = np.array([own.objective for own in self.plans.values()])
        shares: Floats = np.divide(
            self.losses(plan), best, out=np.full(len(best), np.nan), where=np.abs(best) > SMALLEST_BEST
        )
        return shares


def loss(compiled: Compiled, own: Allocation, plan: Allocation) -> float:
    """What a set of weights gives up with a plan against its own best plan, in objective points."""
    return max(0.0, own.objective - value_under(compiled, plan))


def set_plans(
    session: Session, scenario_id: str, groups: WeightGroups, *, on_each: Callable[[str], None] | None = None
) -> SetPlans:
    """The plan of every set, certified and canonical, and the compromise (``alternatives.regret``).

    ``on_each`` is told the name of each set before it is planned. Raises ``UsageError`` (no-feasible-plan,
    weights-unusable), ``CertificateError``.
    """
    step = on_each or (lambda _name: None)
    ids = {name: under_weights(session, scenario_id, name, own) for name, own in groups.sets.items()}
    judged = tuple(groups.judged)
    compromise = _compromise(session, scenario_id, groups, step) if len(judged) > 1 else None
    plans: dict[str, Allocation] = {}
    for name, asked in ids.items():
        if compromise is not None and name in judged:
            plans[name] = compromise.own[_id_of(name)]
        else:
            step(name)
            plans[name] = session.run(asked)
        if not plans[name].has_plan:
            raise UsageError("no-feasible-plan", scenario=scenario_id)
    return SetPlans({name: session.compiled(asked) for name, asked in ids.items()}, plans, judged, compromise)


def _compromise(session: Session, scenario_id: str, groups: WeightGroups, step: Callable[[str], None]) -> Regret | None:
    """The compromise between the judged sets, written into the case as its sets of weights."""
    base = session.variant(scenario_id)
    names = [_id_of(name) for name in groups.judged]
    rows = table_of({name: own for name, own in groups.judged.items() if name != EXPERTS})
    case = base.case.with_tables(weight_sets=rows)
    asked = Session(case, limits=session.limits)
    asked.add(Variant(case, base.scenario, base.changes))
    return least_regret(asked, scenario_id, names, progress=step)


def _id_of(name: str) -> str:
    """A set's id in the case; the planners' weights are those of ``needs`` and have none."""
    return OWN if name == EXPERTS else name
