"""Quick what-ifs: the grammar, the scenario they make, and saving it."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from allocate.errors import InputError, UsageError
from allocate.inputs.changes import parse_change, with_what_if
from allocate.inputs.reading import read_case
from allocate.inputs.saving import save_scenario
from allocate.inputs.scenario import Change, apply
from allocate.session import Session
from tests.conftest import ROOT

TINY = ROOT / "tests" / "cases" / "tiny"


@pytest.mark.parametrize(
    ("text", "table", "key", "column", "how", "value"),
    [
        ("pots:*:amount*0.9", "pots", "*", "amount", "multiply", "0.9"),
        ("pots:*:amount*0,9", "pots", "*", "amount", "multiply", "0.9"),
        ("demand:S02|N03:demand+300", "demand", "S02|N03", "demand", "add", "300"),
        ("demand:S02|N03:demand - 1.200,5", "demand", "S02|N03", "demand", "add", "-1200.5"),
        ("offers:*:unit_cost*1.046", "offers", "*", "unit_cost", "multiply", "1.046"),
        ("offers:*:unit_cost*1,046", "offers", "*", "unit_cost", "multiply", "1.046"),
        ("offers:O32:unit_cost/4", "offers", "O32", "unit_cost", "multiply", "0.25"),
        ("offers:O32:max_capacity=120", "offers", "O32", "max_capacity", "set", "120"),
        ("offers:O:32:name = a:b*c", "offers", "O:32", "name", "set", "a:b*c"),
        ("pots:P1:departments=", "pots", "P1", "departments", "set", ""),
    ],
)
def test_grammar(text: str, table: str, key: str, column: str, how: str, value: str) -> None:
    assert parse_change(text, "why") == Change(table, key, column, how, value, "why")


@pytest.mark.parametrize(
    ("text", "id", "position"),
    [
        ("pots", "change-syntax", 5),
        ("pots:P1", "change-syntax", 8),
        ("pots:P1:amount", "change-syntax", 15),
        ("pots:P1:amount^2", "change-syntax", 15),
        ("pots:P1:amount*ten", "change-not-a-number", None),
        ("pots:P1:amount+1.234", "change-not-a-number", None),
        ("pots:P1:amount/0", "change-not-a-number", None),
        ("pot:P1:amount*2", "change-table-unknown", None),
    ],
)
def test_what_is_no_change_is_refused_with_its_place(text: str, id: str, position: int | None) -> None:
    with pytest.raises(UsageError) as refused:
        parse_change(text, "why", number=2, known=["pots", "offers"])
    assert refused.value.id == id
    assert refused.value.place == "--change 2"
    if position:
        assert refused.value.values["position"] == position


def test_nothing_changes_without_a_reason() -> None:
    with pytest.raises(UsageError, match="--reason"):
        parse_change("pots:P1:amount*2", "  ")


def test_what_if_is_a_child_that_every_analysis_can_ask_for() -> None:
    case = read_case(TINY)
    widened = with_what_if(case, "silo", [parse_change("pots:P1:amount+1000", "more")])
    plan = Session(widened).run("what-if")
    assert plan.offers.set_index("offer_id")["capacity"]["A"] == pytest.approx(30)
    assert plan.variant.changes["reason"].tolist() == ["more"]
    assert Session(widened).run("silo").objective == pytest.approx(Session(case).run("silo").objective)
    assert "what-if" not in set(case["scenarios"]["scenario_id"])


def test_change_that_names_nothing_or_breaks_a_table_is_refused() -> None:
    case = read_case(TINY)
    for text in ("pots:P9:amount+1", "pots:P1:amuont+1", "pots:P1:amount=-1", "pots:P1:max_share=2"):
        with pytest.raises(InputError):
            with_what_if(case, "silo", [parse_change(text, "why")])
    with pytest.raises(UsageError, match="already"):
        with_what_if(case, "silo", [parse_change("pots:P1:amount+1", "why")], new_id="pooled")


def saved(folder: Path, *texts: str) -> tuple[pd.DataFrame, list[Path]]:
    """The change log of a what-if that was saved and read again."""
    case = read_case(folder)
    changes = [parse_change(text, "weil; „so“") for text in texts]
    files = save_scenario(with_what_if(case, "silo", changes, new_id="W1", title="Neu"), "W1")
    return apply(read_case(folder), "W1").changes, files


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "town"))


def test_saved_what_if_comes_back_and_the_old_files_stay(town: Path) -> None:
    before = (town / "scenarios.csv").read_bytes()
    log, files = saved(town, "pots:P1:amount*0.9", "pots:P2:amount+5")
    assert log["new"].tolist() == [1800, 3005]
    assert log["reason"].tolist() == ["weil; „so“"] * 2
    assert {path.name for path in files} == {"scenarios.csv", "changes.csv"}
    assert (town / "scenarios.csv.bak-1").read_bytes() == before
    assert (town / "scenarios.csv").read_bytes().startswith(before)
    case = read_case(town)
    assert with_what_if(case, "W1", [parse_change("pots:P1:amount+1", "more")], new_id="W2")["scenarios"].shape[0] == 7


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_file_keeps_its_dialect(town: Path, encoding: str) -> None:
    german = "scenario_id;table;key;column;how;value;reason\r\npooled;pots;P1;amount;multiply;0,5;Kürzung\r\n"
    (town / "changes.csv").write_bytes(german.encode(encoding))
    log, _ = saved(town, "pots:P1:amount*0.25")
    assert log["new"].tolist() == [500]
    content = (town / "changes.csv").read_bytes()
    assert content.startswith(german.encode(encoding))
    assert content.decode(encoding).splitlines()[-1].startswith("W1;pots;P1;amount;multiply;0,25;")


def test_workbook_keeps_its_other_sheets_and_takes_no_formula(town: Path, tmp_path: Path) -> None:
    path = tmp_path / "town.xlsx"
    with pd.ExcelWriter(path, engine="xlsxwriter") as book:
        for file in town.glob("*.csv"):
            pd.read_csv(file).to_excel(book, sheet_name=file.stem, index=False)
        pd.DataFrame({"note": ["mine"]}).to_excel(book, sheet_name="my notes", index=False)
    case = read_case(path)
    change = parse_change("offers:A:name==1+1", "why")
    save_scenario(with_what_if(case, "silo", [change], new_id="W1"), "W1")
    again = read_case(path)
    assert apply(again, "W1").case["offers"]["name"].iloc[0] == "=1+1"
    book = openpyxl.load_workbook(path)
    assert book["my notes"]["A2"].value == "mine"
    assert path.with_name("town.xlsx.bak-1").is_file()
