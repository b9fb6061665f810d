"""The invented towns keep what their makers promise: a readable case and a status quo that breaks no rule."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from benchmarks.towns import SIZES, Size, invent

from allocate.checking.opening import read_checked
from allocate.inputs.findings import errors
from allocate.inputs.scenario.variant import apply
from allocate.model.compile import compile_variant
from allocate.solve.highs import Highs
from allocate.solve.solution import Limits, Status

SMALL = Size("small", spaces=5, needs=6, offers=20, pots=5, departments=2)
FEASIBLE = ("silo", "integrated", "capped", "participation", "standards", "indivisible")


@pytest.mark.parametrize("seed", range(8))
def test_status_quo_makes_the_promised_scenarios_feasible(seed: int) -> None:
    case = invent(SMALL, seed).case()
    for scenario_id in FEASIBLE:
        program = compile_variant(apply(case, scenario_id)).program
        assert Highs().solve(program, Limits()).status is Status.OPTIMAL, scenario_id


def test_written_town_reads_without_errors_and_like_the_one_in_memory(tmp_path: Path) -> None:
    town = invent("S")
    read = read_checked(town.write(tmp_path / "town"))
    assert not len(errors(read.findings))
    for name in town.tables:
        if name != "parameters":
            in_memory = town.case()[name]
            pd.testing.assert_frame_equal(read.case[name][in_memory.columns], in_memory, check_dtype=True)


def test_same_seed_same_town_other_seed_other_town() -> None:
    first, again, other = invent(SMALL, 1), invent(SMALL, 1), invent(SMALL, 2)
    for name, table in first.tables.items():
        pd.testing.assert_frame_equal(table, again.tables[name])
    assert not first.tables["demand"].equals(other.tables["demand"])


def test_town_uses_every_feature() -> None:
    tables = invent("S").tables
    assert set(tables["floors"]["scope"]) == {"all", "region", "space"}
    assert set(tables["floors"]["kind"]) == {"statutory", "political", "target"}
    assert {"wanted", "suspected", "to_check"} == set(tables["plurality"]["assessment"])
    assert (tables["reach"]["access"] < 1).any()
    assert (tables["reach"]["min_use_share"] > 0).any()
    assert (tables["reach"]["max_use_share"] < 1).any()
    assert (tables["pots"]["max_share"] < 1).any()
    for column in ("departments", "themes", "spaces", "offers"):
        assert (tables["pots"][column] != "").any(), column
    assert set(tables["eligibility"]["allowed"]) == {True, False}
    assert (tables["offers"]["committed_capacity"] > 0).any()
    assert (tables["needs"]["wanted_reserve"] > 0).any()


@pytest.mark.parametrize("size", SIZES.values(), ids=list(SIZES))
def test_sizes_are_the_promised_ones(size: Size) -> None:
    tables = invent(size).tables
    assert [len(tables[name]) for name in ("spaces", "needs", "offers")] == [size.spaces, size.needs, size.offers]
    reached = tables["reach"].groupby("offer_id").size()
    assert reached.between(3, 20).all()
