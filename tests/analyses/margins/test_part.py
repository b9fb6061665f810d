"""A program without the columns that nobody asks about answers as the whole one does, in the numbers of the whole."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from allocate.analyses.margins import open_rules
from allocate.analyses.margins.marginal import TABLES, marginal
from allocate.analyses.margins.part import Held, PartProgram
from allocate.bench import resolve
from allocate.bench.resolve import Bench
from allocate.bench.widening import widen
from allocate.session import Session
from allocate.solve.held import Row
from allocate.solve.loaded import LoadedProgram


def test_marginal_of_a_large_town_says_the_same(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way of large towns, taken by the example: rules asked about in a part, plans from the scenario's optimum."""
    whole = marginal(session, "SZ2t", step_eur=50_000, most=3)
    asked: list[int] = []
    solve = PartProgram.solve
    monkeypatch.setattr(open_rules, "PART_FROM", 0)
    monkeypatch.setattr(resolve, "CLOSEST_UP_TO", 0)
    monkeypatch.setattr(PartProgram, "solve", lambda self, **how: asked.append(1) or solve(self, **how))
    part = marginal(session, "SZ2t", step_eur=50_000, most=3)
    assert len(asked) > 50
    for name in TABLES:
        one, other = getattr(whole, name), getattr(part, name)
        pd.testing.assert_frame_equal(one, other, check_exact=False, rtol=1e-6, atol=1e-8, obj=name)
    assert part.left_out == whole.left_out and part.settled == whole.settled


def test_numbers_are_those_of_the_whole(session: Session) -> None:
    bench = Bench(session, "SZ1")
    widened = widen(bench.compiled)
    program, own = widened.program, widened.relaxers
    columns = np.ones(program.column_count, dtype=bool)
    asked = (own.rule % 3 == 0) & ~widened.rules.of("earmark")[own.rule]
    columns[own.column] = asked
    part = PartProgram(program, columns, bench.program.row_count)
    whole = LoadedProgram(program)
    assert part.program.column_count < program.column_count and part.program.row_count < program.row_count
    opened = own.column[np.flatnonzero(asked)[-40:]]
    held = Held(part, part.solve())
    assert held.has(opened) and not held.has(own.column)
    every = np.arange(program.column_count)
    for loaded in (whole, part):
        loaded.change_bounds(opened, np.zeros(40), np.linspace(1.0, 2.0, 40))
        loaded.change_cost(every, program.cost * 1.5)
        rows = np.arange(5)
        loaded.change_row_bounds(rows, program.row_lower[rows] - 1.0, program.row_upper[rows] + 1.0)
        loaded.add_row(Row(opened, np.ones(40), upper=7.0))
    one, other = whole.solve(), part.solve()
    assert one.x is not None and other.x is not None and other.row_dual is not None
    assert other.objective == pytest.approx(one.objective, abs=1e-9)
    assert other.x.shape == one.x.shape and not other.x[~columns].any()
    assert program.cost @ other.x * 1.5 + program.offset == pytest.approx(other.objective, abs=1e-9)
    assert other.row_dual.shape == (program.row_count,)
