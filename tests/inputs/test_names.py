"""Names beside ids."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from allocate.checking.opening import read_case
from allocate.inputs.case import Case
from allocate.inputs.names import all_called, called, called_place, named, names_of, region_names


@pytest.fixture(scope="module")
def case(auenfurt: Path) -> Case:
    return read_case(auenfurt)


@pytest.mark.parametrize(
    ("rows", "told"),
    [({"town_name": "Auenfurt"}, "Auenfurt"), ({}, "town"), ({"town_name": " "}, "town")],
)
def test_a_town_is_called_by_its_name_and_else_like_its_case(rows: dict[str, str], told: str) -> None:
    stated = pd.DataFrame({"parameter": list(rows), "value": list(rows.values())}, dtype="str")
    assert Case("town", Path("town"), {"parameters": stated}, {}).town_name == told


def test_the_example_town_has_its_name(case: Case) -> None:
    assert case.town_name == "Auenfurt"


def test_names_stand_behind_their_ids(case: Case) -> None:
    frame = pd.DataFrame({"offer_id": ["O01"], "need_id": ["N01"], "capacity": [1.0]})
    shown, columns = named(case, frame, ("offer_id", "capacity", "need_id"), "de")
    assert columns == ("offer_id", "offer_name", "capacity", "need_id", "need_name")
    assert shown["offer_name"].tolist() == ["Jugendhaus „Domino“ Altstadt"]
    assert list(frame.columns) == ["offer_id", "need_id", "capacity"]


def test_english_names_where_the_case_has_them(case: Case) -> None:
    german, english = names_of(case, "need_id", "de"), names_of(case, "need_id", "en")
    assert german["N06"] == "Begegnung und Teilhabe im Alter"
    assert english["N06"] != german["N06"]
    assert names_of(case, "space_id", "en") == names_of(case, "space_id", "de")


def test_a_blank_english_name_falls_back(case: Case) -> None:
    needs = case["needs"].copy()
    needs["name_en"] = ""
    assert names_of(case._unchecked(needs=needs), "need_id", "en") == names_of(case, "need_id", "de")


def test_an_unknown_id_stays_alone(case: Case) -> None:
    shown, _ = named(case, pd.DataFrame({"pot_id": ["P1", "P9"]}), ("pot_id",), "de")
    assert shown["pot_name"].tolist()[1] == ""


def test_a_town_without_a_table_of_names_has_blank_ones(case: Case) -> None:
    without = case._unchecked(providers=case["providers"].head(0))
    shown, _ = named(without, pd.DataFrame({"provider_id": ["PR01", "PR02"]}), ("provider_id",), "de")
    assert shown["provider_name"].tolist() == ["", ""]


def test_sentences_say_id_and_name(case: Case) -> None:
    assert called(case, "need_id", "N99", "de") == "N99"
    assert all_called(case, "need_id", ["N06", "N99"], "de") == ["N06 Begegnung und Teilhabe im Alter", "N99"]
    offers = case["offers"].copy()
    offers.loc[offers["offer_id"] == "O01", "name"] = ""
    offers.loc[offers["offer_id"] == "O02", "name"] = "O02"
    assert all_called(case._unchecked(offers=offers), "offer_id", ["O01", "O02"], "de") == ["O01", "O02"]


def test_a_place_is_a_space_or_a_region_whose_name_stands_in_either_table(case: Case) -> None:
    assert called_place(case, "S01", "de") == "S01 Altstadt"
    assert called_place(case, "R1", "de") == "R1 Planungsregion Mitte"
    assert called_place(case, "R9", "de") == "R9"
    regions = pd.DataFrame({"region_id": ["R1", "R2"], "name": ["Kernstadt", ""]})
    assert region_names(case._unchecked(regions=regions)) == {**region_names(case), "R1": "Kernstadt"}
