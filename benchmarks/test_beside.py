"""Every way that is installed finds the optimum of the smallest town, and the textbook's covering is ours."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from allocate.session import Session
from benchmarks import alone, beside
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
    assert "| S | other | 8.00 | 4.0 | 9 | 5e-01 short |" in table and "| S | none | | | | why |" in table


def test_covering_is_that_of_the_textbook(bench: Bench) -> None:
    if bench.size != "S":
        pytest.skip("one small covering is enough")
    given = Covering.invented(60, 300, 8)
    assert given.as_town(given.read()) == pytest.approx(given.textbook(), rel=1e-6)


def test_one_way_takes_no_other_away(bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A way that fails, one that takes too long and one with another optimum are named, and what people wrote stays."""
    if bench.size != "S":
        pytest.skip("no town is needed")
    slow = alone._asked(["sleep", "60"], 0.1)
    wrong = alone._asked(["python", "-c", "raise ValueError('no')"], 60)
    assert (slow.failed, wrong.failed) == ("no answer within 0 s", "ValueError: no")
    known = {"allocate": Cost(1.0, 2.0, 3.0), "PuLP": slow, "scipy": wrong, "HiGHS, best": Cost(1.5, 1.0, 1.0)}
    known["Pyomo"] = Cost(1.002, 4.0, 5.0)
    answers = lambda way, _size, _patience: known.get(way, Cost(1.0, 4.0, 5.0))  # noqa: E731
    monkeypatch.setattr(beside, "alone", answers)
    monkeypatch.setattr(beside, "installed", lambda _package: "1")
    rows = [*beside.measured(["S"], 1), *beside.coverings(["9x9x9"], 1)]
    assert [row.way for row in rows if row.cost.failed] == ["PuLP", "scipy", "HiGHS, best"]
    assert beside.apart(rows) == ["HiGHS, best on S: another optimum, 5.0e-01 away"]
    page = tmp_path / "page.md"
    page.write_text("# Page\n\nKept.\n\n## Measured\n\nold\n", encoding="utf-8")
    for _ in range(2):
        text = beside.write(rows, page).read_text(encoding="utf-8")
    assert text.startswith("# Page\n\nKept.\n\n## Measured\n") and "old" not in text
    assert "| S | linopy | 4.00 | 2.0 | 5 | 0e+00 |" in text and "| 9x9x9 | covering: spopt | 4.00 | 1.0 |" in text
    assert "| S | Pyomo | 4.00 | 2.0 | 5 | 2e-03 short |" in text
    lost = lines([Row("S", "allocate", alone.none("why")), Row("S", "PuLP", Cost(1.0, 4.0, 5.0))])
    assert lost[2:] == ["| S | allocate | | | | why |", "| S | PuLP | 4.00 | | 5 |  |"] and math.isnan(slow.cpu)
