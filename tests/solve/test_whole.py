"""Whole offers: switches that nothing slips through, a proof in plain words, the same plan for twins in any order."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from benchmarks.covering import Covering
from hypothesis import HealthCheck, given, settings

from allocate.inputs.case import Case
from allocate.results.allocation import Allocation
from allocate.session import Session, today_as_plan
from allocate.solve import whole
from allocate.solve.certify import certify
from allocate.solve.loaded import LoadedProgram
from allocate.solve.solution import Limits, Solution, Status
from allocate.solve.whole import settled, with_close_switches
from tests.strategies import Rows, case_of, scenario_towns

SOLVERS = ("highs", "pulp:CBC", "pulp:SCIP")


def houses(*offers: dict[str, object], money: float = 10_000.0, demand: float = 40.0, floor: float = 0.0) -> Case:
    """One space, one need and houses that exist as a whole or not at all."""
    rows: Rows = [
        {"name": offer["offer_id"], "unit_cost": 300, "max_capacity": 30, "baseline_capacity": 0}
        | {"fixed_cost": 3000, "variable_unit_cost": 100}
        | offer
        for offer in offers
    ]
    floors: Rows = [
        {"floor_id": "F", "scope": "space", "scope_id": "S", "need_id": "N", "min_coverage": floor}
        | {"kind": "statutory"}
    ]
    return case_of(
        {
            "spaces": [{"space_id": "S", "name": "S"}],
            "needs": [{"need_id": "N", "name": "N", "unit": "persons"}],
            "demand": [{"space_id": "S", "need_id": "N", "demand": demand}],
            "offers": rows,
            "effects": [{"offer_id": row["offer_id"], "need_id": "N", "effect": 1} for row in rows],
            "reach": [
                {"offer_id": row["offer_id"], "space_id": "S", "access": 1}
                | {"baseline_capacity": row["baseline_capacity"]}
                for row in rows
            ],
            "pots": [{"pot_id": "P", "name": "P", "amount": money}],
            "baseline_funding": [
                {"pot_id": "P", "offer_id": row["offer_id"], "amount": 300 * float(str(row["baseline_capacity"]))}
                for row in rows
                if row["baseline_capacity"]
            ],
            "floors": floors if floor else [],
            "scenarios": [
                {"scenario_id": "I", "title": "Whole", "indivisible": "yes"},
                {"scenario_id": "D", "title": "In parts", "indivisible": "no"},
            ],
        }
    )


def capacities(plan: Allocation) -> dict[str, float]:
    return {row.offer_id: round(row.capacity, 6) for row in plan.offers.itertuples()}


@pytest.mark.parametrize("solver", SOLVERS)
def test_twins_get_the_same_plan_whatever_the_order_and_the_solver(solver: str) -> None:
    """Money for one of three equal houses; none of them exists today."""
    ids = ["O1", "O2", "O3"]
    plans = [
        Session(houses(*({"offer_id": id} for id in order), money=6000), solver).run("I")
        for order in (ids, ids[::-1], ["O2", "O1", "O3"])
    ]
    assert sorted(capacities(plans[0]).values()) == [0, 0, 30]
    for plan in plans:
        assert capacities(plan) == capacities(plans[0]) == capacities(Session(plan.variant.case).run("I"))
        assert plan.unique
        assert plan.status == "optimal"
        assert plan.message("en") == "Proven: no plan of whole offers that meets all rules is better."


@pytest.mark.parametrize("solver", SOLVERS)
def test_of_equal_houses_the_one_that_exists_stays(solver: str) -> None:
    for kept in ("O1", "O2"):
        offers = [{"offer_id": id, "baseline_capacity": 30 * (id == kept)} for id in ("O1", "O2")]
        assert capacities(Session(houses(*offers, money=6000), solver).run("I"))[kept] == 30


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("variable", [0, 100])
def test_capacity_that_never_binds_may_be_any_number(solver: str, variable: int) -> None:
    """Two houses for 1,900 EUR each, money for one and a half: no place slips through the door that stays shut."""
    offers = [
        {"offer_id": id, "fixed_cost": 1900, "variable_unit_cost": variable, "unit_cost": 150} for id in ("O1", "O2")
    ]
    plans = []
    for most in (60, 2_000_000):
        many = [offer | {"max_capacity": most} for offer in offers]
        plans.append(Session(houses(*many, money=2850, demand=50), solver).run("I"))
    assert capacities(plans[0]) == pytest.approx(capacities(plans[1]), abs=1e-6)
    assert plans[0].objective == pytest.approx(plans[1].objective, abs=1e-12)
    assert all(plan.status == "optimal" for plan in plans)
    assert sum(capacities(plans[1]).values()) == pytest.approx(9.5 if variable else 50)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=scenario_towns())
def test_todays_provision_is_a_plan_and_close_switches_lose_nothing(case: Case) -> None:
    """Towns are drawn so that today meets all rules: whole offers then have a plan, and it is no worse than today."""
    session = Session(case)
    compiled = session.compiled("I")
    today = today_as_plan(compiled)
    assert today is not None
    assert certify(with_close_switches(compiled), today, None, within=np.inf).verified
    plan = session.run("I")
    assert plan.status == "optimal"
    assert plan.unique
    assert plan.objective >= -compiled.program.objective(today) - 1e-9
    without = compiled.program.with_integers_of(session.optimum("I").x)
    assert plan.certificate is not None
    assert plan.certificate.gap <= 1e-7
    assert certify(without, session.optimum("I").x, None, within=np.inf).verified
    # Rows in another order are the same town.
    tables = ("offers", "reach", "effects", "pots", "spaces")
    turned = case.with_tables(**{name: case[name].iloc[::-1] for name in tables})
    assert capacities(Session(turned).run("I")) == pytest.approx(capacities(plan), abs=1e-6)


OVER = Limits(deadline=0.0)


@pytest.mark.parametrize("scenario", ["I", "D"])
def test_when_time_is_over_today_is_kept_where_it_meets_the_rules(scenario: str) -> None:
    case = houses({"offer_id": "O1", "baseline_capacity": 10}, {"offer_id": "O2"})
    plan = Session(case, limits=OVER).run(scenario)
    assert plan.status == "limit"
    assert capacities(plan) == {"O1": 10, "O2": 0}
    assert plan.certificate is not None
    assert plan.certificate.verified
    assert plan.certificate.bound >= Session(case).run(scenario).objective
    assert "Shown is today's provision; it meets all rules" in plan.message("en")


@pytest.mark.parametrize("floor", [0.0, 0.5])
def test_an_empty_plan_is_never_the_best_so_far(floor: float) -> None:
    plan = Session(houses({"offer_id": "O1"}, {"offer_id": "O2"}, floor=floor), limits=OVER).run("I")
    assert plan.status == "limit"
    assert not plan.has_plan
    assert "before a feasible proposal was found" in plan.message("en")


def test_limits_of_a_command_are_shared_by_its_solves() -> None:
    shared = Limits.together(1000.0)
    assert 0 < shared.remaining <= 1000
    assert shared.within(5.0).remaining <= 5
    assert replace(shared, deadline=time.monotonic() - 1).within(5.0).remaining == 0
    assert Limits().remaining == np.inf


class StopsAtTheChoice(LoadedProgram):
    """Every second whole run, the choice among equal plans, spends its effort before it has proven anything."""

    runs: ClassVar[list[Solution]] = []

    def solve(self, *, warm: bool = True, method: str | None = None) -> Solution:
        found = super().solve(warm=warm, method=method)
        if not self.program.is_mixed_integer:
            return found
        self.runs.append(found)
        return replace(found, status=Status.LIMIT)


def test_where_the_effort_of_choosing_is_spent_the_closest_found_is_taken_and_said_not_to_be_proven(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(whole, "LoadedProgram", StopsAtTheChoice)
    for kept in ("O1", "O2"):
        offers = [{"offer_id": id, "baseline_capacity": 30 * (id == kept)} for id in ("O1", "O2")]
        plan = Session(houses(*offers, money=6000)).run("I")
        assert capacities(plan)[kept] == 30
        assert plan.status == "optimal" and not plan.unique
        assert "not proven to be the one closest to today" in plan.message("en")
        assert "Proven: no plan" in plan.message("en")
    assert len(StopsAtTheChoice.runs) == 2


def test_a_choice_without_any_effort_still_ends_in_a_plan(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Money to reach everybody in many ways: which sites are closest to today is then left open, and said so."""
    case = Covering.invented(30, 120, 20).case(tmp_path)
    best = Session(case).run("whole")
    for name in ("NODES", "FEWEST"):
        monkeypatch.setattr(whole, name, 0)
    plans = [Session(case).run("whole") for _ in range(2)]
    assert best.unique
    for plan in plans:
        assert plan.status == "optimal" and plan.objective == pytest.approx(best.objective, abs=1e-12)
        assert not plan.unique
        assert capacities(plan) == capacities(plans[0])


