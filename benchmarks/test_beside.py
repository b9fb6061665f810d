"""Every way that is installed finds the optimum of the smallest town, and the textbook's covering is ours."""

from __future__ import annotations

import pytest

from allocate.session import Session
from benchmarks.alone import Cost
from benchmarks.beside import SAME, Row, lines
from benchmarks.conftest import Bench
from benchmarks.covering import Covering
from benchmarks.peers import WAYS, installed


def test_all_ways_find_one_optimum(bench: Bench) -> None:
    if bench.size != "S":
        pytest.skip("larger towns are for python -m benchmarks")
    quick = [way for way in ("allocate", "PuLP", "HiGHS, default", "HiGHS, best") if installed(WAYS[way][1])]
    found = {way: WAYS[way][0](Session(bench.case)) for way in quick}
    assert found == pytest.approx(dict.fromkeys(quick, found["allocate"]), abs=SAME)
    table = lines(
        [
            Row("S", "allocate", Cost(1.0, 2.0, 3.0)),
            Row("S", "other", Cost(1.5, 8.0, 9.0)),
            Row("S", "none", Cost(0, 0, 0, "why")),
        ]
    )
    assert "| S | other | 8.00 | 4.0 | 9 | 5e-01 |" in table and "| S | none | | | | why |" in table


def test_covering_is_that_of_the_textbook(bench: Bench) -> None:
    if bench.size != "S":
        pytest.skip("one small covering is enough")
    given = Covering.invented(60, 300, 8)
    assert given.as_town(given.read()) == pytest.approx(given.textbook(), rel=1e-6)
