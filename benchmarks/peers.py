"""The usual ways to the same optimum: each takes a town and gives the minimised objective that it found.

What is compared is one question, asked in the way that users of each library ask it: row by row (PuLP, Pyomo), by
families of labelled arrays (linopy), in matrices (cvxpy, scipy). All end in HiGHS
with one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

import numpy as np
from tests.reference.textbook import Textbook

from allocate.model.compile import compile_variant
from allocate.model.program import LinearProgram
from allocate.questions.program import program_of
from allocate.session import Session
from allocate.solve.certify import certify
from allocate.solve.highs import Highs
from allocate.solve.scaling import scale
from allocate.solve.solution import Limits
from benchmarks.phases import solve_raw

SCENARIO = "silo"


def ours(session: Session) -> float:
    """Tables -> arrays -> optimum -> certificate, as every command does it."""
    program = compile_variant(session.variant(SCENARIO)).program
    found = Highs().solve(program, Limits())
    assert found.x is not None
    assert certify(program, found.x, found.row_dual).verified
    return program.objective(found.x)


def whole_run(session: Session) -> float:
    """All of ``run``: the optimum, the plan closest to today, both certified, its tables judged."""
    return -session.run(SCENARIO).objective


def pulp_way(session: Session) -> float:
    """One Python loop for every "for all" of docs/model.md, built and solved by PuLP."""
    return -Textbook(session.variant(SCENARIO)).solve().objective


def linopy_way(session: Session) -> float:
    """A variable for each family of columns, constraints for each family of rows."""
    model = program_of(session, SCENARIO, scaled=False).to_linopy()
    model.solve("highs", io_api="direct", output_flag=False, threads=1)
    return float(model.objective.value)


def pyomo_way(session: Session) -> float:
    """One expression a row."""
    import pyomo.environ as pyo  # noqa: PLC0415  (a peer need not be installed)

    program = _program(session)
    model = pyo.ConcreteModel()
    bounds = list(zip(program.lower.tolist(), program.upper.tolist(), strict=True))
    model.x = pyo.Var(range(program.column_count), bounds=lambda _, j: bounds[j])
    order = np.argsort(program.rows, kind="stable")
    columns, values = program.entry_columns[order].tolist(), program.values[order].tolist()
    stops = np.cumsum(np.bincount(program.rows, minlength=program.row_count)).tolist()
    lower, upper = program.row_lower.tolist(), program.row_upper.tolist()

    def row(model: Any, i: int) -> object:
        entries = range(stops[i - 1] if i else 0, stops[i])
        body = sum(values[k] * model.x[columns[k]] for k in entries)
        if not entries:
            return pyo.Constraint.Skip
        return (None if lower[i] == -np.inf else lower[i], body, None if upper[i] == np.inf else upper[i])

    model.rows = pyo.Constraint(range(program.row_count), rule=row)
    priced = np.flatnonzero(program.cost).tolist()
    model.goal = pyo.Objective(expr=sum(program.cost[j] * model.x[j] for j in priced) + program.offset)
    solver = pyo.SolverFactory("appsi_highs")
    solver.highs_options = {"threads": 1}
    solver.solve(model)
    return float(pyo.value(model.goal))


def cvxpy_way(session: Session) -> float:
    """Matrices and vectors."""
    import cvxpy  # noqa: PLC0415  (a peer need not be installed)

    program = _program(session)
    equal, sides, free, most = _matrices(program)
    x = cvxpy.Variable(program.column_count)
    rules = [equal @ x == sides, free @ x <= most, x >= program.lower, x <= program.upper]
    problem = cvxpy.Problem(cvxpy.Minimize(program.cost @ x), rules)
    return float(problem.solve(solver="HIGHS")) + program.offset


def scipy_way(session: Session) -> float:
    """``linprog`` on matrices."""
    from scipy.optimize import linprog  # noqa: PLC0415  (a peer need not be installed)

    program = _program(session)
    equal, sides, free, most = _matrices(program)
    bounds = np.column_stack([program.lower, program.upper])
    found = linprog(program.cost, free, most, equal, sides, bounds, method="highs")
    return float(found.fun) + program.offset


def highs_best(session: Session) -> float:
    """Interior point with crossover on the equilibrated program: the best configuration of HiGHS that we know of."""
    scaled = scale(_program(session))
    return solve_raw(scaled.program, method="ipm") / scaled.objective


def highs_default(session: Session) -> float:
    """HiGHS with default options on the program as it is."""
    return solve_raw(_program(session))


def _program(session: Session) -> LinearProgram:
    return session.compiled(SCENARIO).program


def _matrices(program: LinearProgram) -> tuple[Any, Any, Any, Any]:
    """Equations and upper sides: A_eq, b_eq, A_ub, b_ub."""
    from scipy.sparse import csc_array, vstack  # noqa: PLC0415  (a peer need not be installed)

    shape = (program.row_count, program.column_count)
    matrix = csc_array((program.values, program.rows, program.starts), shape=shape).tocsr()
    same = program.row_lower == program.row_upper
    above, below = ~same & np.isfinite(program.row_upper), ~same & np.isfinite(program.row_lower)
    sides = np.concatenate([program.row_upper[above], -program.row_lower[below]])
    return matrix[same], program.row_lower[same], vstack([matrix[above], -matrix[below]]), sides


# What each way is called, what it needs, and how far its optimum may lie from ours: solvers on unscaled numbers stop
# short of it and call it optimal.
WAYS: Mapping[str, tuple[Callable[[Session], float], str]] = {
    "allocate": (ours, "allocate"),
    "allocate run": (whole_run, "allocate"),
    "PuLP": (pulp_way, "pulp"),
    "linopy": (linopy_way, "linopy"),
    "Pyomo": (pyomo_way, "pyomo"),
    "cvxpy": (cvxpy_way, "cvxpy"),
    "scipy": (scipy_way, "scipy"),
    "HiGHS, default": (highs_default, "highspy"),
    "HiGHS, best": (highs_best, "highspy"),
}


def installed(package: str) -> str:
    """The version of a package; blank where it is not installed."""
    if find_spec(package) is None:
        return ""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
