"""Marginal values: every one is held against cold solves of the changed tables."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allocate.analyses.margins import rule_margins
from allocate.analyses.margins.marginal import STEP, TABLES, Marginal, marginal
from allocate.analyses.margins.marginal_words import sentences
from allocate.checking.opening import read_case
from allocate.errors import CertificateError, UsageError
from allocate.inputs.case import Case
from allocate.inputs.scenario.variant import Variant
from allocate.session import Session
from allocate.solve.solution import Limits
from tests.analyses.margins import by_hand
from tests.model.test_rules import CASES
from tests.strategies import Tables, case_of, town_tables

# Values are objective points; a solver's own tolerance leaves this much between two cold solves.
NEAR = 2e-8


@pytest.fixture(scope="module")
def town(auenfurt: Path) -> Session:
    return Session(read_case(auenfurt))


@pytest.fixture(scope="module")
def capped(town: Session) -> Marginal:
    """A scenario with a cap on re-steering, wanted plurality, contracts and floors."""
    return marginal(town, "SZ2t", step_eur=50_000)


@pytest.fixture(scope="module")
def pillars(town: Session) -> Marginal:
    return marginal(town, "SZ1", step_eur=100_000)


def row(table: pd.DataFrame, **key: str) -> pd.Series:
    for name, value in key.items():
        table = table[table[name] == value]
    assert len(table) == 1
    return table.iloc[0]


def test_both_sides_of_a_pot_solved_by_hand(tiny: Session) -> None:
    """tests/cases/tiny/README.md: one more euro buys 0.01 places of A; one euro less also counts as re-steered."""
    found = marginal(tiny, "silo")
    first, second = row(found.pots, pot_id="P1"), row(found.pots, pot_id="P2")
    place = 0.01 * (0.5 * 0.0125 + 0.02 * 0.5 / 30)
    assert first["more_value"] == pytest.approx(place)
    assert first["less_value"] == pytest.approx(place + 0.1 / 5000)
    assert first["differ"]
    assert second["more_value"] == pytest.approx((0.0125 + 0.02 / 30) / 150)
    assert not second["differ"]


def test_how_far_a_value_holds_solved_by_hand(tiny: Session) -> None:
    """S2 still lacks 5 units: 750 EUR in P2, or 1,000 EUR in P1, whose places are worth half as much there.

    P2 may fall by 2,250 EUR before B is below today's 5 places; the search goes to a quarter of the pot.
    """
    found = marginal(tiny, "silo", step_eur=3000, pots=("P1", "P2"))
    first, second = row(found.pots, pot_id="P1"), row(found.pots, pot_id="P2")
    assert second["more_up_to_eur"] == pytest.approx(750, abs=0.01) and second["more_ends"]
    assert first["more_up_to_eur"] == pytest.approx(1000, abs=0.01) and first["more_ends"]
    assert second["less_up_to_eur"] == pytest.approx(750) and not second["less_ends"]
    ranking = found.step.set_index("pot_id")
    assert ranking.loc["P2", "covered_units_gain"] == pytest.approx(5.0)
    # What is left of the 3,000 EUR fills the reserve of 3 units, which is worth nothing.
    assert ranking.loc["P2", "objective_gain"] == pytest.approx(5 * (0.0125 + 0.02 / 30))


def test_a_lifted_earmark_solved_by_hand(tiny: Session) -> None:
    """Free of its list P1 pays for B: the plan ``pooled``, whose objective the README derives."""
    found = marginal(tiny, "silo")
    assert row(found.rules, rule="earmark", id="P1")["lifted_gain"] == pytest.approx(0.7061111111 - 0.7041666667)
    assert set(found.rules["id"]) == {"P1"}


@pytest.mark.parametrize("name", ["capped", "pillars"])
def test_pot_values_hold_as_far_as_they_say_and_no_further(name: str, request: pytest.FixtureRequest) -> None:
    found: Marginal = request.getfixturevalue(name)
    for pot in found.pots.to_dict("records"):
        check_piece(found, "pot", pot["pot_id"], "", pot["more_value"], pot["more_up_to_eur"], pot["more_ends"], +1)
        check_piece(found, "pot", pot["pot_id"], "", -pot["less_value"], pot["less_up_to_eur"], pot["less_ends"], -1)


@pytest.mark.parametrize("amount", [40.0, 7.0, 0.5])
def test_a_small_pot_has_both_values(tiny: Session, amount: float) -> None:
    """A part of P2 in a pot of its own: a quarter of it is a few euros or less, and its euros are worth as much."""
    pots = tiny.case["pots"].copy()
    part = pots[pots["pot_id"] == "P2"].assign(pot_id="P3", amount=amount)
    pots.loc[pots["pot_id"] == "P2", "amount"] -= amount
    case = tiny.case.with_tables(pots=pd.concat([pots, part], ignore_index=True))
    found = marginal(Session(case), "silo")
    pot = row(found.pots, pot_id="P3")
    check_piece(found, "pot", "P3", "", pot["more_value"], pot["more_up_to_eur"], pot["more_ends"], +1)
    check_piece(found, "pot", "P3", "", -pot["less_value"], pot["less_up_to_eur"], pot["less_ends"], -1)
    assert pot["more_value"] == pytest.approx((0.0125 + 0.02 / 30) / 150, rel=1e-6)
    assert pot["less_value"] == pytest.approx(pot["more_value"], rel=1e-6) and not pot["differ"]
    assert pot["less_up_to_eur"] == pytest.approx(amount / 4)


@pytest.mark.parametrize("cap", [0.0, 20.0])
def test_a_small_cap_on_re_steering_has_its_value(tiny: Session, cap: float) -> None:
    """The plan ``pooled`` moves 1,000 EUR at a gain of 0.000194 for 100 EUR (tests/cases/tiny/README.md)."""
    scenarios = tiny.case["scenarios"].copy()
    scenarios.loc[scenarios["scenario_id"] == "pooled", "max_moved"] = cap
    found = marginal(Session(tiny.case.with_tables(scenarios=scenarios)), "pooled")
    moved = row(found.rules, rule="moved")
    gain = (2 / 3 - 1 / 2) * (0.0125 + 0.02 / 30) - 0.002
    assert moved["more_value"] == pytest.approx(gain / 100)
    assert moved["more_up_to"] == pytest.approx(1000 - cap, abs=0.01)
    assert moved["lifted_gain"] == pytest.approx(10 * gain * (1000 - cap) / 1000)
    if cap:
        assert moved["less_value"] == pytest.approx(gain / 100) and moved["less_up_to"] == pytest.approx(cap / 4)
    else:
        assert math.isnan(moved["less_value"])  # There is no less than nothing.


@pytest.mark.parametrize("name", ["capped", "pillars"])
def test_values_of_rules_in_one_number(name: str, request: pytest.FixtureRequest) -> None:
    found: Marginal = request.getfixturevalue(name)
    rules = found.rules.dropna(subset=["more_up_to"])
    assert len(rules) >= 2
    for rule in rules.to_dict("records"):
        key = (rule["rule"], rule["id"], rule["place"])
        check_piece(found, *key, rule["more_value"], rule["more_up_to"], rule["more_ends"], +1)
        check_piece(found, *key, -rule["less_value"], rule["less_up_to"], rule["less_ends"], -1)


def check_piece(
    found: Marginal, rule: str, id: str, place: str, slope: float, reach: float, ends: bool, sign: int
) -> None:
    """The line is met at its end (between, concavity keeps the curve on it) and not exceeded beyond."""
    if math.isnan(slope):
        return
    base, variant = found.plan.objective, found.compiled.variant
    value = by_hand.best_value(by_hand.changed(variant, rule, id, place, sign * reach))
    assert value - base == pytest.approx(slope * reach, abs=NEAR), (rule, id, place, sign)
    if ends:
        beyond = by_hand.best_value(by_hand.changed(variant, rule, id, place, sign * 1.6 * reach))
        assert math.isnan(beyond) or beyond - base <= slope * 1.6 * reach + NEAR


@pytest.mark.parametrize("name", ["capped", "pillars"])
def test_what_a_lifted_rule_is_worth(name: str, request: pytest.FixtureRequest) -> None:
    found: Marginal = request.getfixturevalue(name)
    kinds = set(found.rules["rule"])
    assert kinds >= {"corridor"}
    for rule in found.rules.to_dict("records"):
        without = by_hand.lifted(found.compiled.variant, rule["rule"], rule["id"], rule["place"])
        gain = by_hand.best_value(without) - found.plan.objective
        assert gain == pytest.approx(rule["lifted_gain"], abs=NEAR), rule
        assert rule["lifted_worth_eur"] == pytest.approx(rule["lifted_gain"] / found.value_of_a_euro)


@pytest.mark.parametrize("name", ["capped", "pillars"])
def test_a_point_more_and_less_of_every_floor(name: str, request: pytest.FixtureRequest) -> None:
    found: Marginal = request.getfixturevalue(name)
    assert len(found.floors) >= 3
    for floor in found.floors.to_dict("records"):
        for column, sign in (("point_less_gain", -1), ("point_more_loss", 1)):
            value = by_hand.best_value(
                by_hand.with_floor(found.compiled.variant, floor["floor_id"], floor["scope_id"], sign * 0.01)
            )
            told = -sign * floor[column]
            if math.isnan(told):
                assert math.isnan(value)
            else:
                assert value - found.plan.objective == pytest.approx(told, abs=NEAR), floor
        none = by_hand.with_floor(found.compiled.variant, floor["floor_id"], floor["scope_id"], -floor["required"])
        assert by_hand.best_value(none) - found.plan.objective == pytest.approx(floor["lifted_gain"], abs=NEAR)
        first = by_hand.with_floor(found.compiled.variant, floor["floor_id"], floor["scope_id"], -floor["lower_up_to"])
        gain = by_hand.best_value(first) - found.plan.objective
        assert gain == pytest.approx(100 * floor["lower_up_to"] * floor["lower_value"], abs=NEAR)


def test_floors_that_are_not_listed_cost_nothing(pillars: Marginal) -> None:
    listed = set(zip(pillars.floors["floor_id"], pillars.floors["scope_id"], strict=True))
    enforced = pillars.compiled.floors
    for number in np.flatnonzero(enforced.enforced):
        key = (str(enforced.floor_id[number]), str(enforced.scope_id[number]))
        if key not in listed:
            other = by_hand.with_floor(pillars.compiled.variant, *key, -float(enforced.min_coverage[number]))
            assert by_hand.best_value(other) == pytest.approx(pillars.plan.objective, abs=NEAR)


def test_the_ranking_of_a_step(pillars: Marginal) -> None:
    base, variant = pillars.plan.objective, pillars.compiled.variant
    assert pillars.step["objective_gain"].round(9).is_monotonic_decreasing
    assert set(pillars.step["pot_id"]) == set(pillars.pots["pot_id"])
    for line in pillars.step.to_dict("records"):
        more = by_hand.best_value(by_hand.with_money(variant, {line["pot_id"]: 100_000}))
        less = by_hand.best_value(by_hand.with_money(variant, {line["pot_id"]: -100_000}))
        assert more - base == pytest.approx(line["objective_gain"], abs=NEAR)
        assert base - less == pytest.approx(line["objective_loss"], abs=NEAR)


def test_where_a_step_goes_adds_up(pillars: Marginal) -> None:
    assert set(pillars.effects["pot_id"]) == set(pillars.uses["pot_id"]) == set(pillars.plans)
    ranking = pillars.step.set_index("pot_id")
    for pot, plan in pillars.plans.items():
        assert plan.certificate is not None and plan.certificate.verified and plan.unique
        assert plan.objective - pillars.plan.objective == pytest.approx(ranking.loc[pot, "objective_gain"], abs=NEAR)
        cells = pillars.effects[pillars.effects["pot_id"] == pot]
        total = float(cells["covered_units_change"].sum())
        assert total == pytest.approx(ranking.loc[pot, "covered_units_gain"], abs=0.01)
        money = float(pillars.uses.loc[pillars.uses["pot_id"] == pot, "change_eur"].sum())
        assert money == pytest.approx(100_000, abs=1.0)


def test_the_best_pot_is_planned_beside_those_that_are_named(pillars: Marginal) -> None:
    """Who is covered more by the best pot is only known from a plan: P2 here, which nobody named."""
    named = marginal_of(pillars, pots=("P5",), step_eur=100_000, phases=("step",))
    assert list(named.plans) == ["P5", "P2"]
    for lang in ("de", "en"):
        assert sentences(named, lang)[0].split(". ")[0] == sentences(pillars, lang)[0].split(". ")[0]
    assert "N07" in sentences(named, "de")[0]
    best = marginal_of(pillars, pots=("P2",), step_eur=100_000, phases=("step",))
    assert list(best.plans) == ["P2"]


def marginal_of(found: Marginal, **settings: object) -> Marginal:
    return marginal(Session(found.compiled.variant.case), found.scenario_id, **settings)  # type: ignore[arg-type]


def test_the_best_division_is_better_than_any_other(pillars: Marginal) -> None:
    parts = dict(zip(pillars.split["pot_id"], pillars.split["part_eur"], strict=True))
    assert sum(parts.values()) == pytest.approx(100_000, abs=1.0)
    base, variant = pillars.plan.objective, pillars.compiled.variant
    gain = float(pillars.split["objective_gain"].iloc[0])
    assert by_hand.best_value(by_hand.with_money(variant, parts)) - base == pytest.approx(gain, abs=NEAR)
    assert gain > float(pillars.step["objective_gain"].max())
    rng = np.random.default_rng(7)
    for shares in rng.dirichlet(np.full(6, 0.4), size=6):
        other = dict(zip(pillars.pots["pot_id"], 100_000 * shares, strict=True))
        assert by_hand.best_value(by_hand.with_money(variant, other)) - base <= gain + NEAR


def test_a_single_pot_takes_all_where_no_division_is_better(capped: Marginal) -> None:
    assert capped.split[["pot_id", "part_eur"]].to_numpy().tolist() == [["P1", 50_000]]


def test_more_money_for_full_pots_is_idle_for_a_proven_cause(town: Session) -> None:
    """Two Land programmes with far more than their offers can take."""
    case = town.case
    pots = case["pots"].copy()
    pots.loc[pots["pot_id"] == "P5", "amount"] = 950_000.0
    pots.loc[pots["pot_id"] == "P6", "amount"] = 900_000.0
    found = marginal(Session(with_money_of_today(case, pots)), "SZ1")
    assert set(found.idle["pot_id"]) == {"P5", "P6"}
    assert set(found.idle["cause"]) >= {"earmark", "capacity", "share"}
    check_idle(found)
    assert any("P6" in sentence and "Zweckbindung" in sentence for sentence in sentences(found, "de"))


def check_idle(found: Marginal) -> None:
    """Idle money is worth nothing as the rules stand, and what it says once the cause is lifted in the tables."""
    plan = found.plan.pots.set_index("pot_id")
    spent = {str(pot): -float(eur) for pot, eur in plan["unspent_eur"].items() if eur > 0}
    for line in found.idle.to_dict("records"):
        pot = line["pot_id"]
        assert line["unspent_eur"] == pytest.approx(plan.loc[pot, "unspent_eur"])
        base, variant = found.plan.objective, found.compiled.variant
        assert by_hand.best_value(by_hand.with_money(variant, spent)) == pytest.approx(base, abs=NEAR)
        without = without_cause(found, pot, line["cause"])
        if without is None:
            continue
        others = {other: change for other, change in spent.items() if other != pot}
        # Prices of duplication hang on the offers' table only, so that both variants weigh alike.
        used = by_hand.best_value(by_hand.with_money(without, others))
        unused = by_hand.best_value(by_hand.with_money(without, spent))
        assert used - unused == pytest.approx(line["worth"], abs=NEAR), line


def without_cause(found: Marginal, pot: str, cause: str) -> Variant | None:
    """The tables without what holds a pot's money; None where the cause is no rule."""
    variant, town = found.compiled.variant, found.compiled.town
    own = town.funding.offer[(town.pots[town.funding.pot] == pot) & (town.funding.max_share > 0)]
    offers = [str(id) for id in town.offers.ids[own]]
    if cause in ("earmark", "share"):
        return by_hand.lifted(variant, cause, pot)
    if cause == "moved":
        return by_hand.lifted(variant, cause, "")
    if cause == "plurality":
        return by_hand.with_table(variant, "plurality", variant.case["plurality"].iloc[:0])
    if cause in ("capacity", "commitment", "corridor"):
        for offer in offers:
            variant = by_hand.lifted(variant, cause, offer)
        return variant
    return None


