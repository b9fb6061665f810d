"""``allocate participation``: its tables, ballots and suggestions from files, the form, and refusals."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from allocate.checking.opening import read_case
from allocate.cli.drawn import tables_of
from tests.bench.test_least_regret import two_needs
from tests.cli.conftest import Call
from tests.strategies import write_town


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two needs, two offers, ten places in all (solved by hand in the tests of the plan of least regret)."""
    folder = tmp_path_factory.mktemp("towns") / "town"
    case = two_needs(equity_weight=0)
    written = ("spaces", "needs", "demand", "offers", "effects", "pots", "parameters", "scenarios")
    tables = {name: [{str(k): v for k, v in row.items()} for row in case[name].to_dict("records")] for name in written}
    tables["parameters"] = [row for row in tables["parameters"] if str(row["value"])]
    return str(write_town(folder, tables))


@pytest.fixture(scope="module")
def votes(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("votes") / "votes.csv"
    path.write_text("ballot_id;group;persons;method;N1;N2\na;one;6;Punkte;100;\nb;two;7;Swing-Gewichte;;100\n")
    return str(path)


def test_the_town_is_sound(town: str) -> None:
    assert len(read_case(town)["offers"]) == 2


def test_ballots_become_plans(call: Call, town: str, votes: str) -> None:
    ended = call("participation", town, "-s", "X", "--ballots", votes, "--format", "json")
    assert (ended.code, ended.err) == (0, "")
    answer = json.loads(ended.out)
    assert [row["weight_set"] for row in answer["sets"]] == ["needs.weight", "one", "two", "ballots"]
    assert answer["least_regret"]["worst"] == pytest.approx(0.5)
    assert {row["offer_id"]: row["capacity"] for row in answer["offers"] if row["plan"] == "two"} == pytest.approx(
        {"A": 0.0, "B": 10.0}
    )


@pytest.mark.parametrize(("at", "table"), list(enumerate(tables_of("participation"))))
def test_every_table_can_be_shown_alone(call: Call, town: str, votes: str, at: int, table: str) -> None:
    words = ["--suggest", "offers:B:committed_capacity=4", "--suggest", "more light", "--table", table]
    ended = call("participation", town, "-s", "X", "--ballots", votes, *words, "--lang", ("de", "en")[at % 2])
    assert (ended.code, ended.err) == (0, "")
    assert len(ended.out.splitlines()) >= 2
    assert "participation." not in ended.out and "{" not in ended.out


def test_labels_are_words(call: Call, town: str, votes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "240")
    text = call("participation", town, "-s", "X", "--ballots", votes, "--lang", "de").out
    for word in ("Fachplanung", "alle Stimmzettel", "Kompromiss", "uneinig", "Verlust"):
        assert word in text, word
    assert "least_regret" not in text


def test_faulty_ballots_are_all_named_and_can_be_left_out(call: Call, town: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("ballot_id,method,N1,N2\na,points,x,1\nb,guess,1,1\nc,points,60,40\n")
    words = ("participation", town, "-s", "X", "--ballots", str(path))
    ended = call(*words, "--lang", "de")
    assert ended.code == 2
    assert ended.err.startswith("[ballots-findings]") and len(ended.err.splitlines()) == 1
    assert "ballot-not-a-number" in ended.out.replace("\n", "") or "keine Zahl" in ended.out
    assert "Zeile 2" in ended.out and "Zeile 3" in ended.out
    found = list(csv.DictReader(io.StringIO(call(*words, "--format", "csv").out)))
    assert [row["rule"] for row in found if row["severity"] == "error"] == [
        "ballot-method-unknown", "ballot-not-a-number"
    ]  # fmt: skip
    ended = call(*words, "--skip-invalid", "--lang", "en")
    assert ended.code == 0 and "2 invalid ballots are not counted" in " ".join(ended.out.split())


@pytest.mark.parametrize(
    ("words", "id"),
    [
        (("--ballots", "no.csv"), "file-missing"),
        (("--suggestions", "no.csv"), "file-missing"),
        (("--sheet", "form.ods"), "file-suffix"),
        (("--sheet", "no/form.xlsx"), "out-folder-missing"),
        (("--bound", "0.5"), "value-invalid"),
        (("--by", "dice"), "value-invalid"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(call: Call, town: str, words: tuple[str, ...], id: str) -> None:
    ended = call("participation", town, "-s", "X", *words)
    assert ended.code == 2 and "Traceback" not in ended.err
    assert id in ended.err and len(ended.err.splitlines()) == 1


def test_the_form_goes_out_and_comes_back(call: Call, town: str, tmp_path: Path) -> None:
    sheet = tmp_path / "form.xlsx"
    ended = call("participation", town, "-s", "X", "--sheet", str(sheet), "--group", "=one", "--group", "two")
    assert (ended.code, ended.err) == (0, "") and "--ballots" in ended.out
    before = sheet.read_bytes()
    again = call("participation", town, "-s", "X", "--sheet", str(sheet))
    assert again.code == 2 and "template-exists" in again.err and sheet.read_bytes() == before
    book = openpyxl.load_workbook(sheet)
    for name, cells in (("=one", ("C12",)), ("two", ("C13",))):
        book[name][cells[0]], book[name]["B7"] = 100, 8
    row = ("S1", "keep B", "Forum", None, "offers:B:committed_capacity=4", "declined", "2027-03-01", "No money")
    for at, value in enumerate(row, 1):
        book["suggestions"].cell(2, at, value)
    book.save(sheet)
    filled = ("--ballots", str(sheet), "--suggestions", str(sheet))
    answer = json.loads(call("participation", town, "-s", "X", *filled, "--format", "json").out)
    assert [row["weight_set"] for row in answer["sets"]] == ["needs.weight", "=one", "two", "ballots"]
    suggestion = answer["suggestions"][0]
    assert (suggestion["outcome"], suggestion["status"]) == ("changes", "declined")
    assert suggestion["handed_over_eur"] == pytest.approx(400.0)
    assert "Reason: No money." in suggestion["answer"][-1]


def test_weights_are_written_as_the_table_of_the_case(call: Call, town: str, votes: str, tmp_path: Path) -> None:
    out = tmp_path / "weight_sets.csv"
    ended = call("participation", town, "-s", "X", "--ballots", votes, "--weights-out", str(out), "--quiet")
    assert ended.code == 0
    table = pd.read_csv(out)
    assert list(table.columns) == ["weight_set", "need_id", "weight"]
    assert table[table["weight_set"] == "two"]["weight"].tolist() == pytest.approx([0.0, 100.0])
    other = call("participation", town, "-s", "X", "--ballots", votes, "--weights-out", str(tmp_path / "weights.lp"))
    assert other.code == 2 and "file-ending" in other.err and not (tmp_path / "weights.lp").exists()
