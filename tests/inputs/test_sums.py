"""Sum rows are found by their amounts and by their names, and nothing is taken for a sum by accident."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

from allocate.checking.opening import read_checked
from allocate.checking.sums import LEAST_LIKELY, check_sums, is_called_a_sum
from allocate.checking.totals import Amounts, totals
from allocate.inputs.case import Case
from allocate.inputs.inspection import Inspection
from tests.real.sources import source
from tests.strategies import Sizes, case_of, towns

OFFER = {"offer_id": "O", "name": "Kita", "unit_cost": 1, "max_capacity": 3000, "baseline_capacity": 1000}


def town(people: dict[str, int], demand: dict[str, int], names: dict[str, str], pots: dict[str, float]) -> Case:
    return case_of(
        {
            "spaces": [
                {"space_id": id, "name": names.get(id, f"Raum {id}"), "population": n} for id, n in people.items()
            ],
            "needs": [{"need_id": "K", "name": "Kinder", "unit": "Plätze"}],
            "demand": [{"space_id": id, "need_id": "K", "demand": n} for id, n in demand.items()],
            "offers": [OFFER],
            "effects": [{"offer_id": "O", "need_id": "K", "effect": 1}],
            "pots": [{"pot_id": id, "name": names.get(id, f"Topf {id}"), "amount": n} for id, n in pots.items()],
        }
    )


def found(case: Case) -> pd.DataFrame:
    inspection = Inspection(case)
    check_sums(inspection)
    return inspection.found.table()


def sums_in(values: list[float]) -> list[tuple[int, tuple[int, ...]]]:
    """The believed totals of one column."""
    value = np.array(values, dtype=np.float64)
    thing = np.arange(len(value))
    every = totals(Amounts.of(thing, np.zeros(len(value), dtype=np.int64), value, len(value)))
    return [(one.thing, one.parts) for one in every if one.by_accident <= LEAST_LIKELY]


def test_a_district_and_the_town_among_its_areas_and_a_pot_of_all_pots() -> None:
    case = town(
        {"A": 1675, "B": 1914, "C": 12301, "HM": 15890, "HH": 15890},
        {"A": 162, "B": 241, "C": 1334, "HM": 1737, "HH": 1737},
        {"HH": "Stadt gesamt", "S": "Gesamtsumme"},
        {"P": 1000, "S": 1000},
    )
    table = found(case)
    assert table[["severity", "rule", "file", "row", "value"]].values.tolist() == [
        ["warning", "sum-row", "spaces.csv", 5, "HM"],
        ["warning", "sum-row", "spaces.csv", 6, "HH"],
        ["warning", "sum-row-name", "pots.csv", 3, "Gesamtsumme"],
    ]
    message = table["message"].iloc[0]
    assert "(A, B, C)" in message and "spaces.population" in message and "demand.demand" in message


def test_a_space_whose_demand_alone_is_a_sum_is_named_where_it_is_introduced() -> None:
    demand = {"A": 1723.5, "B": 2914.25, "C": 12301, "D": 888.75, "X": 17827.5}
    table = found(town(dict.fromkeys(demand, 0), demand, {}, {"P": 1}))  # type: ignore[arg-type]
    assert table[["rule", "file", "row", "value"]].values.tolist() == [["sum-row", "spaces.csv", 6, "X"]]


def test_totals_of_totals_above_or_below_their_parts() -> None:
    below = [1201.0, 3307, 2311, 6819, 4409, 1913, 2803, 9125, 15944]
    assert sums_in(below) == [(3, (0, 1, 2)), (7, (4, 5, 6)), (8, (0, 1, 2, 4, 5, 6))]
    assert sums_in(below[::-1]) == [(0, (2, 3, 4, 6, 7, 8)), (1, (2, 3, 4)), (5, (6, 7, 8))]


def test_the_sum_of_all_others_stands_anywhere() -> None:
    assert sums_in([120_417, 310_233, 501_291.5, 70_641.5]) == [(2, (0, 1, 3))]


@pytest.mark.parametrize(
    "values",
    [
        [4, 6, 10],  # small whole numbers
        [5, 3, 2, 10, 7, 3],
        [30_000, 80_000, 110_000],  # small numbers in steps of ten thousand
        [1000, 1000, 1000, 3000],
        [2500, 2500, 5000, 10_000, 20_000],
        [7, 7],
        [0, 0, 0],
        [12],
    ],
)
def test_what_adds_up_by_accident_is_no_sum(values: list[float]) -> None:
    assert sums_in(values) == []


def test_blank_and_wrong_amounts_are_no_sum() -> None:
    assert sums_in([float("nan"), -5.5, float("inf"), 12_345.5, 12_340]) == []


@pytest.mark.parametrize(
    "name",
    [
        "Summe", "SUMME:", "Gesamtsumme", "Zwischensumme Jugend", "Summe Jugendhilfe", "Jugendhilfe – Summe", "Gesamt",
        "Insgesamt", "Stadt gesamt", "Stadt (gesamt)", "Bezirk Mitte insgesamt", "Total", "Grand total", "Subtotal",
        "Total of all pots", "Zusammen", "Gesamtbetrag", "Σ",
    ],
)  # fmt: skip
def test_names_of_sums(name: str) -> None:
    assert is_called_a_sum(name)


@pytest.mark.parametrize(
    "name",
    [
        "Gesamtschule Nord", "Gesamtstadt", "Zusammen wachsen e. V.", "Wohnen zusammen leben", "Totale Institution",
        "Sumatra", "Summer school", "Total wellbeing", "Jugendhaus Mitte", "Insgesamtschau", "", "Gemeinsam", "S",
    ],
)  # fmt: skip
def test_names_that_are_no_sums(name: str) -> None:
    assert not is_called_a_sum(name)


def test_the_example_towns_hold_no_sum(auenfurt: Path) -> None:
    rules = set(read_checked(auenfurt).findings["rule"])
    assert not rules & {"sum-row", "sum-row-name"}


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(towns(Sizes(spaces=(3, 8), needs=(2, 4), offers=(6, 12), pots=(3, 5))))
def test_random_towns_hold_no_sum(case: Case) -> None:
    assert found(case).empty


def test_thousands_of_rows_hold_no_sum_by_accident_and_keep_every_real_one() -> None:
    rng = np.random.default_rng(5)
    areas = rng.integers(200, 9000, (1000, 9)).astype(float)
    assert sums_in(list(areas.ravel())) == []
    needs = rng.integers(1, 400, (10_000, 4)).astype(float)
    needs[9::10] = needs.reshape(1000, 10, 4)[:, :9].sum(axis=1)
    thing, other = np.divmod(np.arange(40_000), 4)
    every = totals(Amounts.of(thing, other, needs.ravel(), 10_000))
    believed = [one.thing for one in every if one.by_accident <= LEAST_LIKELY]
    assert believed == list(range(9, 10_000, 10))


def test_real_areas_hold_no_sum_until_one_is_added() -> None:
    file = source("berlin_lor_kita_2024") / "population_2024h2_age_planning-areas.csv"
    people = pd.read_csv(file)["inhabitants"].dropna().astype(float).tolist()
    assert sums_in(people) == []
    assert [thing for thing, _ in sums_in([*people, sum(people)])] == [len(people)]
