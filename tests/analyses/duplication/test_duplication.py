"""Duplication made visible: cells, suppliers, pairs and totals, by hand and on the example town."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from allocate.analyses.duplication.made_visible import TABLES, TOTAL_COLUMNS, Duplication, duplication
from allocate.analyses.duplication.parallel import parallel_structures, wanted_providers
from allocate.checking.opening import read_case
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.session import Session
from tests.conftest import TINY
from tests.strategies import Rows, Tables, case_of, towns


@pytest.fixture(scope="module")
def found(auenfurt: Path) -> Duplication:
    return duplication(Session(read_case(auenfurt)), ["SZ2", "SZ4a", "SZ4b"])


def cell(found: Duplication, scenario: str, space: str, need: str) -> pd.Series:
    cells = found.cells
    own = cells[(cells["scenario_id"] == scenario) & (cells["space_id"] == space) & (cells["need_id"] == need)]
    assert len(own) == 1
    return own.iloc[0]


def total(found: Duplication, scenario: str) -> pd.Series:
    return found.totals.set_index("scenario_id").loc[scenario]


def tiny_tables(**changed: Rows) -> Tables:
    tables = {path.stem: pd.read_csv(path).to_dict("records") for path in TINY.glob("*.csv")}
    return {**tables, **changed}


# --- the town solved by hand -------------------------------------------------------------------------------------


def test_by_hand() -> None:
    """S1 is supplied 15, needs 10: 1 is wanted reserve, 4 are duplicated, at 100 EUR each."""
    found = duplication(Session(read_case(TINY)))
    assert list(found.plans) == ["today"]
    assert len(found.cells) == 1
    one = found.cells.iloc[0]
    assert one[["space_id", "need_id", "offers", "assessment", "basis"]].tolist() == [
        "S1", "N1", "A", "suspected", "quantity",
    ]  # fmt: skip
    assert one["duplication"] == pytest.approx(4)
    assert one["duplication_eur"] == pytest.approx(400)
    assert one["wanted_reserve"] == pytest.approx(1)
    assert one["locked"] == 0
    # A (PR1) and B (PR2) both serve S2; the wanted cluster there asks for one provider.
    assert found.parallel[["space_id", "provider_count", "wanted_count", "excess"]].values.tolist() == [["S2", 2, 1, 1]]
    assert total(found, "today")["resteerable_eur"] == pytest.approx(625)


def test_what_a_contract_holds_stays_until_it_ends() -> None:
    """With 16 of 20 places committed, 12 of the 15 used in S1 stay: 1 more than the 11 covered and reserved."""
    offers = tiny_tables()["offers"]
    held = {"committed_capacity": 16, "contract_end": "2028-06-30", "notice_months": 6}
    offers = [{**row, **(held if row["offer_id"] == "A" else {})} for row in offers]
    found = duplication(Session(case_of(tiny_tables(offers=offers))))
    one = found.cells.iloc[0]
    assert one["locked"] == pytest.approx(1)
    assert one["locked_eur"] == pytest.approx(100)
    assert one["locked_until"] == "2028-06-30"
    years: Rows = [
        {"offer_id": "A", "year": year, "min_capacity": 16 if year < 2030 else 0} for year in (2028, 2029, 2030)
    ]
    found = duplication(Session(case_of(tiny_tables(offers=offers, commitments=years))))
    assert found.cells.iloc[0]["locked_until"] == "2029"
    assert found.suppliers.iloc[0][["contract_end", "notice_months"]].tolist() == ["2028-06-30", 6]
    # Six places of A stay for S2 (3 people, 600 EUR) where three of B (450 EUR) would do.
    assert total(found, "today")["held_by_commitments_eur"] == pytest.approx(150)


@pytest.mark.parametrize(
    ("clusters", "expected"),
    [
        ([], ("suspected", "quantity")),
        ([("all", "", "wanted")], ("wanted", "cluster")),
        ([("all", "", "wanted"), ("space", "S1", "to_check")], ("to_check", "cluster")),
        ([("space", "S2", "wanted")], ("suspected", "quantity")),
        ([("region", "*", "to_check")], ("to_check", "cluster")),
        ([("space", "S1", "wanted"), ("space", "S1", "suspected")], ("suspected", "cluster")),
    ],
)
def test_the_narrowest_assessment_decides(clusters: list[tuple[str, str, str]], expected: tuple[str, str]) -> None:
    rows: Rows = [
        {"cluster_id": f"C{i}", "need_id": "N1", "scope": scope, "scope_id": place, "offers": "A", "assessment": said}
        for i, (scope, place, said) in enumerate(clusters)
    ]
    found = duplication(Session(case_of(tiny_tables(plurality=rows))))
    assert tuple(found.cells.iloc[0][["assessment", "basis"]]) == expected


def test_spaces_that_name_no_region_are_no_region_together() -> None:
    """As for the model, which asks the same place what a cluster means."""
    rows: Rows = [
        {
            "cluster_id": "C",
            "need_id": "N1",
            "scope": "region",
            "scope_id": "*",
            "offers": "A",
            "assessment": "to_check",
        }
    ]
    spaces = [{**row, "region_id": ""} for row in tiny_tables()["spaces"]]
    found = duplication(Session(case_of(tiny_tables(plurality=rows, spaces=spaces))))
    assert tuple(found.cells.iloc[0][["assessment", "basis"]]) == ("suspected", "quantity")


def test_a_cluster_of_which_only_one_offer_supplies_says_nothing_about_a_surplus() -> None:
    rows: Rows = [{"cluster_id": "C", "need_id": "N1", "scope": "all", "offers": "A;B", "assessment": "wanted"}]
    found = duplication(Session(case_of(tiny_tables(plurality=rows))))
    assert found.cells.iloc[0]["assessment"] == "suspected"


def test_two_providers_for_less_than_one_unit_stand_side_by_side_too() -> None:
    tables = tiny_tables(plurality=[])
    tables["demand"] = [{**row, "demand": 0.8} for row in tables["demand"]]
    session = Session(case_of(tables))
    found = parallel_structures(session.compiled("today"), session.run("today"))
    assert found[["space_id", "provider_count", "wanted_count", "excess"]].values.tolist() == [["S2", 2, 1, 1]]


def test_wanted_providers_of_a_cluster() -> None:
    rows: Rows = [
        {"cluster_id": "C", "need_id": "N1", "scope": "all", "offers": "A;B", "assessment": "wanted",
         "min_providers": 1, "max_share_provider": 0.5}
    ]  # fmt: skip
    session = Session(case_of(tiny_tables(plurality=rows)))
    assert wanted_providers(session.compiled("today")).tolist() == [2, 2]
    assert parallel_structures(session.compiled("today"), session.run("today")).empty


def test_pairs() -> None:
    pair = {"offer_id_a": "A", "offer_id_b": "B", "need_id": "N1", "same_target_group": 0.5, "same_space": 0.8}
    rows: Rows = [
        {**pair, "overlapping_hours": 0.5, "wanted": 0.25, "status": "checked", "heard": "AG § 78"},
    ]
    found = duplication(Session(case_of(tiny_tables(overlaps=rows))), ["pooled"])
    today = found.pairs[found.pairs["scenario_id"] == "today"].iloc[0]
    assert today["overlap"] == pytest.approx(0.5 * 0.8 * 0.5 * 0.75)
    assert today[["assessment", "status", "heard", "both_run"]].tolist() == ["to_check", "checked", "AG § 78", True]
    # The smaller of the two fixed costs (500 and 150), not the cost of an offer.
    assert today["one_site_eur"] == 150
    # The surplus of S1 is A's alone.
    assert today["shared_duplication"] == 0


@pytest.mark.parametrize(
    ("facts", "assessment", "site"),
    [
        ({"overlapping_hours": 1.0, "wanted": 0.0}, "suspected", 150.0),
        ({"overlapping_hours": 1.0, "wanted": 1.0}, "wanted", 0.0),
        ({"wanted": 0.0}, "to_check", 150.0),
    ],
)
def test_pairs_are_suspected_wanted_or_to_be_checked(facts: dict[str, float], assessment: str, site: float) -> None:
    pair = {"offer_id_a": "A", "offer_id_b": "B", "need_id": "N1", "same_target_group": 1.0, "same_space": 1.0}
    rows: Rows = [{**pair, **facts}]
    one = duplication(Session(case_of(tiny_tables(overlaps=rows)))).pairs.iloc[0]
    assert (one["assessment"], one["one_site_eur"]) == (assessment, site)
    # What nobody knows is not made up.
    assert np.isnan(one["overlap"]) == ("overlapping_hours" not in facts)


def test_an_unknown_scenario_is_refused() -> None:
    with pytest.raises(UsageError, match="scenario-unknown"):
        duplication(Session(read_case(TINY)), ["poled"])


# --- the example town --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("space", "need", "units", "assessment"),
    [
        ("S01", "N06", 128, "suspected"),
        ("S01", "N05", 69, "suspected"),
        ("S04", "N05", 37, "suspected"),
        ("S01", "N01", 36, "wanted"),
    ],
)
def test_what_is_known_of_the_example_town(
    found: Duplication, space: str, need: str, units: int, assessment: str
) -> None:
    one = cell(found, "SZ0", space, need)
    assert round(one["duplication"]) == units
    assert one["assessment"] == assessment


def test_the_seniors_of_the_old_town(found: Duplication) -> None:
    one = cell(found, "SZ0", "S01", "N06")
    assert one["cluster_id"] == "C05"
    assert set(one["offers"].split(";")) >= {"O22", "O23", "O37"}
    pairs = found.pairs[found.pairs["scenario_id"] == "SZ0"]
    first = pairs.iloc[0]
    assert first[["offer_id_a", "offer_id_b"]].tolist() == ["O22", "O23"]
    assert first["overlap"] == pytest.approx(0.8)
    assert first["shared_duplication"] == pytest.approx(one["duplication"])
    assert (pairs[pairs["assessment"] == "wanted"]["one_site_eur"] == 0).all()


def test_totals_are_the_sums_of_the_cells(found: Duplication) -> None:
    today = total(found, "SZ0")
    assert today["duplication_eur"] == pytest.approx(266_094.457, abs=0.01)
    parts = today[["suspected_eur", "to_check_eur", "wanted_plurality_eur"]].sum()
    assert parts == pytest.approx(today["duplication_eur"])
    assert today["wanted_reserve"] == pytest.approx(11.565)
    assert today["avoidable_eur"] + today["unavoidable_eur"] == pytest.approx(today["duplication_eur"])
    own = found.parallel[found.parallel["scenario_id"] == "SZ0"]
    assert today["parallel_structures"] == own["excess"].sum()


def test_a_scenario_without_a_plan_has_a_row_and_nothing_else(found: Duplication) -> None:
    assert total(found, "SZ4a")["status"] == "infeasible"
    assert np.isnan(total(found, "SZ4a")["resteerable_eur"])
    assert "SZ4a" not in set(found.pairs["scenario_id"])


def test_the_json_is_complete_and_plain(found: Duplication) -> None:
    document = json.loads(json.dumps(found.to_json("de"), allow_nan=False))
    assert list(document) == ["case", "fingerprint", "status_quo", "scenarios", *TABLES, "fewest"]
    assert list(document["totals"][0]) == list(TOTAL_COLUMNS)


# --- laws on random towns ----------------------------------------------------------------------------------------


@settings(max_examples=12, deadline=None)
@given(towns())
def test_cells_and_suppliers_add_up_to_the_measures(case: Case) -> None:
    session = Session(case)
    found = duplication(session, ["A", "B"])
    for id in ("Q", "A", "B"):
        measures, one = session.run(id).measures, total(found, id)
        assert measures is not None
        assert one["duplication"] == pytest.approx(measures.duplication_units, abs=1e-4)
        assert one["duplication_eur"] == pytest.approx(measures.duplication_eur, abs=0.01)
        suppliers = found.suppliers[found.suppliers["scenario_id"] == id]
        assert suppliers["duplication"].sum() == pytest.approx(measures.duplication_units, abs=1e-4)
        cells = found.cells[found.cells["scenario_id"] == id]
        assert (cells["locked"] <= cells["duplication"] + 1e-9).all()
        assert 0 <= one["resteerable_eur"] <= one["spent_eur"] + 1e-6
        _counted_one_by_one(session, id, found.parallel[found.parallel["scenario_id"] == id])


def _counted_one_by_one(session: Session, id: str, parallel: pd.DataFrame) -> None:
    """Providers per cell by a loop over the tables."""
    case = session.case
    provider = dict(zip(case["offers"]["offer_id"], case["offers"]["provider_id"], strict=True))
    access = {(row["offer_id"], row["space_id"]): row["access"] for row in case["reach"].to_dict("records")}
    demand = {(row["space_id"], row["need_id"]): row["demand"] for row in case["demand"].to_dict("records")}
    supply: dict[tuple[str, str], dict[str, float]] = {}
    for row in session.run(id).delivery.to_dict("records"):
        for effect in case["effects"].to_dict("records"):
            if effect["offer_id"] == row["offer_id"] and effect["effect"] >= 0.3:
                key, who = (row["space_id"], effect["need_id"]), provider[row["offer_id"]]
                rate = effect["effect"] * access[row["offer_id"], row["space_id"]]
                own = supply.setdefault(key, {})
                own[who] = own.get(who, 0.0) + rate * row["capacity"]
    expected = {}
    for key, own in supply.items():
        present = [who for who, units in own.items() if units > max(1e-6, 0.01 * demand[key]) * (1 + 1e-6)]
        if demand[key] > 0 and len(present) > 1:
            expected[key] = len(present) - 1
    counted = {(row["space_id"], row["need_id"]): row["excess"] for row in parallel.to_dict("records")}
    assert counted == expected
