"""Conflicts: the clash is a clash and irreducible, what is said to be missing is missing, every repair repairs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from allocate.analyses.conflicts.repairs import Step
from allocate.analyses.conflicts.why_no_plan import Conflict, conflicts
from allocate.bench.widening import widen
from allocate.errors import CertificateError, UsageError
from allocate.inputs.case import Case
from allocate.inputs.scenario.variant import Variant
from allocate.session import Session
from allocate.solve.loaded import LoadedProgram
from allocate.solve.solution import Limits, Status
from tests.strategies import Sizes, Tables, case_of, town_tables


@pytest.fixture(scope="module")
def money(session: Session) -> Conflict:
    return conflicts(session, "SZ4a")


@pytest.fixture(scope="module")
def staff(session: Session) -> Conflict:
    return conflicts(session, "SZ4c")


def members(answer: Conflict) -> set[str]:
    table = answer.members()
    return {f"{row['rule']} {row['id']}" for row in table.to_dict("records")}


def run(variant: Variant) -> Status:
    """Does a variant have a plan? Asked through the one path that users have."""
    session = Session(variant.case)
    return session.run(session.add(variant)).status


def drop(answer: Conflict, rules: np.ndarray) -> Status:
    """Solve the scenario without some of its rules."""
    widened = answer.widened
    free = rules[widened.relaxers.rule]
    return LoadedProgram(widened.opened(np.where(free, widened.relaxers.limit, 0.0))).solve(method="simplex").status


def assert_irreducible(answer: Conflict) -> None:
    """The members alone clash, and without any one of them they do not."""
    assert answer.clash is not None and answer.clash.irreducible and answer.clash.proven
    others = np.ones(len(answer.rules), dtype=bool)
    others[answer.clash.members] = False
    assert drop(answer, others) is Status.INFEASIBLE
    for member in answer.clash.members:
        without = others.copy()
        without[member] = True
        assert drop(answer, without) is Status.OPTIMAL


def test_tighter_minima_in_pillars_lack_money_in_one_pot(money: Conflict) -> None:
    assert not money.is_feasible
    assert money.missing == "money"
    assert money.lever("pot:P2").steps[0].amount == pytest.approx(351_027.1, abs=1.0)
    assert money.lever("staff").status == "impossible"
    assert {"pot P2", "floor F07", "floor F09", "floor F10", "floor F11", "floor F12"} <= members(money)


def test_no_single_floor_repairs_the_pillars(money: Conflict) -> None:
    repairs = money.repairs()
    floors = repairs[repairs["repair_id"].str.startswith("floor:")]
    assert len(floors) >= 7
    assert set(floors["status"]) == {"impossible"}
    assert floors["verified"].all()


def test_among_floors_the_town_is_asked_first_about_what_it_is_freest_to_change(session: Session) -> None:
    case = session.case
    needs, floors = case["needs"], case["floors"]
    of = dict(zip(floors["floor_id"], floors["need_id"], strict=True))
    duty = {of["F12"]: "voluntary", of["F10"]: "should", of["F09"]: "in_principle"}
    graded = needs.assign(duty=[duty.get(id, "mandatory") for id in needs["need_id"]])
    found = conflicts(Session(case.with_tables(needs=graded)), "SZ4a").repairs()["repair_id"].tolist()
    single = [id for id in found if id.startswith("floor:") and id.count(":") == 2]
    assert single[:3] == ["floor:F12:*", "floor:F10:*", "floor:F09:*"]
    assert single[3:] == ["floor:F07:S03", "floor:F07:S06", "floor:F07:S07", "floor:F11:*"]
    assert found.index("pot:P2") < found.index("floor:F12:*") < found.index("capacity:O05")


def test_the_pillar_rule_itself_is_part_of_the_explanation(money: Conflict) -> None:
    """SZ4b, the same with pooled money, has a plan: the youth office's pot could pay."""
    assert money.lever("earmark:P1").status == "found"


