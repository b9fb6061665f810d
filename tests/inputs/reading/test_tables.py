"""Cells become typed columns with defaults; every cell that does not fit is found with its place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allocate.inputs import dictionary
from allocate.inputs.dialect import read_numbers
from allocate.inputs.findings import render
from allocate.inputs.reading.package import read_tables
from tests.inputs.smalltown import TOWN, places, rules, town, write


def test_the_example_has_the_types_of_the_contract(auenfurt: Path) -> None:
    result = read_tables(auenfurt)
    assert not rules(result.findings)
    for name, table in dictionary.tables().items():
        frame = result.case[name]
        assert list(frame.columns[: len(table.names)]) == list(table.names)
        for column in table:
            kind = "float64" if column.is_numeric else "bool" if column.is_boolean else "str"
            assert str(frame[column.name].dtype) == kind, (name, column.name)
            if kind == "str":
                assert not frame[column.name].isna().any()
    assert result.case["offers"].shape[0] == 37
    assert result.case["reach"].index[0] == 2
    assert result.case["pots"].loc[2, "themes"] == "T1;T2;T4"
    assert result.case["pots"]["pooled"].tolist() == [True, True, True, False, False, False]
    assert result.case.number("equity_weight") == 0.02


def test_indicators_of_spaces_are_numbers_and_ids_stay_text(tmp_path: Path) -> None:
    rows = [
        ["space_id", "name", "rate_pct", "class", "zone", "block_id", "empty"],
        ["007", "Mitte", "9.5", "hoch", "01", "12", ""],
        ["8", "Nord", "", "12", "02", "13", ""],
    ]
    spaces = read_tables(write(tmp_path, town(spaces=rows))).case["spaces"]
    assert spaces["space_id"].tolist() == ["007", "8"]
    np.testing.assert_array_equal(spaces["rate_pct"], [9.5, np.nan])
    assert spaces["class"].tolist() == ["hoch", "12"]
    assert spaces["zone"].tolist() == ["01", "02"]
    assert spaces["block_id"].tolist() == ["12", "13"]
    assert spaces["empty"].tolist() == ["", ""]


def test_uncertain_indicators_are_a_warning_and_stay_text(tmp_path: Path) -> None:
    rows = [["space_id", "name", "index"], ["007", "Mitte", "1.125"], ["S2", "Nord", "2.250"]]
    result = read_tables(write(tmp_path, town(spaces=rows)))
    found = result.findings[result.findings["rule"] == "read-number-ambiguous"]
    assert found["severity"].tolist() == ["warning", "warning"]
    assert result.case["spaces"]["index"].tolist() == ["1.125", "2.250"]


def test_free_columns_are_carried_and_comments_are_not(tmp_path: Path) -> None:
    rows = [["pot_id", "name", "amount", "colour", "comment", "_old", "Comment"], ["P1", "a", "5", "rot", "x", "9", ""]]
    result = read_tables(write(tmp_path, town(pots=rows)))
    assert not rules(result.findings)
    assert result.case["pots"]["colour"].tolist() == ["rot"]
    assert not {"comment", "_old", "Comment"} & set(result.case["pots"].columns)


@pytest.mark.parametrize("word", ["yes", "ja", "TRUE", "1", "Ja", " true ", "WAHR"])
def test_words_for_yes(tmp_path: Path, word: str) -> None:
    rows = [["pot_id", "name", "amount", "pooled"], ["P1", "a", "5", word]]
    assert read_tables(write(tmp_path, town(pots=rows))).case["pots"]["pooled"].tolist() == [True]


@pytest.mark.parametrize("word", ["no", "nein", "FALSE", "0", "", "Falsch"])
def test_words_for_no(tmp_path: Path, word: str) -> None:
    rows = [["pot_id", "name", "amount", "pooled"], ["P1", "a", "5", word]]
    result = read_tables(write(tmp_path, town(pots=rows)))
    assert not rules(result.findings)
    assert result.case["pots"]["pooled"].tolist() == [False]


def test_other_words_are_neither_yes_nor_no(tmp_path: Path) -> None:
    rows = [["pot_id", "offer_id", "allowed"], ["P1", "O1", "vielleicht"], ["P1", "O2", ""]]
    findings = read_tables(write(tmp_path, town(eligibility=rows))).findings
    assert places(findings, "read-yes-no") == [("eligibility.csv", 2, "allowed", "vielleicht")]
    assert places(findings, "read-yes-no-blank") == [("eligibility.csv", 3, "allowed", "")]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("O1;O2", "O1;O2"), ("O1|O2", "O1;O2"), (" O1 ; ; O2;", "O1;O2"), ("O1", "O1"), (";", ""), ("O 1|O2 ", "O 1;O2")],
)
def test_lists(tmp_path: Path, cell: str, expected: str) -> None:
    rows = [["pot_id", "name", "amount", "offers"], ["P1", "a", "5", cell]]
    assert read_tables(write(tmp_path, town(pots=rows), separator=";")).case["pots"]["offers"].tolist() == [expected]


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("viel", "read-number"),
        ("-", "read-number"),
        ("k. A.", "read-number"),
        ("NaN", "read-number-not-finite"),
        ("-inf", "read-number-not-finite"),
        ("45 %", "read-number-percent"),
        ("1234 €", "read-number-unit"),
        ("1234,50 EUR", "read-number-unit"),
        ("#DIV/0!", "read-cell-error"),
        ("#NV", "read-cell-error"),
        ("1,5,6", "read-number"),
        ("ja", "read-number"),
    ],
)
def test_what_is_no_number(tmp_path: Path, cell: str, rule: str) -> None:
    rows = [["pot_id", "name", "amount"], ["P1", "a", "5"], ["P2", "b", cell]]
    findings = read_tables(write(tmp_path, town(pots=rows))).findings
    assert places(findings, rule) == [("pots.csv", 3, "amount", cell)]
    assert rules(findings) == {rule}


def test_formula_errors_are_found_in_text_too(tmp_path: Path) -> None:
    rows = [["pot_id", "name", "amount", "note"], ["P1", "#REF!", "5", "#BEZUG!"], ["P2", "#1 Topf", "5", ""]]
    findings = read_tables(write(tmp_path, town(pots=rows))).findings
    assert places(findings, "read-cell-error") == [
        ("pots.csv", 2, "name", "#REF!"),
        ("pots.csv", 2, "note", "#BEZUG!"),
    ]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2028-12-31", "2028-12-31"),
        ("31.12.2028", "2028-12-31"),
        ("1. 3. 2028", "2028-03-01"),
        ("2028-1-5", "2028-01-05"),
    ],
)
def test_dates(tmp_path: Path, cell: str, expected: str) -> None:
    offers = [["offer_id", "name", "unit_cost", "max_capacity", "contract_end"], ["O1", "a", "1", "1", cell]]
    result = read_tables(write(tmp_path, town(offers=offers)))
    assert not rules(result.findings)
    assert result.case["offers"]["contract_end"].tolist() == [expected]


@pytest.mark.parametrize("cell", ["31.02.2028", "12/31/2028", "2028", "bald", "2028-13-01", "47118"])
def test_what_is_no_date(tmp_path: Path, cell: str) -> None:
    offers = [["offer_id", "name", "unit_cost", "max_capacity", "contract_end"], ["O1", "a", "1", "1", cell]]
    findings = read_tables(write(tmp_path, town(offers=offers))).findings
    assert places(findings, "read-date") == [("offers.csv", 2, "contract_end", cell)]


def test_the_date_of_a_figure_may_be_a_year(tmp_path: Path) -> None:
    rows = [["space_id", "need_id", "demand", "as_of", "source"], ["007", "N1", "5", "2024", "Register"]]
    result = read_tables(write(tmp_path, town(demand=rows)))
    assert not rules(result.findings)
    assert result.case["demand"][["as_of", "source"]].iloc[0].tolist() == ["2024", "Register"]


def test_missing_columns_and_tables(tmp_path: Path) -> None:
    rows = [["offer_id", "name", "max_capacity"], ["O1", "a", "1"]]
    findings = read_tables(write(tmp_path, town(offers=rows, effects=None))).findings
    assert places(findings, "read-column-missing") == [("offers.csv", 1, "unit_cost", "")]
    assert places(findings, "read-table-missing") == [("effects.csv", None, "", "")]


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("max_capcity", "max_capacity"),
        ("Max_Capacity", "max_capacity"),
        ("max capacity", "max_capacity"),
        ("max-capacity", "max_capacity"),
        ("maxcapacity", "max_capacity"),
        ("Höchstkapazitat", "max_capacity"),
    ],
)
def test_nearly_known_names_are_found_with_the_right_one(tmp_path: Path, name: str, known: str) -> None:
    rows = [["offer_id", "name", "unit_cost", name], ["O1", "a", "1", "1"]]
    findings = read_tables(write(tmp_path, town(offers=rows))).findings
    assert places(findings, "read-column-near") == [("offers.csv", 1, name, "")]
    assert f"'{known}'" in findings.loc[findings["rule"] == "read-column-near", "message"].iloc[0]
    assert rules(findings, "error") == {"read-column-near"}


@pytest.mark.parametrize("name", ["name_de", "status", "gross_unit_cost", "min_capacity", "capacity_per_fte", "Ort"])
def test_free_names_are_no_finding(tmp_path: Path, name: str) -> None:
    offers = [["offer_id", "name", "unit_cost", "max_capacity", name], ["O1", "a", "1", "1", "x"]]
    assert not rules(read_tables(write(tmp_path, town(offers=offers))).findings)


def test_a_second_similar_name_is_only_a_warning(tmp_path: Path) -> None:
    offers = [["offer_id", "name", "unit_cost", "max_capacity", "max_capacity2"], ["O1", "a", "1", "1", "2"]]
    findings = read_tables(write(tmp_path, town(offers=offers))).findings
    assert rules(findings, "warning") == {"read-column-near"} and not rules(findings, "error")


def test_names_given_twice(tmp_path: Path) -> None:
    rows = [["space_id", "name", "name"], ["007", "Mitte", "M"], ["S2", "Nord", "N"]]
    result = read_tables(write(tmp_path, town(spaces=rows)))
    assert places(result.findings, "read-header-twice") == [("spaces.csv", 1, "name", "")]
    assert result.case["spaces"]["name"].tolist() == ["Mitte", "Nord"]


def test_values_of_changes_and_parameters_are_put_in_plain_notation(tmp_path: Path) -> None:
    changes = [
        ["scenario_id", "table", "key", "column", "how", "value", "reason"],
        ["A", "pots", "P1", "amount", "multiply", "0,9", "Kürzung"],
        ["A", "pots", "P1", "amount", "set", "1.234", "Beschluss"],
        ["A", "offers", "O1", "provider_id", "set", "007", "Trägerwechsel"],
        ["A", "pots", "P1", "offers", "set", "1.234;2", "andere Angebote"],
        ["A", "offers", "*", "free_number", "add", "2,5", "Zuschlag"],
    ]
    scenarios = [["scenario_id", "title"], ["A", "a"]]
    parameters = [["parameter", "value"], ["equity_weight", "0,05"], ["currency", "EUR"], ["plan_year", "2027"]]
    tables = town(changes=changes, scenarios=scenarios, parameters=parameters)
    result = read_tables(write(tmp_path, tables, separator=";"))
    assert not rules(result.findings)
    assert result.case["changes"]["value"].tolist() == ["0.9", "1234", "007", "1.234;2", "2.5"]
    assert result.case.number("equity_weight") == 0.05
    assert result.case.number("plan_year") == 2027
    assert result.case.parameter("currency") == "EUR"
    assert result.case.number("duplication_weight") == 0.1


def test_a_change_that_could_mean_two_numbers_is_reported(tmp_path: Path) -> None:
    changes = [
        ["scenario_id", "table", "key", "column", "how", "value", "reason"],
        ["A", "pots", "P1", "amount", "set", "1.234", "Beschluss"],
    ]
    findings = read_tables(write(tmp_path, town(changes=changes))).findings
    assert places(findings, "read-number-ambiguous") == [("changes.csv", 2, "value", "1.234")]


def test_what_a_town_need_not_write(tmp_path: Path) -> None:
    case = read_tables(write(tmp_path, TOWN)).case
    assert case["segments"][["from", "to", "value"]].iloc[0].tolist() == [0, 1, 1]
    assert case["scenarios"]["scenario_id"].tolist() == ["status_quo", "silo", "integrated"]
    assert case["scenarios"]["evaluate"].tolist() == [True, False, False]
    assert case["scenarios"]["pooling"].tolist() == ["silo", "silo", "integrated"]
    assert case["scenarios"]["floor_sets"].tolist() == ["base"] * 3
    assert case["parameters"]["parameter"].tolist() == list(dictionary.parameters())
    assert case["spaces"]["weight"].tolist() == [1, 1]
    assert case["reach"].empty and str(case["reach"]["access"].dtype) == "float64"


def test_settings_with_a_free_column_are_completed(tmp_path: Path) -> None:
    parameters = [["parameter", "value", "decided_by"], ["plan_year", "2027", "Rat"]]
    table = read_tables(write(tmp_path, town(parameters=parameters))).case["parameters"]
    assert table["decided_by"].tolist() == ["Rat", *[""] * (len(dictionary.parameters()) - 1)]
    assert table.index.tolist() == [2, *range(0, 1 - len(dictionary.parameters()), -1)]


def test_without_pooled_pots_there_is_no_integrated_scenario(tmp_path: Path) -> None:
    rows = [["pot_id", "name", "amount"], ["P1", "a", "5"]]
    case = read_tables(write(tmp_path, town(pots=rows))).case
    assert case["scenarios"]["scenario_id"].tolist() == ["status_quo", "silo"]


def test_header_without_rows(tmp_path: Path) -> None:
    result = read_tables(write(tmp_path, town(needs=[["need_id", "name", "unit"]])))
    assert result.case["needs"].empty
    assert str(result.case["needs"]["weight"].dtype) == "float64"


def test_the_advice_for_a_number_that_reads_twice_is_in_the_notation_of_the_reader(tmp_path: Path) -> None:
    """What is advised reads in one way only, and is what was meant."""
    rows = [["space_id", "need_id", "demand"], ["007", "N1", "3.907"], ["S2", "N1", "80"]]
    findings = read_tables(write(tmp_path, town(demand=rows))).findings
    fixes = {lang: render(findings, lang)["fix"].iloc[0] for lang in ("de", "en")}
    assert fixes["de"].startswith("Schreiben Sie 3,9070, wenn 3,907 gemeint ist, und 3907,")
    assert fixes["en"].startswith("Write 3.9070 where 3.907 is meant, and 3907 ")
    for advised in ("3,9070", "3.9070"):
        readings = read_numbers(pd.Series([advised]))
        assert [one for one in (readings.point[0], readings.comma[0]) if not np.isnan(one)] == [3.907]


def test_the_advice_in_a_file_that_mixes_notations_is_in_that_of_most_numbers(tmp_path: Path) -> None:
    offers = [["offer_id", "name", "unit_cost", "max_capacity"]]
    offers += [["O1", "a", "1,5", "3.907"], ["O2", "b", "2,5", "1.5"], ["O3", "c", "3,5", "1"]]
    findings = read_tables(write(tmp_path, town(offers=offers))).findings
    fix = render(findings, "en").set_index("rule").loc["read-number-ambiguous", "fix"]
    assert str(fix).startswith("Write 3,9070 ")


@pytest.mark.parametrize("cell", ["viel", "inf", "#DIV/0!"])
def test_a_blank_is_no_way_out_where_a_cell_must_be_filled(tmp_path: Path, cell: str) -> None:
    head = ["offer_id", "name", "unit_cost", "max_capacity", "baseline_capacity"]
    findings = read_tables(write(tmp_path, town(offers=[head, ["O1", "a", cell, "1", cell]]))).findings
    for lang, ways in {"de": ("leer sein", "eine leere Zelle"), "en": ("may not be blank", "blank")}.items():
        needed, optional = render(findings, lang).set_index("column").loc[["unit_cost", "baseline_capacity"], "fix"]
        assert ways[0] in needed and ways[0] not in optional
