"""Price tags, held against cold plans without the offer, and with it as today."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from allocate.analyses.reasons.pricetags import classes, price_tags
from allocate.checking.opening import read_case
from allocate.inputs.case import Case
from allocate.session import Session
from tests.strategies import case_of, plan_with_places, scenario_towns

CAREFUL = settings(
    max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)


@CAREFUL
@given(scenario_towns(), st.sampled_from(["A", "B", "I"]))
def test_every_loss_is_that_of_a_cold_plan(case: Case, scenario_id: str) -> None:
    session = Session(case)
    tags = price_tags(session, scenario_id)
    best = session.run(scenario_id).objective
    inputs = case["offers"].set_index("offer_id")
    for row in tags.offers.to_dict("records"):
        own = inputs.loc[row["offer_id"]]
        least = max(own["committed_capacity"], min(own["baseline_capacity"], own["max_capacity"]))
        without = plan_with_places(case, scenario_id, row["offer_id"], max_capacity=0.0, committed_capacity=0.0)
        kept = plan_with_places(case, scenario_id, row["offer_id"], committed_capacity=least)
        for question, plan in (("closing", without), ("keeping", kept)):
            assert row[f"{question}_possible"] == plan.has_plan
            if plan.has_plan:
                gap = 2e-8 + row[f"{question}_loss_gap"]
                assert row[f"{question}_loss"] == pytest.approx(best - plan.objective, abs=gap)
            else:
                assert math.isinf(row[f"{question}_loss"])


def test_tag_is_loss_against_the_worth_of_the_money(auenfurt: Path) -> None:
    session = Session(read_case(auenfurt))
    tags = price_tags(session, "SZ1")
    marginal = session.run("SZ1").pots.set_index("pot_id")["marginal_value"]
    table = tags.offers.set_index("offer_id")
    # All of O30's money comes from P2, all of O12's from P3 and P6, which are worth the same.
    assert table.loc["O30", "closing_worth"] == pytest.approx(65_030 * marginal["P2"])
    assert table.loc["O12", "closing_worth"] == pytest.approx(52_800 * marginal["P3"])
    tag = table["closing_loss"] / table["closing_worth"]
    assert table["closing_tag"].dropna().to_dict() == pytest.approx(tag.dropna().to_dict())
    assert table.loc["O01", "closing_loss"] == math.inf
    assert table.loc["O01", "class"] == "must"
    where = tags.cells[(tags.cells["offer_id"] == "O30") & (tags.cells["question"] == "closing")]
    assert where["lost_units"].clip(lower=0).sum() == pytest.approx(table.loc["O30", "closing_lost_units"])
    assert tags.to_json("de")["message"] != tags.to_json("en")["message"]


def five_twins(order: list[int]) -> Case:
    """Five offers with 20 of 40 places today at 100 EUR, two spaces with 60 persons each, money for 80 places."""
    offers = [f"O{number}" for number in order]
    return case_of(
        {
            "spaces": [{"space_id": s, "name": s, "population": 1000} for s in ("S1", "S2")],
            "needs": [{"need_id": "N", "name": "N", "unit": "persons"}],
            "demand": [{"space_id": s, "need_id": "N", "demand": 60} for s in ("S1", "S2")],
            "offers": [
                {"offer_id": o, "name": o, "unit_cost": 100, "max_capacity": 40, "baseline_capacity": 20}
                for o in offers
            ],
            "effects": [{"offer_id": o, "need_id": "N", "effect": 1} for o in offers],
            "reach": [
                {"offer_id": o, "space_id": s, "access": 1, "baseline_capacity": 10}
                for o in offers
                for s in ("S1", "S2")
            ],
            "pots": [{"pot_id": "P", "name": "P", "amount": 8000}],
            "scenarios": [{"scenario_id": "B", "title": "B", "pooling": "integrated"}],
        }
    )


def test_price_tags_of_twins_are_those_of_the_plan_that_is_shown() -> None:
    """The worth of closing is the offer's money in the proposal times what a euro is worth there, row by row."""
    session = Session(five_twins([1, 2, 3, 4, 5]))
    plan, tags = session.run("B"), price_tags(session, "B")
    marginal = plan.pots["marginal_value"].iloc[0]
    cost = plan.offers.set_index("offer_id")["cost_eur"]
    assert sorted(cost) == pytest.approx([1000, 1000, 2000, 2000, 2000])
    assert marginal == pytest.approx(9.75e-5)
    table = tags.offers.set_index("offer_id")
    assert table["closing_worth"].to_dict() == pytest.approx((cost * marginal).to_dict())
    assert sorted(table["closing_worth"]) == pytest.approx([0.0975, 0.0975, 0.195, 0.195, 0.195])
    assert table["keeping_worth"].to_dict() == pytest.approx(((2000 - cost) * marginal).to_dict(), abs=1e-12)
    assert tags.canonical
    swapped = price_tags(Session(five_twins([5, 3, 1, 2, 4])), "B")
    numbers = table.select_dtypes("number")
    other = swapped.offers.set_index("offer_id").loc[table.index, list(numbers.columns)]
    pd.testing.assert_frame_equal(numbers, other, atol=1e-9)


