"""Offshoots of a scenario are the variants that ``apply`` makes, cell by cell and as arrays, whatever is changed."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from allocate.checking.opening import read_case
from allocate.errors import InputError
from allocate.inputs.scenario.changes import parse_changes
from allocate.inputs.scenario.offshoots import Offshoots
from allocate.inputs.scenario.variant import Change, Variant, apply
from allocate.model.compile import compile_near, compile_variant
from allocate.model.program import LinearProgram
from tests.conftest import EXAMPLES
from tests.strategies import case_of
from tests.town.test_places import tables

# What the page moves, by table, column and how large its numbers are; the first two are lists of keys.
CONTROLS = [
    ("pots", "amount", 2_000_000.0),
    ("needs", "weight", 20.0),
    ("offers", "max_capacity", 500.0),
    ("offers", "unit_cost", 3000.0),
    ("offers", "committed_capacity", 50.0),
    ("floors", "min_coverage", 1.0),
    ("demand", "demand", 900.0),
    ("reach", "access", 1.0),
]
ODD = [
    Change("pots", "*", "amount", "multiply", "0,9", "r"),
    Change("needs", "N01;N02", "weight", "set", "3", "r"),
    Change("offers", "O01", "home_space_id", "set", "S02", "r"),
    Change("pots", "P1", "pooled", "set", "nein", "r"),
    Change("parameters", "equity_weight", "value", "set", "0.3", "r"),
    Change("demand_years", "S01|N01|2031", "demand", "multiply", "1.2", "r"),
]


@cache
def example(scenario_id: str) -> Offshoots:
    folder = next((one for one in EXAMPLES if one.is_dir()), None)
    if folder is None:
        pytest.skip("the example town is not here")
    return Offshoots(read_case(folder), scenario_id)


@st.composite
def changes(draw: st.DrawFn, town: Offshoots) -> list[Change]:
    """Some changes of single numbers, the same cell twice now and then, and seldom one of another kind."""
    found = []
    for table, column, size in draw(st.lists(st.sampled_from(CONTROLS), min_size=1, max_size=3)):
        frame = town.case[table]
        keys = {"demand": ("space_id", "need_id"), "reach": ("offer_id", "space_id")}.get(
            table, (str(frame.columns[0]),)
        )
        row = frame.iloc[draw(st.integers(0, len(frame) - 1))]
        how = draw(st.sampled_from(["set", "multiply", "add"]))
        value = draw(st.integers(0, 24)) / 20 * (1.0 if how == "multiply" else size)
        found.append(Change(table, "|".join(str(row[key]) for key in keys), column, how, f"{value:.4g}", "r"))
    return found + ([draw(st.sampled_from(ODD))] if draw(st.integers(0, 5)) == 0 else [])


def outcome(make: object) -> Variant | list[tuple[object, ...]]:
    """The variant, or what is found wrong with it."""
    try:
        return make()  # type: ignore[operator, no-any-return]
    except InputError as error:
        assert error.findings is not None
        return [tuple(row) for row in error.findings[["rule", "row", "column", "value"]].astype(str).values.tolist()]


def same(one: Variant, other: Variant) -> None:
    assert one.scenario == other.scenario
    assert_frame_equal(one.changes, other.changes)
    for name, table in other.case.tables.items():
        if not (one.case[name].equals(table) and one.case[name].dtypes.equals(table.dtypes)):
            assert_frame_equal(one.case[name], table)


def same_towns(one: object, other: object) -> None:
    """Field by field, down to the arrays."""
    if isinstance(one, np.ndarray):
        np.testing.assert_array_equal(one, other)
    elif is_dataclass(one):
        for field in fields(one):
            same_towns(getattr(one, field.name), getattr(other, field.name))
    else:
        assert one == other


def same_arrays(one: LinearProgram, other: LinearProgram) -> None:
    for field in fields(LinearProgram):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if isinstance(mine, np.ndarray):
            np.testing.assert_array_equal(mine, theirs, err_msg=field.name)
    assert list(one.columns_index.labels()) == list(other.columns_index.labels())


@pytest.mark.parametrize("moved", [(0, 5), (0,), (5,)], ids=["both", "amounts", "shares"])
def test_amounts_and_shares_are_compiled_without_reading_the_tables(
    moved: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    town = example("SZ3b")
    cells = [
        Change(table, str(town.case[table].iloc[row, 0]), column, "multiply", factor, "r")
        for table, column, _ in (CONTROLS[one] for one in moved)
        for row, factor in ((0, "0.5"), (1, "1.25"))
    ]
    quick = town.variant(cells)
    base, whole = compile_variant(town.variant([])), compile_variant(quick)
    monkeypatch.setattr("allocate.model.compile.compile_variant", None)
    near = compile_near(quick, base, town.moved(quick))
    same_arrays(near.program, whole.program)
    same_towns(near.town, whole.town)
    same_towns(near.floors, whole.floors)


def test_what_is_kept_back_of_a_pot_is_kept_back_of_its_new_amount() -> None:
    case = case_of({**tables([]), "pots": [{"pot_id": "P", "name": "P", "amount": 100, "overhead_share": 0.2}]})
    raised = apply(case, "A", [Change("pots", "P", "amount", "set", "150", "r")])
    near = compile_near(raised, compile_variant(apply(case, "A")), {("pots", "amount")})
    assert near.town.pot_amount.tolist() == [120.0]
    same_arrays(near.program, compile_variant(raised).program)


@given(data=st.data())
@settings(max_examples=8)
def test_offshoots_are_the_variants_of_apply(data: st.DataObject) -> None:
    town = example("SZ3b")
    drawn = data.draw(changes(town))
    quick, whole = outcome(lambda: town.variant(drawn)), outcome(lambda: apply(town.case, "SZ3b", drawn))
    if isinstance(quick, list) or isinstance(whole, list):
        assert quick == whole
        return
    same(quick, whole)
    compiled = compile_variant(whole)
    same_arrays(compile_variant(quick).program, compiled.program)
    near = compile_near(quick, compile_variant(town.variant([])), town.moved(quick))
    same_arrays(near.program, compiled.program)
    same_towns(near.town, compiled.town)


@pytest.mark.parametrize("kind", CONTROLS, ids=lambda kind: f"{kind[0]}.{kind[1]}")
def test_a_single_number_is_written_without_carrying_the_scenario_out_again(
    kind: tuple[str, str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    table, column, _ = kind
    town = example("SZ2")
    frame = town.case[table]
    keys = {"demand": ("space_id", "need_id"), "reach": ("offer_id", "space_id")}.get(table, (str(frame.columns[0]),))
    row = frame.iloc[0]
    monkeypatch.setattr("allocate.inputs.scenario.offshoots.further", None)
    monkeypatch.setattr("allocate.inputs.scenario.offshoots.apply", None)
    key = "|".join(str(row[one]) for one in keys)
    found = town.variant([Change(table, key, column, "set", "0.75", "r")])
    assert found.changes.iloc[-1]["new"] == found.case[table][column].iloc[0] == 0.75


def test_without_changes_an_offshoot_is_the_scenario() -> None:
    town = example("SZ3b")
    same(town.variant([]), apply(town.case, "SZ3b"))


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["pots:*:amount*0.9"],
        ["pots:P1:amount=5", "demand:*:demand+1"],
        # What moves the year planned comes before the scenario's own changes.
        ["parameters:plan_year:value=2029", "pots:P1:amount*0.9"],
    ],
)
def test_a_variant_is_the_one_that_applying_gives(auenfurt: Path, lines: list[str]) -> None:
    case = read_case(auenfurt)
    for scenario_id in ("SZ1", "SZ3a"):
        offshoots = Offshoots(case, scenario_id)
        changes = parse_changes(lines, "test", case) if lines else ()
        # The second time nothing of the first has stuck.
        for _ in range(2):
            own, other = offshoots.variant(changes), apply(case, scenario_id, changes)
            assert own.scenario == other.scenario
            assert own.changes.equals(other.changes)
            assert all(own.case[name].equals(other.case[name]) for name in other.case.tables)


def test_a_change_that_does_not_fit_is_refused_and_spoils_no_other(auenfurt: Path) -> None:
    case = read_case(auenfurt)
    offshoots = Offshoots(case, "SZ1")
    wrong = parse_changes(["offers:O01:max_capacity=-1"], "test", case)
    for make in (offshoots.variant, lambda changes: apply(case, "SZ1", changes)):
        with pytest.raises(InputError) as refused:
            make(wrong)
        assert refused.value.id == "scenario-findings"
    assert offshoots.variant().changes.equals(apply(case, "SZ1").changes)