def test_vacant_posts_are_repaired_by_no_money(staff: Conflict) -> None:
    assert staff.missing == "capacity"
    assert staff.lever("money").status == "impossible"
    assert staff.lever("money").verified
    assert {"floor F11", "capacity O05", "capacity O30", "capacity O32"} <= members(staff)
    assert not any(name.startswith("pot") for name in members(staff))
    step = staff.lever("floor:F11:*").steps[0]
    assert 100 * (step.before - step.after) == pytest.approx(13.5, abs=0.05)


def test_prechecks_see_what_needs_no_solver(staff: Conflict, money: Conflict) -> None:
    assert staff.prechecks[["check", "id"]].to_numpy().tolist() == [["floor-capacity", "F11"]]
    assert money.prechecks.empty


@pytest.mark.parametrize("name", ["money", "staff"])
def test_the_clash_is_one_and_every_member_is_needed(name: str, request: pytest.FixtureRequest) -> None:
    answer: Conflict = request.getfixturevalue(name)
    assert_irreducible(answer)


@pytest.mark.parametrize("name", ["money", "staff"])
def test_every_repair_repairs_and_is_the_least(name: str, request: pytest.FixtureRequest) -> None:
    answer: Conflict = request.getfixturevalue(name)
    found = [lever for lever in answer.levers if lever.repaired]
    assert len(found) >= 5
    for lever in found:
        assert lever.repaired is not None and lever.verified and lever.cheapest
        assert run(lever.repaired.variant) is Status.OPTIMAL
    repairs = answer.repairs()
    assert repairs.loc[repairs["status"] != "found", "verified"].all()


def test_a_little_less_money_is_not_enough(money: Conflict) -> None:
    lever = money.lever("pot:P2")
    assert lever.repaired is not None
    assert run(shortened(lever.repaired.variant, "pots", "P2", "amount", 100.0)) is Status.INFEASIBLE


def test_a_little_less_capacity_is_not_enough(staff: Conflict) -> None:
    lever = staff.lever("capacity:O32")
    assert lever.repaired is not None
    assert run(shortened(lever.repaired.variant, "offers", "O32", "max_capacity", 0.1)) is Status.INFEASIBLE


def shortened(variant: Variant, table: str, id: str, column: str, less: float) -> Variant:
    frame = variant.case[table].copy()
    key = f"{table.removesuffix('s')}_id"
    frame.loc[frame[key] == id, column] -= less
    return replace(variant, case=variant.case._unchecked(**{table: frame}))


def test_decisions_are_with_those_who_may_take_them(money: Conflict) -> None:
    table = money.members()

    def told(rule: str, id: str, column: str) -> set[str]:
        return set(table.loc[(table["rule"] == rule) & (table["id"] == id), column])

    assert told("floor", "F09", "decided_by") == {"law"}
    assert told("pot", "P2", "decider") == {"Amt für Soziales und Gesundheit"}
    assert told("earmark", "P1", "decided_by") == {"council"}
    assert told("earmark", "P4", "decided_by") == {"funder"}
    assert any("§ 71 SGB XII" in basis for basis in told("floor", "F07", "basis"))


def test_a_feasible_scenario_has_nothing_to_explain(session: Session) -> None:
    answer = conflicts(session, "SZ1")
    assert answer.is_feasible
    assert answer.to_json()["status"] == "feasible"
    assert "SZ1" in answer.message("en")[0]


def test_an_unknown_scenario_is_refused_with_the_nearest(session: Session) -> None:
    with pytest.raises(UsageError, match="SZ4c"):
        conflicts(session, "SZ4d")


def test_time_that_ran_out_is_never_taken_for_the_absence_of_a_clash(session: Session) -> None:
    hurried = Session(session.case, limits=Limits(seconds=1e-9))
    for scenario_id in ("SZ4a", "SZ1"):
        with pytest.raises(CertificateError, match="limit-reached"):
            conflicts(hurried, scenario_id)


@pytest.mark.parametrize("lang", ["de", "en"])
def test_sentences_name_the_figures(money: Conflict, staff: Conflict, lang: str) -> None:
    assert ("351.028" if lang == "de" else "351,028") in money.message(lang)[0]
    text = " ".join(staff.message(lang))
    assert ("65,7 %" if lang == "de" else "65.7%") in text