def test_an_offer_that_is_open_without_a_place_is_not_closed_for_nothing() -> None:
    """A place of X (today one, 100 EUR) reaches nobody and would count as duplicated: 0.1 * 100 of 1,000 EUR. Open
    without a place X still costs 30 EUR, so that 70 are re-steered; closed, 100 are. That is 0.1 * 30 / 1,000 more."""
    case = case_of(
        {
            "spaces": [{"space_id": "S", "name": "S"}],
            "needs": [{"need_id": need, "name": need, "unit": "persons"} for need in ("N", "M")],
            "demand": [{"space_id": "S", "need_id": "N", "demand": 5}, {"space_id": "S", "need_id": "M", "demand": 0}],
            "offers": [
                {"offer_id": "G", "name": "G", "unit_cost": 100, "max_capacity": 5},
                {"offer_id": "X", "name": "X", "unit_cost": 100, "max_capacity": 9, "baseline_capacity": 1,
                 "fixed_cost": 30, "variable_unit_cost": 70, "min_capacity_if_open": 0},
            ],
            "effects": [
                {"offer_id": "G", "need_id": "N", "effect": 1},
                {"offer_id": "X", "need_id": "M", "effect": 1},
            ],
            "pots": [{"pot_id": "P", "name": "P", "amount": 1000}],
            "scenarios": [{"scenario_id": "I", "title": "I", "indivisible": "yes"}],
        }
    )  # fmt: skip
    session = Session(case)
    assert session.run("I").offers.set_index("offer_id").loc["X", ["capacity", "cost_eur"]].tolist() == [0, 30]
    tag = price_tags(session, "I").offers.set_index("offer_id").loc["X"]
    assert tag["closing_loss"] == pytest.approx(0.003, abs=2e-8)
    without = plan_with_places(case, "I", "X", max_capacity=0.0, committed_capacity=0.0)
    assert session.run("I").objective - without.objective == pytest.approx(0.003, abs=2e-8)


def test_the_user_sets_the_classes() -> None:
    offers = pd.DataFrame(
        {
            "cost_eur": [10.0, 10.0, 10.0, 0.0, 10.0, 10.0],
            "closing_possible": [True, True, False, True, True, True],
            "closing_loss": [0.5, 0.1, np.inf, 0.0, 0.3, -0.1],
            "closing_tag": [0.5, 0.1, np.nan, np.nan, np.nan, -0.1],
        }
    )
    assert classes(offers, must=0.5, may=0.2).tolist() == ["must", "may", "must", "idle", "must", "may"]
    assert classes(offers, must=0.6, may=0.05).tolist() == ["weigh", "weigh", "must", "idle", "must", "may"]


def test_an_interrupted_run_keeps_what_is_known(auenfurt: Path) -> None:
    def step(offer_id: str) -> None:
        if offer_id == "O04":
            raise KeyboardInterrupt

    session = Session(read_case(auenfurt))
    tags = price_tags(session, "SZ1", progress=step)
    assert not tags.complete
    assert tags.offers["offer_id"].tolist() == ["O01", "O02", "O03"]
    whole = price_tags(session, "SZ1")
    assert tags.offers["keeping_loss"].tolist() == pytest.approx(
        whole.offers["keeping_loss"].head(3).tolist(), abs=1e-9
    )
