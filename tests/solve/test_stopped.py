"""A solve whose answer nobody waits for any more ends, however hard it is."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np

from allocate.model.program import Family, Index, LinearProgram, column_order
from allocate.solve.loaded import LoadedProgram
from allocate.solve.solution import Limits, Status
from allocate.town.arrays import Floats


def test_many_solves_together_have_the_seconds_that_are_left() -> None:
    shared = Limits.together(60.0)
    assert 50 < shared.remaining <= 60
    assert shared.within(5.0).remaining == 5 and Limits.together(5.0).within(60.0).remaining <= 5
    assert replace(shared, stopped=lambda: True).remaining == 0


def market_split(rows: int, columns: int) -> LinearProgram:
    """Equations over yes and no that take a branch and bound hours (Cornuéjols and Dawande 1999)."""
    draw = np.random.default_rng(1)
    table: Floats = draw.integers(0, 100, (rows, columns)).astype(float)
    side = np.floor(table.sum(axis=1) / 2)
    row, column = np.nonzero(table)
    starts, ordered, values = column_order(column, row, table[row, column], columns)
    names = tuple(np.array([f"{one}" for one in range(count)], dtype=object) for count in (columns, rows))
    return LinearProgram(
        cost=np.zeros(columns),
        lower=np.zeros(columns),
        upper=np.ones(columns),
        row_lower=side,
        row_upper=side,
        starts=starts,
        rows=ordered,
        values=values,
        columns_index=Index((Family("x", 0, (names[0],)),)),
        rows_index=Index((Family("row", 0, (names[1],)),)),
        integer=np.ones(columns, dtype=bool),
    )


def test_a_running_solve_ends_when_its_answer_is_not_wanted() -> None:
    stop = threading.Event()
    found: list[Status] = []
    hard = LoadedProgram(market_split(6, 50), Limits(stopped=stop.is_set))
    solving = threading.Thread(target=lambda: found.append(hard.solve().status), daemon=True)
    solving.start()
    solving.join(timeout=0.3)
    assert solving.is_alive()
    stop.set()
    solving.join(timeout=60)
    assert found == [Status.LIMIT]


def test_a_solve_that_is_not_wanted_does_not_begin() -> None:
    assert LoadedProgram(market_split(6, 50), Limits(stopped=lambda: True)).solve().status is Status.LIMIT