def test_words_say_the_most_useful_facts(pillars: Marginal, capped: Marginal) -> None:
    german, english = sentences(pillars, "de"), sentences(pillars, "en")
    assert "100.000 €" in german[0] and "P2" in german[0] and "N07" in german[0]
    assert "€100,000" in english[0]
    assert len(german) == len(english) >= 4
    assert any("umgesteuert" in sentence for sentence in sentences(capped, "de"))
    assert not any("spar" in sentence.lower() for sentence in german)


def test_json_is_complete_and_plain(pillars: Marginal) -> None:
    document = json.loads(json.dumps(pillars.to_json("de"), allow_nan=False))
    assert set(document) == {"scenario_id", "objective", "step_eur", "value_of_a_euro", "left_out", "messages", *TABLES}
    assert document["rules"][0]["name"].startswith("Topf P")


def test_few_questions_leave_the_rest_out(town: Session) -> None:
    found = marginal(town, "SZ1", most=1)
    assert len(found.floors) == 1
    assert (found.rules["rule"].value_counts() == 1).all()
    assert found.left_out > 10


def with_budget(town: Session, factor: float) -> Session:
    pots = town.case["pots"].copy()
    pots["amount"] *= factor
    return Session(with_money_of_today(town.case, pots))


def with_money_of_today(case: Case, pots: pd.DataFrame) -> Case:
    """The town with these pots; what it states year by year, which would count instead, is left out."""
    return case.with_tables(pots=pots, pot_years=case["pot_years"].iloc[:0])