def test_the_json_holds_the_whole_answer(money: Conflict) -> None:
    document = money.to_json()
    assert set(document) == {
        "scenario_id", "status", "missing", "messages", "irreducible", "proven", "prechecks", "members", "repairs",
    }  # fmt: skip
    repairs = {repair["repair_id"]: repair for repair in document["repairs"]}  # type: ignore[attr-defined]
    assert repairs["money"]["steps"][0]["change"] == 351_028.0
    assert repairs["staff"]["steps"] == []


TWO_PLACES: Tables = {
    "spaces": [{"space_id": "S1", "name": "North"}],
    "needs": [{"need_id": "N1", "name": "Advice", "unit": "cases"}],
    "demand": [{"space_id": "S1", "need_id": "N1", "demand": 100}],
    "offers": [
        {"offer_id": "O1", "name": "Desk", "home_space_id": "S1", "unit_cost": 100, "max_capacity": 50},
        {"offer_id": "O2", "name": "Van", "home_space_id": "S1", "unit_cost": 200, "max_capacity": 40},
    ],
    "effects": [
        {"offer_id": "O1", "need_id": "N1", "effect": 1},
        {"offer_id": "O2", "need_id": "N1", "effect": 1},
    ],
    "pots": [{"pot_id": "P1", "name": "Town", "amount": 6000}],
    "floors": [
        {
            "floor_id": "F1",
            "scope": "all",
            "scope_id": "*",
            "need_id": "N1",
            "min_coverage": 0.6,
            "kind": "political",
        }
    ],
    "scenarios": [{"scenario_id": "A", "title": "Plan", "pooling": "silo"}],
}


def test_a_conflict_solved_by_hand() -> None:
    """60 cases need 50 desk places (5,000 EUR) and 10 van places (2,000 EUR): 1,000 EUR are missing.

    Or 10 more desk places instead of the van (6,000 EUR in all); or 55 cases: 50 places at the desk, 5 in the van.
    """
    answer = conflicts(Session(case_of(TWO_PLACES)), "A")
    assert members(answer) == {"pot P1", "floor F1", "capacity O1"}
    assert answer.missing == "either"
    assert answer.lever("money").steps[0].amount == pytest.approx(1000, abs=1)
    assert answer.lever("staff").steps[0].amount == pytest.approx(10, abs=0.02)
    step = answer.lever("floor:F1:*").steps[0]
    assert (step.before, step.after) == pytest.approx((0.6, 0.55))
    assert answer.members().set_index("rule")["gives_way"].to_dict() == pytest.approx(
        {"pot": 1000, "floor": 5, "capacity": 10}, rel=1e-4
    )


def test_money_and_capacity_missing_at_once() -> None:
    """95 cases exceed all 90 places, and 90 places cost 13,000 EUR."""
    tables = {**TWO_PLACES, "floors": [{**TWO_PLACES["floors"][0], "min_coverage": 0.95}]}
    answer = conflicts(Session(case_of(tables)), "A")
    assert answer.missing == "both"
    both = answer.lever("money_staff")
    assert both.verified and {answer.rules.kind[step.rule] for step in both.steps} == {"pot", "capacity"}


def test_rules_that_no_resource_reconciles() -> None:
    """A contract for 30 places at the desk in S2, which may have at most none of its use."""
    tables: Tables = {
        **TWO_PLACES,
        "spaces": [{"space_id": "S1", "name": "North"}],
        "reach": [
            {"offer_id": "O1", "space_id": "S1", "max_use_share": 0.5},
            {"offer_id": "O2", "space_id": "S1"},
        ],
        "offers": [{**TWO_PLACES["offers"][0], "committed_capacity": 30}, TWO_PLACES["offers"][1]],
        "floors": [],
    }
    answer = conflicts(Session(case_of(tables)), "A")
    assert answer.missing == "rules"
    assert members(answer) == {"commitment O1", "corridor O1"}
    assert answer.prechecks["check"].tolist() == ["corridor-shares"]
    for repair_id in ("commitment:O1", "corridor:O1"):
        repaired = answer.lever(repair_id).repaired
        assert repaired is not None and repaired.verified and run(repaired.variant) is Status.OPTIMAL


