"""What the dictionary says of a column's effect is true, and what changes no plan is said so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allocate.checking.idle import changes_no_plan, effect_of
from allocate.checking.opening import read_checked
from allocate.cli import main
from allocate.inputs import dictionary
from allocate.inputs.case import Case
from allocate.inputs.dictionary import INDIVISIBLE, PLAN, YEARS, Column
from allocate.inputs.findings import NOTE, WARNING, render
from allocate.inputs.scenario.variant import apply
from allocate.model.compile import Compiled, compile_variant
from allocate.solve.distance import today_of
from tests.inputs.checktown import add, checked, put, spoilt, write
from tests.inputs.faults import change, room

# What is no quantity of the town, or acts through other tables than the one scenario looked at here.
SETTINGS = ("scenarios", "changes", "parameters", "segments")
DATED = ("commitments", "pot_years", "demand_years", "offer_years")  # tests of the years hold them

type Arrays = list[np.ndarray]


def columns(*effects: str) -> list[Column]:
    return [
        column
        for table in dictionary.tables().values()
        if table.name not in (*SETTINGS, *DATED)
        for column in table
        if column.effect in effects and not column.key
    ]


def plans(case: Case) -> list[Arrays]:
    """What plans follow from, in a scenario in pillars, in a shared one and in an indivisible, stricter, weighted one:
    the program, and today's state, to which the plan is the nearest of equally good ones.
    """
    return [_arrays(compile_variant(apply(case, name))) for name in ("A", "B", "C")]


def _arrays(compiled: Compiled) -> Arrays:
    names = ("cost", "lower", "upper", "row_lower", "row_upper", "starts", "rows", "values", "integer")
    return [np.asarray(getattr(compiled.program, name)) for name in names] + [today_of(compiled).today]


def same(one: Arrays, other: Arrays) -> bool:
    return all(np.array_equal(left, right) for left, right in zip(one, other, strict=True))


def perturbed(case: Case, column: Column) -> list[Case]:
    """The case with other values in a column, several ways."""
    frame = case[column.table]
    cells = frame[column.name]
    if column.is_numeric:
        filled = cells.fillna(column.minimum or 0.0)
        values = [filled * 0.5, filled * 0.5 + 0.25, filled + 7.0]
    elif column.is_boolean:
        values = [~cells]
    elif column.choices:
        values = [pd.Series(word, cells.index, dtype="str") for word in column.choices]
    elif column.refers_to:
        table, name = column.refers_to.split(".")
        ids = case[table][name].tolist()
        values = [pd.Series(id, cells.index, dtype="str") for id in ["", *ids]]
    else:
        values = [pd.Series(word, cells.index, dtype="str") for word in ("2027-06-30", "2031-01-01", "S1", "R1", "*")]
    return [replace(case, tables={**case.tables, column.table: frame.assign(**{column.name: new})}) for new in values]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Case:
    spoils = [put("pots", 2, themes="T1"), put("pots", 3, spaces="S1;S2")]
    # What was committed in an earlier year goes on until the contract has ended, which here it has.
    spoils += [put("commitments", 2, year="2026", min_capacity="60"), put("offers", 2, contract_end="2026-12-31")]
    # A matched grant that counts the provider's own share, and a second room of an offer.
    spoils += [put("offers", 3, own_share="0.2"), add("cofinancing", pot_id="P2", per_eur_of="own", most="0.5")]
    spoils += [room("60")]
    return checked(tmp_path_factory.mktemp("idle"), *spoils, put("plurality", 2, scope="region", scope_id="R1")).case


@pytest.fixture(scope="module")
def usual(town: Case) -> list[Arrays]:
    return plans(town)


IDLE = columns("shown", "described", "none", YEARS)


@pytest.mark.parametrize("column", IDLE, ids=lambda column: f"{column.table}.{column.name}")
def test_columns_without_effect_leave_every_program_as_it_is(town: Case, usual: list[Arrays], column: Column) -> None:
    other = perturbed(town, column)[-1]
    assert all(same(one, new) for one, new in zip(usual, plans(other), strict=True))


@pytest.mark.parametrize(
    "column",
    columns(PLAN, INDIVISIBLE),
    ids=lambda column: f"{column.table}.{column.name}",
)
def test_columns_with_an_effect_change_a_program(town: Case, usual: list[Arrays], column: Column) -> None:
    for other in perturbed(town, column):
        found = [same(one, new) for one, new in zip(usual, plans(other), strict=True)]
        if not all(found):
            assert column.effect == PLAN or (found[:2] == [True, True])
            return
    pytest.fail(f"{column.table}.{column.name} changes nothing")


def test_filled_columns_that_change_no_plan_are_said_once(tmp_path: Path) -> None:
    findings = checked(tmp_path, put("spaces", 2, population="100"), put("pots", 2, carry_over="ja")).findings
    idle = findings[findings["rule"].isin(["column-shown", "column-unused", "table-idle"])]
    assert idle[["severity", "rule", "file", "column"]].values.tolist() == [
        [NOTE, "column-shown", "spaces.csv", "population"],
        [NOTE, "column-shown", "needs.csv", "duty"],
        [NOTE, "table-idle", "overlaps.csv", ""],
    ]
    said = render(idle, "de")["message"]
    assert said.iloc[0] == (
        "Einwohnerzahl (spaces.population) ändert keinen Plan; die Spalte dient Berichten, Prüfungen und Auswertungen."
    )


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (change("spaces", "S1", "population", "set", "5"), ""),  # the demand of the people follows
        (change("pots", "P1", "carry_over", "set", "ja"), "change-idle-years"),
        (change("pots", "P1", "name", "set", "x"), "change-idle"),
        (change("parameters", "suppression_threshold", "value", "set", "7"), "change-idle"),
        (change("offers", "O1", "fixed_cost", "set", "7"), ""),  # an indivisible scenario descends from this one
        (change("offers", "O1", "fixed_cost", "set", "7", "D"), "change-idle-divisible"),
        (change("demand", "S1|N1", "demand", "set", "7"), ""),
        (change("spaces", "S1", "nonsense", "set", "7"), ""),  # an error of its own
    ],
)
def test_changes_that_alter_no_plan(tmp_path: Path, spoil: object, rule: str) -> None:
    divisible = add("scenarios", scenario_id="D", title="Teilbar", pooling="silo", floor_sets="base")
    findings = checked(tmp_path, divisible, spoil).findings  # type: ignore[arg-type]
    found = findings[findings["rule"].str.startswith("change-idle")]
    expected = [[WARNING, rule, 5]] if rule else []
    assert found[["severity", "rule", "row"]].values.tolist() == expected


def test_columns_of_the_towns_own_change_no_plan() -> None:
    assert effect_of("spaces", "index_2024") == "free"
    assert changes_no_plan("spaces", "index_2024", "S1", indivisible=True) == "change-idle"
    assert changes_no_plan("parameters", "value", "equity_weight", indivisible=False) == ""


@pytest.mark.parametrize(
    ("lang", "said"),
    [("de", "pots.name verwendet das Modell nicht"), ("en", "pots.name is not used by the model")],
)
def test_a_typed_change_that_alters_no_plan_is_said(
    tmp_path: Path, lang: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    town = write(tmp_path / "town", spoilt(put("spaces", 2, population="100")))
    words = ["run", str(town), "-s", "A", "--change", "pots:P1:name=x", "--reason", "r", "--lang", lang]
    assert main([*words, "--format", "json"]) == 0
    assert said in capsys.readouterr().err
    words[5] = "pots:P1:amount*2"
    assert main([*words, "--format", "json"]) == 0
    assert capsys.readouterr().err == ""


def test_the_example_town_says_what_its_columns_do(auenfurt: Path) -> None:
    findings = read_checked(auenfurt).findings
    assert findings.loc[findings["rule"].str.startswith("change-idle")].empty
    assert set(findings.loc[findings["rule"] == "column-shown", "severity"]) == {NOTE}


def test_what_is_stated_for_a_later_year_is_no_part_of_this_years_plan() -> None:
    assert changes_no_plan("pot_years", "amount", "P1|2028", False, 2027) == "change-idle-years"
    assert changes_no_plan("commitments", "min_capacity", "O1|2028", False, 2027) == "change-idle-years"
    for key, planned in (("P1|2027", 2027), ("P1|2026", 2027), ("P1|2028", None), ("*", 2027), ("P1|*", 2027)):
        assert changes_no_plan("pot_years", "amount", key, False, planned) == ""
