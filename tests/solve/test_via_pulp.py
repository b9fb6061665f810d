"""Reaching other solvers through PuLP, and what is written for them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cbcbox
import highspy
import numpy as np
import pulp
import pyscipopt
import pytest

from allocate.errors import AllocateError, SolverMissing, UsageError
from allocate.model.program import Family, Index, LinearProgram
from allocate.solve.naming import LONGEST, column_names, row_names, unique
from allocate.solve.solution import Limits, Status
from allocate.solve.via_pulp import PulpSolver, _configured, _family, solver_names, write_lp, write_mps
from tests.conftest import ROOT
from tests.solve.programs import INF, program


class Scripted(pulp.LpSolver):
    """A solver that says what the test tells it to say; its point is the same part of every column's upper bound."""

    name = "Scripted"
    says: pulp.LpSolveStatus = pulp.LpSolveStatus.Optimal
    then: pulp.LpSolveStatus | None = None
    point: float | None = 0.0
    bound: float | None = None

    def available(self) -> bool:
        return True

    def actualSolve(self, lp: pulp.LpProblem, **_: Any) -> pulp.LpSolveStats:  # noqa: N802
        for variable in lp.variables():
            variable.varValue = None if self.point is None else self.point * (variable.upBound or 0.0)
        has_cost = any(v.name != "__dummy" for v in lp.objective)
        status = self.says if has_cost or self.then is None else self.then
        return self.buildStats(lp, status, self.point is not None, start=(0.0, 0.0), best_bound=self.bound)


@pytest.fixture
def scripted() -> Iterator[type[Scripted]]:
    Scripted.says, Scripted.then = pulp.LpSolveStatus.Optimal, None
    Scripted.point, Scripted.bound = 0.0, None
    pulp.apis.addSolver(Scripted)
    yield Scripted
    pulp.apis._all_solvers.remove(Scripted)


def two_columns() -> LinearProgram:
    return program([1, 2], [10, 10], [(3, [1, 1], INF)])


def test_names_are_understood_in_any_case_and_by_pulps_own_name() -> None:
    assert PulpSolver("pulp:CBC").name == "pulp:CBC"
    assert PulpSolver("pulp:cbc").name == "pulp:CBC"
    assert PulpSolver("pulp:COIN_CMD").name == "pulp:CBC"
    assert PulpSolver("pulp:scip").name == "pulp:SCIP"
    assert PulpSolver("pulp:HiGHS").name == "pulp:HiGHS"


def test_unknown_solver_lists_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        PulpSolver("pulp:CPLEKS")
    assert caught.value.id == "solver-unknown"
    for text in (caught.value.text("de"), caught.value.text("en")):
        assert all(name in text for name in ("pulp:CBC", "pulp:CPLEX", "pulp:SCIP", "pulp:HiGHS", "pulp:GLPK"))


def test_solvers_that_know_whole_numbers_only_are_not_offered() -> None:
    assert "pulp:CPSAT" not in solver_names()
    with pytest.raises(UsageError):
        PulpSolver("pulp:CPSAT")


@pytest.mark.parametrize(
    ("solver", "backends", "install"),
    [
        ("pulp:CBC", [pulp.COIN_CMD, pulp.CYLP], 'pip install "allocate[cbc]"'),
        ("pulp:SCIP", [pulp.SCIP_PY, pulp.SCIP_CMD], 'pip install "allocate[scip]"'),
        ("pulp:GUROBI", [pulp.GUROBI, pulp.GUROBI_CMD], 'pip install "pulp[gurobi]"'),
        ("pulp:GLPK", [pulp.PYGLPK, pulp.GLPK_CMD], 'pip install "pulp[glpk]"'),
    ],
)
def test_missing_solver_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, solver: str, backends: list[type[pulp.LpSolver]], install: str
) -> None:
    for backend in backends:
        monkeypatch.setattr(backend, "available", lambda _: False)
    with pytest.raises(SolverMissing) as caught:
        PulpSolver(solver)
    assert install in caught.value.text("de")
    assert install in caught.value.text("en")


