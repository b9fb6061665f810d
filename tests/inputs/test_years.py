"""Values of a year: amounts and commitments of the year that is planned, and changes of them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from allocate.checking.check_case import check_case
from allocate.errors import InputError
from allocate.inputs.carry_over import carry_over
from allocate.inputs.findings import render
from allocate.inputs.scenario.changes import parse_changes
from allocate.inputs.scenario.variant import Change, apply
from allocate.inputs.years import amounts, committed
from allocate.session import Session
from tests.strategies import Tables, case_of

# A costs 2 a place and serves one need, B costs 1 and serves the other; without a bond B takes A's money.
TOWN: Tables = {
    "spaces": [{"space_id": "S", "name": "S"}],
    "needs": [{"need_id": "N1", "name": "N1", "unit": "p"}, {"need_id": "N2", "name": "N2", "unit": "p"}],
    "demand": [{"space_id": "S", "need_id": "N1", "demand": 100}, {"space_id": "S", "need_id": "N2", "demand": 100}],
    "offers": [
        {"offer_id": "A", "name": "A", "home_space_id": "S", "unit_cost": 2, "max_capacity": 100,
         "baseline_capacity": 100, "contract_end": "2027-12-31"},
        {"offer_id": "B", "name": "B", "home_space_id": "S", "unit_cost": 1, "max_capacity": 200,
         "baseline_capacity": 0},
    ],
    "effects": [{"offer_id": "A", "need_id": "N1", "effect": 1}, {"offer_id": "B", "need_id": "N2", "effect": 1}],
    "pots": [{"pot_id": "P", "name": "P", "amount": 200}],
    "baseline_funding": [{"pot_id": "P", "offer_id": "A", "amount": 200}],
    "parameters": [{"parameter": "plan_year", "value": "2026"}, {"parameter": "pot_growth", "value": "0.1"}],
    "commitments": [
        {"offer_id": "A", "year": 2026, "min_capacity": 100},
        {"offer_id": "A", "year": 2027, "min_capacity": 100},
    ],
    "scenarios": [{"scenario_id": id, "title": id} for id in ("X", "Y", "Z")],
    "changes": [
        {"scenario_id": id, "table": "parameters", "key": "plan_year", "column": "value", "how": "set", "value": year,
         "reason": "next"}
        for id, year in (("Y", 2027), ("Z", 2028))
    ],
}  # fmt: skip
POT_YEARS = [
    {"pot_id": "P", "year": 2027, "amount": 300},
    {"pot_id": "P", "year": 2029, "amount": 100},
    {"pot_id": "P", "year": 2031, "amount": 0},
]


def places(session: Session, scenario: str) -> float:
    return float(session.run(scenario).offers.set_index("offer_id")["capacity"]["A"])


def rules(tables: Tables) -> pd.DataFrame:
    return check_case(case_of(tables)).set_index("rule")


def change(table: str, key: str, column: str, value: str, how: str = "set") -> Change:
    return Change(table, key, column, how, value, "test")


def test_a_commitment_binds_in_its_year_and_ends_with_the_contract() -> None:
    session = Session(case_of(TOWN))
    assert [places(session, one) for one in ("X", "Y", "Z")] == pytest.approx([100, 100, 50])


@pytest.mark.parametrize(
    ("own", "end", "year", "bound"),
    [
        (0, "", 2025, 0),  # before the first stated year the table offers holds
        (30, "", 2025, 30),
        (130, "", 2026, 130),  # the larger of the two
        (30, "", 2026, 100),
        (0, "", 2030, 40),  # after the last stated year its value goes on ...
        (0, "2029-12-31", 2030, 0),  # ... until the contract has ended
        (0, "2030-01-31", 2030, 40),
        (0, "2025-12-31", 2027, 40),  # what is stated for the very year binds
        (30, "2029-12-31", 2030, 30),  # offers.committed_capacity names no year and holds in each
    ],
)
def test_the_least_capacity_of_a_year(own: float, end: str, year: int, bound: float) -> None:
    offer = {**TOWN["offers"][0], "max_capacity": 200, "committed_capacity": own, "contract_end": end}
    rows = [{"offer_id": "A", "year": 2026, "min_capacity": 100}, {"offer_id": "A", "year": 2027, "min_capacity": 40}]
    case = case_of({**TOWN, "offers": [offer, TOWN["offers"][1]], "commitments": rows})
    assert committed(case, year)[0] == pytest.approx(bound)


@pytest.mark.parametrize(
    ("year", "amount"), [(2026, 200), (2027, 300), (2028, 330), (2029, 100), (2030, 110), (2031, 0), (2033, 0)]
)
def test_the_amount_of_a_year(year: int, amount: float) -> None:
    """Before the first stated year the table pots, after it the last stated amount with its growth; 0 stays 0."""
    assert amounts(case_of({**TOWN, "pot_years": POT_YEARS}), year)[0] == pytest.approx(amount)


def planned(year: int, *changes: Change) -> float:
    parameters = [{"parameter": "plan_year", "value": year}, {"parameter": "pot_growth", "value": "0.1"}]
    case = case_of({**TOWN, "pot_years": POT_YEARS, "parameters": parameters})
    variant = apply(case, "X", changes)
    return float(variant.case["pots"]["amount"].iloc[0])


def test_a_change_of_a_pot_starts_from_the_amount_of_the_year() -> None:
    assert planned(2027) == pytest.approx(300)
    assert planned(2027, change("pots", "P", "amount", "0.9", "multiply")) == pytest.approx(270)
    assert planned(2027, change("pots", "P", "amount", "250")) == pytest.approx(250)
    assert planned(2027, change("pot_years", "P|2027", "amount", "0")) == 0
    later = change("parameters", "plan_year", "value", "2028")
    assert planned(2027, later) == pytest.approx(330)
    assert planned(2027, change("pots", "P", "amount", "0.9", "multiply"), later) == pytest.approx(297)


def test_the_log_of_a_change_says_the_amount_of_the_year() -> None:
    case = case_of({**TOWN, "pot_years": POT_YEARS, "parameters": [{"parameter": "plan_year", "value": 2027}]})
    cut = apply(case, "X", [change("pots", "P", "amount", "0.9", "multiply")]).changes
    assert cut[["old", "new"]].to_numpy().tolist() == [[300.0, pytest.approx(270.0)]]
    years = apply(case, "X", [change("pot_years", "P|2029", "amount", "50")]).changes
    assert years["key"].tolist() == ["P|2029"]


@pytest.mark.parametrize(
    ("typed", "table", "column", "value"),
    [("pot_years:P|2029:amount=0", "pot_years", "amount", 0.0),
     ("pot_years:P|2029:amount*2", "pot_years", "amount", 200.0),
     ("commitments:A|2027:min_capacity=80", "commitments", "min_capacity", 80.0)],
)  # fmt: skip
def test_years_in_keys_are_whole_numbers(typed: str, table: str, column: str, value: float) -> None:
    case = case_of({**TOWN, "pot_years": POT_YEARS})
    changed = apply(case, "X", parse_changes([typed], "test", case)).case[table]
    year = int(typed.split("|")[1][:4])
    assert changed.set_index("year")[column][year] == value
    assert changed.set_index("year")[column].drop(year).equals(case[table].set_index("year")[column].drop(year))
    with pytest.raises(InputError) as refused:
        apply(case, "X", parse_changes([typed.replace(f"|{year}:", "|2099:")], "test", case))
    assert refused.value.findings is not None
    assert ".0" not in render(refused.value.findings, "en")["fix"].iloc[0]


def test_a_commitment_may_be_lifted_by_a_scenario() -> None:
    session = Session(case_of(TOWN))
    lifted = apply(session.case, "X", [change("offers", "A", "committed_capacity", "0")])
    assert lifted.case["offers"]["committed_capacity"].tolist() == [0, 0]


def test_findings_say_what_is_reckoned_with() -> None:
    parameters = [{"parameter": "plan_year", "value": 2028}, {"parameter": "pot_growth", "value": "0.1"}]
    found = rules({**TOWN, "pot_years": POT_YEARS, "parameters": parameters})
    assert "The plan reckons with 330 EUR." in found.loc["pot-year-differs", "message"]
    offers = [{**TOWN["offers"][0], "committed_capacity": 60}, TOWN["offers"][1]]
    assert "The larger binds: 100." in rules({**TOWN, "offers": offers}).loc["commitment-differs", "message"]
    assert "commitment-differs" not in rules(TOWN).index
    no_year: Tables = {**TOWN, "parameters": [], "changes": [], "pot_years": POT_YEARS}
    assert rules(no_year).loc[["year-without-plan"], "file"].tolist() == ["commitments.csv", "pot_years.csv"]


def test_a_pot_that_holds_nothing_in_the_planned_year_is_found() -> None:
    none = [{"pot_id": "P", "year": 2020, "amount": 0}]
    assert {"pot-empty", "pot-year-differs"} <= set(rules({**TOWN, "pot_years": none}).index)


@pytest.mark.parametrize(
    ("words", "share"),
    [
        ("", 0),
        ("ja: unbegrenzt übertragbar", 1),
        ("Yes (within the budget)", 1),
        ("nein (Rückzahlung)", 0),
        ("no", 0),
        ("50 %", 0.5),
        ("0,25", 0.25),
        ("0.25", 0.25),
        ("1", 1),
        ("vielleicht", None),
        ("-7", None),
        ("140 %", None),
    ],
)
def test_the_words_of_carry_over(words: str, share: float | None) -> None:
    assert carry_over(words).share == pytest.approx(float("nan") if share is None else share, nan_ok=True)


@pytest.mark.parametrize("words", ["20000", "20.000 EUR", "20.000,00 €", "20,000.00"])
def test_an_amount_of_carry_over(words: str) -> None:
    assert carry_over(words) == (1, 20000)


def test_words_that_say_nothing_are_found() -> None:
    pots: list[dict[str, Any]] = [{**TOWN["pots"][0], "carry_over": "vielleicht"}]
    assert rules({**TOWN, "pots": pots}).loc["carry-over-unread", "column"] == "carry_over"
