"""Findings keep rule and values and are said in the reader's language."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allocate.inputs import findings
from allocate.inputs.case import Source
from allocate.inputs.findings import COLUMNS, FindingList, errors, join, render
from allocate.language import LANGUAGES, Texts

READING = Texts("allocate.inputs").sentences
RULES = [key for key in READING if not key.endswith("-fix")]


def test_a_finding_has_its_place_and_both_languages() -> None:
    found = FindingList()
    found.add("read-number", Source("t.xlsx", "pots"), row=7, column="amount", value="viel")
    german, english = render(found.table(), "de").iloc[0], render(found.table(), "en").iloc[0]
    assert list(german.index) == list(COLUMNS)
    assert german[["severity", "rule", "file", "sheet", "row", "column", "value"]].tolist() == [
        "error",
        "read-number",
        "t.xlsx",
        "pots",
        7,
        "amount",
        "viel",
    ]
    assert german["message"] == "„viel“ in der Spalte „amount“ ist keine Zahl."
    assert english["message"] == "'viel' in the column 'amount' is not a number."
    assert german["fix"] and english["fix"] and german["fix"] != english["fix"]


def test_many_findings_at_once() -> None:
    found = FindingList()
    rows = pd.Index([3, 9])
    found.add_many("read-row-ragged", Source("a.csv"), rows=rows, value=["x", "y"], found=np.array([1, 2]), expected=3)
    table = found.table()
    assert table["row"].tolist() == [3, 9] and table["value"].tolist() == ["x", "y"]
    assert [re.findall(r"\d", message) for message in table["message"]] == [["1", "3"], ["2", "3"]]
    assert len(found) == 2 and found.count() == 2 and found.rules() == {"read-row-ragged"}


def test_none_is_a_table_too() -> None:
    table = FindingList().table()
    assert list(render(table, "de").columns) == list(COLUMNS) and table.empty
    assert errors(table).empty and join(table, table).empty


def test_errors_come_first_and_keep_their_order() -> None:
    found = FindingList()
    found.add("read-table-free", severity="note", value="a")
    found.add("read-table-free", severity="error", value="b")
    found.add("read-table-free", severity="warning", value="c")
    found.add("read-table-free", severity="error", value="d")
    assert render(found.table(), "en")["value"].tolist() == ["b", "d", "c", "a"]
    assert errors(found.table())["value"].tolist() == ["b", "d"]


def test_an_unknown_severity_is_refused() -> None:
    with pytest.raises(ValueError, match="fatal"):
        FindingList().add("read-number", severity="fatal")


def test_whole_numbers_are_shown_as_such() -> None:
    found = FindingList()
    found.add("read-number", value=7.0)
    found.add("read-number", value=7.5)
    assert found.table()["value"].tolist() == ["7", "7.5"]


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_says_what_to_do_next_in_both_languages(rule: str) -> None:
    for key in (rule, f"{rule}-fix"):
        for lang in LANGUAGES:
            text = READING[key][lang]
            assert (text[-1] in ".:}" and text[0] == text[0].upper()) or text.startswith("allocate")
    names = {lang: set(re.findall(r"{(\w+)}", READING[rule][lang])) for lang in LANGUAGES}
    assert {n.removesuffix("_de") for n in names["de"]} == {n.removesuffix("_en") for n in names["en"]}


def test_every_sentence_of_reading_is_used() -> None:
    """A rule nobody reports would be a promise the program does not keep."""
    room = Path(findings.__file__).parent
    sources = "".join(file.read_text(encoding="utf-8") for file in room.rglob("*.py"))
    unused = [rule for rule in RULES if f'"{rule}"' not in sources]
    assert unused == ["read-file-binary", "read-file-encoding"]  # named by the reason why a file is unreadable
    assert findings.ERROR == "error"
