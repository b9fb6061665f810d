"""What is made of tables is made once for the tables that it reads, and anew as soon as one of them is another."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from allocate.checking.opening import read_case
from allocate.inputs.case import Case
from allocate.inputs.kept import LAST, kept
from allocate.inputs.scenario.variant import apply
from allocate.model.compile import compile_variant

CALLS: list[str] = []


@kept
def weights(case: Case) -> tuple[float, ...]:
    CALLS.append("weights")
    return tuple(case["needs"]["weight"].tolist())


@kept
def summed(case: Case, factor: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    CALLS.append("summed")
    return np.array([factor * sum(weights(case)) + case.number("equity_weight")])


@pytest.fixture
def case(auenfurt: Path) -> Case:
    CALLS.clear()
    read = read_case(auenfurt)
    return replace(read, tables=dict(read.tables))


def _times(case: Case, table: str, column: str, factor: float) -> Case:
    return case._unchecked(**{table: case[table].assign(**{column: case[table][column] * factor})})


def test_it_is_made_once_for_the_same_tables(case: Case) -> None:
    first = summed(case, 2.0)
    assert summed(_times(case, "demand", "demand", 2.0), 2.0) is first
    assert CALLS == ["summed", "weights"]
    assert not first.flags.writeable
    assert summed(case, 3.0)[0] != first[0]
    assert CALLS == ["summed", "weights", "summed"]


def test_another_table_that_was_read_makes_it_anew(case: Case) -> None:
    """Directly, by another kept function, or as a parameter."""
    first = summed(case, 1.0)[0]
    assert summed(_times(case, "needs", "weight", 2.0), 1.0)[0] > first
    table = case["parameters"]
    table.loc[table["parameter"] == "equity_weight", "value"] = "17"
    assert summed(case._unchecked(parameters=table), 1.0)[0] == pytest.approx(sum(weights(case)) + 17.0)
    for number in range(2 * LAST):
        summed(_times(case, "needs", "weight", 1.0 + number), 1.0)
        assert summed(case, 1.0)[0] == first
    assert CALLS.count("summed") == 2 + 2 * LAST + 1


def test_what_is_made_stays_where_it_was_made(case: Case) -> None:
    summed(case, 1.0)
    assert not pickle.loads(pickle.dumps(case.tables))._made


@pytest.mark.parametrize(
    ("table", "column"),
    [("demand", "demand"), ("effects", "effect"), ("offers", "unit_cost"), ("needs", "weight"), ("pots", "amount")],
)
def test_a_changed_town_is_compiled_as_if_nothing_had_been_kept(case: Case, table: str, column: str) -> None:
    compile_variant(apply(case, "SZ2"))
    variant = apply(case, "SZ2")
    changed = replace(variant, case=_times(variant.case, table, column, 1.07))
    found = compile_variant(changed)
    alone = Case(changed.case.name, changed.case.path, dict(changed.case.tables), {})
    again = compile_variant(replace(changed, case=alone))
    for name in ("cost", "lower", "upper", "row_lower", "row_upper", "starts", "rows", "values"):
        assert np.array_equal(getattr(found.program, name), getattr(again.program, name)), name
    assert np.array_equal(found.town.cells.demand, again.town.cells.demand)
