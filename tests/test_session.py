"""The one path from a case to a certified plan: hand-solved town, example town, laws on random towns."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.inputs.reading import read_case
from allocate.session import Session
from allocate.solve.solution import Limits
from tests.strategies import case_of, town_tables, towns

TINY = Path(__file__).parent / "cases" / "tiny"
EXPECTED = Path(__file__).parents[2] / "shared" / "example" / "auenfurt_expected.json"
SOLVERS = ["highs", "pulp:CBC", "pulp:SCIP", "pulp:HiGHS"]


@pytest.fixture(scope="module")
def tiny() -> Case:
    return read_case(TINY)


@pytest.mark.parametrize(
    ("scenario", "objective"),
    [("today", 0.372), ("silo", 0.6875 + 0.02 * 25 / 30), ("pooled", 0.70611111111), ("sites", 0.75354166667)],
)
@pytest.mark.parametrize("solver", SOLVERS)
def test_tiny_town_gives_the_plan_solved_by_hand(tiny: Case, scenario: str, objective: float, solver: str) -> None:
    assert Session(tiny, solver).run(scenario).objective == pytest.approx(objective, abs=1e-10)


def test_tiny_town_pots_are_worth_what_the_derivation_says(tiny: Case) -> None:
    pots = Session(tiny).run("silo").pots.set_index("pot_id")["marginal_value"]
    assert pots["P1"] == pytest.approx(0.01 * (0.5 * 0.0125 + 0.02 * 0.5 / 30), rel=1e-9)
    assert pots["P2"] == pytest.approx((0.0125 + 0.02 / 30) / 150, rel=1e-9)


def test_infeasible_scenario_has_no_plan_but_a_pointer(tiny: Case) -> None:
    plan = Session(tiny).run("strict")
    assert plan.status == "infeasible"
    assert not plan.has_plan
    assert "allocate conflicts" in plan.message("de")
    assert set(plan.to_json()) == {"scenario_id", "status", "message"}


def test_unknown_scenario_is_refused_with_the_nearest_name(tiny: Case) -> None:
    with pytest.raises(UsageError, match="pooled"):
        Session(tiny).run("poled")


@pytest.mark.skipif(not EXPECTED.is_file(), reason="the expected values of the example town are not beside the project")
def test_example_town_meets_the_independent_implementation(auenfurt: Path) -> None:
    session = Session(read_case(auenfurt))
    for expected in json.loads(EXPECTED.read_text(encoding="utf-8"))["scenarios"]:
        plan = session.run(expected["scenario_id"])
        assert plan.status == expected["status"]
        if plan.has_plan:
            assert plan.objective == pytest.approx(expected["objective"], abs=1e-7)
        if plan.status == "evaluated":
            assert plan.measures is not None
            for name in set(expected) - {"scenario_id", "status", "objective"}:
                assert getattr(plan.measures, name) == pytest.approx(expected[name], abs=5e-7, rel=1e-12)


def spend(session: Session, scenario: str) -> pd.DataFrame:
    """Who pays what, in an order of its own."""
    plan = session.run(scenario)
    return plan.funding.sort_values(["pot_id", "offer_id"]).reset_index(drop=True)


@pytest.mark.parametrize("solver", SOLVERS[1:])
def test_every_solver_gives_the_same_plan(auenfurt: Path, solver: str) -> None:
    case = read_case(auenfurt)
    pd.testing.assert_frame_equal(spend(Session(case, solver), "SZ2"), spend(Session(case), "SZ2"), atol=1e-4)


@pytest.mark.parametrize("seed", [1, 2])
def test_order_of_rows_does_not_matter(auenfurt: Path, seed: int) -> None:
    case = read_case(auenfurt)
    shuffled = case.with_tables(
        **{name: table.sample(frac=1, random_state=seed) for name, table in case.tables.items() if len(table) > 1}
    )
    for scenario in ("SZ1", "SZ3b"):
        pd.testing.assert_frame_equal(spend(Session(shuffled), scenario), spend(Session(case), scenario), atol=1e-4)


@settings(max_examples=25, deadline=None)
@given(towns())
def test_pooling_is_never_worse_than_pillars_nor_pillars_than_today(case: Case) -> None:
    session = Session(case)
    today, pillars, pooled = (session.run(scenario).objective for scenario in ("Q", "A", "B"))
    assert pooled >= pillars - 1e-9
    assert pillars >= today - 1e-9


@settings(max_examples=25, deadline=None)
@given(town_tables(), st.integers(1, 50), st.data())
def test_more_money_never_hurts(tables: dict[str, list[dict[str, object]]], more: int, data: st.DataObject) -> None:
    """The objective divides by the budget, so that is held by weights that do not depend on it."""
    tables["parameters"] = [
        {"parameter": "duplication_weight", "value": 0},
        {"parameter": "movement_weight", "value": 0},
    ]
    before = Session(case_of(tables)).run("A").objective
    pot = data.draw(st.sampled_from(tables["pots"]))
    pot["amount"] = float(str(pot["amount"])) + more * 100
    assert Session(case_of(tables)).run("A").objective >= before - 1e-9


@settings(max_examples=15, deadline=None)
@given(town_tables())
def test_unit_of_currency_does_not_matter(tables: dict[str, list[dict[str, object]]]) -> None:
    before = Session(case_of(tables)).run("B")
    money = {
        "offers": ("unit_cost", "fixed_cost", "variable_unit_cost"),
        "pots": ("amount",),
        "baseline_funding": ("amount",),
    }
    for table, columns in money.items():
        for row in tables[table]:
            for column in columns:
                row[column] = float(str(row[column])) / 1000
    after = Session(case_of(tables)).run("B")
    assert after.objective == pytest.approx(before.objective, abs=1e-8)
    assert before.measures is not None
    assert after.measures is not None
    assert after.measures.coverage_value == pytest.approx(before.measures.coverage_value, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(towns(), st.sampled_from(["A", "B"]))
def test_plan_keeps_every_rule_when_counted_from_its_tables(case: Case, scenario: str) -> None:
    """Feasibility once more, from the labelled tables and the input, without the program's arrays."""
    plan = Session(case).run(scenario)
    offers = plan.offers.set_index("offer_id")
    given_offers = case["offers"].set_index("offer_id")
    used = plan.delivery.groupby("offer_id")["capacity"].sum().reindex(offers.index, fill_value=0.0)
    assert np.allclose(used, offers["capacity"], atol=1e-6)
    assert (offers["capacity"] <= given_offers["max_capacity"] + 1e-6).all()
    assert (offers["capacity"] >= given_offers["committed_capacity"] - 1e-6).all()
    paid = plan.funding.groupby("offer_id")["amount_eur"].sum().reindex(offers.index, fill_value=0.0)
    assert np.allclose(paid, offers["capacity"] * given_offers["unit_cost"], atol=1e-4)
    assert (plan.pots["spent_eur"] <= plan.pots["amount_eur"] + 1e-4).all()
    enforced = case["floors"].set_index("floor_id")["kind"].isin(["statutory", "political"])
    floors = plan.floors[plan.floors["floor_id"].map(enforced).to_numpy(dtype=bool)]
    assert floors["met"].all()
    parts = plan.coverage["covered"] + plan.coverage["wanted_reserve"] + plan.coverage["duplication"]
    assert np.allclose(parts, plan.coverage["supply"])


