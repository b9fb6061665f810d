"""Siblings: certified optima of many like programs, each solved from the basis of the one before.

Variants of one scenario often have the same columns and rows with other numbers. The basis of one is then close to the
next one's optimum. What the solver says is confirmed from the arrays as ever, so that the way there does not matter,
and plans are made canonical afterwards, so that they do not depend on it either.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocate.bench.proposals import Answer, proposal, solve_proven
from allocate.errors import CertificateError
from allocate.model.compile import Compiled
from allocate.model.program import LinearProgram
from allocate.results.allocation import Allocation
from allocate.solve.certify import OPTIMALITY, certify
from allocate.solve.loaded import FROM_NEIGHBOUR, LoadedProgram
from allocate.solve.solution import Limits, Solution, Status

# The solver remembers what was changed since loading; so often that is tidied up.
_RESTORED_AFTER = 50


class Siblings:
    """Solves linear programs, and makes plans of variants, one after the other.

    ``near``: a solved program whose basis and scaling the first one begins with where it has the same columns and rows.
    """

    def __init__(self, limits: Limits | None = None, near: LoadedProgram | None = None) -> None:
        self._limits = limits
        self._loaded = near
        # The program as the solver holds it now, which is that of the last question.
        self._loaded_now: LinearProgram | None = None
        self._changes = 0

    def solve(self, program: LinearProgram, *, scenario: str = "", within: float = OPTIMALITY) -> Answer | None:
        """The certified optimum; None where there is none. ``within``: the gap that still counts as proven.

        An answer that the arrays do not confirm, and the word that there is no plan, are asked for again from scratch.
        Raises ``CertificateError`` as ``solve_proven`` does.
        """
        found = self._solved(program)
        if found.x is not None and found.status is Status.OPTIMAL:
            certificate = certify(program, found.x, found.row_dual, within=within)
            if certificate.verified:
                return Answer(program, replace(found, objective=certificate.objective), certificate, self._loaded)
        return solve_proven(program, self._limits, scenario=scenario, within=within)

    def plan(self, compiled: Compiled, *, scenario: str = "") -> Allocation | None:
        """The certified canonical plan of a divisible variant; None where there is none.

        Where the plan closest to today cannot be proven from a neighbour's basis, it is sought from scratch, as a run
        of the variant alone would. Raises ``CertificateError``.
        """
        answer = self.solve(compiled.program, scenario=scenario)
        if answer is None:
            return None
        try:
            plan = proposal(compiled, answer, self._limits)
            if plan.unique:
                return plan
        except CertificateError:
            pass
        again = solve_proven(compiled.program, self._limits, scenario=scenario)
        return None if again is None else proposal(compiled, again, self._limits)

    def _solved(self, program: LinearProgram) -> Solution:
        before = self._loaded
        if before is not None and self._loaded_now is not None and same_matrix(self._loaded_now, program):
            if self._changes >= _RESTORED_AFTER:
                before.restore()
                self._loaded_now, self._changes = before.program, 0
            _change(before, self._loaded_now, program)
            self._loaded_now, self._changes = program, self._changes + 1
            return before.solve(method=None if before.basis() is None else FROM_NEIGHBOUR)
        like = before if before is not None and same_size(before.program, program) else None
        self._loaded, self._loaded_now, self._changes = LoadedProgram(program, self._limits, like=like), program, 0
        basis = None if like is None else like.basis()
        if basis is not None:
            self._loaded.start_from(basis)
        return self._loaded.solve(method=None if basis is None else FROM_NEIGHBOUR)


def same_size(one: LinearProgram, other: LinearProgram) -> bool:
    """Whether columns and rows of both mean the same things."""
    return (one.column_count, one.row_count) == (other.column_count, other.row_count) and all(
        [(family.name, family.start) for family in mine.families]
        == [(family.name, family.start) for family in theirs.families]
        for mine, theirs in ((one.columns_index, other.columns_index), (one.rows_index, other.rows_index))
    )


def same_matrix(one: LinearProgram, other: LinearProgram) -> bool:
    """Whether the programs differ in bounds, sides and costs at most."""
    return same_size(one, other) and all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in ("starts", "rows", "values")
    )


def _change(loaded: LoadedProgram, own: LinearProgram, program: LinearProgram) -> None:
    """Give the loaded program, which is ``own`` now, the bounds, sides and costs of another one of the same matrix."""
    bounds = np.flatnonzero((own.lower != program.lower) | (own.upper != program.upper))
    rows = np.flatnonzero((own.row_lower != program.row_lower) | (own.row_upper != program.row_upper))
    cost = np.flatnonzero(own.cost != program.cost)
    if len(bounds):
        loaded.change_bounds(bounds, program.lower[bounds], program.upper[bounds])
    if len(rows):
        loaded.change_row_bounds(rows, program.row_lower[rows], program.row_upper[rows])
    if len(cost):
        loaded.change_cost(cost, program.cost[cost])
