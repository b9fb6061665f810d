"""Goals in order: the best plan when goals count strictly one after the other, each with a tolerance.

The terms are those of docs/goals.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import pandas as pd

from allocate.analyses.remarks import Remark
from allocate.analyses.tradeoffs.goal_terms import GOALS, amount, cost_of, scale_of
from allocate.bench.proposals import MILLION, Answer, proposal, solve_proven, then_best
from allocate.bench.recast import cost_row, extended
from allocate.errors import UsageError
from allocate.inputs.numerals import number_of
from allocate.model.compile import Compiled
from allocate.model.program import LinearProgram
from allocate.plain import Record
from allocate.results.allocation import Allocation
from allocate.results.told import Told
from allocate.session import Session
from allocate.town.arrays import Floats

_TEXTS = "tradeoffs/texts_goals.csv"


@dataclass(frozen=True)
class Wish:
    """A goal and what later goals may take from it: below 1 a share of its best value, from 1 on an amount in EUR."""

    goal: str
    tolerance: float = 0.0


DEFAULT_ORDER = tuple(Wish(goal) for goal in GOALS)


@dataclass(frozen=True, eq=False, repr=False)
class GoalOrder(Told):
    """The plan of a strict order of goals.

    ``stages``: per goal, in order, its best value given the goals before (``best``, proven to ``proven_gap``), the
    value promised to it afterwards (``kept``) and what the plan reaches (``reached``), all in the unit of ``measure``.
    """

    JSON: ClassVar = ("scenario_id", "stages", "plan", "remarks")

    scenario_id: str
    stages: pd.DataFrame
    plan: Allocation
    remarks: tuple[Remark, ...]


def parse_order(text: str) -> tuple[Wish, ...]:
    """``coverage:0.01,equity,cost`` -> wishes. Raises ``UsageError`` (order-tolerance, number-ambiguous)."""
    # A comma parts two goals, unless a digit stands on both sides of it: then it is that of a number.
    parts = (piece.strip() for piece in re.split(r",(?!\d)|(?<!\d),", text))
    return tuple(_wish(part) for part in parts if part)


def _wish(text: str) -> Wish:
    goal, _, typed = text.partition(":")
    try:
        tolerance = number_of(typed, "--order") if typed.strip() else 0.0
    except UsageError as refused:
        if refused.id == "number-ambiguous":
            raise
        raise UsageError("order-tolerance", goal=goal.strip(), value=typed.strip()) from None
    if tolerance < 0:
        raise UsageError("order-tolerance", goal=goal.strip(), value=typed.strip())
    return Wish(goal.strip(), tolerance)


def in_order(session: Session, scenario_id: str, order: Sequence[Wish] = DEFAULT_ORDER) -> GoalOrder:
    """Optimise the goals one after the other under the scenario's rules; each stage is certified.

    The objective's weights are set aside. Raises ``UsageError`` (goal-unknown, no-feasible-plan, divisible-only),
    ``CertificateError``.
    """
    compiled = divisible(session, scenario_id)
    _check(order)
    program = compiled.program
    rows: list[Record] = []
    answer: Answer | None = None
    before: Answer | None = None
    for number, wish in enumerate(order, start=1):
        cost = cost_of(compiled, wish.goal)
        answer = _next(session, scenario_id, program, before, cost)
        kept = answer.least + _allowance(compiled, wish, answer.least)
        rows.append(
            {
                "stage": number,
                "goal": wish.goal,
                "measure": GOALS[wish.goal].measure,
                "tolerance": wish.tolerance,
                "best": amount(compiled, wish.goal, answer.least),
                "proven_gap": answer.certificate.gap * scale_of(compiled, wish.goal),
                "kept": amount(compiled, wish.goal, kept),
            }
        )
        if wish.tolerance > 0 and number < len(order):
            row = cost_row(f"kept_{wish.goal}", cost * MILLION, upper=kept * MILLION)
            program, before = extended(answer.program, rows=[row]), None
        else:
            before = answer
    if answer is None:
        raise UsageError("goal-unknown", goal="", known=", ".join(GOALS))
    plan = proposal(compiled, answer, session.limits)
    measures = plan.measures
    table = pd.DataFrame(rows)
    table["reached"] = [GOALS[wish.goal].of(measures) for wish in order] if measures else float("nan")
    return GoalOrder(scenario_id, table, plan, (Remark(_TEXTS, "order"),))


def divisible(session: Session, scenario_id: str) -> Compiled:
    """The scenario's program for a question about divisible offers.

    Raises ``UsageError`` divisible-only.
    """
    compiled = session.compiled(scenario_id)
    if compiled.program.is_mixed_integer:
        raise UsageError("divisible-only", scenario=scenario_id)
    return compiled


def _check(order: Sequence[Wish]) -> None:
    for wish in order:
        if wish.goal not in GOALS:
            raise UsageError("goal-unknown", goal=wish.goal, known=", ".join(GOALS))


def _allowance(compiled: Compiled, wish: Wish, value: float) -> float:
    if wish.tolerance >= 1.0:
        return wish.tolerance / scale_of(compiled, wish.goal)
    return wish.tolerance * abs(value)


def _next(session: Session, scenario_id: str, program: LinearProgram, before: Answer | None, cost: Floats) -> Answer:
    """The best of a goal: among the optima of the goal before, or of a program that gives it its tolerance."""
    if before is not None:
        return then_best(before, cost, session.limits, scenario=scenario_id)
    answer = solve_proven(replace(program, cost=cost, offset=0.0), session.limits, scenario=scenario_id)
    if answer is None:
        raise UsageError("no-feasible-plan", scenario=scenario_id)
    return answer
