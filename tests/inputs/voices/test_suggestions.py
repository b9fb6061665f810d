"""Suggestions: reading and checking their table, in a file or beside the ballots in a workbook."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from allocate.errors import InputError
from allocate.inputs.findings import errors, render
from allocate.inputs.voices.ballot_form import write_ballot_form
from allocate.inputs.voices.suggestions import lines_of, read_suggestions, typed_suggestions


def written(folder: Path, text: str) -> Path:
    path = folder / "suggestions.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_in_german(tmp_path: Path) -> None:
    rows = ['1;Mehr;12.1.2027;"a:b:c=1;;d:e:f=2";Abgelehnt;2027-03-01', "2;x;;;;"]
    text = "\n".join(["suggestion_id;title;received;change;status;decided", *rows]) + "\n"
    found = read_suggestions(written(tmp_path, text))
    first, second = found.table.to_dict("records")
    assert (first["received"], first["decided"], first["status"]) == ("2027-01-12", "2027-03-01", "declined")
    assert lines_of(str(first["change"])) == ("a:b:c=1", "d:e:f=2")
    assert (second["status"], second["change"], second["made_by"]) == ("open", "", "")
    assert found.findings["rule"].tolist() == ["suggestion-unreasoned"]


@pytest.mark.parametrize(
    ("text", "rule", "row", "column"),
    [
        ("title\nx\n", "suggestion-column-missing", 1, "suggestion_id"),
        ("suggestion_id,title\n,x\n", "suggestion-blank", 2, "suggestion_id"),
        ("suggestion_id,title\n1,\n", "suggestion-blank", 2, "title"),
        ("suggestion_id,title\n1,x\n1,y\n", "suggestion-twice", 3, "suggestion_id"),
        ("suggestion_id,title,status\n1,x,maybe\n", "suggestion-status", 2, "status"),
        ("suggestion_id,title,decided\n1,x,soon\n", "suggestion-date", 2, "decided"),
    ],
)
def test_faults_name_their_cell(tmp_path: Path, text: str, rule: str, row: int, column: str) -> None:
    with pytest.raises(InputError, match="suggestions-findings") as refused:
        read_suggestions(written(tmp_path, text))
    assert refused.value.findings is not None
    wrong = errors(refused.value.findings)
    assert wrong[["rule", "row", "column"]].to_numpy().tolist() == [[rule, row, column]]
    for lang in ("de", "en"):
        assert "{" not in " ".join(render(wrong, lang)["message"])


def test_odd_dates_and_missing_reasons_are_warnings(tmp_path: Path) -> None:
    text = "suggestion_id,title,received,decided,status\n1,x,2027-02-01,2027-01-01,accepted\n"
    found = read_suggestions(written(tmp_path, text)).findings
    assert found["rule"].tolist() == ["suggestion-early", "suggestion-unreasoned"]
    assert found["severity"].unique().tolist() == ["warning"]


def test_the_sheet_of_the_form_is_found_among_the_ballots(tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    write_ballot_form(path, [], title="Town", lang="de")
    book = openpyxl.load_workbook(path)
    sheet = book["suggestions"]
    for at, value in enumerate(["A1", "=1+1", "Forum", None, "offers:O1:max_capacity+5\noffers:O2:max_capacity+5"], 1):
        cell = sheet.cell(2, at, value)
        cell.data_type = "s" if value else cell.data_type
    book.save(path)
    row = read_suggestions(path).table.iloc[0]
    assert (row["suggestion_id"], row["title"]) == ("A1", "=1+1")
    assert len(lines_of(row["change"])) == 2


def test_typed_suggestions_get_the_next_free_numbers(tmp_path: Path) -> None:
    others = read_suggestions(written(tmp_path, "suggestion_id,title\n1,x\n")).table
    table = typed_suggestions(["offers:O1:max_capacity=5", "more: light"], others)
    assert table["suggestion_id"].tolist() == ["1", "2", "3"]
    assert table["change"].tolist() == ["", "offers:O1:max_capacity=5", ""]
    assert table["status"].tolist() == ["open"] * 3