def test_point_that_breaks_a_row_is_never_optimal(scripted: type[Scripted]) -> None:
    scripted.point = 0.1
    with pytest.raises(AllocateError, match="breaks the program's rows"):
        PulpSolver("pulp:Scripted").solve(two_columns(), Limits())


def test_broken_point_at_a_limit_is_dropped_and_a_sound_one_kept(scripted: type[Scripted]) -> None:
    scripted.says, scripted.point = pulp.LpSolveStatus.TimeLimit, 0.1
    dropped = PulpSolver("pulp:Scripted").solve(two_columns(), Limits())
    assert dropped.status is Status.LIMIT
    assert dropped.x is None
    scripted.point = 0.4
    kept = PulpSolver("pulp:Scripted").solve(two_columns(), Limits())
    assert kept.status is Status.LIMIT
    assert kept.x is not None
    assert kept.objective == two_columns().objective(kept.x)


def test_infeasible_or_unbounded_is_settled_by_a_second_question(scripted: type[Scripted]) -> None:
    scripted.says, scripted.point = pulp.LpSolveStatus.Undefined, None
    scripted.then = pulp.LpSolveStatus.Infeasible
    assert PulpSolver("pulp:Scripted").solve(two_columns(), Limits()).status is Status.INFEASIBLE
    scripted.then = pulp.LpSolveStatus.Optimal
    with pytest.raises(AllocateError) as caught:
        PulpSolver("pulp:Scripted").solve(two_columns(), Limits())
    assert caught.value.id == "solver-failed"


@pytest.mark.parametrize("status", ["Unbounded", "NotSolved", "NumericalError"])
def test_unclear_ends_are_errors(scripted: type[Scripted], status: str) -> None:
    scripted.says = pulp.LpSolveStatus[status]
    with pytest.raises(AllocateError) as caught:
        PulpSolver("pulp:Scripted").solve(two_columns(), Limits())
    assert caught.value.id == "solver-failed"


@pytest.mark.parametrize("allowed", [0.0, 0.1])
def test_gap_stop_without_a_number_reached_the_gap_that_was_allowed(scripted: type[Scripted], allowed: float) -> None:
    scripted.says, scripted.point = pulp.LpSolveStatus.GapLimit, 0.4
    assert PulpSolver("pulp:Scripted").solve(two_columns(), Limits(mip_gap=allowed)).status is Status.OPTIMAL


def test_cbc_names_no_gap_for_an_optimum_of_zero() -> None:
    sides = (np.array([-4.0]), np.array([-4.0]))
    linear = LinearProgram(
        cost=np.array([-2.0, 1.0, 1.0]),
        lower=np.zeros(3),
        upper=np.array([1.0, 2.0, 2.0]),
        row_lower=sides[0],
        row_upper=sides[1],
        starts=np.array([0, 1, 2, 3]),
        rows=np.zeros(3, dtype=np.int64),
        values=np.array([-2.0, -3.0, 1.0]),
        columns_index=Index((Family("x", 0, (np.array(["c0", "c1", "c2"], dtype=object),)),)),
        rows_index=Index((Family("row", 0, (np.array(["r0"], dtype=object),)),)),
        integer=np.ones(3, dtype=bool),
    )
    found = PulpSolver("pulp:CBC").solve(linear, Limits())
    assert found.status is Status.OPTIMAL
    assert found.x is not None
    assert found.x.tolist() == [1.0, 1.0, 1.0]


def test_gap_stop_must_have_reached_the_gap_it_claims(scripted: type[Scripted]) -> None:
    scripted.says, scripted.point, scripted.bound = pulp.LpSolveStatus.GapLimit, 0.4, 0.0
    solver = PulpSolver("pulp:Scripted")
    assert solver.solve(two_columns(), Limits(mip_gap=0.1)).status is Status.LIMIT
    assert solver.solve(two_columns(), Limits(mip_gap=1.0)).status is Status.OPTIMAL