@pytest.mark.parametrize("indivisible", ["no", "yes"])
def test_a_contract_above_the_capacity_that_vacant_posts_leave(indivisible: str) -> None:
    """Contracts bind 45 places at the desk, staff is there for 40: five places more or a contract for five less."""
    desk = {**TWO_PLACES["offers"][0], "committed_capacity": 45, "max_capacity": 40}
    scenarios = [{"scenario_id": "A", "title": "Plan", "pooling": "silo", "indivisible": indivisible}]
    tables = {**TWO_PLACES, "offers": [desk, TWO_PLACES["offers"][1]], "floors": [], "scenarios": scenarios}
    answer = conflicts(Session(case_of(tables)), "A")
    assert members(answer) == {"capacity O1", "commitment O1"}
    assert answer.missing == "capacity"
    assert answer.prechecks["check"].tolist() == ["commitment-capacity"]
    for repair_id in ("staff", "commitment:O1", "capacity:O1"):
        lever = answer.lever(repair_id)
        assert lever.steps[0].amount == pytest.approx(5, abs=0.02)
        assert lever.repaired is not None and lever.verified and run(lever.repaired.variant) is Status.OPTIMAL
    assert answer.lever("money").status == "impossible"


def test_one_rule_alone_is_told_in_the_singular(session: Session) -> None:
    """A contract for more places than all spaces together may use."""
    offers = session.case["offers"].copy()
    offers.loc[offers["offer_id"] == "O12", "committed_capacity"] = 9999.0
    answer = conflicts(Session(session.case._unchecked(offers=offers)), "SZ2")
    assert members(answer) == {"commitment O12"}
    assert "This one rule cannot be met" in " ".join(answer.message("en"))
    assert "Diese eine Vorgabe ist nicht zu erfüllen" in " ".join(answer.message("de"))


def test_a_cap_on_resteering_can_be_the_reason() -> None:
    """The desk costs 5,000 EUR today and falls to nothing for lack of capacity, but only 1,000 EUR may be released."""
    offers = [
        {**TWO_PLACES["offers"][0], "baseline_capacity": 50, "max_capacity": 50},
        {**TWO_PLACES["offers"][1]},
    ]
    tables: Tables = {
        **TWO_PLACES,
        "offers": offers,
        "floors": [],
        "pots": [{"pot_id": "P1", "name": "Town", "amount": 3000}],
        "scenarios": [{"scenario_id": "A", "title": "Plan", "pooling": "silo", "max_moved": 1000}],
    }
    answer = conflicts(Session(case_of(tables)), "A")
    assert members(answer) == {"pot P1", "moved max_moved"}
    moved = answer.lever("moved:max_moved")
    assert moved.steps[0].after == pytest.approx(2000, abs=1)
    assert moved.repaired is not None and run(moved.repaired.variant) is Status.OPTIMAL


def test_indivisible_conflicts_say_where_they_come_from() -> None:
    """Divisible, 55 cases cost 6,000 EUR; the van, indivisible, opens with 40 places or not at all."""
    offers = [
        {**TWO_PLACES["offers"][0], "fixed_cost": 0, "variable_unit_cost": 100, "min_capacity_if_open": 0},
        {**TWO_PLACES["offers"][1], "fixed_cost": 0, "variable_unit_cost": 200, "min_capacity_if_open": 40},
    ]
    scenarios = [{"scenario_id": "A", "title": "Plan", "pooling": "silo", "indivisible": "yes"}]
    floor = {**TWO_PLACES["floors"][0], "min_coverage": 0.55}
    answer = conflicts(
        Session(case_of({**TWO_PLACES, "offers": offers, "scenarios": scenarios, "floors": [floor]})), "A"
    )
    assert not answer.is_feasible
    assert any("open or closed" in sentence for sentence in answer.message("en"))
    money = answer.lever("money")
    assert money.steps[0].amount == pytest.approx(3500, abs=1)  # 15 desk places and 40 in the van: 9,500 EUR
    assert money.repaired is not None and run(money.repaired.variant) is Status.OPTIMAL


