"""What every solver backend owes its caller: one suite, every backend."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.model.program import LinearProgram
from allocate.solve.highs import Highs
from allocate.solve.solution import Limits, Solution, Solver, Status
from allocate.solve.via_pulp import PulpSolver
from tests.solve.programs import INF, knapsack, program

BACKENDS: dict[str, Callable[[], Solver]] = {
    "highs": Highs,
    "pulp:HiGHS": lambda: PulpSolver("pulp:HiGHS"),
    "pulp:CBC": lambda: PulpSolver("pulp:CBC"),
    "pulp:SCIP": lambda: PulpSolver("pulp:SCIP"),
}


@pytest.fixture(params=list(BACKENDS))
def solver(request: pytest.FixtureRequest) -> Solver:
    return BACKENDS[request.param]()


def assert_optimal(solution: Solution, linear: LinearProgram, objective: float, within: float = 1e-9) -> np.ndarray:
    """The solution is optimal at ``objective``, says so, and its point keeps bounds and rows."""
    assert solution.status is Status.OPTIMAL
    assert solution.x is not None
    x = solution.x
    assert x.shape == linear.cost.shape
    assert solution.objective == pytest.approx(objective, rel=within, abs=within)
    assert linear.objective(x) == pytest.approx(objective, rel=within, abs=within)
    assert (x >= linear.lower - 1e-7).all()
    assert (x <= linear.upper + 1e-7).all()
    size, slack = 1 + np.abs(x).max(initial=0.0), max(1e-7, within)
    activity = linear.activity(x)
    assert (activity >= linear.row_lower - slack * size).all()
    assert (activity <= linear.row_upper + slack * size).all()
    assert solution.seconds >= 0
    return x


def test_ordinary_program(solver: Solver) -> None:
    # max 3 a + 5 b with a <= 4, 2 b <= 12, 3 a + 2 b <= 18: the textbook corner (2, 6), worth 36.
    linear = program([-3, -5], [4, 100], [(-INF, [0, 2], 12), (-INF, [3, 2], 18)])
    x = assert_optimal(solver.solve(linear, Limits()), linear, -36)
    assert x == pytest.approx([2, 6])


def test_solution_names_its_solver(solver: Solver) -> None:
    assert solver.solve(program([1], [1]), Limits()).solver == solver.name


def test_offset_belongs_to_the_objective(solver: Solver) -> None:
    linear = program([-3, -5], [4, 100], [(-INF, [0, 2], 12), (-INF, [3, 2], 18)], offset=100.5)
    assert_optimal(solver.solve(linear, Limits()), linear, 64.5)


def test_equality_rows(solver: Solver) -> None:
    linear = program([1, 2, 3], [10, 10, 10], [(6, [1, 1, 1], 6), (1, [1, -1, 0], 1)])
    x = assert_optimal(solver.solve(linear, Limits()), linear, 8.5)
    assert x == pytest.approx([3.5, 2.5, 0])


def test_ranged_rows_bind_on_either_side(solver: Solver) -> None:
    upwards = program([-1, -1], [10, 10], [(2, [1, 2], 5)])
    assert_optimal(solver.solve(upwards, Limits()), upwards, -5)
    downwards = program([1, 1], [10, 10], [(2, [1, 2], 5)])
    assert_optimal(solver.solve(downwards, Limits()), downwards, 1)


def test_degenerate_corner(solver: Solver) -> None:
    # Five rows meet in the optimal corner (1, 1), where two would do.
    rows = [(-INF, [k, 6 - k], 6) for k in (1, 2, 3, 4, 5)]
    linear = program([-1, -1], [10, 10], rows)
    x = assert_optimal(solver.solve(linear, Limits()), linear, -2)
    assert x.sum() == pytest.approx(2)


def test_cycling_example(solver: Solver) -> None:
    # Beale 1955: the simplex method with the plain rules never leaves the origin.
    linear = program(
        [-0.75, 150, -0.02, 6],
        [1e4, 1e4, 1, 1e4],
        [(-INF, [0.25, -60, -0.04, 9], 0), (-INF, [0.5, -90, -0.02, 3], 0)],
    )
    assert_optimal(solver.solve(linear, Limits()), linear, -0.05)


def test_optimal_face_gives_one_of_its_points(solver: Solver) -> None:
    linear = program([-1, -1], [10, 10], [(-INF, [1, 1], 7)])
    x = assert_optimal(solver.solve(linear, Limits()), linear, -7)
    assert x.sum() == pytest.approx(7)


def test_infeasible_rows(solver: Solver) -> None:
    linear = program([1, 1], [10, 10], [(5, [1, 1], INF), (-INF, [1, 1], 4)])
    solution = solver.solve(linear, Limits())
    assert solution.status is Status.INFEASIBLE
    assert solution.x is None


def test_infeasible_against_bounds(solver: Solver) -> None:
    solution = solver.solve(program([-1, -1], [2, 2], [(5, [1, 1], INF)]), Limits())
    assert solution.status is Status.INFEASIBLE
    assert solution.x is None


def test_infeasible_only_for_whole_numbers(solver: Solver) -> None:
    linear = program([1], [10], [(1, [3], 2)], integer=[0])
    assert solver.solve(linear, Limits()).status is Status.INFEASIBLE
    assert solver.solve(linear.relaxed(), Limits()).status is Status.OPTIMAL


def test_row_without_entries(solver: Solver) -> None:
    harmless = program([1, 1], [2, 2], [(-1, [0, 0], 1), (1, [1, 1], INF)])
    assert_optimal(solver.solve(harmless, Limits()), harmless, 1)
    impossible = program([1, 1], [2, 2], [(1, [0, 0], INF), (1, [1, 1], INF)])
    assert solver.solve(impossible, Limits()).status is Status.INFEASIBLE


def test_free_standing_columns(solver: Solver) -> None:
    # Column 1 earns without any row, column 2 only costs, column 3 has neither cost nor row.
    linear = program([-1, -2, 3, 0], [5, 7, 9, 6], [(-INF, [2, 0, 0, 0], 6)], lower=[0, 0, 1, 4])
    x = assert_optimal(solver.solve(linear, Limits()), linear, -3 - 14 + 3)
    assert x[:3] == pytest.approx([3, 7, 1])
    assert 4 <= x[3] <= 6


def test_negative_and_fixed_bounds(solver: Solver) -> None:
    linear = program([1, 1, -1], [5, 2, 3], [(-4, [1, 1, 0], INF)], lower=[-5, 2, -3])
    x = assert_optimal(solver.solve(linear, Limits()), linear, -5 + 2 - 3 + 0)
    assert x[1] == pytest.approx(2)


def test_empty_program(solver: Solver) -> None:
    solution = solver.solve(program([], [], offset=3.0), Limits())
    assert solution.status is Status.OPTIMAL
    assert solution.x is not None
    assert solution.x.shape == (0,)
    assert solution.objective == 3.0
    if isinstance(solver, Highs):  # others prove no bound of their own
        assert solution.bound == 3.0


def test_program_without_rows(solver: Solver) -> None:
    linear = program([1, -1], [4, 4], lower=[2, 0])
    x = assert_optimal(solver.solve(linear, Limits()), linear, -2)
    assert x == pytest.approx([2, 4])


def test_program_without_cost(solver: Solver) -> None:
    linear = program([0, 0], [4, 4], [(3, [1, 1], 5)])
    assert_optimal(solver.solve(linear, Limits()), linear, 0)


def test_mixed_integer(solver: Solver) -> None:
    # Opening costs 10 and allows 8 units worth 2 each; half an opening would be allowed without integrality.
    linear = program([10, -2], [1, 100], [(-INF, [-8, 1], 0), (-INF, [0, 1], 6)], integer=[0])
    x = assert_optimal(solver.solve(linear, Limits()), linear, -2)
    assert x == pytest.approx([1, 6])
    relaxed = linear.relaxed()
    assert_optimal(solver.solve(relaxed, Limits()), relaxed, -4.5)


def test_general_integers(solver: Solver) -> None:
    linear = program([-5, -4], [10, 10], [(-INF, [6, 4], 24), (-INF, [1, 2], 6)], integer=[0, 1])
    x = assert_optimal(solver.solve(linear, Limits()), linear, -20)
    assert x == pytest.approx(np.rint(x))


def test_gap_of_the_last_digit_is_no_gap(solver: Solver) -> None:
    """CBC ends this one "within gap tolerance", at a gap of minus one unit in the last place."""
    linear = program([-2, 0, 1, -2], [1, 0, 2, 3], [(-1, [-3, 0, 2, -1], INF)], integer=[2])
    assert_optimal(solver.solve(linear, Limits()), linear, -16 / 3)


def test_euros_and_tiny_worths(solver: Solver) -> None:
    """Coefficients of 1e-8 beside pots of millions: the case in which an unscaled solver stops too early."""
    pot = 1_140_000.33
    linear = program(
        [-3.1e-8, -2.9e-8, 1e-8],
        [1e7, 1e7, 1e7],
        [(-INF, [1, 1, 0], pot), (0, [1, 0, -1], 0), (-INF, [0, 1, 0], 700_000.1)],
    )
    best = -2.9e-8 * 700_000.1 - 2.1e-8 * (pot - 700_000.1)
    solution = solver.solve(linear, Limits())
    assert solution.status is Status.OPTIMAL
    assert solution.objective == pytest.approx(best, rel=1e-8)


def test_same_answer_twice(solver: Solver) -> None:
    linear = program([-1, -1, -1], [5, 5, 5], [(-INF, [1, 1, 1], 7), (-INF, [1, 2, 3], 9)])
    first, second = solver.solve(linear, Limits()), solver.solve(linear, Limits())
    assert first.x is not None
    assert second.x is not None
    assert first.x.tolist() == second.x.tolist()


def test_time_limit_keeps_a_feasible_point_or_none(solver: Solver) -> None:
    linear = knapsack(120, seed=5)
    started = time.perf_counter()
    solution = solver.solve(linear, Limits(seconds=1.0))
    # Generous: the point is that the limit reaches the solver at all, which needs minutes without one.
    assert time.perf_counter() - started < 30
    assert solution.status is Status.LIMIT
    if solution.x is None:
        assert np.isnan(solution.objective)
    else:
        assert (linear.activity(solution.x) <= linear.row_upper + 1e-6).all()
        assert solution.x == pytest.approx(np.rint(solution.x), abs=1e-5)
        assert solution.objective == pytest.approx(linear.objective(solution.x))
        assert solution.objective < 0


def test_gap_is_honoured(solver: Solver) -> None:
    linear = knapsack(60, seed=2)
    solution = solver.solve(linear, Limits(seconds=60, mip_gap=0.05))
    assert solution.status is Status.OPTIMAL
    assert solution.x is not None
    relaxation = solver.solve(linear.relaxed(), Limits())
    assert solution.objective <= relaxation.objective * (1 - 0.06)
    assert solution.objective >= relaxation.objective - 1e-6 * abs(relaxation.objective)


def test_nothing_on_stdout(solver: Solver, capfd: pytest.CaptureFixture[str]) -> None:
    solver.solve(program([-1, -1], [10, 10], [(-INF, [1, 1], 7)], integer=[0]), Limits())
    solver.solve(program([1], [2], [(5, [1], INF)]), Limits())
    assert capfd.readouterr().out == ""


@st.composite
def small_programs(draw: st.DrawFn) -> LinearProgram:
    columns, rows = draw(st.integers(1, 5)), draw(st.integers(0, 5))
    whole = st.integers(-4, 4)
    cost = draw(st.lists(whole, min_size=columns, max_size=columns))
    upper = draw(st.lists(st.integers(0, 6), min_size=columns, max_size=columns))
    sides = []
    for _ in range(rows):
        coefficients = draw(st.lists(whole, min_size=columns, max_size=columns))
        low, width = draw(st.integers(-8, 8)), draw(st.integers(0, 6))
        kind = draw(st.sampled_from(["least", "most", "range", "equal"]))
        low_side = -INF if kind == "most" else float(low)
        high_side = {"least": INF, "equal": float(low)}.get(kind, float(low + width))
        sides.append((low_side, coefficients, high_side))
    integer = draw(st.lists(st.integers(0, columns - 1), max_size=columns, unique=True))
    return program(cost, upper, sides, integer=integer)


@settings(max_examples=60, deadline=None)
@given(linear=small_programs())
def test_all_backends_agree(linear: LinearProgram) -> None:
    answers = {name: backend().solve(linear, Limits()) for name, backend in BACKENDS.items()}
    reference = answers["highs"]
    for solution in answers.values():
        assert solution.status is reference.status
        if reference.status is Status.OPTIMAL:
            # Whole numbers are whole to 1e-6 only, and so is what depends on them.
            assert_optimal(solution, linear, reference.objective, 1e-6 if linear.is_mixed_integer else 1e-9)
