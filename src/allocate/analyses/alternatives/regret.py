"""Least regret: the plan whose largest loss, by anybody's weights, is as small as it can be.

Every weight set k judges a plan by the objective f_k, its own weights put into coverage and into the least covered
space. V_k is the best value of f_k. The compromise solves, over the scenario's rules,

    minimise R   subject to   V_k - f_k(plan) <= R   for every k.

f_k is concave and piecewise linear in the plan, so this is a linear program. It also guards against every mixture of
the sets, sum_k share_k f_k with shares that add up to one: the regret of a mixture is convex in the shares, so that it
is largest where one set has the whole say. The duals of the rows are the shares of the mixture for which the compromise
is itself a best plan. Among all plans of least R the one that is best by the scenario's own weights is taken.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from allocate.analyses.ledger import delivery_of
from allocate.analyses.reasons.consequence import with_fixed_integers
from allocate.analyses.resolving.proposals import MILLION, Answer, proposal, solve_proven, then_best
from allocate.analyses.resolving.recast import NewColumns, extended, one_row, without_objective
from allocate.analyses.resolving.worth import value_of_a_euro
from allocate.errors import CertificateError
from allocate.inputs.scenario import Variant
from allocate.model.compile import Compiled
from allocate.model.formulation import least_covered
from allocate.model.program import Block, Floats, LinearProgram
from allocate.results.allocation import Allocation, records
from allocate.results.measures import measure
from allocate.session import Session
from allocate.solve.loaded import LoadedProgram

# The needs' own weights among the weight sets, as a blank ``weight_set`` of a scenario means them.
OWN = ""
COMPROMISE, PROPOSAL, TODAY, SET = "compromise", "proposal", "today", "set"
SET_COLUMNS = ("weight_set", "best_objective", "objective", "regret", "regret_share", "regret_eur", "voice")
PLAN_COLUMNS = ("plan_id", "weight_set", "objective", "regret", "regret_share")
# Proven distance from the least regret, in millionths of a point of the objective.
_WITHIN = 1e-2


@dataclass(frozen=True)
class Regret:
    """The compromise between weight sets, and what everybody would lose by it.

    ``sets`` (``SET_COLUMNS``): best objective by each set's weights, the compromise by them, the difference in
    objective points, as a share of the best, and in EUR at the marginal value of money in the set's own plan; ``voice``
    the share of the set in the mixture for which the compromise is a best plan (NaN where nobody loses, and in an
    indivisible scenario). ``plans`` (``PLAN_COLUMNS``): the same for every plan there is (``compromise``, ``proposal``,
    ``today``, ``set:ID``) by every set. ``worst``: the compromise's largest regret in points, which no mixture of the
    sets exceeds; ``compromise`` and ``own`` (by set): the plans, certified and canonical.
    """

    scenario_id: str
    sets: pd.DataFrame
    plans: pd.DataFrame
    worst: float
    compromise: Allocation
    own: dict[str, Allocation]

    @property
    def worst_by_plan(self) -> pd.Series:
        """Largest regret of every plan over the sets, in points, by ``plan_id``."""
        largest: pd.Series = self.plans.groupby("plan_id", sort=False)["regret"].max()
        return largest

    def to_json(self, lang: str = "en") -> dict[str, object]:
        """The part ``regret`` of docs/robust.md."""
        return {
            "worst": self.worst,
            "sets": records(self.sets),
            "plans": records(self.plans),
            "compromise": self.compromise.to_json(lang),
        }


def weight_set_ids(variant: Variant) -> list[str]:
    """The weight sets of a case in table order, the needs' own weights (blank) first."""
    return [OWN, *dict.fromkeys(variant.case["weight_sets"]["weight_set"].tolist())]


def with_weight_set(variant: Variant, name: str) -> Variant:
    """The scenario under another weight set (blank: the needs' own weights), called ``SCENARIO|SET``."""
    scenario = variant.scenario
    if name == scenario.weight_set:
        return variant
    other = replace(scenario, scenario_id=f"{scenario.scenario_id}|{name}", weight_set=name, expected="")
    return replace(variant, scenario=other)


def least_regret(
    session: Session,
    scenario_id: str,
    sets: Sequence[str] | None = None,
    *,
    progress: Callable[[str], None] | None = None,
) -> Regret | None:
    """The compromise between weight sets (default: all of the case and the needs' own) under the scenario's rules.

    None where the scenario has no plan. ``progress`` is called with the name of each set before its plan, and with
    ``compromise``. Raises ``CertificateError``.
    """
    plan = session.run(scenario_id)
    if not plan.has_plan:
        return None
    step = progress or (lambda _name: None)
    variant = session.variant(scenario_id)
    own = Session(session.case, limits=session.limits)
    names: dict[str, str] = {}
    for name in weight_set_ids(variant) if sets is None else sets:
        step(name or "needs.weight")
        other = with_weight_set(variant, name)
        names[name] = own.add(other)
        if not own.run(names[name]).has_plan:
            return None
    plans = {name: own.run(id) for name, id in names.items()}
    compiled = {name: own.compiled(id) for name, id in names.items()}
    step(COMPROMISE)
    base = session.compiled(scenario_id)
    least = _least(base, compiled, plans, plan, session)
    return _gathered(scenario_id, compiled, plans, (plan, session.status_quo(scenario_id)), least)


