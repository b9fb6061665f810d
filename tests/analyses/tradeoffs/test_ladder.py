"""Nested plans along the budget: no flip-flops, never better than the free plan, exact where solved by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from allocate.analyses.tradeoffs.ladder import ladder
from allocate.checking.opening import read_case
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.inputs.scenario.changes import parse_change, with_what_if
from allocate.session import Session
from tests.conftest import ROOT
from tests.strategies import towns


@pytest.fixture(scope="module")
def tiny() -> Session:
    return Session(read_case(ROOT / "tests" / "cases" / "tiny"))


def test_ladder_of_the_small_town_is_the_one_counted_by_hand(tiny: Session) -> None:
    """With half the money both offers halve. With a fifth more, 24 places of B and 12 of A cover the lower town; ten of
    A cover the upper town and one is its wanted reserve, which is as near to today's 15 as it may be without doubling.
    """
    found = ladder(tiny, "silo", [0.5, 1.2])
    offers = found.offers.set_index("offer_id")
    assert offers.loc["A", ["at_0.5", "at_1", "at_1.2"]].tolist() == pytest.approx([10, 20, 23])
    assert offers.loc["B", ["at_0.5", "at_1", "at_1.2"]].tolist() == pytest.approx([10, 20, 24])
    steps = found.steps.set_index("budget_share")
    assert steps["budget_eur"].tolist() == pytest.approx([2500, 5000, 6000])
    assert steps.loc[1.0, "objective"] == pytest.approx(tiny.run("silo").objective)
    assert steps["price"].tolist() == pytest.approx([0, 0, 0], abs=1e-9)
    assert found.pots == ("P1", "P2")


def test_budget_that_meets_no_floor_is_said(tiny: Session) -> None:
    found = ladder(tiny, "silo", [0.01, 0.5])
    assert found.steps["status"].tolist() == ["infeasible", "optimal", "optimal"]
    assert "1%" in found.remarks[1].text("en")


@settings(max_examples=12, deadline=None)
@given(towns())
def test_no_offer_goes_back_and_forth_and_the_free_plan_is_never_worse(case: Case) -> None:
    session = Session(case)
    found = ladder(session, "B", [0.9, 1.0, 1.1, 1.3])
    levels = found.offers[[name for name in found.offers if name.startswith("at_")]].to_numpy(dtype=float)
    assert (np.diff(levels, axis=1) >= -1e-6).all()
    assert set(found.steps.loc[found.steps["budget_share"] >= 1, "status"]) == {"optimal"}
    own = found.steps[found.steps["status"] == "optimal"]
    assert (own["free_objective"] >= own["objective"] - 1e-9).all()
    assert np.allclose(own["price"], np.maximum(0, own["free_objective"] - own["objective"]))
    assert own.set_index("budget_share").loc[1.0, "price"] == pytest.approx(0, abs=1e-9)


@settings(max_examples=8, deadline=None)
@given(towns())
def test_free_plan_of_a_budget_is_that_of_a_scenario_with_that_budget(case: Case) -> None:
    """Checked with the weights of money off, because a scenario with more money also weighs a euro less."""
    parameters = case["parameters"].copy()
    money = parameters["parameter"].isin(["duplication_weight", "movement_weight"])
    parameters.loc[money, "value"] = "0"
    case = case.with_tables(parameters=parameters)
    pots = case["pots"].loc[case["pots"]["pooled"], "pot_id"].tolist() or case["pots"]["pot_id"].tolist()
    changes = [parse_change(f"pots:{pot}:amount*1.2", "more") for pot in pots]
    other = Session(with_what_if(case, "B", changes, new_id="W")).run("W")
    step = ladder(Session(case), "B", [1.2]).steps.set_index("budget_share").loc[1.2]
    assert step["free_objective"] == pytest.approx(other.objective, abs=1e-8)


def test_unclear_requests_are_refused(tiny: Session) -> None:
    with pytest.raises(UsageError) as steps:
        ladder(tiny, "silo", [-0.5])
    assert steps.value.id == "ladder-steps"
    with pytest.raises(UsageError) as pots:
        ladder(tiny, "silo", [0.9], pots=["P7"])
    assert pots.value.id == "id-unknown"
    with pytest.raises(UsageError) as none:
        ladder(tiny, "strict")
    assert none.value.id == "no-feasible-plan"


def test_json_and_sentences_in_both_languages(tiny: Session) -> None:
    answer = ladder(tiny, "silo", [1.1]).to_json("de")
    assert set(answer) == {"scenario_id", "pots", "steps", "offers", "remarks"}
    assert "Stetigkeit" in str(answer["remarks"])
