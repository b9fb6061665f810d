"""What the compromise between the case's weight sets costs whom, beside the plans there are anyway.

The plan is that of ``bench.least_regret``: the largest share that any set gives up against its own best plan is as
small as it can be. Here every plan is judged by every set, and the sets' voices say whose objection limits the
compromise.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from allocate.bench.least_regret import Bests, LeastRegret, bests_of, least_regret
from allocate.bench.weighting import weight_sets_of
from allocate.bench.worth import value_of_a_euro
from allocate.results.allocation import Allocation
from allocate.results.columns import Columns
from allocate.results.told import Told
from allocate.session import Session

COMPROMISE, PROPOSAL, TODAY, SET = "compromise", "proposal", "today", "set"
SET_COLUMNS = Columns("weight_set", "best_objective", "objective", "regret", "regret_share", "regret_eur", "voice")
PLAN_COLUMNS = Columns("plan_id", "weight_set", "objective", "regret", "regret_share")


@dataclass(frozen=True, eq=False, repr=False)
class SetRegret(Told):
    """The compromise between weight sets, and what everybody loses by it.

    ``sets`` (``SET_COLUMNS``): best objective by each set's weights, the compromise by them, the difference (``regret``
    in objective points, ``regret_share`` of the best, ``regret_eur`` at the marginal value of money in the set's own
    plan); ``voice``: the share of the set in the mixture for which the compromise is a best plan (NaN where nobody
    loses). ``plans`` (``PLAN_COLUMNS``): every plan (``compromise``, ``proposal``, ``today``, ``set:NAME``) by every
    set. ``least``: the compromise itself with its proof and its ``unit``.
    """

    JSON: ClassVar = ("unit=least.unit", "worst=least.worst", "proven=least.proven", "sets", "plans", "compromise")

    sets: pd.DataFrame
    plans: pd.DataFrame
    least: LeastRegret

    @property
    def compromise(self) -> Allocation:
        """The plan of least regret."""
        return self.least.plan

    @property
    def worst_by_plan(self) -> pd.Series:
        """Largest loss of every plan over the sets, by ``plan_id``, in the unit of ``least``."""
        column = "regret_share" if self.least.unit == "share" else "regret"
        largest: pd.Series = self.plans.groupby("plan_id", sort=False)[column].max()
        return largest


def set_regret(
    session: Session, scenario_id: str, *, progress: Callable[[str], None] | None = None
) -> SetRegret | None:
    """The compromise between all weight sets of a divisible scenario, the needs' own weights among them.

    None where there is only one. ``progress`` is called with the name of each set before its plan, and with
    ``compromise``. Raises ``UsageError`` (no-feasible-plan, weights-unusable, divisible-only), ``CertificateError``.
    """
    sets = weight_sets_of(session.variant(scenario_id).case)
    if len(sets) < 2:
        return None
    step = progress or (lambda _name: None)
    known = bests_of(session, scenario_id, sets, on_each=step)
    step(COMPROMISE)
    least = least_regret(session, scenario_id, sets, bests=known)
    plans = {COMPROMISE: least.plan, PROPOSAL: session.run(scenario_id), TODAY: session.status_quo(scenario_id)}
    plans |= {f"{SET}:{name}": plan for name, plan in zip(known.names, known.plans, strict=True)}
    judged = pd.concat([_judged(known, name, plan) for name, plan in plans.items()], ignore_index=True)
    return SetRegret(_sets(known, judged, least), judged, least)


def _judged(known: Bests, plan_id: str, plan: Allocation) -> pd.DataFrame:
    """One plan by every set."""
    points = known.regrets(plan) * known.scale
    shares = np.divide(points, known.best, out=np.full(len(points), math.nan), where=known.best > 0)
    values = (plan_id, known.names, known.best - points, points, shares)
    return pd.DataFrame(dict(zip(PLAN_COLUMNS, values, strict=True)))


def _sets(known: Bests, judged: pd.DataFrame, least: LeastRegret) -> pd.DataFrame:
    own = judged[judged["plan_id"] == COMPROMISE].reset_index(drop=True)
    euros = [lost / value_of_a_euro(plan) for lost, plan in zip(own["regret"].tolist(), known.plans, strict=True)]
    voices = [least.voices.get(name, math.nan) for name in known.names]
    return SET_COLUMNS.of(own.assign(best_objective=known.best, regret_eur=euros, voice=voices))
