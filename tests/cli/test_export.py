"""``allocate export``: the program for other solvers, who find in it what we find, and the workbook for planners."""

from __future__ import annotations

import json
from pathlib import Path
from zipfile import ZipFile

import highspy
import openpyxl
import pytest

from tests.cli.conftest import Call
from tests.cli.test_run import OBJECTIVES


@pytest.mark.parametrize("kind", ["lp", "mps"])
def test_another_solver_finds_the_same_optimum_in_the_file(call: Call, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"model.{kind}"
    ended = call("export", "auenfurt", "-s", "SZ2", f"--{kind}", "-o", str(path))
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    solver = highspy.Highs()
    # All users of HiGHS in one process must ask for the same number of threads.
    solver.setOptionValue("threads", 1)
    solver.silent()
    solver.setOptionValue("primal_feasibility_tolerance", 1e-9)
    solver.setOptionValue("dual_feasibility_tolerance", 1e-10)
    assert solver.readModel(str(path)) == highspy.HighsStatus.kOk
    solver.run()
    value = solver.getInfo().objective_function_value
    assert abs(value) == pytest.approx(OBJECTIVES["SZ2"], abs=1e-5)
    assert list(tmp_path.iterdir()) == [path]


def test_without_a_file_the_program_is_printed(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "model.lp"
    call("export", "auenfurt", "-s", "SZ1", "--lp", "-o", str(path))
    assert call("export", "auenfurt", "-s", "SZ1", "--lp").out == path.read_text(encoding="utf-8")


def test_the_names_are_those_of_the_town(call: Call) -> None:
    program = call("export", "auenfurt", "-s", "SZ1", "--lp").out
    for id in ("O01", "S01", "N01", "P1"):
        assert id in program


def test_a_place_that_cannot_be_written_leaves_nothing(call: Call, tmp_path: Path) -> None:
    ended = call("export", "auenfurt", "-s", "SZ1", "--lp", "-o", str(tmp_path))
    assert ended.err.startswith("[out-is-folder] ")
    assert list(tmp_path.iterdir()) == []


def test_a_masked_workbook_holds_the_numbers_of_run(call: Call, small: Path, tmp_path: Path) -> None:
    path = tmp_path / "results.xlsx"
    ended = call("export", str(small), "-s", "S1", "--mask-providers", "--lang", "de", "-o", str(path), "--xlsx")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.rstrip().endswith(str(path))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["results.xlsx", "town"]
    document = json.loads(call("run", str(small), "-s", "S1", "--format", "json").out)
    book = openpyxl.load_workbook(path)
    shown = {
        (row[1], str(row[2]).rpartition("(")[2].rstrip(")")): row[3:7]
        for row in book["Angebote"].iter_rows(min_row=6, values_only=True)
        if row[0] == "Angebote aller Pläne"
    }
    for scenario in document["scenarios"]:
        for offer in scenario["offers"]:
            wanted = [offer[name] for name in ("capacity", "cost_eur", "baseline_cost_eur", "change_eur")]
            assert shown[scenario["scenario_id"], offer["offer_id"]] == pytest.approx(wanted, rel=1e-12)
    cover = [str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row if cell.value is not None]
    assert document["fingerprint"] in cover
    with ZipFile(path) as archive:
        text = "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    assert "Counselling alliance" not in text and "Träger X" in text


def test_the_file_of_the_workbook_is_said(call: Call, small: Path, tmp_path: Path) -> None:
    path = tmp_path / "today.xlsx"
    ended = call("export", str(small), "-s", "S0", "--xlsx", str(path), "--lang", "de")
    assert (ended.code, ended.out, ended.err) == (0, f"Arbeitsmappe geschrieben: {path}\n", "")
    assert path.read_bytes().startswith(b"PK")


def test_what_cannot_be_exported_is_refused_before_any_work(call: Call, small: Path, tmp_path: Path) -> None:
    for words, id in [
        (["-s", "S1", "--xlsx", str(tmp_path / "results.csv")], "file-suffix"),
        (["-s", "S1", "--xlsx", str(tmp_path / "nowhere" / "results.xlsx")], "out-folder-missing"),
        (["-s", "S1", "--xlsx", "-o", str(tmp_path / "nowhere" / "results.xlsx")], "out-folder-missing"),
        (["-s", "S9", "--xlsx", str(tmp_path / "results.xlsx")], "scenario-unknown"),
        (["-s", "S1", "--xlsx"], "argument-missing"),
        (["-s", "S1", "-s", "S2", "--lp"], "argument-missing"),
        (["--mps"], "argument-missing"),
    ]:
        ended = call("export", str(small), *words)
        assert (ended.code, ended.out) == (2, ""), words
        assert ended.err.startswith(f"[{id}] ") and ended.err.count("\n") == 1, ended.err
    assert [file.name for file in tmp_path.iterdir()] == ["town"]
