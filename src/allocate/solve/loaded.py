"""LoadedProgram: a program held inside HiGHS, solved, and solved again from the last basis after changes."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

import highspy
import numpy as np

from allocate.errors import AllocateError
from allocate.model.program import LinearProgram
from allocate.solve.basis import Basis
from allocate.solve.engine import NAME
from allocate.solve.held import HeldProgram
from allocate.solve.solution import Limits, Solution, Status
from allocate.solve.turns import in_turn
from allocate.town.arrays import Bools, Floats, Ints

# From this many stored entries on, an interior point with crossover beats the simplex method on a cold start.
INTERIOR_POINT_FROM = 20_000
WITHOUT_PRESOLVE = "-without-presolve"
# After a change of the objective the last point stays feasible, which is where the primal simplex method begins.
PRIMAL = "primal-simplex"
# From a neighbour's basis costs are not moved apart against going in circles, which costs more steps than it is away.
FROM_NEIGHBOUR = "simplex-from-neighbour"
_NEIGHBOUR_STEPS = 20_000
_DUAL_STRATEGY, _PRIMAL_STRATEGY = 1, 4
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


class LoadedProgram(HeldProgram):
    """A program inside HiGHS that is solved, changed and solved again from the last basis (see ``HeldProgram``)."""

    def __init__(
        self,
        program: LinearProgram,
        limits: Limits | None = None,
        lock: RLock | None = None,
        like: LoadedProgram | None = None,
    ) -> None:
        super().__init__(program, limits, lock, like)
        self._has_basis = False
        # The basis that the program as loaded ends in when it is solved from scratch.
        self._home: highspy.HighsBasis | None = None

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
        found = self._solution(status, time.perf_counter() - started)
        self._standing = found.row_dual if found.status is Status.OPTIMAL else None
        if not warm and self._standing is not None and self._is_as_loaded:
            self._home = self.basis()
        return found

    def stands_at(self, program: LinearProgram, found: Solution) -> bool:
        """Whether ``found`` is the optimum of the last solve, of ``program``, and nothing has been changed since.

        Bounds, sides and costs may have been changed before that solve; the matrix is that of the loaded program.
        """
        own = self.program
        return (
            self._has_basis
            and self._standing is not None
            and self._standing is found.row_dual
            and (len(self._row_factor), len(self._scaled.column)) == (own.row_count, own.column_count)
            and (program.row_count, program.column_count) == (own.row_count, own.column_count)
            and not program.is_mixed_integer
            and (program.values is own.values or np.array_equal(program.values, own.values))
        )

    @in_turn
    def go_home(self) -> Solution:
        """The optimum at the basis in which the program as loaded ends when it is solved from scratch.

        Which of several optimal bases, and so which duals, a warm solve finds depends on what was asked before; here
        everybody finds the same. Changes must have been taken back.
        """
        if self._home is None:
            self.solve(warm=False)
        if self._home is not None:
            self.start_from(self._home)
        return self.solve()

    @in_turn
    def twin(self) -> LoadedProgram:
        """The program as it was loaded in an instance of its own, at the basis of ``go_home``.

        An instance remembers what it was asked, down to the random numbers that move costs apart, and so comes to
        other vertices of an optimal face. What asks a twin alone gets the same answers whatever was asked before.
        """
        twin = LoadedProgram(self.program, self.limits, self._lock, like=self)
        if self._home is not None:
            twin._home = self._home
            twin.start_from(self._home)
        return twin

    @contextmanager
    def what_if(self) -> Iterator[LoadedProgram]:
        """Within the block everything may be changed; afterwards program and basis are as before."""
        with self._lock:
            basis, standing = self.basis(), self._standing if self._is_as_loaded else None
            try:
                yield self
            finally:
                self.restore()
                if basis is not None:
                    self.start_from(basis)
                    self._standing = standing

    @in_turn
    def basis(self) -> highspy.HighsBasis | None:
        """The basis of the last solve, to return to with ``start_from``."""
        return self._solver.getBasis() if self._has_basis else None

    @in_turn
    def basic(self) -> tuple[Bools, Bools]:
        """Which columns and which rows of the program are in the basis of the last solve."""
        count, size = self.program.column_count, self.program.row_count
        status, found = self._solver.getBasicVariables()
        if status != highspy.HighsStatus.kOk:
            # A basis that was handed over is not factorised before the next run.
            basis, word = self._solver.getBasis(), highspy.HighsBasisStatus.kBasic
            marks = np.array([one == word for one in (*basis.col_status, *basis.row_status)], dtype=bool)
            return marks[:count], marks[count : count + size]
        columns, rows = np.zeros(count, dtype=bool), np.zeros(size, dtype=bool)
        columns[found[found >= 0]] = True
        rows[-found[found < 0] - 1] = True
        return columns, rows

    @in_turn
    def start_from(self, basis: highspy.HighsBasis) -> None:
        """Let the next warm solve begin at this basis."""
        self._solver.setBasis(basis)
        self._has_basis, self._standing = True, None

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
        if not self._has_basis or not self._is_as_loaded or self.program.is_mixed_integer:
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

    def _run(self, method: str | None) -> None:
        interior = len(self.program.values) >= INTERIOR_POINT_FROM
        chosen = method or ("ipm" if interior and not self._has_basis else "simplex")
        near, whole = chosen == FROM_NEIGHBOUR, self.program.is_mixed_integer
        options: dict[str, str | float] = {
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


def _solver_of(method: str) -> str:
    """HiGHS's name of a method's solver."""
    return "simplex" if method in (PRIMAL, FROM_NEIGHBOUR) else method.removesuffix(WITHOUT_PRESOLVE)
