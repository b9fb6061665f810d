"""``allocate export``: the program for other solvers; what they find in it is what we find."""

from __future__ import annotations

from pathlib import Path

import highspy
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
