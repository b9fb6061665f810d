"""LoadedProgram: a program held inside HiGHS, changed and solved again from the last basis.

Callers speak in the units of the original program; scaling happens at this border and nowhere else.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import RLock
from typing import Any

import highspy
import numpy as np

from allocate.errors import AllocateError
from allocate.model.program import LinearProgram
from allocate.solve.basis import Basis
from allocate.solve.quiet import quiet_stdout
from allocate.solve.scaling import Scaled, scale
from allocate.solve.solution import Limits, Solution, Status
from allocate.solve.turns import in_turn
from allocate.town.arrays import Floats, Ints

NAME = "highs"
# From this many stored entries on, an interior point with crossover beats the simplex method on a cold start.
INTERIOR_POINT_FROM = 20_000
WITHOUT_PRESOLVE = "-without-presolve"
# After a change of the objective the last point stays feasible, which is where the primal simplex method begins.
PRIMAL = "primal-simplex"
# From a neighbour's basis costs are not moved apart against going in circles, which costs more steps than it is away.
FROM_NEIGHBOUR = "simplex-from-neighbour"
_NEIGHBOUR_STEPS = 20_000
_DUAL_STRATEGY, _PRIMAL_STRATEGY = 1, 4
_DEVEX = 1
# How far a whole number may lie from one: an offer of millions of places must not open by a millionth.
_WHOLE = 1e-9
# How far a row or bound may be missed, in units of the largest value a column can take. The certificate compares with
# the values it has, which may be a hundredth of that. Whole programs keep HiGHS's own tolerance.
_KEPT, _LOOSE = 1e-9, 1e-7
# Tried one after the other from scratch where HiGHS ends undecided; presolve is what fails most often.
_OTHER_WAYS = ("simplex", f"simplex{WITHOUT_PRESOLVE}")
_STOPPED = {
    highspy.HighsModelStatus.kTimeLimit,
    highspy.HighsModelStatus.kIterationLimit,
    highspy.HighsModelStatus.kInterrupt,
    highspy.HighsModelStatus.kSolutionLimit,
}
# Every column is bounded, so a program that is "unbounded or infeasible" is infeasible.
_INFEASIBLE = {highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible}


@dataclass(frozen=True)
class Row:
    """A row to add: values @ x[columns] between lower and upper."""

    columns: Ints
    values: Floats
    lower: float = -math.inf
    upper: float = math.inf


class LoadedProgram:
    """One program in one HiGHS instance (a single thread, so that results do not depend on the machine).

    Threads take turns, by a ``lock`` of the program's own or by one that it shares with what works on it.
    """

    def __init__(self, program: LinearProgram, limits: Limits | None = None, lock: RLock | None = None) -> None:
        self._lock = RLock() if lock is None else lock
        self.program = program
        self.limits = limits or Limits()
        self._scaled: Scaled = scale(program)
        self._row_factor = self._scaled.row
        # The binding's type stubs lack half of its methods.
        self._solver: Any = _quiet_highs()
        if self.limits.stopped is not None:
            _let_go(self._solver, self.limits.stopped)
        self._pass(self._scaled.program)
        self._has_basis = False
        # What was changed since loading, so that going back costs as much as the change and not as the program.
        self._touched: dict[str, list[Ints]] = {"bounds": [], "cost": [], "rows": []}

    @in_turn
    def solve(self, *, warm: bool = True, method: str | None = None) -> Solution:
        """Solve; ``warm`` starts from the last basis where there is one.

        ``method`` is ``simplex``, ``primal-simplex`` (for a warm solve after a change of the objective),
        ``simplex-from-neighbour`` (for a warm solve of a like program; it may end undecided, as a limit), ``ipm`` or
        ``simplex-without-presolve`` (which leaves a ray where the program is infeasible), by default chosen by size.
        Raises ``AllocateError`` (solver-failed).
        """
        started = time.perf_counter()
        if not warm:
            self._solver.clearSolver()
            self._has_basis = False
        self._run(method)
        status = self._solver.getModelStatus()
        for other in _OTHER_WAYS:
            if status in _STOPPED | _INFEASIBLE | {highspy.HighsModelStatus.kOptimal}:
                break
            self._solver.clearSolver()
            self._has_basis = False
            self._run(other)
            status = self._solver.getModelStatus()
        self._has_basis = bool(self._solver.getBasis().valid)
        return self._solution(status, time.perf_counter() - started)

    @in_turn
    def change_bounds(self, columns: Ints, lower: Floats, upper: Floats) -> None:
        """Set the bounds of columns."""
        factor = self._scaled.column[columns]
        self._touched["bounds"].append(np.asarray(columns))
        self._solver.changeColsBounds(
            len(columns), _int32(columns), np.asarray(lower) / factor, np.asarray(upper) / factor
        )

    @in_turn
    def change_row_bounds(self, rows: Ints, lower: Floats, upper: Floats) -> None:
        """Set the two sides of rows (including added ones)."""
        factor = self._row_factor[rows]
        self._touched["rows"].append(np.asarray(rows))
        self._solver.changeRowsBounds(len(rows), _int32(rows), np.asarray(lower) * factor, np.asarray(upper) * factor)

    @in_turn
    def change_cost(self, columns: Ints, cost: Floats) -> None:
        """Set the objective coefficients of columns."""
        factor = self._scaled.column[columns] * self._scaled.objective
        self._touched["cost"].append(np.asarray(columns))
        self._solver.changeColsCost(len(columns), _int32(columns), np.asarray(cost) * factor)

    @in_turn
    def add_row(self, row: Row) -> int:
        """Add a row and return its number; ``restore`` takes it away again."""
        values = row.values * self._scaled.column[row.columns]
        largest = float(np.abs(values).max(initial=0.0))
        factor = 2.0 ** -round(math.log2(largest)) if largest > 0 else 1.0
        self._solver.addRows(
            1,
            np.array([row.lower * factor]),
            np.array([row.upper * factor]),
            len(values),
            np.array([0, len(values)], dtype=np.int32),
            _int32(row.columns),
            values * factor,
        )
        self._row_factor = np.append(self._row_factor, factor)
        return len(self._row_factor) - 1

    @in_turn
    def add_column(self, cost: float, lower: float, upper: float, rows: Ints, values: Floats) -> int:
        """Add a column with entries in existing rows and return its number; ``restore`` takes it away again."""
        self._solver.addCols(
            1,
            np.array([cost * self._scaled.objective]),
            np.array([lower]),
            np.array([upper]),
            len(rows),
            np.array([0, len(rows)], dtype=np.int32),
            _int32(rows),
            np.asarray(values) * self._row_factor[rows],
        )
        self._scaled = Scaled(
            self._scaled.program,
            self._scaled.row,
            np.append(self._scaled.column, 1.0),
            self._scaled.objective,
        )
        return len(self._scaled.column) - 1

    @in_turn
    def restore(self) -> None:
        """Return to the program as it was loaded; the basis is kept where it still fits."""
        added_rows = np.arange(self.program.row_count, len(self._row_factor))
        if len(added_rows):
            self._solver.deleteRows(len(added_rows), _int32(added_rows))
            self._row_factor = self._row_factor[: self.program.row_count]
        added_columns = np.arange(self.program.column_count, len(self._scaled.column))
        if len(added_columns):
            self._solver.deleteCols(len(added_columns), _int32(added_columns))
            self._scaled = Scaled(
                self._scaled.program,
                self._scaled.row,
                self._scaled.column[: self.program.column_count],
                self._scaled.objective,
            )
        self._restore_numbers()

    def _restore_numbers(self) -> None:
        original = self._scaled.program
        bounds, cost = (self._touched_within(kind, self.program.column_count) for kind in ("bounds", "cost"))
        rows = self._touched_within("rows", self.program.row_count)
        if len(bounds):
            self._solver.changeColsBounds(len(bounds), bounds, original.lower[bounds], original.upper[bounds])
        if len(cost):
            self._solver.changeColsCost(len(cost), cost, original.cost[cost])
        if len(rows):
            self._solver.changeRowsBounds(len(rows), rows, original.row_lower[rows], original.row_upper[rows])
        self._touched = {"bounds": [], "cost": [], "rows": []}

    def _touched_within(self, kind: str, count: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
        parts = self._touched[kind]
        numbers: Ints = np.unique(np.concatenate([*parts, np.zeros(0, dtype=np.int64)]))
        return _int32(numbers[numbers < count])

    @contextmanager
    def what_if(self) -> Iterator[LoadedProgram]:
        """Within the block everything may be changed; afterwards program and basis are as before."""
        with self._lock:
            basis = self.basis()
            try:
                yield self
            finally:
                self.restore()
                if basis is not None:
                    self.start_from(basis)

    @in_turn
    def basis(self) -> highspy.HighsBasis | None:
        """The basis of the last solve, to return to with ``start_from``."""
        return self._solver.getBasis() if self._has_basis else None

    @in_turn
    def start_from(self, basis: highspy.HighsBasis) -> None:
        """Let the next warm solve begin at this basis."""
        self._solver.setBasis(basis)
        self._has_basis = True

    @in_turn
    def start_from_narrower(self, other: LoadedProgram) -> None:
        """Let the next warm solve begin where ``other`` ended, whose columns and rows are the first of this program.

        Columns that ``other`` lacks begin at their lower bound, rows that it lacks slack.
        """
        basis = other.basis()
        if basis is None:
            return
        columns = self.program.column_count - len(basis.col_status)
        rows = self.program.row_count - len(basis.row_status)
        wider = highspy.HighsBasis()
        wider.col_status = [*basis.col_status, *[highspy.HighsBasisStatus.kLower] * columns]
        wider.row_status = [*basis.row_status, *[highspy.HighsBasisStatus.kBasic] * rows]
        wider.valid = True
        self.start_from(wider)

    @in_turn
    def reaches(self, rows: Ints, signs: Floats) -> Floats:
        """How far the sides of rows can move (+1: up, -1: down) before the last optimum's basis gives way.

        In units of the rows, >= 0; 0 where it gives way at once or where there is no basis to ask.
        """
        untouched = not any(self._touched.values()) and len(self._row_factor) == self.program.row_count
        if not self._has_basis or not untouched or self.program.is_mixed_integer:
            return np.zeros(len(rows))
        basis = Basis(self._solver, self._scaled.program)
        reached = [basis.reach(row, sign) for row, sign in zip(rows.tolist(), signs.tolist(), strict=True)]
        in_units: Floats = np.array(reached, dtype=float) / self._row_factor[rows]
        return in_units

    @in_turn
    def suggest(self, x: Floats) -> None:
        """Give a feasible point to start a mixed-integer run from."""
        solution = highspy.HighsSolution()
        solution.col_value = list(self._scaled.scale_x(x))
        self._solver.setSolution(solution)

    @in_turn
    def dual_ray(self) -> Floats | None:
        """Multipliers of the rows that prove infeasibility, in original units; None where HiGHS has none."""
        _, exists = self._solver.getDualRayExist()
        if not exists:
            return None
        _, _, ray = self._solver.getDualRay()
        unscaled: Floats = np.asarray(ray, dtype=float)[: self.program.row_count] * self._scaled.row
        return unscaled

    def _pass(self, program: LinearProgram) -> None:
        kinds = program.integer.astype(np.int32)
        arrays = (
            program.cost,
            program.lower,
            program.upper,
            program.row_lower,
            program.row_upper,
            _int32(program.starts[:-1]),
            _int32(program.rows),
            program.values,
            kinds,
        )
        status = self._solver.passModel(
            program.column_count,
            program.row_count,
            len(program.values),
            int(highspy.MatrixFormat.kColwise),
            int(highspy.ObjSense.kMinimize),
            program.offset,
            *arrays,
        )
        if status == highspy.HighsStatus.kError:
            raise AllocateError("solver-failed", solver=NAME, reason="program refused")

    def _run(self, method: str | None) -> None:
        interior = len(self.program.values) >= INTERIOR_POINT_FROM
        chosen = method or ("ipm" if interior and not self._has_basis else "simplex")
        near, whole = chosen == FROM_NEIGHBOUR, self.program.is_mixed_integer
        options: dict[str, object] = {
            "dual_simplex_cost_perturbation_multiplier": 0.0 if near else 1.0,
            "simplex_iteration_limit": _NEIGHBOUR_STEPS if near else highspy.kHighsIInf,
            "solver": "choose" if whole else _solver_of(chosen),
            "simplex_strategy": _PRIMAL_STRATEGY if chosen == PRIMAL else _DUAL_STRATEGY,
            "presolve": "off" if chosen.endswith(WITHOUT_PRESOLVE) else "choose",
            "mip_rel_gap": self.limits.mip_gap,
            "mip_abs_gap": self.limits.mip_gap * self._scaled.objective,
            "mip_feasibility_tolerance": _WHOLE,
            "primal_feasibility_tolerance": _LOOSE if whole else _KEPT,
        }
        if math.isfinite(self.limits.nodes):
            options["mip_max_nodes"] = int(self.limits.nodes)
        if math.isfinite(self.limits.remaining):
            options["time_limit"] = self._solver.getRunTime() + self.limits.remaining
        for name, value in options.items():
            self._solver.setOptionValue(name, value)
        if self._solver.run() == highspy.HighsStatus.kError:
            # HiGHS refuses to run where another user in the process has begun with another number of threads.
            self._solver.resetGlobalScheduler(True)
            self._solver.run()

    def _within_bounds(self, scaled: Floats) -> Floats:
        """The point in the program's own units, inside its bounds; as it is where they were changed after loading.

        A solver lets a column miss its bound by a tolerance of the scaled program: more in the units of a large column.
        """
        x = self._scaled.unscale_x(scaled)
        if self._touched["bounds"] or len(x) != self.program.column_count:
            return x
        return np.clip(x, self.program.lower, self.program.upper)

    def _solution(self, status: highspy.HighsModelStatus, seconds: float) -> Solution:
        if status in _INFEASIBLE:
            return Solution(Status.INFEASIBLE, NAME, seconds=seconds)
        detail = self._solver.modelStatusToString(status)
        if status not in _STOPPED and status != highspy.HighsModelStatus.kOptimal:
            raise AllocateError("solver-failed", solver=NAME, reason=detail)
        info, found = self._solver.getInfo(), self._solver.getSolution()
        stopped = status in _STOPPED
        feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        x = self._within_bounds(np.asarray(found.col_value)) if feasible or not stopped else None
        dual = None
        if found.dual_valid and not self.program.is_mixed_integer:
            dual = np.asarray(found.row_dual) * self._row_factor / self._scaled.objective
        bound = info.mip_dual_bound if self.program.is_mixed_integer else info.objective_function_value
        objective = math.nan if x is None else info.objective_function_value / self._scaled.objective
        return Solution(
            status=Status.LIMIT if stopped else Status.OPTIMAL,
            solver=NAME,
            x=x,
            row_dual=dual,
            objective=objective,
            bound=-math.inf
            if stopped and dual is None and not self.program.is_mixed_integer
            else bound / self._scaled.objective,
            seconds=seconds,
            detail=detail,
        )


def _let_go(solver: Any, stopped: Callable[[], bool]) -> None:
    """Let the solver ask now and then whether to go on; it ends as if a limit had been reached."""

    def asked(event: Any) -> None:
        if stopped():
            event.interrupt()

    for moment in (solver.cbSimplexInterrupt, solver.cbIpmInterrupt, solver.cbMipInterrupt):
        moment.subscribe(asked)


def _solver_of(method: str) -> str:
    """HiGHS's name of a method's solver."""
    return "simplex" if method in (PRIMAL, FROM_NEIGHBOUR) else method.removesuffix(WITHOUT_PRESOLVE)


def _int32(numbers: Ints) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.asarray(numbers, dtype=np.int32)


def _quiet_highs() -> Any:
    """A HiGHS instance; its constructor writes a banner to the standard output, which would break JSON there."""
    with quiet_stdout():
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    # Steepest-edge weights are computed anew after every change of basis, which costs more than a handful of pivots;
    # HiGHS heeds this only before an instance's first run.
    solver.setOptionValue("simplex_dual_edge_weight_strategy", _DEVEX)
    return solver