def test_foreign_duals_are_not_passed_on() -> None:
    solution = PulpSolver("pulp:CBC").solve(two_columns(), Limits())
    assert solution.row_dual is None
    assert solution.bound == pytest.approx(3)


def in_a_process_of_its_own(code: str) -> str:
    """What the code prints where nobody has used a solver before."""
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def test_highs_through_pulp_may_come_before_our_own_in_one_process() -> None:
    """HiGHS leaves a second user without an answer when the two ask for different numbers of threads."""
    code = (
        "from allocate.solve.highs import Highs; from allocate.solve.solution import Limits;"
        "from allocate.solve.via_pulp import PulpSolver; from tests.solve.programs import knapsack;"
        "linear = knapsack(12, seed=1);"
        "print([solver.solve(linear, Limits()).status for solver in (PulpSolver('pulp:HiGHS'), Highs())])"
    )
    assert in_a_process_of_its_own(code).count("OPTIMAL") == 2


def test_another_user_of_highs_in_the_process_may_have_asked_for_more_threads() -> None:
    code = (
        "import highspy; from allocate.solve.highs import Highs; from allocate.solve.solution import Limits;"
        "from allocate.solve.via_pulp import PulpSolver; from tests.solve.programs import knapsack;"
        "other = highspy.Highs(); other.setOptionValue('output_flag', False); other.setOptionValue('threads', 2);"
        "x = other.addVariable(lb=0, ub=1); other.maximize(x);"
        "print([Highs().solve(knapsack(12, seed=1), Limits()).status for _ in range(2)])"
    )
    assert in_a_process_of_its_own(code).count("OPTIMAL") == 2


def test_a_solver_is_told_the_time_that_is_left_and_none_where_there_is_no_limit() -> None:
    assert _configured("HiGHS", Limits(seconds=7.0)).timeLimit == 7.0
    assert _configured("HiGHS", Limits()).timeLimit is None
    # In one process all users of HiGHS ask for as many threads.
    assert _configured("HiGHS", Limits()).threads == 1


@pytest.mark.parametrize(
    ("backend", "name"),
    [("SCIP_PY", "SCIP"), ("SCIP_CMD", "SCIP"), ("COPT_DLL", "COPT"), ("HiGHS", "HiGHS"), ("COIN_CMD", "CBC")],
)
def test_a_solver_has_one_name_however_it_is_reached(backend: str, name: str) -> None:
    assert _family(backend) == name


def test_cbc_keeps_all_digits() -> None:
    pot = 1_140_000.123456
    linear = program([-1 / 3], [1e7], [(-INF, [1 / 7], pot)])
    solution = PulpSolver("pulp:CBC").solve(linear, Limits())
    assert solution.x is not None
    assert solution.x[0] == pytest.approx(7 * pot, rel=1e-11)


def ids_with_every_trap() -> LinearProgram:
    """Ranged and equality rows, an offset, whole numbers, and ids with umlauts, blanks, signs and clashes."""
    columns = ["Jugendhaus Süd", "A-1", "A 1", "007", "e9", "x" * 150, "x" * 150 + "y"]
    rows = ["Straße/1", "Straße:1", "§ 28 SGB VIII"]
    return program(
        [1.5, -2, 1e-8, 3, -1, 0.25, -0.5],
        [10, 4, 1e6, 5, 3, 8, 9],
        [(2, [1, 1, 0, 1, 0, 1, 0], 7), (6, [1, 0, 1, 0, 1, 0, 1], 6), (-INF, [0, 1, 0, 1, 1, 0, 2], 11.5)],
        lower=[0, -2, 0, 1, 0, 0, -1],
        integer=[3, 4],
        offset=-12.75,
        column_keys=columns,
        row_keys=rows,
    )