@settings(max_examples=15, deadline=None)
@given(town_tables(), st.sampled_from(["A", "B"]))
def test_marginal_value_is_what_a_second_run_finds(tables: dict[str, list[dict[str, object]]], scenario: str) -> None:
    """The weights of money are switched off because a larger budget would rescale them."""
    tables["parameters"] = [
        {"parameter": "duplication_weight", "value": 0},
        {"parameter": "movement_weight", "value": 0},
    ]
    plan = Session(case_of(tables)).run(scenario)
    for number, row in enumerate(tables["pots"]):
        step = 0.01
        richer = [dict(other) for other in tables["pots"]]
        richer[number]["amount"] = float(str(row["amount"])) + step
        value = Session(case_of({**tables, "pots": richer})).run(scenario).objective
        claimed = plan.pots.set_index("pot_id")["marginal_value"][str(row["pot_id"])]
        assert (value - plan.objective) / step == pytest.approx(claimed, rel=1e-3, abs=1e-8)


def test_time_limit_without_a_plan_is_said(auenfurt: Path) -> None:
    plan = Session(read_case(auenfurt), limits=Limits(seconds=0.0)).run("SZ1")
    assert plan.status == "limit"
    assert plan.message("de")


def test_settings_of_an_unwanted_kind_are_noted(tiny: Case) -> None:
    scenarios = tiny["scenarios"].copy()
    scenarios.loc[scenarios["scenario_id"] == "silo", "expected"] = "infeasible"
    plan = Session(tiny.with_tables(scenarios=scenarios)).run("silo")
    assert "infeasible" in plan.message("en")
