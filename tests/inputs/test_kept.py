"""What is made of tables is made once for the tables that it reads, and anew as soon as one of them is another."""

from __future__ import annotations

import pickle
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from allocate.checking.opening import read_case
from allocate.inputs.case import Case
from allocate.inputs.columns import numbers
from allocate.inputs.kept import LAST, kept
from allocate.inputs.scenario.variant import Variant, apply
from allocate.model.compile import Compiled, compile_variant

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


@kept
def places(case: Case, among: np.ndarray[tuple[int], np.dtype[np.int64]]) -> tuple[float, ...]:
    CALLS.append("places")
    return tuple(numbers(case, "offers", "max_capacity")[among].tolist())


def test_other_columns_of_a_table_concern_nobody_who_did_not_read_them(case: Case) -> None:
    """And a table is read as its columns stand, by whoever asks for all of it."""
    among = np.array([0, 2])
    first = places(case, among)
    dearer = case._unchecked(offers={"unit_cost": numbers(case, "offers", "unit_cost") * 2})
    assert places(dearer, among.copy()) is first and CALLS == ["places"]
    assert (dearer["offers"]["unit_cost"] == 2 * case["offers"]["unit_cost"]).all()
    assert dearer["offers"].drop(columns="unit_cost").equals(case["offers"].drop(columns="unit_cost"))
    assert dearer.fingerprint != case.fingerprint
    more = dearer._unchecked(offers={"max_capacity": numbers(case, "offers", "max_capacity") + 1})
    assert places(more, among) == tuple(one + 1 for one in first)
    assert (more["offers"]["unit_cost"] == dearer["offers"]["unit_cost"]).all()
    assert places(more._unchecked(offers=case["offers"]), among) == first
    assert places(case, np.array([0, 1])) != first  # other arrays are other questions
    among[0] = 1
    assert places(case, among) == places(case, np.array([1, 2]))  # and who changes an array later does not change them
    assert pickle.loads(pickle.dumps(more))["offers"].equals(more["offers"])


def same_program(found: Compiled, changed: Variant) -> None:
    """Bit for bit what is made of the same tables where nothing has been made before."""
    alone = Case(changed.case.name, changed.case.path, dict(changed.case.tables), {})
    again = compile_variant(replace(changed, case=alone))
    for name in ("cost", "lower", "upper", "row_lower", "row_upper", "starts", "rows", "values", "integer"):
        assert getattr(found.program, name).tobytes() == getattr(again.program, name).tobytes(), name
    assert list(found.program.columns_index.labels()) == list(again.program.columns_index.labels())
    assert list(found.program.rows_index.labels()) == list(again.program.rows_index.labels())
    for one, other in zip(parts(found), parts(again), strict=True):
        assert one.tolist() == other.tolist() if one.dtype == object else one.tobytes() == other.tobytes()


def parts(compiled: Compiled) -> list[np.ndarray[tuple[int], np.dtype[np.generic]]]:
    """All arrays of a town, its floors and clusters."""
    town = compiled.town
    held = (town.spaces, town.needs, town.offers, town.pairs, town.cells, town.supply, town.funding, town.steps)
    everything = [getattr(one, field.name) for one in (*held, compiled.floors) for field in fields(one)]
    everything += [np.array([one.demand]) for one in compiled.clusters] + [one.entries for one in compiled.clusters]
    return [*everything, town.pots, town.pot_amount]


@pytest.mark.parametrize(("scenario", "otherwise"), [("SZ2", False), ("SZ6", False), ("SZ2", True)])
def test_changed_figures_are_compiled_as_if_nothing_had_been_kept(case: Case, scenario: str, otherwise: bool) -> None:
    """One after the other, as an analysis asks: every kind of figure, several columns, nothing demanded, whole tables.

    ``otherwise``: in a town of whole offers, each of which serves one need at a time.
    """
    variant = apply(case, scenario)
    if otherwise:
        alone = case._unchecked(effects=case["effects"].assign(exclusive=True), reach=case["reach"].iloc[:0])
        variant = replace(variant, case=alone, scenario=replace(variant.scenario, indivisible=True))
    compile_variant(variant)
    own = variant.case
    rng = np.random.default_rng(5)
    demand, price = numbers(own, "demand", "demand"), numbers(own, "offers", "unit_cost")
    none = np.where(np.arange(len(demand)) < 30, 0.0, demand)
    several = {"demand": {"demand": demand * rng.random(len(demand))}, "offers": {"unit_cost": price * 1.3}}
    asked: list[dict[str, Any]] = [several, {"demand": {"demand": none}}, {"demand": own["demand"].iloc[::-1]}]
    for table, column in FIGURES:
        values = numbers(own, table, column)
        asked += [{table: {column: values * rng.random(len(values))}}, {table: {column: values * 0.0}}]
        asked.append({table: own[table].assign(**{column: values * 1.07})})
    for tables in [*asked, several]:
        changed = replace(variant, case=own._unchecked(**tables))
        same_program(compile_variant(changed), changed)
    same_program(compile_variant(variant), variant)


FIGURES = (
    ("demand", "demand"), ("effects", "effect"), ("offers", "unit_cost"), ("offers", "max_capacity"),
    ("needs", "weight"), ("weight_sets", "weight"), ("pots", "amount"),
)  # fmt: skip
