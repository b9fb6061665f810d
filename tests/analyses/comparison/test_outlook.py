"""Outlook: a plan kept for three more years, by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

from allocate.analyses.comparison.compare import compare
from allocate.checking.opening import read_case
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
    """The desk costs 1,000 EUR of P1 (+5 % a year), the van 2,000 of P2: 5,000, then 4,000, then nothing for good."""
    this, next_, third, last = years(TOWN)
    assert [one["year"] for one in (this, next_, third, last)] == ["2027", "2028", "2029", "2030"]
    assert (this["cost_eur"], this["money_eur"]) == pytest.approx((3000, 6000))
    assert (this["short_eur"], this["free_eur"]) == pytest.approx((0, 3000), abs=1e-6)
    assert (next_["cost_eur"], next_["money_eur"]) == pytest.approx((3300, 1050 + 4000))
    assert (next_["short_eur"], next_["free_eur"]) == pytest.approx((50, 1800), abs=1e-6)
    assert (third["short_eur"], third["ending_pots"], third["orphaned"]) == (pytest.approx(107.5 + 2420), "P2", "O2")
    assert (last["money_eur"], last["ending_pots"]) == (pytest.approx(1000 * 1.05**3), "P2")
    assert [one["stated"] for one in (this, next_, third, last)] == ["stated_some"] * 3 + ["stated_none"]


def test_after_the_last_stated_year_its_amount_goes_on_and_grows() -> None:
    known = {**TOWN, "pot_years": [{"pot_id": "P2", "year": 2028, "amount": 4000}]}
    found = years(known)
    assert [one["money_eur"] for one in found] == pytest.approx(
        [3500, 1050 + 4000, 1000 * 1.05**2 + 4000 * 1.05, 1000 * 1.05**3 + 4000 * 1.05**2]
    )
    assert [one["stated"] for one in found] == ["stated_base", "stated_some", "stated_none", "stated_none"]


@pytest.mark.parametrize("first", [2027, 2028])
def test_the_cut_of_a_scenario_holds_in_every_later_year(first: int) -> None:
    """A fifth less, whether the year planned is stated or is that of the table pots, and after the last stated year."""
    rows = [row for row in TOWN["pot_years"] if int(str(row["year"])) >= first][:-1]
    cut = {"scenario_id": "A", "table": "pots", "key": "P2", "column": "amount", "how": "multiply", "value": 0.8}
    found = years({**TOWN, "pot_years": rows, "changes": [{**cut, "reason": "cut"}]})
    whole = years({**TOWN, "pot_years": rows})
    now = 5000 if first == 2027 else 2500
    lost = [before["money_eur"] - after["money_eur"] for before, after in zip(whole, found, strict=True)]
    assert lost == pytest.approx([0.2 * now, 800, 840, 882])


def test_money_that_a_scenario_finds_for_an_empty_pot_stays() -> None:
    rows = [{"pot_id": "P2", "year": 2027, "amount": 0}, {"pot_id": "P2", "year": 2029, "amount": 500}]
    found = {"scenario_id": "A", "table": "pots", "key": "P2", "column": "amount", "how": "set", "value": 100}
    money = [one["money_eur"] for one in years({**TOWN, "pot_years": rows, "changes": [{**found, "reason": "found"}]})]
    own = [1000 * 1.05**t for t in range(4)]
    assert money == pytest.approx([own[0] + 100, own[1] + 105, own[2] + 110.25 + 500, own[3] + 115.7625 + 525])


@pytest.mark.parametrize(
    ("words", "short", "carried"),
    [("ja: unbegrenzt", [0, 0, 1000, 2000], [0, 3000, 1000, 0]), ("", [0, 2000, 2000, 2000], [0, 0, 0, 0]),
     ("50 %", [0, 500, 2000, 2000], [0, 1500, 0, 0])],
)  # fmt: skip
def test_what_a_pot_keeps_it_has_in_the_next_year(words: str, short: list[float], carried: list[float]) -> None:
    """A plan of 3,000 EUR a year; the pot holds 6,000, then 1,000 a year."""
    tables: Tables = {
        **TOWN,
        "demand": [{"space_id": "S1", "need_id": "N1", "demand": 30}],
        "offers": [{**TOWN["offers"][0], "max_capacity": 30}],
        "effects": TOWN["effects"][:1],
        "pots": [{"pot_id": "P1", "name": "Town", "amount": 6000, "carry_over": words}],
        "pot_years": [{"pot_id": "P1", "year": year, "amount": 1000} for year in (2028, 2029, 2030)],
        "parameters": [{"parameter": "plan_year", "value": "2027"}],
    }
    found = years(tables)
    assert [one["short_eur"] for one in found] == pytest.approx(short, abs=1e-6)
    assert [one["carried_eur"] for one in found] == pytest.approx(carried, abs=1e-6)


def test_what_no_pot_pays_today_is_lacking_every_year() -> None:
    tables = {**TOWN, "offers": [{**TOWN["offers"][0], "baseline_capacity": 5}, TOWN["offers"][1]]}
    tables["scenarios"] = [{"scenario_id": "A", "title": "Today", "pooling": "silo", "evaluate": "yes"}]
    tables["baseline_funding"] = [{"pot_id": "P1", "offer_id": "O1", "amount": 300}]
    assert [one["short_eur"] for one in years(tables)][:2] == pytest.approx([200, 220])


def test_a_pot_that_keeps_nothing_keeps_nothing_where_nobody_knows_who_pays_today() -> None:
    tables = {**TOWN, "offers": [{**TOWN["offers"][0], "baseline_capacity": 5}, TOWN["offers"][1]]}
    tables["scenarios"] = [{"scenario_id": "A", "title": "Today", "pooling": "silo", "evaluate": "yes"}]
    found = years(tables)
    assert all(math.isnan(one["free_eur"]) and math.isnan(one["short_eur"]) for one in found)
    assert [one["carried_eur"] for one in found] == [0, 0, 0, 0]


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