def test_the_dearest_rule_is_found_beyond_those_that_are_listed(town: Session) -> None:
    """With a tenth less money the corridor of O25 is dearest, though its bound is not among the three largest."""
    session = with_budget(town, 0.9)
    few = marginal(session, "SZ4b", most=3, phases=("rules",))
    assert few.settled >= {"rules"}
    first = few.rules.iloc[0]
    assert (first["rule"], first["id"]) == ("corridor", "O25")
    every = marginal(session, "SZ4b", most=1000, phases=("rules",))
    assert every.left_out == 0 and few.left_out == len(every.rules) - len(few.rules)
    for rule in every.rules.head(12).to_dict("records"):
        without = by_hand.lifted(every.compiled.variant, rule["rule"], rule["id"], rule["place"])
        gain = by_hand.best_value(without) - every.plan.objective
        assert gain <= first["lifted_gain"] + NEAR, rule
    told = next(sentence for sentence in sentences(few, "en") if sentence.startswith("The dearest of the other rules:"))
    assert "O25" in told


def test_the_dearest_point_of_a_floor_is_found_beyond_those_that_are_listed(town: Session) -> None:
    few, every = (marginal(town, "SZ6", most=most, phases=("floors",)) for most in (1, 1000))
    assert few.settled >= {"floors"} and every.left_out == 0 and len(few.floors) < len(every.floors)
    assert few.floors["point_less_gain"].max() == pytest.approx(every.floors["point_less_gain"].max(), abs=NEAR)
    told = [next(s for s in sentences(found) if s.startswith("The dearest floor is")) for found in (few, every)]
    assert told[0] == told[1] and "F07" in told[0]


