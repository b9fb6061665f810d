"""Every other solver, and LP and MPS files, through PuLP: the second opinion on a program.

PuLP hands the same arrays to CBC, SCIP, GLPK, Gurobi and some twenty more. What comes back is not believed:
the point is checked against the arrays, the objective is computed from them, duals are dropped (CBC's have
the wrong sign for some programs), and a run that ended without a clear word raises an error instead of being
guessed. This is the only file that imports PuLP.
"""

from __future__ import annotations

import inspect
import math
import time
import warnings
from importlib.metadata import metadata
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pulp

from allocate.errors import AllocateError, SolverMissing, UsageError
from allocate.files import draft
from allocate.model.program import LinearProgram
from allocate.solve.engine import quiet_stdout
from allocate.solve.naming import column_names, row_names, unique
from allocate.solve.points import has_impossible_empty_row, is_feasible, nearest_to_zero
from allocate.solve.scaling import Scaled, scale
from allocate.solve.solution import Limits, Solution, Status
from allocate.town.arrays import Floats, Ints

PREFIX = "pulp:"

# These two know whole numbers only: they would round capacities and money and call the outcome optimal.
_UNFIT = frozenset({"CPSAT", "CHOCO_CMD"})
_NICKNAMES = {"COIN_CMD": "CBC", "PYGLPK": "GLPK"}
_OWN_EXTRAS = {"CBC": "cbc", "SCIP": "scip"}
# A gap this small is the rounding of the last digit that a solver prints.
_NO_GAP = 1e-9
_INFINITE = float("inf")
_CATEGORIES: tuple[Literal["Continuous"], Literal["Integer"]] = ("Continuous", "Integer")

_STOPPED = frozenset(
    {
        pulp.LpSolveStatus.TimeLimit,
        pulp.LpSolveStatus.MemoryLimit,
        pulp.LpSolveStatus.NodeLimit,
        pulp.LpSolveStatus.IterationLimit,
        pulp.LpSolveStatus.SolutionLimit,
        pulp.LpSolveStatus.GapLimit,
        pulp.LpSolveStatus.Interrupted,
        pulp.LpSolveStatus.Stopped,
    }
)


class PulpSolver:
    """A solver that PuLP knows, by ``pulp:`` and its name: ``pulp:CBC``, ``pulp:SCIP``, ``pulp:HiGHS`` ...

    Raises ``UsageError`` (solver-unknown) for a name PuLP does not know and ``SolverMissing`` for one that is
    not installed, with the command that installs it.
    """

    def __init__(self, name: str) -> None:
        self._backend = _backend(name)
        self.name = PREFIX + _family(self._backend)

    def solve(self, program: LinearProgram, limits: Limits) -> Solution:
        """Solve from scratch; see ``allocate.solve.solution.Solver``.

        ``x`` is in the order of the program's columns, ``row_dual`` is always None. A solver that stops at a
        limit keeps its best point if that point is feasible. Raises ``AllocateError`` (solver-failed) when
        the solver breaks off, contradicts the arrays, or leaves open whether there is a plan.
        """
        started = time.perf_counter()
        status, x, bound, detail = self._run(program, limits)
        return Solution(
            status=status,
            solver=self.name,
            x=x,
            row_dual=None,
            objective=program.objective(x) if x is not None else float("nan"),
            bound=bound,
            seconds=time.perf_counter() - started,
            detail=detail,
        )

    def _run(self, program: LinearProgram, limits: Limits) -> tuple[Status, Floats | None, float, str]:
        if has_impossible_empty_row(program):
            return Status.INFEASIBLE, None, -_INFINITE, "a row without entries cannot hold"
        if not program.rows.size and not program.cost.any():
            # Nothing to decide: PuLP would hand the solver an empty model, which some call unsolved.
            resting = nearest_to_zero(program)
            return Status.OPTIMAL, resting, program.objective(resting), "nothing to decide"

        scaled = scale(program)
        problem, variables = _build(scaled.program, cost=scaled.program.cost)
        stats = self._call(problem, limits)
        if stats.status == pulp.LpSolveStatus.Undefined:
            return self._settle(program, limits)
        x = _point(program, scaled, variables) if stats.has_solution else None
        return self._judge(program, x, stats, limits)

    def _judge(
        self, program: LinearProgram, x: Floats | None, stats: pulp.LpSolveStats, limits: Limits
    ) -> tuple[Status, Floats | None, float, str]:
        """Turn what the solver says about its run, and the checked point, into a status."""
        detail = stats.status_str
        if stats.status == pulp.LpSolveStatus.Infeasible:
            return Status.INFEASIBLE, None, -_INFINITE, detail
        within_gap = stats.status == pulp.LpSolveStatus.GapLimit and _is_within(stats, limits)
        if stats.status == pulp.LpSolveStatus.Optimal or within_gap:
            if x is None:
                raise self._failure(f"{detail}, but the point it gave breaks the program's rows")
            exact = not program.is_mixed_integer or limits.mip_gap <= 0
            return Status.OPTIMAL, x, program.objective(x) if exact else -_INFINITE, detail
        if stats.status in _STOPPED:
            return Status.LIMIT, x, -_INFINITE, detail
        raise self._failure(detail)

    def _settle(self, program: LinearProgram, limits: Limits) -> tuple[Status, Floats | None, float, str]:
        """The solver said "infeasible or unbounded": without an objective only one of the two is possible."""
        problem, _ = _build(program, cost=np.zeros(program.column_count))
        stats = self._call(problem, limits)
        if stats.status == pulp.LpSolveStatus.Infeasible:
            return Status.INFEASIBLE, None, -_INFINITE, stats.status_str
        if stats.status in _STOPPED:
            return Status.LIMIT, None, -_INFINITE, stats.status_str
        raise self._failure("Undefined")

    def _call(self, problem: pulp.LpProblem, limits: Limits) -> pulp.LpSolveStats:
        try:
            with quiet_stdout(), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return problem.solve(_configured(self._backend, limits))
        except (pulp.PulpError, OSError) as error:
            raise self._failure(str(error).strip() or type(error).__name__) from error

    def _failure(self, reason: str) -> AllocateError:
        return AllocateError("solver-failed", solver=self.name, reason=reason)


