"""What the basis of an optimum says of moved bounds is what solving again says, or nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from allocate.analyses.margins.value_curve import Reading, proven_piece
from allocate.checking.opening import read_case
from allocate.session import Session
from allocate.solve.loaded import LoadedProgram
from allocate.solve.standing import Standing
from tests.solve.programs import INF, program

NONE = np.zeros(0, dtype=np.int64)
NOTHING = (np.zeros(0), np.zeros(0))


def standing(loaded: LoadedProgram) -> Standing:
    loaded.solve()
    return Standing(loaded)


def test_by_hand() -> None:
    """Two goods worth 3 and 1 share ten places, of the dearer one at most four: 3 * 4 + 6."""
    loaded = LoadedProgram(program([-3, -1], [4, 10], [(-INF, [1, 1], 10)]))
    basis = standing(loaded)
    one, row = np.array([0]), np.array([0])
    assert basis.change(one, (np.zeros(1), np.array([5.0])), NONE, NOTHING) == pytest.approx(-2)
    assert basis.change(one, (np.zeros(1), np.array([11.0])), NONE, NOTHING) is None
    assert basis.change(NONE, NOTHING, row, (np.array([-INF]), np.array([12.0]))) == pytest.approx(-2)
    both = basis.change(one, (np.zeros(1), np.array([5.0])), row, (np.array([-INF]), np.array([12.0])))
    assert both == pytest.approx(-4)
    assert basis.change(NONE, NOTHING, row, (np.array([-INF]), np.array([3.0]))) is None
    assert basis.reach_of_column(0, 1.0, upper=True) == pytest.approx(6)
    assert basis.reach_of_column(0, -1.0, upper=True) == pytest.approx(4)
    assert basis.reach_of_column(1, -1.0, upper=True) == pytest.approx(4)
    assert (basis.reach(0, 1.0), basis.reach(0, -1.0)) == (pytest.approx(4), pytest.approx(6))


def test_on_the_example_it_says_what_a_re_solve_says(auenfurt: Path) -> None:
    """Every capacity a little larger and every pot a little smaller, alone and together."""
    session = Session(read_case(auenfurt))
    session.run("SZ2")
    program = session.compiled("SZ2").program
    loaded = session.loaded("SZ2").twin()
    best = loaded.solve().objective
    basis = Standing(loaded)
    capacity, pots = program.columns_index["capacity"], program.rows_index["pot"]
    told = 0
    for place in range(len(capacity)):
        column, row = np.array([capacity.start + place]), np.array([pots.start + place % len(pots)])
        bounds = (program.lower[column], program.upper[column] + 0.5)
        sides = (program.row_lower[row], program.row_upper[row] - 20.0)
        for asked in ((column, bounds, NONE, NOTHING), (NONE, NOTHING, row, sides), (column, bounds, row, sides)):
            found = basis.change(*asked)
            with loaded.what_if():
                loaded.change_bounds(asked[0], *asked[1])
                loaded.change_row_bounds(asked[2], *asked[3])
                then = loaded.solve().objective
            if found is not None:
                told += 1
                assert best + found == pytest.approx(then, abs=1e-11)
    assert told > len(capacity)


@pytest.mark.parametrize(("reach", "limit", "reads"), [(4.0, 3.0, 0), (4.0, 20.0, 3)])
def test_a_piece_that_is_proven_is_not_sought_again(reach: float, limit: float, reads: int) -> None:
    """A curve with slopes 2, 1 and 0.5: its first piece ends at 4, the second at 5."""
    asked: list[float] = []

    def ask(step: float) -> Reading:
        asked.append(step)
        value = min(2 * step, 4 + step, 6.5 + 0.5 * step)
        return Reading(step, value, 2.0 if step < 4 else 1.0 if step < 5 else 0.5)

    piece = proven_piece(ask, 0.0, limit, 2.0, reach)
    assert piece is not None
    assert (piece.slope, piece.reach, piece.ends) == (2.0, min(reach, limit), limit > reach)
    assert len(asked) <= reads


def test_a_line_that_goes_on_is_left_to_the_search() -> None:
    """A basis may give way where the curve does not bend."""
    assert proven_piece(lambda step: Reading(step, 2 * step, 2.0), 0.0, 20.0, 2.0, 4.0) is None
    assert proven_piece(lambda _step: None, 0.0, 20.0, 2.0, 4.0) is None