def objective_by(compiled: Compiled, plan: Allocation) -> float:
    """A plan's objective by the weights of another compiled scenario, which differs in nothing but weights."""
    town = compiled.town
    cost = plan.offers["cost_eur"].to_numpy(dtype=float)
    return measure(town, delivery_of(town, plan), cost=cost).objective(town)


@dataclass(frozen=True)
class _Compromise:
    plan: Allocation
    voices: Floats


def _least(
    base: Compiled,
    sets: Mapping[str, Compiled],
    plans: Mapping[str, Allocation],
    proposed: Allocation,
    session: Session,
) -> _Compromise:
    """Least regret first, then best by the scenario's own weights, then closest to today."""
    name, limits = base.variant.scenario.scenario_id, session.limits
    best = np.array([plan.objective for plan in plans.values()])
    most = max(b - objective_by(one, proposed) for one, b in zip(sets.values(), best, strict=True))
    program = _program(base, list(sets.values()), best, max(most, 0.0))
    whole = program
    if program.is_mixed_integer:
        found = LoadedProgram(program, limits).solve()
        if found.x is None:
            raise CertificateError("plan-not-verified", scenario=name, reason=str(found.status))
        program = with_fixed_integers(program, found.x)
    answer = solve_proven(program, limits, scenario=name, within=_WITHIN)
    if answer is None:
        raise CertificateError("plan-not-verified", scenario=name, reason="the proposal's regret was not found")
    goal = np.pad(base.program.cost, (0, program.column_count - base.program.column_count))
    chosen = then_best(answer, goal, limits, scenario=name)
    plan = proposal(base, chosen, limits)
    return _Compromise(plan, _voices(answer, whole, len(best)))


def _program(base: Compiled, sets: Sequence[Compiled], best: Floats, most: float) -> LinearProgram:
    """The scenario's rules with a column for the regret and, per set, one for its least covered space."""
    own, count = base.program, len(sets)
    first = own.column_count
    names = np.array([f"set {number}" for number in range(count)], dtype=object)
    highest = np.array([one.program.upper[one.layout.first("least")] for one in sets])
    least = NewColumns("least_by_set", (names,), np.zeros(count), np.zeros(count), highest)
    regret = NewColumns(
        "regret",
        (np.array(["regret"], dtype=object),),
        np.ones(1),
        np.zeros(1),
        np.array([MILLION * most * 1.001 + 1.0]),
    )
    rows: list[Block] = []
    for number, one in enumerate(sets):
        shared = one.layout.first("least")
        covered = least_covered(one.town, one.layout)
        rows.append(
            replace(
                covered,
                name=f"least_by_set_{number}",
                columns=np.where(covered.columns == shared, first + number, covered.columns),
            )
        )
        cost = np.pad(one.program.cost, (0, count + 1))
        cost[first + number], cost[shared] = cost[shared], 0.0
        values = MILLION * cost
        values[first + count] = -1.0
        limit = MILLION * (-best[number] - one.program.offset)
        rows.append(one_row(f"regret_of_set_{number}", np.arange(len(values)), values, upper=limit))
    return extended(without_objective(own), [least, regret], rows)


def _voices(answer: Answer, whole: LinearProgram, count: int) -> Floats:
    """The shares of the mixture for which the compromise is a best plan: the duals of the regret rows."""
    dual = answer.solution.row_dual
    if dual is None or whole.is_mixed_integer:
        return np.full(count, math.nan)
    rows = [answer.program.rows_index[f"regret_of_set_{number}"].start for number in range(count)]
    shares: Floats = np.maximum(-dual[rows], 0.0)
    return shares / shares.sum() if shares.sum() > 0.5 else np.full(count, math.nan)


def _gathered(
    scenario_id: str,
    sets: Mapping[str, Compiled],
    own: dict[str, Allocation],
    others: tuple[Allocation, Allocation],
    least: _Compromise,
) -> Regret:
    everything = {COMPROMISE: least.plan, PROPOSAL: others[0], TODAY: others[1]}
    everything |= {f"{SET}:{name}": plan for name, plan in own.items()}
    rows = []
    for plan_id, plan in everything.items():
        for name, one in sets.items():
            value, best = objective_by(one, plan), own[name].objective
            # A plan cannot be better than the best one; what is left is rounding.
            rows.append((plan_id, name, value, max(0.0, best - value), _share(max(0.0, best - value), best)))
    plans = pd.DataFrame(rows, columns=list(PLAN_COLUMNS))
    mine = plans[plans["plan_id"] == COMPROMISE].reset_index(drop=True)
    table = mine.assign(
        best_objective=[own[name].objective for name in sets],
        regret_eur=[
            regret / value_of_a_euro(own[name]) for name, regret in zip(sets, mine["regret"].tolist(), strict=True)
        ],
        voice=least.voices,
    )
    return Regret(scenario_id, table[list(SET_COLUMNS)], plans, float(mine["regret"].max()), least.plan, own)


def _share(regret: float, best: float) -> float:
    return regret / abs(best) if abs(best) > 1e-12 else math.nan