def solver_names() -> list[str]:
    """The names ``PulpSolver`` takes, installed or not, in alphabetical order."""
    return sorted({PREFIX + _family(name) for name in _known()}, key=str.casefold)


def write_lp(program: LinearProgram, path: Path) -> None:
    """Write the program as a CPLEX LP file with names such as ``x(O01,S03)``.

    A row with two bounds becomes two (``...~min``, ``...~max``); the constant of the objective becomes the
    column ``constant``, fixed at 1; columns without cost and entries are left out; numbers have 12 digits.
    The file appears at once and complete, or not at all.
    """
    with draft(path) as aside:
        _named(program).writeLP(str(aside), max_length=255)


def write_mps(program: LinearProgram, path: Path) -> None:
    """Write the program as a free MPS file, with names as in ``write_lp``; numbers have 13 digits."""
    with draft(path) as aside:
        _named(program).writeMPS(str(aside))


class _Problem(pulp.LpProblem):
    """A problem that keeps its objective at hand.

    PuLP's SCIP interface asks for the objective once per column, and each time PuLP copies all of it out of
    its model and searches it from the front: minutes of waiting for a middling town.
    """

    kept: _Objective | None = None

    @property
    def objective(self) -> pulp.LpAffineExpression | None:
        return self.kept if self.kept is not None else super().objective

    @objective.setter
    def objective(self, value: pulp.LpAffineExpression | pulp.LpVariable | None) -> None:
        self.kept = None
        super(_Problem, type(self)).objective.fset(self, value)  # type: ignore[attr-defined]


class _Objective(pulp.LpAffineExpression):
    """An expression whose coefficients are looked up by the number of the variable."""

    by_number: dict[int, float]

    def get(self, key: pulp.LpVariable, default: float | None = None) -> float | None:
        return self.by_number.get(key.id, default)


def _build(
    program: LinearProgram,
    names: list[str] | None = None,
    rows: list[str] | None = None,
    cost: Floats | None = None,
) -> tuple[_Problem, list[pulp.LpVariable]]:
    """The program as a PuLP problem (minimised, without its constant) and its variables in column order."""
    cost = program.cost if cost is None else cost
    names = names or [f"x{j}" for j in range(program.column_count)]
    rows = rows or [f"r{i}" for i in range(program.row_count)]
    problem = _Problem("allocate", pulp.LpMinimize)
    variables = [
        problem.add_variable(name, _finite(low), _finite(high), _CATEGORIES[whole])
        for name, low, high, whole in zip(
            names, program.lower.tolist(), program.upper.tolist(), program.integer.tolist(), strict=True
        )
    ]
    columns, values, starts = _by_row(program)
    sides = zip(rows, program.row_lower.tolist(), program.row_upper.tolist(), strict=True)
    for i, (name, low, high) in enumerate(sides):
        entries = slice(starts[i], starts[i + 1])
        if entries.start == entries.stop:
            continue
        terms = [(variables[j], v) for j, v in zip(columns[entries], values[entries], strict=True)]
        if low == high:
            problem.addConstraint(pulp.lpSum_vars_coefs(terms) == low, name)
            continue
        both = math.isfinite(low) and math.isfinite(high)
        if math.isfinite(low):
            problem.addConstraint(pulp.lpSum_vars_coefs(terms) >= low, f"{name}~min" if both else name)
        if math.isfinite(high):
            problem.addConstraint(pulp.lpSum_vars_coefs(terms) <= high, f"{name}~max" if both else name)
    priced = np.flatnonzero(cost)
    objective = pulp.lpSum_vars_coefs([(variables[j], float(cost[j])) for j in priced])
    problem.setObjective(objective)
    if priced.size:
        kept = _Objective(objective._expr)
        kept.by_number = {variables[j].id: float(cost[j]) for j in priced}
        problem.kept = kept
    return problem, variables


