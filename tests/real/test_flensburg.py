"""Flensburg: 13 districts and their real figures, written the German way, as a town hall would export them.

Semicolons, decimal commas, points between thousands, Windows-1252. Offers for the needs other than day care, prices
and pots are invented; districts, residents, needs and day-care places are real.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allocate.checking.opening import read_case
from allocate.session import Session
from tests.real.sources import source

FOLDER = "flensburg_sozialatlas_2022"
YEAR = 2022
# need -> (table, column) of the Sozialatlas
NEEDS = {
    "kids": ("fl_age_groups_by_district", "age_0_to_under_7"),
    "old": ("fl_residents_age_65_and_above_by_district", "residents"),
    "jobless": ("fl_unemployed_residents_categorized_by_district", "unemployed_total"),
    "sgb2": ("fl_beneficiaries_by_district", "residents"),
}
NAMES = {"kids": "Kinder unter 7", "old": "Ältere ab 65", "jobless": "Arbeitslose", "sgb2": "SGB-II-Beziehende"}
# Invented town-wide offers: need -> (cost per unit in EUR, capacity today).
ADVICE = {"old": (1_250.75, 1_500), "jobless": (980.40, 1_210), "sgb2": (1_043.20, 2_000)}
PLACE_COST = 9_876.50


def districts() -> pd.DataFrame:
    """id and name of the 13 districts."""
    return pd.read_csv(source(FOLDER) / "csv" / "fl_district.csv", dtype={"id": "str"})


def figure(table: str, column: str) -> pd.Series:
    """One figure of the year per district; what cannot be assigned to a district is left out."""
    data = pd.read_csv(source(FOLDER) / "csv" / f"{table}.csv", dtype={"district_id": "str"})
    data = data[(data["year"] == YEAR) & data["district_id"].notna()]
    return data.set_index("district_id")[column].astype(float).reindex(districts()["id"]).fillna(0)


def kitas() -> pd.DataFrame:
    """The 70 day-care facilities with their district's id and their places."""
    table = pd.read_csv(source(FOLDER) / "kitas_in_flensburg.csv")
    table["space"] = table["district"].map(districts().set_index("name")["id"])
    table["places"] = table["childcare_places"].fillna(0).astype(float)
    table["kita"] = [f"K{i + 1:02d}" for i in range(len(table))]
    return table


def german(value: float, digits: int = 1) -> str:
    """1234.5 -> 1.234,5"""
    return f"{value:,.{digits}f}".translate(str.maketrans({",": ".", ".": ","}))


def write_german(folder: Path, tables: dict[str, pd.DataFrame]) -> Path:
    """Every number with decimal comma and points between thousands; CRLF, semicolons, Windows-1252."""
    folder.mkdir(parents=True)
    for name, table in tables.items():
        cells = table.copy()
        for column in cells.select_dtypes("float"):
            cells[column] = [german(value, 2) for value in cells[column]]
        cells.to_csv(folder / f"{name}.csv", sep=";", index=False, encoding="cp1252", lineterminator="\r\n")
    return folder


