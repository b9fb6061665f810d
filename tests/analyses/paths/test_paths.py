"""Paths compared, in conflict, and what money is worth by year, on the day-care plan that is solved by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from allocate.analyses.paths.clash import PathConflict, path_conflicts
from allocate.analyses.paths.compared import PathComparison, compare_paths
from allocate.analyses.paths.values import PathValues, path_values
from allocate.analyses.transition.year_by_year import transition
from allocate.errors import UsageError
from allocate.session import Session
from tests.analyses.transition.daycare import BOUND, DAYCARE
from tests.strategies import Tables, case_of

TEN = (2026, 2035)
FLOOR = {"floor_id": "F", "scope": "all", "need_id": "U3", "min_coverage": 0.95, "kind": "statutory"}
CUT = {
    "scenario_id": "cut", "table": "pots", "key": "G", "column": "amount", "how": "multiply", "value": 0,
    "reason": "no grant",
}  # fmt: skip
TWO: Tables = {
    **DAYCARE,
    "scenarios": [
        {"scenario_id": "today", "title": "today", "evaluate": "yes"},
        {"scenario_id": "plan", "title": "plan"},
        {"scenario_id": "cut", "title": "cut", "parent_id": "plan"},
    ],
    "changes": [CUT],
}


@pytest.fixture(scope="module")
def session() -> Session:
    return Session(case_of(TWO))


@pytest.fixture(scope="module")
def compared(session: Session) -> PathComparison:
    return compare_paths(session, [], TEN)


@pytest.fixture(scope="module")
def values(session: Session) -> PathValues:
    return path_values(session, "plan", TEN, step_eur=100)


@pytest.fixture(scope="module")
def clash() -> PathConflict:
    return path_conflicts(Session(case_of({**DAYCARE, "floors": [FLOOR]})), "plan", TEN)


def test_paths_side_by_side_are_the_paths(session: Session, compared: PathComparison) -> None:
    """Judged scenarios have none; the first that has one is what the others are compared with."""
    assert compared.totals["scenario_id"].tolist() == ["plan", "cut"]
    cut = transition(session, "cut", TEN, delays=())
    own = compared.years[compared.years["scenario_id"].eq("cut")].drop(columns="scenario_id").reset_index(drop=True)
    pd.testing.assert_frame_equal(own, cut.years)
    totals = compared.totals.set_index("scenario_id")
    assert totals["objective_change"].tolist() == [0, pytest.approx(cut.value - transition(session, "plan", TEN).value)]
    assert totals.loc["cut", "covered_units_change"] < 0
    assert compared.messages("de")[1] == "Unterschiede gegen plan, alle Jahre zusammen."


def test_a_scenario_without_a_path_is_named_and_one_that_cannot_have_any_is_refused(session: Session) -> None:
    poor = {**TWO, **BOUND, "scenarios": TWO["scenarios"], "changes": []}
    poor["pot_years"] = [{"pot_id": "P", "year": 2028, "amount": 100}]
    found = compare_paths(Session(case_of(poor)), ["plan"], (2027, 2029))
    assert found.totals["status"].tolist() == ["infeasible"]
    assert "plan" in found.messages("en")[1]
    with pytest.raises(UsageError) as refused:
        path_values(Session(case_of(poor)), "plan", (2027, 2029))
    assert refused.value.id == "no-path"
    with pytest.raises(UsageError) as refused:
        compare_paths(session, ["today"], TEN)
    assert refused.value.id == "path-judged"


def test_the_next_euro_is_worth_what_it_buys_in_its_year(values: PathValues) -> None:
    """In 2031 100 EUR are ten places for ten of 120 children, a tenth of the path; before and after money is left."""
    gain = values.pots.set_index(["year", "pot_id"])["objective_gain"]
    assert gain[(2031, "P")] == gain[(2031, "G")] == pytest.approx(10 / 120 / 10)
    assert [gain[(year, "P")] for year in (2026, 2027, 2032, 2035)] == [0, 0, 0, 0]
    loss = values.pots.set_index(["year", "pot_id"])["objective_loss"]
    assert loss[(2031, "P")] == pytest.approx(10 / 120 / 10)
    assert pd.isna(loss[(2031, "G")])
    assert "2031" in values.messages("en")[1]


def test_a_euro_that_may_be_carried_over_helps_later() -> None:
    """Nothing is needed in 2027 that is not paid for; in 2028 there is no money but what was kept."""
    tables: Tables = {
        **BOUND,
        "offers": [BOUND["offers"][1]],
        "effects": BOUND["effects"][1:],
        "demand": [{"space_id": "S", "need_id": "U3", "demand": 60}],
        "pots": [{"pot_id": "P", "name": "Stadt", "amount": 600, "carry_over": "50 %"}],
        "pot_years": [{"pot_id": "P", "year": 2028, "amount": 0}],
    }
    found = path_values(Session(case_of(tables)), "plan", (2027, 2028), step_eur=100)
    gain = found.pots.set_index("year")["objective_gain"]
    assert gain.tolist() == pytest.approx([5 / 60 / 2, 10 / 60 / 2])


def test_a_floor_that_years_cannot_meet_is_a_clash_of_these_years(clash: PathConflict) -> None:
    """95 per cent: 2026 has 90 places for 100 children, 2031 money for 100 of 120."""
    assert not clash.is_feasible
    members = clash.members("en")
    assert set(members["year"]) <= {2026, 2031}
    assert "F" in set(members["id"])
    repairs = clash.repairs("en").set_index("repair_id")
    assert repairs.loc["money", "status"] == "impossible" and bool(repairs.loc["money", "verified"])
    assert repairs.loc["floors", "status"] == "found"
    assert repairs.loc["floors", "points"] == pytest.approx(100 / 120 - 0.95, abs=1e-3)
    assert bool(repairs.loc["floors", "verified"])
    assert {"2026", "2031"} <= {text.split(":")[0] for text in str(repairs.loc["floors", "what"]).split("; ")}


def test_a_contract_that_a_year_cannot_pay_is_named_with_its_year_and_what_is_missing() -> None:
    """50 places of 20 EUR are bound for seven months of 2028, 583.33 EUR; there are 100."""
    poor = {
        **BOUND,
        "pot_years": [{"pot_id": "P", "year": 2028, "amount": 100}, {"pot_id": "P", "year": 2029, "amount": 9}],
    }
    found = path_conflicts(Session(case_of(poor)), "plan", (2027, 2029))
    members = found.members("de")
    assert set(zip(members["year"], members["rule"], strict=True)) == {(2028, "pot"), (2028, "commitment")}
    money = found.repairs("de").set_index("repair_id").loc["money"]
    assert money["eur"] == pytest.approx(583.33 - 100, abs=1)
    assert str(money["what"]).startswith("2028: P")
    assert bool(money["verified"])
    assert found.to_json("de")["status"] == "infeasible"


def test_a_path_that_keeps_all_rules_has_no_clash(session: Session) -> None:
    found = path_conflicts(session, "plan", (2026, 2028))
    assert found.is_feasible and found.members().empty and found.repairs().empty
    assert found.messages("de") == ["Von 2026 bis 2028 lassen sich alle Vorgaben zugleich einhalten."]
