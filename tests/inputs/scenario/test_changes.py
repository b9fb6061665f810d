"""Quick what-ifs: the grammar, the scenario they make, and saving it."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from allocate.checking.opening import read_case, read_checked
from allocate.errors import InputError, UsageError
from allocate.inputs.scenario.changes import parse_change, parse_changes, with_what_if
from allocate.inputs.scenario.saving import save_scenario
from allocate.inputs.scenario.variant import Change, apply, scenario_ids
from allocate.session import Session
from tests.conftest import TINY
from tests.inputs.checktown import Spoil, case, drop, spoilt, write


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
        ("pots:P3:amount-10%", "pots", "P3", "amount", "multiply", "0.9"),
        ("pots:P3:amount + 10 %", "pots", "P3", "amount", "multiply", "1.1"),
        ("pots:P3:amount*92,5%", "pots", "P3", "amount", "multiply", "0.925"),
        ("pots:P3:amount/50%", "pots", "P3", "amount", "multiply", "2"),
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
        ("pots:P1:amount+1.234", "number-ambiguous", None),
        ("pots:P1:amount/0", "change-not-a-number", None),
        ("pots:P1:amount/0%", "change-not-a-number", None),
        ("pots:P1:amount-x%", "change-not-a-number", None),
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


# --- a saved what-if is the what-if, whatever the file is like --------------------------------------------------------


def compared(folder: Path, base: str, *texts: str) -> list[Path]:
    """Save a what-if, read the case again, and hold every table of the scenario against the one that was asked for."""
    town = read_case(folder)
    widened = with_what_if(town, base, parse_changes(texts, "Grund: „so“; ≤ 3", town), new_id="W1")
    files = save_scenario(widened, "W1")
    result = read_checked(folder)
    assert result.findings[result.findings["severity"] == "error"].empty, result.findings.to_string()
    asked, got = apply(widened, "W1"), apply(result.case, "W1")
    for name in asked.case.tables:
        if name not in ("scenarios", "changes"):
            pd.testing.assert_frame_equal(asked.case[name], got.case[name])
    for setting in ("pooling", "floor_sets", "weight_set", "max_moved", "evaluate", "indivisible"):
        assert getattr(asked.scenario, setting) == getattr(got.scenario, setting)
    assert set(scenario_ids(town)) <= set(scenario_ids(result.case))
    assert got.changes["reason"].iloc[-1] == "Grund: „so“; ≤ 3"
    return files


def in_german(folder: Path) -> Path:
    """The changes as a German spreadsheet writes them: semicolons, decimal commas, Windows-1252."""
    path = folder / "changes.csv"
    path.write_bytes(path.read_text(encoding="utf-8").replace(",", ";").replace(".", ",").encode("cp1252"))
    return folder


TEXTS = [
    ["pots:P1:amount*1.046"],
    ["pots:P2:amount=1.000,5", "reach:O1|S2:access=0.5"],
    ["pots:P2:amount+1234,567", "pots:P3:amount=1000000", "pots:P1:name=1.5"],
    ["demand:*|N1:demand*1,125", "pots:P1:pooled=nein", "pots:P3:offers=", "offers:O1:contract_end=2029-06-30"],
    ["parameters:equity_weight:value=0,125", "segments:3:value*0.333"],
]


WAYS: list[tuple[str, list[Spoil]]] = [
    ("A", []),
    ("C", []),
    ("A", [drop("changes")]),
    ("silo", [drop("changes"), drop("scenarios")]),
    ("B", [lambda town: [row.pop("parent_id") for row in town["scenarios"]]]),
    ("C", [lambda town: [row.pop("source") for row in town["changes"]]]),
    ("B", [lambda town: town.update(changes=[])]),
]
# Every change in the plain town, and every other way a town may be written with one of the changes.
GRID = [(texts, *WAYS[0]) for texts in TEXTS] + [
    (TEXTS[number % len(TEXTS)], *way) for number, way in enumerate(WAYS[1:], 1)
]


@pytest.mark.parametrize(("texts", "base", "spoils"), GRID)
def test_saved_scenario_is_the_what_if(base: str, spoils: list[Spoil], texts: list[str], tmp_path: Path) -> None:
    compared(write(tmp_path / "town", spoilt(*spoils)), base, *texts)


@pytest.mark.parametrize("texts", TEXTS)
def test_saved_scenario_is_the_what_if_in_a_german_file(texts: list[str], tmp_path: Path) -> None:
    compared(in_german(write(tmp_path / "town", spoilt())), "A", *texts)


@pytest.mark.parametrize(
    ("texts", "left_out"),
    [*((texts, ()) for texts in TEXTS), (TEXTS[0], ("scenarios", "changes")), (TEXTS[1], ("changes",))],
)
def test_saved_scenario_is_the_what_if_in_a_workbook(
    left_out: tuple[str, ...], texts: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "town.xlsx"
    with pd.ExcelWriter(path, engine="xlsxwriter") as book:
        for file in write(tmp_path / "town", spoilt(*(drop(name) for name in left_out))).glob("*.csv"):
            pd.read_csv(file).to_excel(book, sheet_name=file.stem, index=False)
    compared(path, "silo" if "scenarios" in left_out else "A", *texts)
    assert path.with_name("town.xlsx.bak-1").is_file()


def test_saving_again_and_again_keeps_every_older_file(tmp_path: Path) -> None:
    folder = write(tmp_path / "town", spoilt())
    for number in (1, 2, 3):
        town = read_case(folder)
        change = parse_changes([f"pots:P1:amount+{number}"], "weil", town)
        save_scenario(with_what_if(town, "A", change, new_id=f"W{number}"), f"W{number}")
    kept = sorted(path.name for path in folder.glob("scenarios.csv*"))
    assert kept == ["scenarios.csv", "scenarios.csv.bak-1", "scenarios.csv.bak-2", "scenarios.csv.bak-3"]
    assert scenario_ids(read_case(folder))[-3:] == ["W1", "W2", "W3"]
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_what_cannot_be_written_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path / "town", spoilt())
    town = read_case(folder)
    widened = with_what_if(town, "A", parse_changes(["pots:P1:amount+1"], "weil", town), new_id="W1")
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix == ".csv"}
    real = Path.replace

    def full_at_the_second(self: Path, target: Path) -> Path:
        if Path(target).name == "changes.csv":
            raise OSError(28, "No space left on device")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", full_at_the_second)
    with pytest.raises(UsageError) as refused:
        save_scenario(widened, "W1")
    monkeypatch.undo()
    assert refused.value.id == "out-unwritable" and "space" in refused.value.text("en")
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix == ".csv"} == before
    assert scenario_ids(read_case(folder)) == ["Q", "A", "B", "C"]


def test_a_line_for_excel_at_the_top_stays_there(tmp_path: Path) -> None:
    folder = in_german(write(tmp_path / "town", spoilt()))
    path = folder / "changes.csv"
    path.write_bytes(b"sep=;\r\n" + path.read_bytes())
    compared(folder, "A", "pots:P2:amount*1.046")
    assert path.read_bytes().startswith(b"sep=;\r\nscenario_id;table")


@pytest.mark.parametrize(
    "text", ["pots:P1:amount=1.234", "pots:P1:amount=1,234", "parameters:equity_weight:value=1.234"]
)
def test_a_number_to_set_that_reads_twice_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        parse_changes(["pots:P1:amount+1", text], "weil", case(tmp_path))
    assert refused.value.id == "number-ambiguous" and refused.value.place == "--change 2"


def test_a_what_if_says_where_its_changes_were_typed(tmp_path: Path) -> None:
    town = case(tmp_path)
    texts = ["pots:P1:amount+1", "pots:P2:amount+1"]
    widened = with_what_if(town, "B", parse_changes(texts, "weil", town))
    assert apply(widened, "what-if").changes["place"].tolist() == ["changes.csv row 2", "--change 1", "--change 2"]
    again = with_what_if(widened, "what-if", parse_changes(["pots:P1:amount+1"], "weil", widened), new_id="more")
    assert apply(again, "more").changes["place"].tolist()[-1] == "--change 1"


def test_a_what_if_bears_the_title_of_its_base_in_each_language_and_asks_its_own_question(auenfurt: Path) -> None:
    town = read_case(auenfurt)
    changed = with_what_if(town, "SZ1", parse_changes(["pots:*:amount*0.9"], "Haushaltsloch", town), new_id="W")
    row = changed["scenarios"].set_index("scenario_id").loc["W"]
    assert row["title"] == "Optimiert in Säulen (Referenz): Haushaltsloch"
    assert row["title_en"] == "Optimised within departmental silos: Haushaltsloch"
    assert row["question"] == ""