def test_an_answer_that_nothing_can_be_made_of_counts_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proven where it meets the rules and no plan can be better, and never said to be the one closest to today."""
    compiled = Session(houses({"offer_id": "O1"}, {"offer_id": "O2"}, money=6000)).compiled("I")
    found = LoadedProgram(with_close_switches(compiled), Limits()).solve()
    assert found.x is not None
    monkeypatch.setattr(whole, "_nearest_with_offers_of", lambda *_: None)
    taken = settled(compiled, found, Limits())
    assert np.array_equal(taken.x, found.x) and taken.proven and not taken.unique
    beyond_the_rules = settled(compiled, replace(found, x=found.x * 2), Limits())
    assert not beyond_the_rules.proven


def test_where_the_solver_proves_no_bound_the_relaxation_does() -> None:
    """Half a house more could be paid in parts: no plan of whole offers is better than the best of those in parts."""
    compiled = Session(houses({"offer_id": "O1"}, {"offer_id": "O2"}, money=9000)).compiled("I")
    found = LoadedProgram(with_close_switches(compiled), Limits()).solve()
    in_parts = LoadedProgram(compiled.program.relaxed(), Limits()).solve()
    judged = settled(compiled, replace(found, bound=-np.inf), Limits())
    assert judged.bound == pytest.approx(in_parts.objective, abs=1e-9)
    assert judged.bound < judged.objective - 1e-6 and not judged.proven
