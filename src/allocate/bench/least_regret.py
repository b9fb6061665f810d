"""Least regret: the plan whose worst loss over several sets of weights is as small as it can be.

Let z_k be the scenario's objective under the weights of set k and V_k its best value. The regret of a plan x under k is
what k gives up against its own best plan, as a share of that plan's worth (in objective points where some V_k is not
clearly positive):

    minimise rho   s.t.  (V_k - z_k(x)) / V_k <= rho  for every set k,   x a plan of the scenario,

and among the plans that reach it, the least mean regret; among these, the plan closest to today. Each set has its own
column t_k for the least covered space with its own rows, because the mean over needs in C2 is weighted too.
Regret is quasi-convex in the weights where the equity weight is 0, so that no mixture of the sets is worse off than the
worst of them (Kouvelis and Yu 1997, Robust discrete optimization and its applications).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
import pandas as pd

from allocate.bench.proposals import MILLION, Answer, proposal, solve_proven, then_best
from allocate.bench.recast import NewColumns, extended, one_row, without_objective
from allocate.bench.weighting import LEAST_REGRET, WeightSets, under_weights, value_under
from allocate.errors import CertificateError, UsageError
from allocate.language import no_less, number, percent
from allocate.model.compile import Compiled
from allocate.model.program import Block, LinearProgram
from allocate.model.rules.bookkeeping import least_covered
from allocate.results.allocation import Allocation
from allocate.results.told import Told
from allocate.session import Session
from allocate.solve.value import worth_of
from allocate.town.arrays import Floats

# Below this best value of a set a share of it says nothing, and regrets are counted in objective points.
SMALLEST_BEST = 1e-3
# How far the regrets recomputed from the plan's delivery may lie above those the program proves.
AGREEMENT = 1e-6

SHARE, POINTS = "share", "points"


@dataclass(frozen=True, eq=False, repr=False)
class LeastRegret(Told):
    """The plan of least regret beside the plan of every set.

    ``unit``: ``share`` (of a set's best value) or ``points`` of the objective. ``worst``: the plan's largest regret;
    no plan of the scenario has a smaller one than ``proven``. ``regrets``: one row per plan and set: ``plan`` (name of
    a set, ``least_regret``), ``weight_set``, ``best`` (V_k), ``value`` (z_k of the plan), ``regret``. ``plans``: the
    certified, canonical plan of every set; ``plan``: that of least regret, measured by the scenario's own weights.
    ``voices``: by set, the shares of the mixture of judgements, each in units of its own best, for which no plan has
    less regret (the duals of the rows); empty where nobody loses.
    """

    JSON: ClassVar = ("scenario_id", "unit", "worst", "proven", "regrets", "plan")

    scenario_id: str
    unit: str
    worst: float
    proven: float
    regrets: pd.DataFrame
    plans: Mapping[str, Allocation]
    plan: Allocation
    voices: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Bests:
    """Every set's compiled scenario and best plan; ``best`` is V_k, ``scale`` what a regret of 1 is worth."""

    names: tuple[str, ...]
    compiled: tuple[Compiled, ...]
    plans: tuple[Allocation, ...]
    best: Floats
    scale: Floats

    @property
    def unit(self) -> str:
        """Whether regrets are shares of the best value or objective points."""
        return SHARE if (self.best >= SMALLEST_BEST).all() else POINTS

    def regrets(self, plan: Allocation) -> Floats:
        """The regret of a plan under every set; never below zero."""
        values = np.array([value_under(one, plan) for one in self.compiled])
        regrets: Floats = np.maximum(0.0, (self.best - values) / self.scale)
        return regrets


def bests_of(
    session: Session, scenario_id: str, sets: WeightSets, *, on_each: Callable[[str], None] | None = None
) -> Bests:
    """The plan of every set, certified and canonical (``on_each`` is told each name before it is solved).

    Raises ``UsageError`` (no-feasible-plan, weights-unusable, weights-missing), ``CertificateError``.
    """
    if not sets:
        raise UsageError("weights-missing")
    compiled, plans = [], []
    for name, weights in sets.items():
        if on_each is not None:
            on_each(name)
        asked = under_weights(session, scenario_id, name, weights)
        plan = session.run(asked)
        if not plan.has_plan:
            raise UsageError("no-feasible-plan", scenario=scenario_id)
        compiled.append(session.compiled(asked))
        plans.append(plan)
    best = np.array([plan.objective for plan in plans])
    scale = best if (best >= SMALLEST_BEST).all() else np.ones(len(best))
    return Bests(tuple(sets), tuple(compiled), tuple(plans), best, scale)


def least_regret(session: Session, scenario_id: str, sets: WeightSets, *, bests: Bests | None = None) -> LeastRegret:
    """The plan of least regret over sets of weights (name -> need id -> weight); certified and canonical.

    ``bests``: the sets' own plans, where the caller has asked for them already. Raises ``UsageError``
    (no-feasible-plan, weights-unusable, weights-missing, divisible-only, judges-only), ``CertificateError``.
    """
    base = session.compiled(scenario_id)
    if base.program.is_mixed_integer:
        raise UsageError("divisible-only", scenario=scenario_id)
    if base.variant.scenario.evaluate:
        raise UsageError("judges-only", scenario=scenario_id)
    known = bests or bests_of(session, scenario_id, sets)
    program, mean = _regret_program(base, known)
    first = solve_proven(program, session.limits, scenario=scenario_id)
    if first is None:
        raise UsageError("no-feasible-plan", scenario=scenario_id)
    answer = then_best(first, mean, session.limits, scenario=scenario_id)
    plan = proposal(base, answer, session.limits)
    own = known.regrets(plan)
    if own.max() > first.least + AGREEMENT:
        reason = f"regret {own.max():.3e} where {first.least:.3e} was proven"
        raise CertificateError("plan-not-verified", scenario=scenario_id, reason=reason)
    proven = max(0.0, first.certificate.bound)
    table = _table(known, plan)
    plans = dict(zip(known.names, known.plans, strict=True))
    return LeastRegret(
        scenario_id, known.unit, float(own.max()), proven, table, plans, plan, voices=_voices(first, known)
    )


def _voices(first: Answer, known: Bests) -> dict[str, float]:
    """Minus the duals of the regret rows, in units of rho, so that they add up to one where rho is not held at 0."""
    if first.solution.row_dual is None:
        return {}
    rows = [first.program.rows_index[f"regret_{name}"].start for name in known.names]
    shares = np.maximum(worth_of(first.solution.row_dual[rows]), 0.0) * known.scale * MILLION
    if shares.sum() < 0.5:
        return {}
    return dict(zip(known.names, (shares / shares.sum()).tolist(), strict=True))


def _table(known: Bests, plan: Allocation) -> pd.DataFrame:
    blocks = []
    for name, one in [*zip(known.names, known.plans, strict=True), (LEAST_REGRET, plan)]:
        regrets = known.regrets(one)
        block = {"plan": name, "weight_set": known.names, "best": known.best, "value": known.best, "regret": regrets}
        blocks.append(pd.DataFrame(block).assign(value=known.best - regrets * known.scale))
    return pd.concat(blocks, ignore_index=True)


def _regret_program(base: Compiled, known: Bests) -> tuple[LinearProgram, Floats]:
    """The program that minimises rho, and the cost vector of the mean regret over the same columns.

    Sets whose weights are proportional give the same row twice, which does no harm.
    """
    count, sets = base.program.column_count, len(known.names)
    # The best of the sets' own plans shows that rho need not be larger; a finite bound keeps the certificate sharp.
    enough = min(float(known.regrets(plan).max()) for plan in known.plans) + AGREEMENT
    least = base.program.columns_index["least"].start
    names = (np.array(known.names, dtype=object),)
    tops = np.array([float(one.layout.upper[least]) for one in known.compiled])
    columns = [
        NewColumns("least_of_set", names, np.zeros(sets), np.zeros(sets), tops),
        NewColumns("regret", (np.array(["rho"], dtype=object),), np.ones(1), np.zeros(1), np.array([enough])),
    ]
    mean = np.zeros(count + sets + 1)
    rows: list[Block] = []
    for place, one in enumerate(known.compiled):
        rows.append(_least_rows(one, least, count + place, known.names[place]))
        value = _value_columns(one, least, count + place, len(mean))
        scale = float(known.scale[place])
        mean += value / scale / sets
        value[-1] = -scale
        # The objective's coefficients are tiny beside the solver's tolerances: the row counts in millionths.
        limit = -MILLION * float(known.best[place])
        block = one_row(f"regret_{known.names[place]}", np.arange(len(value)), value * MILLION, upper=limit)
        rows.append(block)
    return extended(without_objective(base.program), columns, rows), mean


def _value_columns(one: Compiled, least: int, own_least: int, size: int) -> Floats:
    """The set's objective (minimised) over the extended columns; its least covered space has its own column."""
    value = np.zeros(size)
    value[: one.program.column_count] = one.program.cost
    value[least], value[own_least] = 0.0, one.program.cost[least]
    return value


def _least_rows(one: Compiled, least: int, own_least: int, name: str) -> Block:
    """C2 with the set's weights and its own column."""
    block = least_covered(one)
    return replace(block, name=f"least_{name}", columns=np.where(block.columns == least, own_least, block.columns))


def loss_in_words(regret: float, unit: str, lang: str) -> str:
    """The most that is lost as it is told: a share of the own best plan, or of points where that is worth nothing."""
    most = no_less(regret, 4)
    return percent(most, lang, 2) if unit == SHARE else number(most, lang, 4)
