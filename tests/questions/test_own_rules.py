"""Own rules and aims: met, certified with the rest, and named in the answer."""

from __future__ import annotations

import pytest

import allocate
from allocate.model.own_rules import Model
from tests.questions.conftest import TINY

type Session = allocate.Session


def test_an_own_rule_is_met_and_named_in_both_languages(session: Session) -> None:
    def modest(model: Model) -> None:
        words = {"de": "B kostet höchstens 2.500", "en": "B costs 2,500 at most"}
        model.add_rule("modest", model.cost["B"].sum() <= 2500, words=words)

    free, plan = session.run("pooled"), session.run("pooled", extra=modest)
    assert free.offers["cost_eur"][1] > 2500 + 1e-6 and plan.offers["cost_eur"][1] == pytest.approx(2500)
    assert plan.objective < free.objective
    assert plan.certificate is not None and plan.certificate.verified
    assert plan.certificate.bound == pytest.approx(plan.objective, abs=1e-9)
    assert "Regel modest: B kostet höchstens 2.500" in str(plan.to_json("de")["message"])
    assert "rule modest: B costs 2,500 at most" in plan.message("en")
    # What was asked before and after is without the rule.
    assert session.run("pooled") is free


def test_an_own_aim_moves_the_plan_and_not_the_objective(session: Session) -> None:
    def visits(model: Model) -> None:
        model.add_aim("visits", model.capacity["B"].sum(), weight=1.0)

    free, plan = session.run("pooled"), session.run("pooled", extra=visits)
    assert plan.offers["capacity"][1] > free.offers["capacity"][1]
    assert plan.objective <= free.objective
    capacity = float(plan.offers["capacity"][1])
    assert plan.certificate is not None
    assert plan.certificate.objective == pytest.approx(plan.objective + capacity, abs=1e-6)
    assert "own aim visits" in plan.message("en")


@pytest.mark.parametrize("most", [0, 1, 2])
def test_so_many_offers_change_and_no_more(most: int, session: Session) -> None:
    plan = session.run("pooled", extra=lambda model: model.add_rule("few", model.changed_offers.sum() <= most))
    changed = int((plan.offers["change_eur"].abs() > 1e-6).sum())
    assert plan.has_plan and changed <= most
    assert plan.objective <= session.run("pooled").objective + 1e-9
    if most == 2:
        assert plan.objective == pytest.approx(session.run("pooled").objective, abs=1e-9)
    if most == 0:
        today = session.status_quo("pooled").offers["cost_eur"].tolist()
        assert plan.offers["cost_eur"].tolist() == pytest.approx(today)


def test_rules_that_nothing_meets_are_said(session: Session) -> None:
    plan = session.run("pooled", extra=lambda model: model.add_rule("none", model.cost.sum() >= 1e9))
    assert not plan.has_plan and plan.status == "infeasible"
    assert "own rules together" in plan.message("en") and "own rule none" in plan.message("en")


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        (lambda model: model.funding["P9"], "own-nothing"),
        (lambda model: model.cost + model.funding, "own-lengths"),
        (lambda model: model.add_rule("x", model.cost), "type-unexpected"),
    ],
)
def test_a_slip_in_own_rules_is_told(extra: object, told: str, session: Session) -> None:
    with pytest.raises(allocate.UsageError, match=told):
        session.run("pooled", extra=extra)  # type: ignore[arg-type]


def test_scenarios_that_take_no_own_rules_say_so() -> None:
    town = allocate.Session(allocate.read_case(TINY))
    for scenario, told in (("today", "judges-only"), ("sites", "divisible-only")):
        with pytest.raises(allocate.UsageError, match=told):
            town.run(scenario, extra=lambda model: model.add_aim("local", model.funding.sum(), weight=1e-9))
