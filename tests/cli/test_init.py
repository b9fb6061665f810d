"""``allocate init``: a case that can be checked and run from its first minute, and nothing of anybody's lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from allocate.inputs import dictionary
from tests.cli.conftest import Call


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize("name", ["town", "town.xlsx"])
def test_a_new_case_passes_its_check_and_runs(call: Call, tmp_path: Path, name: str, lang: str) -> None:
    target = tmp_path / name
    made = call("init", str(target), "--lang", lang, "--format", "json")
    assert (made.code, made.err) == (0, "")
    document = json.loads(made.out)
    assert document["case"] == str(target)
    assert [table["table"] for table in document["tables"]] == list(dictionary.tables())
    checked = json.loads(call("check", str(target), "--format", "json").out)
    assert checked["counts"] == {"error": 0, "warning": 0, "note": 1}  # that it is the template
    assert call("run", str(target), "--quiet").code == 0


def test_folder_and_workbook_in_either_language_are_the_same_town(call: Call, tmp_path: Path) -> None:
    found = {}
    for name in ("town", "town.xlsx"):
        call("init", str(tmp_path / name), "--lang", "en")
        found[name] = json.loads(call("run", str(tmp_path / name), "--format", "json").out)
    for document in found.values():
        for one in document["scenarios"]:
            one.pop("changes", None)  # they name the file in which they stand
    assert found["town"]["scenarios"] == found["town.xlsx"]["scenarios"]


def test_excel_makes_a_workbook_beside(call: Call, tmp_path: Path) -> None:
    assert call("init", str(tmp_path / "town"), "--excel").code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["town.xlsx"]


def test_what_is_there_stays_as_it_is(call: Call, tmp_path: Path) -> None:
    (tmp_path / "town").mkdir()
    (tmp_path / "town" / "pots.csv").write_text("mine")
    (tmp_path / "town.xlsx").write_text("mine too")
    for words in (["town"], ["town", "--excel"], ["town.xlsx"]):
        ended = call("init", str(tmp_path / words[0]), *words[1:])
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.startswith("[template-exists] ")
    assert (tmp_path / "town" / "pots.csv").read_text() == "mine"
    assert (tmp_path / "town.xlsx").read_text() == "mine too"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["pots.csv", "town", "town.xlsx"]


def test_a_place_that_cannot_be_written(call: Call, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = call("init", str(tmp_path / "file" / "town"))
    assert ended.code == 2
    assert ended.err.startswith("[out-unwritable] ")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["land", "--land", "2", "--excel"], "init-land-workbook"),
        (["land.xlsx", "--land", "2"], "init-land-workbook"),
        (["town", "--seed", "7"], "init-seed-alone"),
        (["town.xlsx", "--seed", "1"], "init-seed-alone"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(call: Call, tmp_path: Path, words: list[str], error: str) -> None:
    ended = call("init", str(tmp_path / words[0]), *words[1:])
    assert (ended.code, ended.out) == (2, "") and error in ended.err
    assert not list(tmp_path.iterdir())
