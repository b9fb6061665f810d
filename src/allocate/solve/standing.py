"""Standing: an optimum at rest in an instance of its own, asked what moved bounds are worth while its basis holds.

Beside the program that is changed and solved again, whose factorisation each question takes away.
"""

from __future__ import annotations

import numpy as np

from allocate.solve.basis import Basis
from allocate.solve.loaded import LoadedProgram
from allocate.solve.turns import in_turn
from allocate.town.arrays import Floats, Ints


class Standing:
    """The optimum at which a loaded program, as it was loaded, stands now; in the units of the program."""

    def __init__(self, loaded: LoadedProgram) -> None:
        self._loaded = LoadedProgram(loaded.program, loaded.limits, like=loaded)
        self._lock = self._loaded._lock
        basis = loaded.basis()
        if basis is not None:
            self._loaded.start_from(basis)
        self._loaded.solve()
        with self._loaded.taken() as (solver, self._scaled):
            self._basis = Basis(solver, self._scaled.program)

    @in_turn
    def change(
        self, columns: Ints, bounds: tuple[Floats, Floats], rows: Ints, sides: tuple[Floats, Floats]
    ) -> float | None:
        """The change of the minimised objective under other bounds of columns and sides of rows.

        None where another basis is the optimal one then, or nobody can say without a solve.
        """
        scaled, count = self._scaled, self._loaded.program.column_count
        lower, upper = (
            np.concatenate([bounds[side] / scaled.column[columns], sides[side] * scaled.row[rows]]) for side in (0, 1)
        )
        found = self._basis.change(np.concatenate([columns, count + rows]), lower, upper)
        return None if found is None else found / scaled.objective

    @in_turn
    def reach(self, row: int, sign: float) -> float:
        """How far the sides of a row can move (+1: up, -1: down) before the basis gives way; 0 where at once."""
        return self._basis.reach(row, sign) / float(self._scaled.row[row])

    @in_turn
    def reach_of_column(self, column: int, sign: float, *, upper: bool) -> float:
        """The same for one bound of a column."""
        return self._basis.reach_of_column(column, sign, upper=upper) * float(self._scaled.column[column])