def tables() -> dict[str, pd.DataFrame]:
    areas, care = districts(), kitas()
    people = figure("fl_residents_by_district", "residents")
    town_wide = pd.DataFrame(
        {
            "offer_id": [f"B_{need}" for need in ADVICE],
            "name": [f"Beratung {NAMES[need]}" for need in ADVICE],
            "home_space_id": "",
            "unit_cost": [cost for cost, _ in ADVICE.values()],
            "max_capacity": [2.0 * capacity for _, capacity in ADVICE.values()],
            "baseline_capacity": [float(capacity) for _, capacity in ADVICE.values()],
        }
    )
    day_care = pd.DataFrame(
        {
            "offer_id": care["kita"],
            "name": care["facility"],
            "home_space_id": care["space"],
            "unit_cost": PLACE_COST,
            "max_capacity": care["places"],
            "baseline_capacity": care["places"],
        }
    )
    offers = pd.concat([day_care, town_wide], ignore_index=True)
    cost = (offers["unit_cost"] * offers["baseline_capacity"]).round(2)
    served = ["kids"] * len(care) + list(ADVICE)
    share = people / people.sum()
    reach = [(k, s, p) for k, s, p in care[["kita", "space", "places"]].itertuples(index=False)]
    reach += [(f"B_{n}", s, round(c * share[s], 2)) for n, (_, c) in ADVICE.items() for s in areas["id"]]
    return {
        "spaces": pd.DataFrame(
            {
                "space_id": areas["id"],
                "name": areas["name"],
                "population": people.to_numpy(),
                "weight": np.linspace(0.9, 1.2, len(areas)).round(2),
            }
        ),
        "needs": pd.DataFrame({"need_id": list(NAMES), "name": NAMES.values(), "unit": "Personen", "weight": 2.5}),
        "demand": pd.concat(
            [
                pd.DataFrame({"space_id": areas["id"], "need_id": need, "demand": figure(*where).to_numpy()})
                for need, where in NEEDS.items()
            ]
        ),
        "offers": offers,
        "effects": pd.DataFrame({"offer_id": offers["offer_id"], "need_id": served, "effect": 1.0}),
        "reach": pd.DataFrame(reach, columns=["offer_id", "space_id", "baseline_capacity"]),
        "pots": pd.DataFrame({"pot_id": ["stadt"], "name": ["Haushalt Flensburg"], "amount": [cost.sum() * 1.05]}),
        "baseline_funding": pd.DataFrame({"pot_id": "stadt", "offer_id": offers["offer_id"], "amount": cost}),
    }


@pytest.fixture(scope="module")
def flensburg(tmp_path_factory: pytest.TempPathFactory) -> Session:
    return Session(read_case(write_german(tmp_path_factory.mktemp("real") / "flensburg", tables())))


def test_files_are_as_german_as_they_claim(tmp_path: Path) -> None:
    folder = write_german(tmp_path / "flensburg", tables())
    text = (folder / "offers.csv").read_bytes()
    assert b"9.876,50;" in text
    assert "Ältere".encode("cp1252") in (folder / "needs.csv").read_bytes()


def test_every_figure_arrives(flensburg: Session) -> None:
    case = flensburg.case
    assert case["spaces"]["population"].sum() == 99_341
    assert case["spaces"]["name"].tolist() == districts()["name"].tolist()
    demand = case["demand"].groupby("need_id")["demand"].sum()
    assert demand["jobless"] == 3_824 - 46
    assert demand["old"] == figure(*NEEDS["old"]).sum()
    assert case["offers"]["max_capacity"].iloc[:70].sum() == 4_475
    assert case["offers"]["unit_cost"].tolist()[-3:] == [cost for cost, _ in ADVICE.values()]


def test_day_care_today_against_a_count_by_hand(flensburg: Session) -> None:
    """Coverage, gap and surplus of every district, from places and children alone."""
    today = flensburg.run("status_quo")
    assert today.status == "evaluated"
    kids = today.coverage[today.coverage["need_id"] == "kids"].set_index("space_id")
    children = figure(*NEEDS["kids"])
    places = kitas().groupby("space")["places"].sum().reindex(children.index).fillna(0)
    for column, expected in (
        ("demand", children),
        ("supply", places),
        ("covered", np.minimum(children, places)),
        ("gap", np.maximum(0, children - places)),
        ("duplication", np.maximum(0, places - children)),
    ):
        np.testing.assert_allclose(kids[column].reindex(children.index), expected, atol=1e-9, err_msg=column)


def test_money_of_today_is_read_to_the_cent(flensburg: Session) -> None:
    expected = 4_475 * PLACE_COST + sum(cost * capacity for cost, capacity in ADVICE.values())
    assert flensburg.run("status_quo").measures.spent_eur == pytest.approx(expected, abs=0.2)


def test_plan_beats_today(flensburg: Session) -> None:
    plan = flensburg.run("silo")
    assert plan.status == "optimal"
    assert plan.certificate.verified
    assert plan.objective > flensburg.status_quo("silo").objective