def test_a_clash_of_the_relaxation_holds_for_the_indivisible_town() -> None:
    scenarios = [{"scenario_id": "A", "title": "Plan", "pooling": "silo", "indivisible": "yes"}]
    answer = conflicts(Session(case_of({**TWO_PLACES, "scenarios": scenarios})), "A")
    assert members(answer) == {"pot P1", "floor F1", "capacity O1"}
    assert any("divisible" in sentence for sentence in answer.message("en"))
    for lever in answer.levers:
        if lever.repaired:
            assert lever.verified and run(lever.repaired.variant) is Status.OPTIMAL


@st.composite
def strained_towns(draw: st.DrawFn) -> Case:
    """A random town whose money is cut, floors raised and places lost until, often, nothing fits."""
    tables = draw(town_tables(Sizes(spaces=(2, 4), needs=(2, 4), offers=(3, 7), pots=(2, 3))))
    for pot in tables["pots"]:
        pot["amount"] = round(float(str(pot["amount"])) * draw(st.sampled_from([1.0, 0.9, 0.5])), 2)
    for floor in tables["floors"]:
        floor["min_coverage"] = min(1.0, round(float(str(floor["min_coverage"])) * draw(st.sampled_from([1, 2, 4])), 3))
    for offer in tables["offers"]:
        most = float(str(offer["max_capacity"])) * draw(st.sampled_from([1.0, 1.0, 0.6]))
        # Vacant posts may leave less than contracts bind.
        offer["max_capacity"] = most if most > 0 else offer["max_capacity"]
    scenario = {"scenario_id": "A", "title": "Pillars", "pooling": draw(st.sampled_from(["silo", "integrated"]))}
    if draw(st.booleans()):
        scenario["max_moved"] = str(draw(st.integers(0, 20)) * 1000)
    tables["scenarios"] = [scenario]
    return case_of(tables)


@given(case=strained_towns())
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_clash_is_irreducible_and_every_repair_repairs(case: Case) -> None:
    session = Session(case)
    answer = conflicts(session, "A")
    assert answer.is_feasible == (session.run("A").status is Status.OPTIMAL)
    assume(not answer.is_feasible)
    assert_irreducible(answer)
    for lever in answer.levers:
        if lever.repaired:
            assert lever.verified
            assert run(lever.repaired.variant) is Status.OPTIMAL
        else:
            assert lever.status == "impossible" and lever.verified
    assert answer.lever("mixed").status == "found"


@given(case=strained_towns())
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_widening_changes_no_plan_and_relaxers_mean_what_they_say(case: Case) -> None:
    """Closed, the widened program has the same optimum; a pot's relaxer is worth as much as money in the table."""
    session = Session(case)
    assume(session.run("A").status is Status.OPTIMAL)
    widened = widen(session.compiled("A"))
    assert LoadedProgram(widened.program).solve().objective == pytest.approx(-session.run("A").objective, abs=1e-9)
    pot = str(case["pots"]["pot_id"].iloc[0])
    steps = np.where(widened.relaxers.rule == widened.rules.number("pot", pot), 500.0, 0.0)
    opened = LoadedProgram(widened.opened(steps)).solve().objective
    with session.loaded("A").what_if() as loaded:
        row = session.compiled("A").program.rows_index.at("pot", pot)
        amount = float(case["pots"]["amount"].iloc[0])
        loaded.change_row_bounds(np.array([row]), np.array([-np.inf]), np.array([amount + 500.0]))
        assert opened == pytest.approx(loaded.solve().objective, abs=1e-9)


def test_steps_are_always_told_as_positive_amounts(money: Conflict, staff: Conflict) -> None:
    steps: list[Step] = [step for answer in (money, staff) for lever in answer.levers for step in lever.steps]
    assert steps and all(step.amount > 0 for step in steps)
