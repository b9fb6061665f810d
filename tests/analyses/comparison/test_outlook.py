"""Outlook: a plan kept for three more years, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from allocate.analyses.comparison.compare import compare
from allocate.inputs.reading import read_case
from allocate.session import Session
from tests.conftest import ROOT
from tests.strategies import Tables, case_of

TOWN: Tables = {
    "spaces": [{"space_id": "S1", "name": "North"}],
    "needs": [{"need_id": "N1", "name": "Advice", "unit": "cases"}],
    "demand": [{"space_id": "S1", "need_id": "N1", "demand": 100}],
    "offers": [
        {"offer_id": "O1", "name": "Desk", "home_space_id": "S1", "unit_cost": 100, "max_capacity": 10},
        {"offer_id": "O2", "name": "Van", "home_space_id": "S1", "unit_cost": 200, "max_capacity": 10},
    ],
    "effects": [{"offer_id": "O1", "need_id": "N1", "effect": 1}, {"offer_id": "O2", "need_id": "N1", "effect": 1}],
    "pots": [
        {"pot_id": "P1", "name": "Town", "amount": 1000, "offers": "O1"},
        {"pot_id": "P2", "name": "Grant", "amount": 2500, "offers": "O2"},
    ],
    "pot_years": [
        {"pot_id": "P2", "year": 2027, "amount": 5000},
        {"pot_id": "P2", "year": 2028, "amount": 4000},
        {"pot_id": "P2", "year": 2029, "amount": 0},
    ],
    "parameters": [
        {"parameter": "plan_year", "value": "2027"},
        {"parameter": "cost_growth", "value": "0.1"},
        {"parameter": "pot_growth", "value": "0.05"},
    ],
    "scenarios": [{"scenario_id": "A", "title": "Plan", "pooling": "silo"}],
}


def years(tables: Tables) -> list[dict[str, Any]]:
    found = compare(Session(case_of(tables)), ["A"]).years
    return found[found["scenario_id"] == "A"].to_dict("records")


def test_a_plan_kept_for_three_more_years() -> None:
    """The desk costs 1,000 EUR of P1 (+5 % a year), the van 2,000 of P2: 2,500, then 4/5 of it, then nothing."""
    this, next_, third, last = years(TOWN)
    assert [one["year"] for one in (this, next_, third, last)] == ["2027", "2028", "2029", "2030"]
    assert (this["cost_eur"], this["money_eur"]) == pytest.approx((3000, 3500))
    assert (this["short_eur"], this["free_eur"]) == pytest.approx((0, 500), abs=1e-6)
    assert (next_["cost_eur"], next_["money_eur"]) == pytest.approx((3300, 1050 + 2000))
    assert (next_["short_eur"], next_["free_eur"]) == pytest.approx((50 + 200, 0), abs=1e-6)
    assert (third["short_eur"], third["ending_pots"], third["orphaned"]) == (pytest.approx(107.5 + 2420), "P2", "O2")
    # 2030 is not in the table: the grant is then expected to grow from its amount like the others.
    assert last["money_eur"] == pytest.approx(3500 * 1.05**3)


def test_what_no_pot_pays_today_is_lacking_every_year() -> None:
    tables = {**TOWN, "offers": [{**TOWN["offers"][0], "baseline_capacity": 5}, TOWN["offers"][1]]}
    tables["scenarios"] = [{"scenario_id": "A", "title": "Today", "pooling": "silo", "evaluate": "yes"}]
    tables["baseline_funding"] = [{"pot_id": "P1", "offer_id": "O1", "amount": 300}]
    assert [one["short_eur"] for one in years(tables)][:2] == pytest.approx([200, 220])


def test_without_a_year_of_the_plan_years_are_counted_from_it() -> None:
    found = years({**TOWN, "parameters": [{"parameter": "cost_growth", "value": "0.1"}]})
    assert [one["year"] for one in found] == ["+0", "+1", "+2", "+3"]
    assert [one["money_eur"] for one in found] == pytest.approx([3500] * 4)
    assert found[3]["cost_eur"] == pytest.approx(3000 * 1.1**3)


def test_the_grant_that_ends_leaves_three_offers_of_the_example_without_a_pot() -> None:
    found = compare(Session(read_case(ROOT / "scenarios" / "auenfurt")), ["SZ2"]).years
    third = found[(found["scenario_id"] == "SZ2") & (found["year"] == "2029")].iloc[0]
    assert (third["ending_pots"], third["orphaned"]) == ("P6", "O11;O34;O35")
    assert third["cost_eur"] == pytest.approx(3_795_000 * 1.03**2)
