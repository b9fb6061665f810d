"""Laws of planning, on random towns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.checking.opening import read_case
from allocate.inputs.case import Case
from allocate.session import Session
from tests.strategies import Tables, case_of, town_tables, towns


@settings(max_examples=12, deadline=None)
@given(towns())
def test_pooling_is_never_worse_than_pillars_nor_pillars_than_today(case: Case) -> None:
    session = Session(case)
    today, pillars, pooled = (session.run(scenario).objective for scenario in ("Q", "A", "B"))
    assert pooled >= pillars - 1e-9
    assert pillars >= today - 1e-9


@settings(max_examples=12, deadline=None)
@given(town_tables(), st.integers(1, 50), st.data())
def test_more_money_never_hurts(tables: Tables, more: int, data: st.DataObject) -> None:
    """The objective divides by the budget, so that is held by weights that do not depend on it."""
    tables["parameters"] = [
        {"parameter": "duplication_weight", "value": 0},
        {"parameter": "movement_weight", "value": 0},
    ]
    before = Session(case_of(tables)).run("A").objective
    pot = data.draw(st.sampled_from(tables["pots"]))
    pot["amount"] = float(str(pot["amount"])) + more * 100
    assert Session(case_of(tables)).run("A").objective >= before - 1e-9


@settings(max_examples=8, deadline=None)
@given(town_tables())
def test_unit_of_currency_does_not_matter(tables: Tables) -> None:
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


def test_town_that_reckons_in_thousands_gets_the_same_plan(auenfurt: Path) -> None:
    case = read_case(auenfurt)
    money = {
        "offers": ["unit_cost", "fixed_cost", "variable_unit_cost"],
        "pots": ["amount"],
        "pot_years": ["amount"],
        "baseline_funding": ["amount"],
    }
    scaled = {name: case[name].assign(**{one: case[name][one] / 1000 for one in ones}) for name, ones in money.items()}
    plan, other = (Session(one).run("SZ1") for one in (case, case._unchecked(**scaled)))
    both = plan.delivery.merge(other.delivery, on=["offer_id", "space_id"], how="outer").fillna(0.0)
    assert both["capacity_x"].to_numpy() == pytest.approx(both["capacity_y"].to_numpy(), abs=1e-3)


@settings(max_examples=12, deadline=None)
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


@settings(max_examples=8, deadline=None)
@given(town_tables(), st.sampled_from(["A", "B"]))
def test_marginal_value_is_what_a_second_run_finds(tables: Tables, scenario: str) -> None:
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