def _named(program: LinearProgram) -> _Problem:
    """The problem with readable names, and with the constant of its objective as a fixed column."""
    columns = unique([*column_names(program), "constant"])
    problem, variables = _build(program, columns[:-1], row_names(program))
    if program.offset:
        # PuLP's writers drop a constant without a word, and readers differ about one.
        constant = problem.add_variable(columns[-1], 1, 1)
        terms = [(variables[j], float(program.cost[j])) for j in np.flatnonzero(program.cost)]
        problem.setObjective(pulp.lpSum_vars_coefs([*terms, (constant, program.offset)]))
    return problem


def _by_row(program: LinearProgram) -> tuple[list[int], list[float], list[int]]:
    """Columns and values of all entries, row after row, and where each row starts."""
    order = np.argsort(program.rows, kind="stable")
    starts: Ints = np.zeros(program.row_count + 1, dtype=np.int64)
    np.cumsum(np.bincount(program.rows, minlength=program.row_count), out=starts[1:])
    return program.entry_columns[order].tolist(), program.values[order].tolist(), starts.tolist()


def _point(program: LinearProgram, scaled: Scaled, variables: list[pulp.LpVariable]) -> Floats | None:
    """The solver's point in the program's own units, inside its bounds; None where it breaks a row."""
    values = np.array([math.nan if v.varValue is None else v.varValue for v in variables], dtype=np.float64)
    # PuLP leaves out columns without any entry and cost: they rest at the bound nearest to zero.
    resting = nearest_to_zero(program)
    x: Floats = np.where(np.isnan(values), resting, scaled.unscale_x(values))
    x = np.clip(x, program.lower, program.upper)
    return x if is_feasible(program, x) else None


def _is_within(stats: pulp.LpSolveStats, limits: Limits) -> bool:
    """Whether a run that ended "within the gap" reached the gap it was allowed; CBC says so of exact optima, too."""
    if stats.gap_rel is None:
        # A run that names no gap ended within the one it was given, which is always set.
        return True
    return stats.gap_rel <= max(limits.mip_gap, _NO_GAP) or (stats.gap_abs or math.inf) <= _NO_GAP


def _finite(bound: float) -> float | None:
    return bound if math.isfinite(bound) else None


def _known() -> list[str]:
    with quiet_stdout(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [name for name in pulp.listSolvers() if name not in _UNFIT]


def _family(backend: str) -> str:
    """``SCIP`` for ``SCIP_PY`` and ``SCIP_CMD``: the solver, however PuLP reaches it."""
    if backend in _NICKNAMES:
        return _NICKNAMES[backend]
    return backend.removesuffix("_CMD").removesuffix("_PY").removesuffix("_DLL")


def _backend(name: str) -> str:
    """PuLP's name of the first installed way to reach a solver; libraries before programs."""
    wanted = name.removeprefix(PREFIX).casefold()
    known = _known()
    fitting = [n for n in known if wanted in (n.casefold(), _family(n).casefold())]
    if not fitting:
        raise UsageError("solver-unknown", solver=name, known=", ".join(["highs", *solver_names()]))
    for backend in sorted(fitting, key=lambda n: n.endswith("_CMD")):
        if _is_available(backend):
            return backend
    raise SolverMissing("solver-missing", solver=name, install=_install(_family(fitting[0])))


def _is_available(backend: str) -> bool:
    with quiet_stdout(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return bool(pulp.getSolver(backend, msg=False).available())


def _install(family: str) -> str:
    """The command that installs a solver; for one without a package, where its program must be found."""
    if family in _OWN_EXTRAS:
        return f'pip install "allocate[{_OWN_EXTRAS[family]}]"'
    extras = metadata("pulp").get_all("Provides-Extra") or []
    if family.lower() in extras:
        return f'pip install "pulp[{family.lower()}]"'
    return f"{family} -> PATH"


def _configured(backend: str, limits: Limits) -> pulp.LpSolver:
    """The PuLP solver with the limits it understands; gaps are always set, their defaults are not zero."""
    solver = pulp.getSolver(backend, msg=False)
    options: dict[str, Any] = {"msg": False, "gapRel": limits.mip_gap, "gapAbs": 0.0}
    if backend == "HiGHS":
        # HiGHS refuses to run when two of its users in one process ask for different numbers of threads.
        options["threads"] = 1
    if math.isfinite(limits.remaining):
        options["timeLimit"] = limits.remaining
    if backend == "COIN_CMD" and "cbcbox" in str(getattr(solver, "path", "")):
        # CBC rounds its solution to 8 digits otherwise, cents of a pot of a million; older ones always do.
        options["options"] = ["precisionOutput %23.17g"]
    accepted = inspect.signature(type(solver).__init__).parameters
    return pulp.getSolver(backend, **{key: value for key, value in options.items() if key in accepted})
