"""Saving a what-if is all or nothing, whenever it is killed, and leaves the rest of a workbook as it was."""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from pathlib import Path
from zipfile import ZipFile

import pytest
import xlsxwriter

from allocate.checking.opening import read_case
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.inputs.reading.package import read_tables
from allocate.inputs.reading.states import STATE, replace_together, settle
from allocate.inputs.scenario.changes import parse_changes, with_what_if
from allocate.inputs.scenario.saving import save_scenario
from allocate.inputs.scenario.variant import apply, scenario_ids
from allocate.inputs.workbook.sheet_rows import add_rows
from tests.conftest import TINY
from tests.fuzz.towns import base

# What a kill can fall between: everything that changes a folder.
STEPS = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "os.link", "shutil.rmtree")


def folder_of(tmp_path: Path, name: str) -> Path:
    """The town solved by hand, with a table of changes that has a row already."""
    folder = shutil.copytree(TINY, tmp_path / name)
    (folder / "README.md").unlink()
    heads = "scenario_id,table,key,column,how,value,reason\n"
    (folder / "changes.csv").write_text(heads + "strict,pots,P1,amount,multiply,1,r\n", encoding="utf-8")
    return folder


def save(path: Path) -> None:
    town = read_case(path)
    widened = with_what_if(town, "silo", parse_changes(["pots:P1:amount*0.5"], "weil", town), new_id="W1")
    save_scenario(widened, "W1")


def killed_at(step: int, widened: Case, folder: Path) -> bool:
    """Save in a process that is killed before its ``step``-th change of the folder; gives whether it came to that."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        child = os.fork()
    if child == 0:
        count = 0

        def watch(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal count
            if event in STEPS and str(folder) in str(arguments[0]):
                count += 1
                if count == step:
                    os._exit(9)

        sys.addaudithook(watch)
        save_scenario(widened, "W1")
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that are forked")
def test_killed_between_any_two_steps_it_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder_of(tmp_path, "before").iterdir()}
    town = read_case(folder_of(tmp_path, "town"))
    widened = with_what_if(town, "silo", parse_changes(["pots:P1:amount*0.5"], "w", town), new_id="W1")
    seen: list[bool] = []
    for step in range(1, 200):
        shutil.rmtree(tmp_path / "town")
        folder = folder_of(tmp_path, "town")
        if not killed_at(step, widened, folder):
            break
        case = read_tables(folder).case
        there = "W1" in scenario_ids(case)
        seen.append(there)
        assert (case["changes"]["scenario_id"] == "W1").sum() == there
        assert not [path.name for path in folder.iterdir() if path.name.startswith(".")]
        if not there:
            assert {path.name: path.read_bytes() for path in folder.iterdir() if ".bak-" not in path.name} == before
    assert seen == sorted(seen)  # first never, then always
    assert {True, False} == set(seen)
    assert len(seen) > 10


def test_a_folder_that_cannot_be_written_reads_as_the_new_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folder_of(tmp_path, "town")
    (folder / STATE).mkdir()
    (folder / STATE / "pots.csv").write_text("pot_id,name,amount\nP9,x,1\n", encoding="utf-8")

    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refused)
        assert read_tables(folder).case["pots"]["pot_id"].tolist() == ["P9"]
    assert read_tables(folder).case["pots"]["pot_id"].tolist() == ["P9"]
    assert not (folder / STATE).exists()
    assert (folder / "pots.csv.bak-1").read_bytes() == (TINY / "pots.csv").read_bytes()
    assert settle(folder) == {}


def test_a_table_that_is_a_link_stays_one(tmp_path: Path) -> None:
    folder = tmp_path / "town"
    folder.mkdir()
    (tmp_path / "real.csv").write_text("old")
    (folder / "a.csv").symlink_to(tmp_path / "real.csv")
    replace_together(folder, {"a.csv": lambda path: path.write_text("new"), "b.csv": lambda path: path.write_text("b")})
    assert (folder / "a.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "new"
    assert sorted(path.name for path in folder.iterdir()) == ["a.csv", "a.csv.bak-1", "b.csv"]


def book_of(path: Path, *, formulas: bool = True, left_out: tuple[str, ...] = ()) -> Path:
    """The example of a new case as a workbook in which amounts are formulas with a stored value."""
    with xlsxwriter.Workbook(str(path)) as book:
        note = book.add_worksheet("my notes")
        note.write_formula(0, 0, "=1+1", None, 2)
        for name, rows in base("example-en").items():
            if name in left_out:
                continue
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if name == "pots" and rows[0][column] == "amount" and at and formulas:
                        sheet.write_formula(at, column, f"={cell}*1", None, float(cell))
                    elif cell:
                        sheet.write(at, column, cell if column == 0 else _value(cell))
    return path


def _value(cell: str) -> str | float:
    if cell.startswith("0") and not cell.startswith("0."):
        return cell  # 01 is an id
    try:
        return float(cell)
    except ValueError:
        return cell


@pytest.mark.parametrize("left_out", [(), ("scenarios", "changes")])
def test_a_workbook_keeps_everything_else_and_the_values_of_its_formulas(
    left_out: tuple[str, ...], tmp_path: Path
) -> None:
    path = book_of(tmp_path / "town.xlsx", left_out=left_out)
    with ZipFile(path) as archive:
        before = {name: archive.read(name) for name in archive.namelist()}
    town = read_case(path)
    parent = "silo" if left_out else "S1"
    lines = parse_changes(["pots:M1:amount*0.5", "pots:M1:name==1+1 <&> \x1b"], "Grund: „so“", town)
    save_scenario(with_what_if(town, parent, lines, new_id="W1"), "W1")
    again = read_case(path)
    assert apply(again, "W1").case["pots"]["amount"].iloc[0] == town["pots"]["amount"].iloc[0] / 2
    assert apply(again, "W1").case["pots"]["name"].iloc[0] == "=1+1 <&> \x1b"
    assert again["pots"].equals(town["pots"])
    with ZipFile(path) as archive:
        after = {name: archive.read(name) for name in archive.namelist()}
    changed = {name for name in before if before[name] != after[name]}
    assert len(changed) <= (3 if left_out else 2)
    assert not [name for name in changed if b"<f>" in before[name]]
    assert len(after) == len(before) + len(left_out)


def test_a_workbook_that_would_read_differently_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = book_of(tmp_path / "town.xlsx")
    before = path.read_bytes()

    def loses_a_sheet(source: Path, heads: object, rows: object, target: Path) -> None:
        add_rows(source, heads, rows, target)  # type: ignore[arg-type]
        book_of(target, left_out=("departments",))

    monkeypatch.setattr("allocate.inputs.scenario.saving.add_rows", loses_a_sheet)
    with pytest.raises(UsageError) as refused:
        town = read_case(path)
        lines = parse_changes(["pots:M1:amount*0.5"], "r", town)
        save_scenario(with_what_if(town, "S1", lines, new_id="W1"), "W1")
    assert refused.value.id == "save-unsafe"
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["town.xlsx"]
