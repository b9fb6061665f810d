"""Targets: the least money that reaches given levels of coverage, or what stands in the way (docs/goals.md)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd

from allocate.analyses.remarks import Remark
from allocate.analyses.tradeoffs.goal_terms import cost_of, scale_of
from allocate.analyses.tradeoffs.goals import divisible
from allocate.bench.coverage_terms import SCOPES, Shares, share_rows, shares_of
from allocate.bench.proposals import Answer, proposal, solve_in_order, solve_proven
from allocate.bench.recast import NewColumns, extended, without_objective
from allocate.errors import UsageError
from allocate.inputs.nearest import NONE, nearest
from allocate.inputs.numerals import number_of
from allocate.judge.plan import Waiver
from allocate.model.compile import Compiled
from allocate.model.program import Block, LinearProgram
from allocate.model.rules.pot import POT_ROWS
from allocate.results.allocation import Allocation
from allocate.results.measures import judge_cells
from allocate.results.told import Told
from allocate.session import Session
from allocate.solve.solution import Limits
from allocate.town.arrays import Floats

_TEXTS = "tradeoffs/texts_goals.csv"
# A share this far below its target still counts as met.
MET = 1e-7


@dataclass(frozen=True)
class Target:
    """Coverage to be reached: ``scope`` (all, need, space, region, cell), ``key`` (``*``: each one), ``level`` 0..1."""

    scope: str
    key: str
    level: float


@dataclass(frozen=True, eq=False, repr=False)
class LeastCost(Told):
    """The answer to a set of targets.

    ``status``: ``reached`` (within the pots), ``needs_money`` (``extra_money_eur`` more, put where it helps most) or
    ``unreachable`` (not with any money; ``targets.best_possible`` says how far each missed one can be brought on its
    own, and cost and plan are those of coming as close as possible: the fewest missing shares in all). ``cost_eur`` is
    proven least to ``proven_gap_eur``. ``targets``: scope, key, required, today, achieved, met, best_possible.
    ``pots``: what each spends and lacks.
    """

    JSON: ClassVar = (
        "scenario_id", "status", "cost_eur", "today_eur", "budget_eur", "extra_money_eur", "proven_gap_eur",
        "targets", "pots", "plan", "remarks",
    )  # fmt: skip

    scenario_id: str
    status: str
    cost_eur: float
    today_eur: float
    budget_eur: float
    extra_money_eur: float
    proven_gap_eur: float
    targets: pd.DataFrame
    pots: pd.DataFrame
    plan: Allocation | None
    remarks: tuple[Remark, ...]


def parse_target(text: str) -> Target:
    """``need:N03=0.6``, ``space:*=0.5``, ``all=0,5`` -> target.

    Raises ``UsageError`` (target-unclear, number-ambiguous).
    """
    place, _, level = text.partition("=")
    scope, _, key = place.strip().partition(":")
    try:
        value = number_of(level, "--target")
    except UsageError as refused:
        if refused.id == "number-ambiguous":
            raise
        raise UsageError("target-unclear", target=text, reason=level or "=") from None
    if scope not in SCOPES or not 0 <= value <= 1:
        raise UsageError("target-unclear", target=text, reason=scope if scope not in SCOPES else level)
    return Target(scope, key or "*", value)


def least_cost(session: Session, scenario_id: str, targets: Sequence[Target]) -> LeastCost:
    """The least EUR/year that reach all targets under the scenario's rules (question: 50 % everywhere, how cheaply?).

    Among plans of least cost the one best for the town is taken. Raises ``UsageError`` (target-unclear,
    no-feasible-plan, divisible-only), ``CertificateError``.
    """
    compiled = divisible(session, scenario_id)
    asked = [(target, _members(compiled, target)) for target in targets]
    levels = [np.full(len(shares.keys), target.level) for target, shares in asked]
    found = _at_levels(session, compiled, asked, levels)
    if found is not None:
        return found
    lifted = _lifted(compiled.program, compiled)
    if solve_proven(without_objective(lifted), session.limits) is None:
        raise UsageError("no-feasible-plan", scenario=scenario_id)
    return _unreachable(session, compiled, asked, levels)


def _at_levels(
    session: Session, compiled: Compiled, asked: list[tuple[Target, Shares]], levels: list[Floats]
) -> LeastCost | None:
    """The cheapest plan at these levels, within the pots or with the least further money; None: not with any money."""
    rows = _rows(compiled, asked, levels)
    program = extended(compiled.program, rows=rows)
    spending, own = cost_of(compiled, "cost"), compiled.program.cost
    answer = solve_in_order(program, [spending, own], session.limits)
    if answer is not None:
        return _result(session, compiled, asked, answer, "reached")
    lifted = _lifted(program, compiled)
    extra = np.zeros(lifted.column_count)
    extra[lifted.columns_index.slice("top_up")] = 1.0
    answer = solve_in_order(lifted, [extra, _wide(lifted, spending), _wide(lifted, own)], session.limits)
    return None if answer is None else _result(session, compiled, asked, answer, "needs_money")


def _rows(compiled: Compiled, asked: list[tuple[Target, Shares]], levels: list[Floats]) -> list[Block]:
    pairs = zip(asked, levels, strict=True)
    return [share_rows(compiled, shares, level, f"target_{i}") for i, ((_, shares), level) in enumerate(pairs)]


def _members(compiled: Compiled, target: Target) -> Shares:
    shares = shares_of(compiled, target.scope)
    if target.key == "*":
        return shares
    found = np.flatnonzero(shares.keys.astype(str) == target.key)
    if not len(found):
        known = list(dict.fromkeys(shares.keys.astype(str)))
        near = nearest(target.key, known) or NONE
        raise UsageError("id-unknown", table=target.scope, wanted=target.key, nearest=near)
    return shares.chosen(found)


def _wide(program: LinearProgram, cost: Floats) -> Floats:
    return np.concatenate([cost, np.zeros(program.column_count - len(cost))])


def _lifted(program: LinearProgram, compiled: Compiled) -> LinearProgram:
    """The program with a column per pot for further money (in budgets)."""
    pots, scale = compiled.town.pots, scale_of(compiled, "cost")
    count, first = len(pots), program.rows_index[POT_ROWS].start
    largest = float(compiled.town.cost_of(compiled.town.offers.max_capacity).sum()) / scale
    top_up = NewColumns(
        "top_up",
        (pots,),
        np.zeros(count),
        np.zeros(count),
        np.full(count, largest),
        first + np.arange(count),
        np.arange(count),
        np.full(count, -scale),
    )
    return extended(program, [top_up])


def _result(
    session: Session, compiled: Compiled, asked: list[tuple[Target, Shares]], answer: Answer, status: str
) -> LeastCost:
    waiver = Waiver(money=dict.fromkeys(map(str, compiled.town.pots), math.inf) if status == "needs_money" else {})
    plan = proposal(compiled, answer, session.limits, waiver=waiver)
    count = len(compiled.town.pots)
    spent = plan.pots["spent_eur"].to_numpy(dtype=float)
    extra = np.maximum(0.0, spent - compiled.town.pot_amount) if status == "needs_money" else np.zeros(count)
    pots = pd.DataFrame(
        {
            "pot_id": compiled.town.pots,
            "amount_eur": compiled.town.pot_amount,
            "spent_eur": spent,
            "extra_eur": np.where(extra > 1e-6, extra, 0.0),
        }
    )
    covered = plan.coverage["covered"].to_numpy(dtype=float)
    return LeastCost(
        scenario_id=compiled.variant.scenario.scenario_id,
        status=status,
        cost_eur=float(spent.sum()),
        today_eur=float(compiled.town.offers.baseline_cost.sum()),
        budget_eur=compiled.town.weights.budget,
        extra_money_eur=float(extra.sum()),
        proven_gap_eur=max(0.0, answer.certificate.gap) * scale_of(compiled, "cost"),
        targets=_table(compiled, asked, covered),
        pots=pots,
        plan=plan,
        remarks=(Remark(_TEXTS, status),),
    )


def _table(compiled: Compiled, asked: list[tuple[Target, Shares]], covered: Floats) -> pd.DataFrame:
    today = judge_cells(compiled.town, compiled.town.pairs.baseline).covered
    parts = [
        pd.DataFrame(
            {
                "scope": target.scope,
                "key": shares.keys,
                "required": target.level,
                "today": shares.of(today),
                "achieved": shares.of(covered),
            }
        )
        for target, shares in asked
    ]
    table = pd.concat(parts, ignore_index=True)
    table["met"] = table["achieved"] >= table["required"] - MET
    table["best_possible"] = np.nan
    return table


def _unreachable(
    session: Session, compiled: Compiled, asked: list[tuple[Target, Shares]], levels: list[Floats]
) -> LeastCost:
    """Not with any money: come as close as possible, and say how far each missed target can be brought alone."""
    rows = _rows(compiled, asked, levels)
    lifted = _lifted(compiled.program, compiled)
    short = _least_missing(lifted, rows, session.limits)
    closest, place = [], 0
    for level in levels:
        closest.append(np.maximum(0.0, level - short[place : place + len(level)] - MET))
        place += len(level)
    found = _at_levels(session, compiled, asked, closest)
    if found is None:
        raise UsageError("no-feasible-plan", scenario=compiled.variant.scenario.scenario_id)
    table = found.targets
    missed = np.flatnonzero(short > 2 * MET)
    table.loc[missed, "best_possible"] = [_best_alone(lifted, rows, int(i), session.limits) for i in missed]
    table["met"] = short <= 2 * MET
    return replace(found, status="unreachable", targets=table, remarks=(Remark(_TEXTS, "unreachable"),))


def _least_missing(lifted: LinearProgram, rows: list[Block], limits: Limits) -> Floats:
    """The shares that are missing, by target, when all together are as few as possible and money is no object."""
    count, start, place = sum(len(block) for block in rows), lifted.column_count, 0
    ids = np.arange(count).astype(str).astype(object)
    missing = NewColumns("missing", (ids,), np.zeros(count), np.zeros(count), np.ones(count))
    soft = []
    for block in rows:
        own = np.arange(len(block))
        soft.append(
            replace(
                block,
                rows=np.concatenate([block.rows, own]),
                columns=np.concatenate([block.columns, start + place + own]),
                values=np.concatenate([block.values, np.ones(len(block))]),
            )
        )
        place += len(block)
    program = extended(lifted, [missing], soft)
    cost = np.zeros(program.column_count)
    cost[program.columns_index.slice("missing")] = 1.0
    least = solve_proven(without_objective(program, cost), limits, within=1e-6)
    if least is None:
        raise AssertionError("with every share allowed to be missing, the targets forbid no plan")
    found: Floats = least.x[program.columns_index.slice("missing")]
    return found


def _best_alone(lifted: LinearProgram, rows: list[Block], number: int, limits: Limits) -> float:
    """The highest level of one target with any money, the others set aside."""
    for block in rows:
        if number < len(block):
            break
        number -= len(block)
    own = block.rows == number
    cost = np.zeros(lifted.column_count)
    cost[block.columns[own]] = -block.values[own]
    answer = solve_proven(without_objective(lifted, cost), limits, within=1e-6)
    return float("nan") if answer is None else answer.value
