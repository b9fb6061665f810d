"""Labelled tables and the JSON contract."""

from __future__ import annotations

import json

import pytest

from allocate.checking.opening import read_case
from allocate.inputs.case import Case
from allocate.results.allocation import Allocation
from allocate.results.plan_tables import TABLES
from allocate.session import Session
from tests.conftest import ROOT

COLUMNS = {
    "offers": ["offer_id", "capacity", "cost_eur", "baseline_cost_eur", "change_eur"],
    "pots": ["pot_id", "amount_eur", "spent_eur", "unspent_eur", "marginal_value"],
    "funding": ["pot_id", "offer_id", "amount_eur"],
    "delivery": ["offer_id", "space_id", "capacity"],
    "coverage": ["space_id", "need_id", "demand", "supply", "covered", "wanted_reserve", "duplication", "gap"],
    "floors": ["floor_id", "scope_id", "need_id", "required", "achieved", "met"],
}
MEASURES = [
    "coverage_value",
    "weighted_coverage",
    "lowest_space_coverage",
    "duplication_eur",
    "duplication_units",
    "wanted_reserve_units",
    "moved_eur",
    "spent_eur",
    "unspent_eur",
]


@pytest.fixture(scope="module")
def case() -> Case:
    return read_case(ROOT / "tests" / "cases" / "tiny")


@pytest.fixture(scope="module")
def plan(case: Case) -> Allocation:
    return Session(case).run("pooled")


def test_json_has_exactly_the_keys_of_the_contract(plan: Allocation) -> None:
    entry = json.loads(json.dumps(plan.to_json(), allow_nan=False))
    assert list(entry) == ["scenario_id", "status", "objective", "message", "measures", *TABLES, "certificate"]
    assert list(entry["measures"]) == MEASURES
    assert list(entry["certificate"]) == ["verified", "primal_violation", "bound", "gap"]
    for name, columns in COLUMNS.items():
        assert list(entry[name][0]) == columns


def test_signs_turn_once_more_is_better(plan: Allocation) -> None:
    assert plan.objective == pytest.approx(0.7061111111)
    assert plan.certificate is not None
    assert plan.certificate.objective == pytest.approx(plan.objective)
    assert plan.certificate.bound >= plan.objective - 1e-12
    assert (plan.pots["marginal_value"] >= 0).all()


def test_every_euro_has_a_payer_and_pooled_money_crosses(plan: Allocation) -> None:
    paid = {(row["pot_id"], row["offer_id"]): row["amount_eur"] for row in plan.funding.to_dict("records")}
    assert paid == pytest.approx({("P1", "A"): 1000, ("P1", "B"): 1000, ("P2", "B"): 3000})
    assert plan.offers.set_index("offer_id")["change_eur"].to_dict() == pytest.approx({"A": -1000, "B": 3250})


def test_floor_of_every_space_is_listed_with_its_place(plan: Allocation) -> None:
    floors = plan.floors.set_index("scope_id")
    assert floors["required"].to_dict() == {"S1": 0.2, "S2": 0.2}
    assert floors["achieved"]["S2"] == pytest.approx(26.6666667 / 30)
    assert floors["met"].all()


def test_status_quo_is_paid_as_the_input_says(case: Case) -> None:
    today = Session(case).run("today")
    assert today.status == "evaluated"
    assert today.pots["spent_eur"].tolist() == [2000, 750]
    entry = today.to_json()
    assert entry["certificate"] == {"verified": True, "primal_violation": 0.0, "bound": None, "gap": None}
