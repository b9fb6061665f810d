"""HeldProgram: a program inside HiGHS that can be changed and put back.

Callers speak in the units of the original program; scaling happens at this border and nowhere else.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import RLock
from typing import Any

import highspy
import numpy as np

from allocate.errors import AllocateError
from allocate.model.program import LinearProgram
from allocate.solve.engine import NAME, Numbers, int32, new_instance
from allocate.solve.scaling import Scaled, scale, scaled_by
from allocate.solve.solution import Limits
from allocate.solve.turns import in_turn
from allocate.town.arrays import Floats, Ints


@dataclass(frozen=True)
class Row:
    """A row to add: values @ x[columns] between lower and upper."""

    columns: Ints
    values: Floats
    lower: float = -math.inf
    upper: float = math.inf


class HeldProgram:
    """One program in one HiGHS instance (a single thread, so that results do not depend on the machine).

    Threads take turns, by a ``lock`` of the program's own or by one that it shares with what works on it. ``like``: a
    program of the same columns and rows whose scaling is taken over; to find one takes longer than to load a program,
    which counts where programs come by hundreds.
    """

    def __init__(
        self,
        program: LinearProgram,
        limits: Limits | None = None,
        lock: RLock | None = None,
        like: HeldProgram | None = None,
    ) -> None:
        self._lock = RLock() if lock is None else lock
        self.program = program
        self.limits = limits or Limits()
        self._scaled: Scaled = scale(program) if like is None else like.scaled_like(program)
        self._row_factor = self._scaled.row
        self._solver: Any = new_instance(self.limits.stopped)
        self._pass(self._scaled.program)
        # What was changed since loading, so that going back costs as much as the change and not as the program.
        self._touched: dict[str, list[Ints]] = {"bounds": [], "cost": [], "rows": []}
        # The duals of the last solve while nothing has been changed since.
        self._standing: Floats | None = None

    def scaled_like(self, program: LinearProgram) -> Scaled:
        """A program of the same columns and rows, scaled by the factors of this one."""
        own = self._scaled
        rows, columns = own.row[: program.row_count], own.column[: program.column_count]
        return scaled_by(program, rows, columns, own.objective)

    @contextmanager
    def taken(self) -> Iterator[tuple[Any, Scaled]]:
        """The HiGHS instance and the scaling, for what works in the solver's units and leaves everything as it was."""
        with self._lock:
            yield self._solver, self._scaled

    @property
    def _is_as_loaded(self) -> bool:
        """Whether nothing has been changed or added since loading."""
        return (
            not any(self._touched.values())
            and len(self._row_factor) == self.program.row_count
            and len(self._scaled.column) == self.program.column_count
        )

    @in_turn
    def change_bounds(self, columns: Ints, lower: Floats, upper: Floats) -> None:
        """Set the bounds of columns."""
        factor = self._scaled.column[columns]
        self._standing = None
        self._touched["bounds"].append(np.asarray(columns))
        self._solver.changeColsBounds(
            len(columns), int32(columns), np.asarray(lower) / factor, np.asarray(upper) / factor
        )

    @in_turn
    def change_row_bounds(self, rows: Ints, lower: Floats, upper: Floats) -> None:
        """Set the two sides of rows (including added ones)."""
        factor = self._row_factor[rows]
        self._standing = None
        self._touched["rows"].append(np.asarray(rows))
        self._solver.changeRowsBounds(len(rows), int32(rows), np.asarray(lower) * factor, np.asarray(upper) * factor)

    @in_turn
    def change_cost(self, columns: Ints, cost: Floats) -> None:
        """Set the objective coefficients of columns."""
        factor = self._scaled.column[columns] * self._scaled.objective
        self._standing = None
        self._touched["cost"].append(np.asarray(columns))
        self._solver.changeColsCost(len(columns), int32(columns), np.asarray(cost) * factor)

    @in_turn
    def add_row(self, row: Row) -> int:
        """Add a row and return its number; ``restore`` takes it away again."""
        self._standing = None
        values = row.values * self._scaled.column[row.columns]
        largest = float(np.abs(values).max(initial=0.0))
        factor = 2.0 ** -round(math.log2(largest)) if largest > 0 else 1.0
        self._solver.addRows(
            1,
            np.array([row.lower * factor]),
            np.array([row.upper * factor]),
            len(values),
            np.array([0, len(values)], dtype=np.int32),
            int32(row.columns),
            values * factor,
        )
        self._row_factor = np.append(self._row_factor, factor)
        return len(self._row_factor) - 1

    @in_turn
    def add_column(self, cost: float, lower: float, upper: float, rows: Ints, values: Floats) -> int:
        """Add a column with entries in existing rows and return its number; ``restore`` takes it away again."""
        self._standing = None
        self._solver.addCols(
            1,
            np.array([cost * self._scaled.objective]),
            np.array([lower]),
            np.array([upper]),
            len(rows),
            np.array([0, len(rows)], dtype=np.int32),
            int32(rows),
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
        if self._is_as_loaded:
            return
        self._standing = None
        added_rows = np.arange(self.program.row_count, len(self._row_factor))
        if len(added_rows):
            self._solver.deleteRows(len(added_rows), int32(added_rows))
            self._row_factor = self._row_factor[: self.program.row_count]
        added_columns = np.arange(self.program.column_count, len(self._scaled.column))
        if len(added_columns):
            self._solver.deleteCols(len(added_columns), int32(added_columns))
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

    def _touched_within(self, kind: str, count: int) -> Numbers:
        parts = self._touched[kind]
        numbers: Ints = np.unique(np.concatenate([*parts, np.zeros(0, dtype=np.int64)]))
        return int32(numbers[numbers < count])

    def _pass(self, program: LinearProgram) -> None:
        kinds = program.integer.astype(np.int32)
        arrays = (
            program.cost,
            program.lower,
            program.upper,
            program.row_lower,
            program.row_upper,
            int32(program.starts[:-1]),
            int32(program.rows),
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
