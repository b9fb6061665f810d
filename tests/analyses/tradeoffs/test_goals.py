"""Goals in order and targets at least cost, each against brute re-solves."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from allocate.analyses.tradeoffs.goal_terms import GOALS, cost_of, minimised, scale_of
from allocate.analyses.tradeoffs.goals import Wish, in_order, parse_order
from allocate.analyses.tradeoffs.targets import Target, least_cost, parse_target
from allocate.bench.coverage_terms import share_rows, shares_of
from allocate.bench.recast import cost_row, extended
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.session import Session
from allocate.solve.highs import Highs
from allocate.solve.solution import Limits, Status
from tests.strategies import towns


def check_order(session: Session, scenario: str, order: tuple[Wish, ...]) -> None:
    """Brute: every stage's value by rows that keep the earlier goals, solved from scratch."""
    compiled = session.compiled(scenario)
    found = in_order(session, scenario, order)
    rows = []
    for wish, stage in zip(order, found.stages.itertuples(), strict=True):
        cost = cost_of(compiled, wish.goal)
        solved = Highs().solve(extended(replace(compiled.program, cost=cost, offset=0.0), rows=rows), Limits())
        best = minimised(compiled, wish.goal, stage.best)
        assert best == pytest.approx(solved.objective, abs=5e-6)
        kept = minimised(compiled, wish.goal, stage.kept)
        assert minimised(compiled, wish.goal, stage.reached) <= kept + 1e-6
        assert stage.proven_gap <= 1e-6 * scale_of(compiled, wish.goal)
        rows.append(cost_row(f"kept_{wish.goal}", 1e4 * cost, upper=1e4 * (max(kept, solved.objective) + 1e-9)))
    assert found.plan.certificate is not None and found.plan.certificate.verified


@pytest.mark.parametrize(
    "order",
    [
        "coverage,duplication,equity,movement,cost",
        "equity:0.02,coverage:0.01,movement",
        "duplication:1000,cost",
        "movement,coverage",
    ],
)
def test_example_town_keeps_every_promise_in_order(session: Session, order: str) -> None:
    check_order(session, "SZ2", parse_order(order))


@settings(max_examples=15, deadline=None)
@given(towns(), st.permutations(sorted(GOALS)), st.sampled_from([0.0, 0.05]))
def test_any_order_in_any_small_town(case: Case, goals: list[str], tolerance: float) -> None:
    assume(case["demand"]["demand"].sum() > 0)  # without demand there is no coverage to keep
    check_order(Session(case), "A", tuple(Wish(goal, tolerance) for goal in goals))


def brute_cost(session: Session, scenario: str, target: Target) -> float:
    """The least spending with the target as rows, NaN where the pots do not allow it."""
    compiled = session.compiled(scenario)
    shares = shares_of(compiled, target.scope)
    rows = share_rows(compiled, shares, np.full(len(shares.keys), target.level), "t")
    program = extended(replace(compiled.program, cost=cost_of(compiled, "cost"), offset=0.0), rows=[rows])
    found = Highs().solve(program, Limits())
    return found.objective * scale_of(compiled, "cost") if found.status is Status.OPTIMAL else float("nan")


def test_half_of_every_space_at_least_cost(session: Session) -> None:
    found = least_cost(session, "SZ2", [parse_target("space:*=0.5")])
    assert found.status == "reached"
    assert found.cost_eur == pytest.approx(brute_cost(session, "SZ2", Target("space", "*", 0.5)), abs=0.5)
    assert found.targets["met"].all()
    assert found.cost_eur < found.today_eur
    json.dumps(found.to_json("de"), allow_nan=False)


def test_missing_money_is_exact(session: Session) -> None:
    """With the extra money in the pots the target can be reached, with a little less it cannot."""
    found = least_cost(session, "SZ2", [Target("all", "*", 0.7)])
    assert found.status == "needs_money"
    assert found.extra_money_eur > 100_000
    extra = found.pots["extra_eur"].to_numpy()

    def status_with(factor: float) -> Status:
        compiled = session.compiled("SZ2")
        upper = compiled.program.row_upper.copy()
        upper[compiled.program.rows_index.slice("pot")] += factor * extra
        rows = share_rows(compiled, shares_of(compiled, "all"), np.array([0.7]), "t")
        return Highs().solve(extended(replace(compiled.program, row_upper=upper), rows=[rows]), Limits()).status

    assert status_with(1.0 + 1e-6) is Status.OPTIMAL
    assert status_with(0.995) is Status.INFEASIBLE


def test_unreachable_targets_say_how_far_one_can_get(session: Session) -> None:
    found = least_cost(session, "SZ2", [Target("cell", "*", 0.5)])
    assert found.status == "unreachable"
    missed = found.targets[~found.targets["met"].astype(bool)].set_index("key")
    assert {"S07|N12", "S10|N12"} <= set(missed.index)
    assert missed.loc["S07|N12", "best_possible"] == 0.0
    assert (missed["achieved"] <= missed["best_possible"] + 1e-6).all()
    assert found.plan is not None and found.plan.certificate is not None and found.plan.certificate.verified


@settings(max_examples=15, deadline=None)
@given(towns(), st.sampled_from(["all", "need", "space", "region", "cell"]), st.sampled_from([0.2, 0.5, 0.9]))
def test_least_cost_of_any_small_town(case: Case, scope: str, level: float) -> None:
    session = Session(case)
    if not len(shares_of(session.compiled("B"), scope).keys):
        return
    target = Target(scope, "*", level)
    found = least_cost(session, "B", [target])
    brute = brute_cost(session, "B", target)
    assert (found.status == "reached") == (not np.isnan(brute))
    if found.status == "reached":
        assert found.cost_eur == pytest.approx(brute, abs=0.5)
        assert found.extra_money_eur == 0
    if found.status != "unreachable":
        assert found.targets["met"].all()
    else:
        assert not found.targets["met"].all()


@pytest.mark.parametrize("text", ["foo=0.5", "need:N03", "space:S10=2", "cell:*=abc"])
def test_unclear_targets_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="Examples"):
        parse_target(text)


def test_unknown_names_are_refused(session: Session) -> None:
    with pytest.raises(UsageError, match="S99"):
        least_cost(session, "SZ2", [Target("space", "S99", 0.5)])
    with pytest.raises(UsageError, match="coverage, duplication"):
        in_order(session, "SZ2", parse_order("beauty"))
    with pytest.raises(UsageError, match="conflicts"):
        in_order(session, "SZ4a")
    with pytest.raises(UsageError, match="conflicts"):
        least_cost(session, "SZ4c", [Target("all", "*", 0.1)])