def test_a_dearest_rule_that_is_not_settled_is_told_as_one_of_those_computed(
    town: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule_margins, "FURTHER", 2)
    found = marginal(with_budget(town, 0.9), "SZ4b", most=1, phases=("rules",))
    assert "rules" not in found.settled
    assert any("dearest of the other rules that were computed" in sentence for sentence in sentences(found, "en"))
    assert any("teuerste der gerechneten übrigen Vorgaben" in sentence for sentence in sentences(found, "de"))


@pytest.mark.parametrize(
    ("scenario", "key"), [("today", "explain-judged"), ("strict", "explain-no-plan"), ("sites", "divisible-only")]
)
def test_scenarios_without_margins_are_refused(tiny: Session, scenario: str, key: str) -> None:
    with pytest.raises(UsageError) as refused:
        marginal(tiny, scenario)
    assert refused.value.id == key


def test_bad_questions_are_refused(tiny: Session) -> None:
    for step in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(UsageError, match="step-not-positive"):
            marginal(tiny, "silo", step_eur=step)
    with pytest.raises(UsageError, match="nearest is: P1"):
        marginal(tiny, "silo", pots=("P11",))


def test_a_limit_gives_no_values(auenfurt: Path) -> None:
    session = Session(read_case(auenfurt))
    session.run("SZ1")
    session.limits = Limits(seconds=1e-6)
    with pytest.raises(CertificateError, match="limit-reached"):
        marginal(session, "SZ1")


