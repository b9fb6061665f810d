"""How columns are shown: a known kind, a label in both languages, numbers and words of the reader's language."""

from __future__ import annotations

import ast
import csv
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pandas as pd
import pytest

import allocate
from allocate.inputs import dictionary
from allocate.language import LANGUAGES, MINUS
from allocate.report.columns import WORDS, Column, column, labelled
from allocate.results.columns import columns, kind_of, unit_of

KINDS = {"text", "word", "place", "date", "yesno", "count", "units", "euro", "share", "value", "slope", "plain", "year"}
CHANGES = {"units_change", "euro_change", "share_change", "value_change"}


@pytest.mark.parametrize(
    ("name", "value", "de", "en"),
    [
        ("cost_eur", 1234567.891, "1.234.568 €", "€1,234,568"),
        ("cost_eur", -0.2, "0 €", "€0"),
        ("change_eur", 1500.0, "+1.500 €", "+€1,500"),
        ("change_eur", -1500.0, f"{MINUS}1.500 €", f"{MINUS}€1,500"),
        ("change_eur", 0.3, "0 €", "€0"),
        ("weighted_coverage", 0.480063, "48,0 %", "48.0%"),
        ("weighted_coverage_change", 0.05, "+5,0", "+5.0"),
        ("coverage_value", 0.405017, "0,4050", "0.4050"),
        ("marginal_value", 1.234567e-7, "0,1235", "0.1235"),
        ("capacity", 1234.56, "1.234,6", "1,234.6"),
        ("unit_cost", 1234.25, "1.234,25", "1,234.25"),
        ("status", "infeasible", "unlösbar", "infeasible"),
        ("met", True, "ja", "yes"),
        ("cost_eur", float("nan"), "–", "–"),
        ("name", "", "", ""),
    ],
)
def test_cells(name: str, value: object, de: str, en: str) -> None:
    for lang, expected in (("de", de), ("en", en)):
        assert column(name, lang).cells(pd.Series([value]), lang) == [expected]


def test_every_column_has_a_known_kind_and_two_labels() -> None:
    source = resources.files("allocate.results").joinpath("columns.csv")
    rows = list(csv.DictReader(source.read_text(encoding="utf-8").splitlines()))
    names = [row["column"] for row in rows]
    assert len(names) == len(set(names))
    for row in rows:
        assert row["kind"] in KINDS | CHANGES
        assert row["de"]
        assert row["en"]
    assert {row["kind"] for row in columns().values()} <= KINDS | CHANGES


def test_a_column_of_the_inputs_is_called_and_written_as_the_dictionary_says() -> None:
    """What stands in ``columns.csv`` has the word there, what does not that of its first table in the dictionary."""
    shown = {
        "fixed_cost": ("euro", "Fixkosten", "Fixed cost"), "exclusive": ("yesno", "Entweder/oder", "Either/or"),
        "available_from": ("date", "Verfügbar ab", "Available from"), "access": ("share", "Erreichbarkeit", "Access"),
        "max_capacity": ("units", "Höchstkapazität", "Greatest capacity"),
        "min_providers": ("count", "Mindestzahl der Träger", "Least number of providers"),
        "weight": ("plain", "Gewicht des Raums", "Weight of the space"), "segment": ("text", "Stufe", "Segment"),
        "unit_cost": ("plain", "Kosten je Einheit (€)", "Cost per unit (€)"),
    }  # fmt: skip
    for name, (kind, *labels) in shown.items():
        one = [column(name, lang) for lang in ("de", "en")]
        assert [each.label for each in one] == labels
        assert {each.kind for each in one} == {kind} == {unit_of(name).name}
    for table in dictionary.tables().values():
        assert not [one.name for one in table if column(one.name, "de").kind not in KINDS | CHANGES]
    assert column("a free column", "de").label == "a free column"


def test_a_year_is_written_without_a_separator() -> None:
    years = pd.Series([2003.0, float("nan")])
    for lang in LANGUAGES:
        assert Column("founded", "year", "Founded").cells(years, lang) == ["2003", "–"]
    stated = replace(dictionary.table("pot_years")["year"], name="founded")
    assert (stated.type, kind_of(stated)) == ("whole", "year")


def test_a_table_labels_its_columns_and_counts_as_declared() -> None:
    own = labelled({"places": "text"}, places="From → to", keeping_eur="Price", option="Option")
    assert {name: (one.kind, one.label) for name, one in own.items()} == {
        "places": ("text", "From → to"), "keeping_eur": ("euro", "Price"), "option": ("text", "Option"),
    }  # fmt: skip


def test_no_table_repeats_or_makes_up_what_a_column_counts() -> None:
    """Columns come from ``columns.csv``; a kind is given only where this one table holds something else."""
    calls = [
        node
        for path in Path(allocate.__file__).parent.rglob("*.py")
        if path.name != "columns.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    made = [call for call in calls if call.func.id == "Column" and len(call.args) == 3]  # type: ignore[attr-defined]
    given = {
        key.value: kind.value
        for call in calls
        if call.func.id == "labelled" and call.args and isinstance(call.args[0], ast.Dict)  # type: ignore[attr-defined]
        for key, kind in zip(call.args[0].keys, call.args[0].values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(kind, ast.Constant)
    }
    assert not made
    assert given and not [name for name, kind in given.items() if kind == unit_of(str(name)).name]


def test_the_words_of_every_status_can_be_said() -> None:
    for word in ("optimal", "evaluated", "infeasible", "limit", "error", "warning", "note", "silo", "integrated"):
        assert word in WORDS.sentences


@pytest.mark.parametrize(
    ("place", "german"),
    [
        ("changes.csv row 2", "changes.csv Zeile 2"),
        ("Meine Stadt.xlsx sheet changes row 3 column value", "Meine Stadt.xlsx Blatt changes Zeile 3 Spalte value"),
        ("Stadt.ods sheet Töpfe row 3 column Betrag je Jahr", "Stadt.ods Blatt Töpfe Zeile 3 Spalte Betrag je Jahr"),
        ("S03", "S03"),
        ("row 7", "row 7"),
    ],
)
def test_a_place_of_the_inputs_is_said_in_the_language_of_the_reader(place: str, german: str) -> None:
    assert column("place", "de").cells(pd.Series([place]), "de") == [german]
    assert column("place", "en").cells(pd.Series([place]), "en") == [place]
