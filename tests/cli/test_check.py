"""``allocate check``: all findings at once, with place and remedy."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest

from tests.cli.conftest import Call

COLUMNS = ["severity", "rule", "file", "sheet", "row", "column", "value", "message", "fix"]


def spoil(town: Path) -> None:
    """Three faults in three tables: a negative amount, an unknown id, a nearly known column."""
    for file, old, new in [
        ("pots.csv", ",1140000,", ",-5,"),
        ("effects.csv", "O01,N01", "O01,N99"),
        ("offers.csv", "max_capacity", "max_capcity"),
    ]:
        text = (town / file).read_text(encoding="utf-8")
        assert old in text
        (town / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_example_town_has_no_errors(call: Call) -> None:
    ended = call("check", "auenfurt", "--format", "json")
    assert (ended.code, ended.err) == (0, "")
    document = json.loads(ended.out)
    assert list(document) == ["case", "counts", "findings"]
    assert document["case"] == "auenfurt"
    assert document["counts"]["error"] == 0
    assert all(list(finding) == COLUMNS for finding in document["findings"])


def test_all_faults_are_found_at_once_and_end_with_two(call: Call, town: Path) -> None:
    spoil(town)
    ended = call("check", str(town), "--format", "csv")
    assert ended.code == 2
    rows = list(csv.DictReader(io.StringIO(ended.out)))
    assert list(rows[0]) == COLUMNS
    errors = {(row["file"], row["row"], row["column"]) for row in rows if row["severity"] == "error"}
    assert {("pots.csv", "2", "amount"), ("effects.csv", "2", "need_id")} <= errors
    assert any(row["file"] == "offers.csv" and "max_capacity" in row["message"] + row["fix"] for row in rows)


@pytest.mark.parametrize(("lang", "words"), [("de", ("Zeile 2", "Fehler")), ("en", ("row 2", "error"))])
def test_the_table_names_place_and_remedy_in_both_languages(
    call: Call, town: Path, lang: str, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    spoil(town)
    ended = call("check", str(town), "--lang", lang)
    assert ended.code == 2
    for word in words:
        assert word in ended.out


def test_findings_in_a_file_are_spoken_of_at_the_terminal(call: Call, town: Path, tmp_path: Path) -> None:
    spoil(town)
    ended = call("check", str(town), "-o", str(tmp_path / "findings.json"), "--lang", "en")
    assert (ended.code, ended.out) == (2, "")
    assert "error" in ended.err and ended.err.count("\n") == 1


def test_a_run_of_a_faulty_case_points_to_check_and_shows_no_plan(call: Call, town: Path) -> None:
    spoil(town)
    ended = call("run", str(town), "-s", "SZ1", "--format", "json")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("[case-findings] ")
    assert "allocate check" in ended.err
    # One line for the case, one for each group of equal findings.
    assert all(line.startswith("[") for line in ended.err.splitlines())


def test_a_run_names_groups_of_findings_not_thousands(call: Call, town: Path) -> None:
    file = town / "demand.csv"
    head, *rows = file.read_text(encoding="utf-8-sig").splitlines()
    file.write_text("\n".join([head, *(",".join([*row.split(",")[:2], "x", ""]) for row in rows)]), encoding="utf-8")
    ended = call("run", str(town), "-s", "SZ1", "--lang", "en")
    first, second, *others = ended.err.splitlines()
    assert first.startswith("[case-findings] ")
    assert second.startswith("[read-number] demand.csv rows 2, 3, 4 … column demand: ")
    assert f"{len(rows)} findings of one kind" in second and not others


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02\xff", b"PK\x03\x04broken"], ids=["empty", "binary", "zip"])
@pytest.mark.parametrize("name", ["town.xlsx", "town.csv", "town"])
def test_a_file_that_is_no_case_is_one_line(call: Call, tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    ended = call("check", str(path))
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("[case-")
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize(("lang", "sheet"), [("de", "_Befunde"), ("en", "_Findings")])
def test_a_marked_copy_is_written_beside_the_answer(
    call: Call, town: Path, tmp_path: Path, lang: str, sheet: str
) -> None:
    spoil(town)
    target = tmp_path / "marked.xlsx"
    ended = call("check", str(town), "--marked", str(target), "--lang", lang, "--format", "json")
    assert ended.code == 2
    document = json.loads(ended.out)
    book = openpyxl.load_workbook(target)
    messages = [row[4].value for row in book[sheet].iter_rows()]
    assert all(finding["message"] in messages for finding in document["findings"])
    assert document["marked"]["path"] == str(target)
    assert document["marked"]["at_cells"] >= document["counts"]["error"] >= 3
    note = book["pots"].cell(2, [cell.value for cell in book["pots"][1]].index("amount") + 1).comment
    assert note is not None and "\N{MINUS SIGN}5" in note.text


def test_the_original_is_no_place_for_the_copy(call: Call, tmp_path: Path) -> None:
    call("init", str(tmp_path / "town.xlsx"), "--lang", "de")
    before = (tmp_path / "town.xlsx").read_bytes()
    ended = call("check", str(tmp_path / "town.xlsx"), "--marked", str(tmp_path / "town.xlsx"))
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("[output-is-input] ") and ended.err.count("\n") == 1
    assert (tmp_path / "town.xlsx").read_bytes() == before


@pytest.mark.parametrize("width", ["20", "40", "60"])
def test_a_narrow_terminal_keeps_the_sentences(
    call: Call, town: Path, width: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wrong and what to do is what a planner came for."""
    spoil(town)
    findings = json.loads(call("check", str(town), "--lang", "en", "--format", "json").out)["findings"]
    monkeypatch.setenv("COLUMNS", width)
    shown = "".join(call("check", str(town), "--lang", "en").out.split())
    worst = [finding for finding in findings if finding["severity"] == "error"]
    assert worst
    for finding in worst:
        assert "".join(finding["message"].split()) in shown
        assert "".join(finding["fix"].split()) in shown


@pytest.mark.parametrize("width", ["100", "130"])
def test_a_rule_is_never_broken_where_there_is_room(
    call: Call, tmp_path: Path, width: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planner looks the rule up by its name."""
    town = tmp_path / "town"
    call("init", str(town), "--lang", "en")
    feature = {"type": "Feature", "properties": {"name": "river"}, "geometry": None}
    document = {"type": "FeatureCollection", "features": [feature]}
    (town / "spaces.geojson").write_text(json.dumps(document), encoding="utf-8")
    rules = {one["rule"] for one in json.loads(call("check", str(town), "--format", "json").out)["findings"]}
    assert max(map(len, rules)) > 20
    monkeypatch.setenv("COLUMNS", width)
    assert rules <= set(call("check", str(town)).out.split())


@pytest.mark.parametrize("name", ["cost_growth", "pot_growth", "provisional_share", "equity_weight", "plan_year"])
def test_a_parameter_that_is_no_number_is_a_finding_whatever_the_checks_need_it_for(
    name: str, small: Path, call: Call
) -> None:
    file = small / "parameters.csv"
    rows = file.read_text(encoding="utf-8-sig").splitlines()
    mark = ";" if ";" in rows[0] else ","
    late = [f"{row.split(mark)[0]}{mark}2027-06-30" if row.startswith("provisional_until") else row for row in rows]
    file.write_text("\n".join(f"{name}{mark}FALSE" if row.startswith(name) else row for row in late), encoding="utf-8")
    ended = call("check", str(small), "--format", "json")
    assert ended.code == 2, ended.err
    assert any(
        one["file"] == "parameters.csv" and one["severity"] == "error" for one in json.loads(ended.out)["findings"]
    )
