"""German and English words for tables, columns, choices and settings: each means one thing, and is read as its name."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from allocate.checking.opening import read_case, read_checked
from allocate.inputs import dictionary
from allocate.inputs.dictionary import choice_word, further_words
from allocate.inputs.findings import render
from allocate.inputs.reading.package import read_tables
from allocate.inputs.reading.raw import translated
from allocate.inputs.scenario.changes import parse_change
from allocate.inputs.scenario.saving import save_scenario
from allocate.inputs.vocabulary import choice_of, column_of, columns, plain, setting_of, table_of, table_word
from allocate.inputs.workbook.marking import write_marked
from allocate.language import LANGUAGES
from tests.inputs.smalltown import TOWN, Rows, places, rules, town, write


def in_words(tables: dict[str, Rows]) -> dict[str, Rows]:
    """The tables with German names and heads."""
    return {
        table_word(name, "de"): [[dictionary.table(name)[column].label_de for column in rows[0]], *rows[1:]]
        for name, rows in tables.items()
    }


def test_no_word_of_a_table_means_two_columns() -> None:
    for name, table in dictionary.tables().items():
        described = [*table, *dictionary.common_columns().values()]
        meant: dict[str, set[str]] = {}
        for column in described:
            further = further_words().get((name, column.name, ""), {})
            for word in (column.label_de, column.label_en, *(one for words in further.values() for one in words)):
                meant.setdefault(plain(word), set()).add(column.name)
        assert not {word: names for word, names in meant.items() if len(names) > 1}, name
        own = {plain(column.name): column.name for column in described}
        assert not {word for word, names in meant.items() if word in own and own[word] not in names}, name


def test_every_label_and_word_is_read_as_its_name() -> None:
    for name, table in dictionary.tables().items():
        words = [w for lang in LANGUAGES for w in (table.label(lang), table_word(name, lang))]
        assert {table_of(word) for word in words} == {name}
        assert len(table_word(name, "de")) <= 31  # characters in the name of a sheet
        for column in table:
            assert {column_of(name, column.label(lang)) for lang in LANGUAGES} == {column.name}
            for choice in column.choices:
                assert {choice_of(column, choice_word(choice, lang)) for lang in LANGUAGES} == {choice}
    for name, setting in dictionary.parameters().items():
        assert {setting_of(setting.label(lang)) for lang in LANGUAGES} == {name}


def test_every_further_word_stands_for_something() -> None:
    for table, column, choice in further_words():
        if choice:
            assert any(choice in one.choices for name in dictionary.tables().values() for one in name) or choice in (
                "in_principle",
                "insert",
                "remove",
                "copy",
            )
        else:
            assert not column or column in columns(table).values()


@pytest.mark.parametrize(
    "head", ["Kosten je Platz", "kosten  je platz", "Kosten je Einheit (EUR)", "Unit cost *", "\ufeffunit_cost"]
)
def test_words_are_taken_without_what_does_not_matter(head: str) -> None:
    assert column_of("offers", head) == "unit_cost"


@pytest.mark.parametrize("head", ["Name (englisch)", "Titel", "Kosten", ""])
def test_other_words_stay_free(head: str) -> None:
    assert column_of("offers", head) == ""


def test_a_german_folder_is_the_same_town_and_is_spoken_of_in_its_words(tmp_path: Path) -> None:
    english = read_tables(write(tmp_path / "en", TOWN))
    folder = write(tmp_path / "de", in_words(TOWN))
    result = read_tables(folder)
    assert not rules(result.findings, "error", "warning", "note")
    assert result.case.fingerprint == english.case.fingerprint
    assert result.case.place("offers", 2, "unit_cost") == "Angebote.csv row 2 column Kosten je Einheit"
    rows = in_words(town(offers=[TOWN["offers"][0], ["O1", "x", "viel", "-1", "", ""]]))
    findings = read_checked(write(folder, rows)).findings
    assert places(findings, "read-number") == [("Angebote.csv", 2, "unit_cost", "viel")]
    for lang in LANGUAGES:
        shown = render(findings, lang).set_index("rule")
        assert shown.loc["read-number", "column"] == "Kosten je Einheit"
        assert "Kosten je Einheit" in str(shown.loc["read-number", "message"])
        assert shown.loc["number-negative", "column"] == "Höchstkapazität"


def test_a_missing_column_is_called_as_the_others_are(tmp_path: Path) -> None:
    rows = in_words(TOWN)
    rows["Angebote"] = [[cell for at, cell in enumerate(row) if at != 2] for row in rows["Angebote"]]
    shown = render(read_checked(write(tmp_path, rows)).findings, "de").set_index("rule")
    assert shown.loc["read-column-missing", "column"] == "Kosten je Einheit"
    assert shown.index.tolist().count("read-column-missing") == 1


def test_a_label_beside_its_name_is_a_column_of_its_own(tmp_path: Path) -> None:
    rows = [["space_id", "name", "Name"], ["007", "Mitte", "Altstadt"], ["S2", "Nord", "Neustadt"]]
    case = read_tables(write(tmp_path, town(spaces=rows))).case
    assert case["spaces"]["name"].tolist() == ["Mitte", "Nord"]
    assert case["spaces"]["Name"].tolist() == ["Altstadt", "Neustadt"]


def _joined(table: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([table, rows.set_axis(pd.Index([99], name=table.index.name))])


SCENARIOS = [["scenario_id", "title", "pooling"], ["A", "heute", "silo"], ["B", "gemeinsam", "integrated"]]
CHANGES = [
    ["scenario_id", "table", "key", "column", "how", "value", "reason"],
    ["B", "offers", "O1", "unit_cost", "multiply", "1.1", "r"],
    ["B", "needs", "N1", "duty", "set", "mandatory", "r"],
    ["B", "parameters", "equity_weight", "value", "set", "0.05", "r"],
]
PARAMETERS = [["parameter", "value"], ["equity_weight", "0.03"], ["plan_year", "2027"]]
NEEDS = [["need_id", "name", "unit", "weight", "duty"], ["N1", "Beratung", "Fälle/Jahr", "1.5", "voluntary"]]


def test_a_name_or_label_counts_before_another_word() -> None:
    assert translated("offers", ["Angebot", "Name"]) == ["Angebot", "name"]
    assert translated("offers", ["Angebot", "name"]) == ["Angebot", "name"]
    assert translated("offers", ["Angebot"]) == ["name"]


def test_choices_settings_and_changes_in_german(tmp_path: Path) -> None:
    english = town(scenarios=SCENARIOS, changes=CHANGES, parameters=PARAMETERS, needs=NEEDS)
    german = in_words(english)
    german["Szenarien"][1][2], german["Szenarien"][2][2] = "getrennt", "Integriert"
    german["Bedarfe"][1][4] = "freiwillig"
    german["Einstellungen"][1][0], german["Einstellungen"][2][0] = "Gewicht der geringsten Deckung", "Haushaltsjahr"
    german["Änderungen"][1:] = [
        ["B", "Angebote", "O1", "Kosten je Platz", "malnehmen", "1.1", "r"],
        ["B", "Bedarfe", "N1", "Pflichtigkeit", "setzen", "Pflicht", "r"],
        ["B", "Einstellungen", "Gewicht der geringsten Deckung", "Wert", "setzen", "0.05", "r"],
    ]
    one, other = read_checked(write(tmp_path / "en", english)), read_checked(write(tmp_path / "de", german))
    assert not rules(one.findings, "error") and not rules(other.findings, "error")
    assert one.case.fingerprint == other.case.fingerprint


def test_a_choice_that_means_nothing_is_shown_as_written(tmp_path: Path) -> None:
    rows = [NEEDS[0], ["N1", "Beratung", "Fälle", "1", "vielleicht"]]
    findings = read_checked(write(tmp_path, town(needs=rows))).findings
    assert places(findings, "choice-unknown") == [("needs.csv", 2, "duty", "vielleicht")]


def test_a_quick_change_in_german() -> None:
    change = parse_change("Angebote:O1:Kosten je Platz*1,1", "r")
    assert (change.table, change.key, change.column, change.how, change.value) == (
        "offers",
        "O1",
        "unit_cost",
        "multiply",
        "1.1",
    )
    change = parse_change("Bedarfe:N1:Pflichtigkeit=Pflicht", "r")
    assert (change.table, change.column, change.value) == ("needs", "duty", "mandatory")


@pytest.mark.parametrize("kind", ["folder", "workbook"])
def test_a_scenario_is_saved_under_the_heads_of_the_file(tmp_path: Path, kind: str) -> None:
    tables = in_words(town(scenarios=SCENARIOS, changes=CHANGES))
    if kind == "folder":
        path = write(tmp_path / "town", tables)
    else:
        path = tmp_path / "town.xlsx"
        book = openpyxl.Workbook()
        book.remove(book["Sheet"])
        for name, lines in tables.items():
            sheet = book.create_sheet(name)
            sheet.append(["Titel"])
            for row in lines:
                sheet.append(row)
        book.save(path)
    case = read_case(path)
    own = case["scenarios"].iloc[[1]].assign(scenario_id="C", parent_id="B", max_moved=5.0)
    row = case["changes"].iloc[[0]].assign(scenario_id="C", value="1.2")
    more = case.with_tables(
        scenarios=_joined(case["scenarios"], own),
        changes=_joined(case["changes"], row),
    )
    save_scenario(more, "C")
    again = read_case(path)
    saved = again["scenarios"].set_index("scenario_id").loc["C"]
    assert (saved["parent_id"], saved["pooling"], saved["max_moved"]) == ("B", "integrated", 5)
    assert again["changes"].iloc[-1][["scenario_id", "table", "column", "value"]].tolist() == [
        "C",
        "offers",
        "unit_cost",
        "1.2",
    ]
    assert again.sources["scenarios"].head("max_moved") == "Höchste Umsteuerung"


def test_a_marked_copy_of_a_german_folder_has_its_findings_at_their_cells(tmp_path: Path) -> None:
    rows = in_words(town(offers=[TOWN["offers"][0], ["O1", "x", "viel", "5", "", ""]]))
    read = read_checked(write(tmp_path / "town", rows))
    book = openpyxl.load_workbook(write_marked(read, tmp_path / "marked.xlsx", "de").path)
    assert book["offers"]["C2"].comment is not None
    assert book["offers"]["D2"].value == 5