def read_by_highs(path: Path) -> float:
    solver = highspy.Highs()
    # All users of HiGHS in one process must ask for the same number of threads.
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("output_flag", False)
    assert solver.readModel(str(path)) == highspy.HighsStatus.kOk
    solver.run()
    return float(solver.getInfo().objective_function_value)


def read_by_scip(path: Path) -> float:
    model = pyscipopt.Model()
    model.hideOutput()
    model.readProblem(str(path))
    model.optimize()
    return float(model.getObjVal())


def read_by_cbc(path: Path) -> float:
    answer = path.with_suffix(".sol")
    command = [cbcbox.cbc_bin_path(), str(path), "-ratio", "0", "-solve", "-solution", str(answer)]
    subprocess.run(command, check=True, capture_output=True)
    return float(answer.read_text().splitlines()[0].rsplit(maxsplit=1)[1])


@pytest.mark.parametrize("write", [write_lp, write_mps])
@pytest.mark.parametrize("read", [read_by_highs, read_by_scip, read_by_cbc])
def test_written_programs_mean_the_same_to_every_reader(tmp_path: Path, write: Any, read: Any) -> None:
    linear = ids_with_every_trap()
    expected = PulpSolver("pulp:SCIP").solve(linear, Limits())
    path = tmp_path / f"town.{'lp' if write is write_lp else 'mps'}"
    write(linear, path)
    assert read(path) == pytest.approx(expected.objective, rel=1e-7)


def test_names_are_the_domain_ids() -> None:
    names = column_names(ids_with_every_trap())
    assert names[:5] == ["x(Jugendhaus_Sued)", "x(A_1)", "x(A_1)~2", "x(007)", "x(e9)"]
    assert row_names(ids_with_every_trap())[:2] == ["row(Strasse_1)", "row(Strasse_1)~2"]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= LONGEST


def test_unique_never_meets_a_name_it_made_up_itself() -> None:
    assert unique(["a", "a~2", "a", "a"]) == ["a", "a~2", "a~3", "a~4"]


def test_written_names_are_readable_and_ranged_rows_say_which_side(tmp_path: Path) -> None:
    path = tmp_path / "town.lp"
    write_lp(ids_with_every_trap(), path)
    text = path.read_text()
    for name in ("x(Jugendhaus_Sued)", "row(Strasse_1)~min:", "row(Strasse_1)~max:", "constant"):
        assert name in text
    assert text.isascii()


@pytest.mark.parametrize("write", [write_lp, write_mps])
def test_writing_twice_gives_the_same_bytes_and_leaves_nothing_behind(tmp_path: Path, write: Any) -> None:
    path = tmp_path / "town.txt"
    write(ids_with_every_trap(), path)
    first = path.read_bytes()
    write(ids_with_every_trap(), path)
    assert path.read_bytes() == first
    assert [file.name for file in tmp_path.iterdir()] == ["town.txt"]


def test_failed_writing_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_off(_: pulp.LpProblem, filename: str, **__: Any) -> None:
        Path(filename).write_text("half")
        raise OSError("no space left")

    path = tmp_path / "town.lp"
    path.write_text("old")
    monkeypatch.setattr(pulp.LpProblem, "writeLP", break_off)
    with pytest.raises(OSError, match="no space"):
        write_lp(two_columns(), path)
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["town.lp"]


def test_scip_takes_a_wide_program() -> None:
    """PuLP's own way of asking for the objective would need minutes for these columns."""
    count = 20_000
    rng = np.random.default_rng(1)
    worth = rng.random(count)
    linear = program((-worth).tolist(), [1] * count, [(-INF, [1] * count, count / 2)])
    solution = PulpSolver("pulp:SCIP").solve(linear, Limits(seconds=120))
    assert solution.status is Status.OPTIMAL
    assert solution.objective == pytest.approx(-np.sort(worth)[count // 2 :].sum())


def test_default_solver_does_without_pulp() -> None:
    """Who solves with HiGHS must not wait the second and a half that PuLP takes to import."""
    code = "import sys, allocate.solve.highs; sys.exit('pulp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