def test_only_what_is_asked_for_is_computed(tiny: Session) -> None:
    begun: list[str] = []
    found = marginal(tiny, "silo", phases=("rules",), busy=begun.append)
    assert begun == ["pots", "rules"]
    assert len(found.pots) == 2 and len(found.rules) == 1
    assert found.step.empty and found.split.empty and found.idle.empty and found.floors.empty
    assert not any("1,000" in sentence for sentence in sentences(found, "en"))


@st.composite
def edgy_towns(draw: st.DrawFn) -> Case:
    """Small towns, some with budgets that pay today's provision to the euro, some with far too much money."""
    tables: Tables = draw(town_tables())
    kind = draw(st.sampled_from(["given", "exact", "plenty"]))
    today = pd.DataFrame(tables["baseline_funding"], columns=["pot_id", "amount"]).groupby("pot_id")["amount"].sum()
    for pot in tables["pots"]:
        if kind == "exact":
            pot["amount"] = float(today.get(str(pot["pot_id"]), 0.0)) + 100.0
        elif kind == "plenty" and draw(st.booleans()):
            pot["amount"] = float(str(pot["amount"])) + draw(st.integers(1, 9)) * 20_000
        if draw(st.booleans()):
            pot["max_share"] = draw(st.sampled_from([1.0, 1.0, 0.9]))
    tables["scenarios"] = [
        {**one, "max_moved": draw(st.sampled_from(["", 500, 3000]))} if one["scenario_id"] == "B" else one
        for one in tables["scenarios"]
    ]
    return case_of(tables)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(edgy_towns(), st.sampled_from(["A", "B"]))
def test_any_small_town(case: Case, scenario: str) -> None:
    session = Session(case)
    if not session.run(scenario).has_plan:
        return
    found = marginal(session, scenario, step_eur=2000, most=3)
    for pot in found.pots.to_dict("records"):
        check_piece(found, "pot", pot["pot_id"], "", pot["more_value"], pot["more_up_to_eur"], pot["more_ends"], +1)
        check_piece(found, "pot", pot["pot_id"], "", -pot["less_value"], pot["less_up_to_eur"], pot["less_ends"], -1)
    for rule in found.rules.to_dict("records"):
        without = by_hand.lifted(found.compiled.variant, rule["rule"], rule["id"], rule["place"])
        gain = by_hand.best_value(without) - found.plan.objective
        assert gain == pytest.approx(rule["lifted_gain"], abs=NEAR), rule
    for floor in found.floors.to_dict("records"):
        none = by_hand.with_floor(found.compiled.variant, floor["floor_id"], floor["scope_id"], -floor["required"])
        gain = by_hand.best_value(none) - found.plan.objective
        assert gain == pytest.approx(floor["lifted_gain"], abs=NEAR), floor
    if "rules" in found.settled and len(found.rules):
        every = marginal(session, scenario, most=1000, phases=("rules",))
        assert found.rules["lifted_gain"].max() == pytest.approx(every.rules["lifted_gain"].max(), abs=NEAR)
    for line in found.step.to_dict("records"):
        more = by_hand.best_value(by_hand.with_money(found.compiled.variant, {line["pot_id"]: 2000.0}))
        assert more - found.plan.objective == pytest.approx(line["objective_gain"], abs=NEAR)
    check_idle(found)
    assert all(len(sentences(found, lang)) >= 1 for lang in ("de", "en"))


def test_values_do_not_depend_on_the_order_of_rows(tiny: Session) -> None:
    case = tiny.case
    turned = case.with_tables(pots=case["pots"].iloc[::-1], offers=case["offers"].iloc[::-1])
    first, second = marginal(tiny, "silo"), marginal(Session(replace(turned, name=case.name)), "silo")
    one, other = (found.pots.set_index("pot_id").sort_index() for found in (first, second))
    pd.testing.assert_frame_equal(one, other, rtol=1e-6)
    assert first.step_eur == STEP


def test_the_dearest_floor_is_told_with_what_a_point_of_it_is_worth() -> None:
    """In S two places at 10 EUR cover one person, in T two; 20 EUR less for S lose one there and gain two in T.

    The person more in all is what 10 EUR more would have paid in T.
    """
    found = marginal(Session(case_of(CASES["floor"].binding)), "X", phases=("pots", "floors"))
    said = next(one for one in sentences(found, "en") if "floor is F" in one)
    assert said.endswith("one percentage point less would be worth €10 elsewhere.")
