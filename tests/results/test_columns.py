"""Columns of answers: one declaration gives unit, type, JSON and label; units write numbers."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pandas as pd
import pytest

import allocate
from allocate.checking.opening import read_case
from allocate.inputs import dictionary
from allocate.inputs.handed import OneLine
from allocate.questions.session import Session
from allocate.results.allocation import Allocation
from allocate.results.columns import Columns, columns, under, unit_of
from allocate.results.plan_tables import PlanTables
from allocate.results.told import Told
from allocate.units import UNITS
from tests.conftest import TINY

PACKAGE = Path(allocate.__file__).parent


def test_a_table_has_its_columns_in_their_order_and_types() -> None:
    shown = Columns("offer_id", "cost_eur", "status")
    rows = [{"status": "same", "cost_eur": None, "offer_id": "O1", "more": 1}]
    assert shown.of(rows).columns.tolist() == ["offer_id", "cost_eur", "status"]
    # An amount that nobody knows is a number all the same, and so is that of a table without rows.
    assert shown.of(rows)["cost_eur"].dtype == shown.of()["cost_eur"].dtype == float
    frame = pd.DataFrame({"status": ["same"], "offer_id": ["O1"], "cost_eur": [2.5]})
    assert shown.of(frame).values.tolist() == [["O1", 2.5, "same"]]


def test_tables_of_several_scenarios_begin_with_the_scenario() -> None:
    one, other = (pd.DataFrame({"cost_eur": [cost], "scenario_id": [id]}) for id, cost in (("A", 1.0), ("B", 2.0)))
    assert under([one, other]).to_dict("split") == {
        "index": [0, 1], "columns": ["scenario_id", "cost_eur"], "data": [["A", 1.0], ["B", 2.0]],
    }  # fmt: skip
    assert under([], ["offer_id", "scenario_id"]).columns.tolist() == ["scenario_id", "offer_id"]


@pytest.mark.parametrize(
    ("unit", "value", "de", "en", "sheet"),
    [
        ("euro", 1234.5, "1.234 €", "€1,234", '"€"#,##0'),
        ("euro_change", 0.2, "0 €", "€0", '+"€"#,##0;-"€"#,##0;"€"#,##0'),
        ("share", 0.125, "12,5 %", "12.5%", "0.0 %"),
        ("share_change", 0.125, "+12,5", "+12.5", "+#,##0.0;-#,##0.0;#,##0.0"),
        ("units_change", 0.04, "0,0", "0.0", "+#,##0.0;-#,##0.0;#,##0.0"),
        ("slope", 2e-6, "2,0000", "2.0000", "#,##0.0000"),
        ("plain", 1.50, "1,5", "1.5", "General"),
    ],
)
def test_a_unit_writes_numbers(unit: str, value: float, de: str, en: str, sheet: str) -> None:
    one = UNITS[unit]
    assert (one.written(value, "de"), one.written(value, "en"), one.pattern_in("en")) == (de, en, sheet)


def test_every_declared_column_has_a_unit() -> None:
    assert {unit_of(name).name for name in columns()} <= set(UNITS)
    assert unit_of("nobody has declared this").name == "text"


def test_every_column_of_every_table_is_declared() -> None:
    """In ``columns.csv``, or as a column of the inputs that an answer repeats."""
    inputs = {column.name for table in dictionary.tables().values() for column in table.columns}
    named = {
        argument.value
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Columns"
        for argument in node.args
        if isinstance(argument, ast.Constant)
    }
    assert len(named) > 200
    assert named <= set(columns()) | inputs, sorted(named - set(columns()) - inputs)


def frames(part: object) -> Iterator[pd.DataFrame]:
    """The tables of an answer, its own and those of its parts."""
    if isinstance(part, pd.DataFrame):
        yield part
    elif isinstance(part, dict | list | tuple):
        for one in part.values() if isinstance(part, dict) else part:
            yield from frames(one)
    elif isinstance(part, OneLine | Allocation | PlanTables):
        for one in vars(part).values():
            yield from frames(one)


def misfits(table: pd.DataFrame) -> list[str]:
    """Declared columns whose values are not what their unit says."""
    found = []
    for name in (str(one) for one in table.columns if str(one) in columns()):
        kind, values = unit_of(name), table[name]
        is_bool = pd.api.types.is_bool_dtype(values)
        is_number = pd.api.types.is_numeric_dtype(values) and not is_bool
        fits = {"float": is_number, "bool": is_bool, "str": not is_number or kind.name == "text"}[kind.dtype]
        if not (fits or values.isna().all()):
            found.append(f"{name}: {values.dtype} instead of {kind.name}")
    return found


def test_answers_hold_what_their_columns_declare() -> None:
    session = Session(read_case(TINY))
    asked = (
        "run",
        "duplication",
        "marginal",
        "silos",
        "fairness",
        "alternatives",
        "goals",
        "ladder",
        "money",
        "conflicts",
    )
    answers = [session.compare("silo"), *(getattr(session, one)("silo") for one in asked)]
    tables = [table for answer in answers for table in frames(answer)]
    assert len(tables) > 200
    assert not [one for table in tables for one in misfits(table)]
    assert {answer.scenario_id for answer in answers if hasattr(answer, "scenario_id")} == {"silo"}
    # Rows are numbered from 0 as they stand, so that ``table.loc[0]`` is the first one.
    assert not [list(table.columns) for table in tables if table.index.tolist() != list(range(len(table)))]
    assert misfits(pd.DataFrame({"cost_eur": ["many"], "met": [1.0], "status": [2]})) != []


@dataclass(frozen=True)
class Inner:
    """A value of several."""

    low: float
    high: float


@dataclass(frozen=True)
class Answer(Told):
    """An answer with every kind of part."""

    JSON: ClassVar = ("name", "*ends", "inner", "high=inner.high", "none=missing.high", "rows", "said")

    name: str
    ends: dict[str, float]
    inner: Inner
    rows: pd.DataFrame
    missing: Inner | None = None

    def said(self, lang: str) -> list[str]:
        """Sentences."""
        return [f"in {lang}"]


def test_an_answer_tells_what_it_declares() -> None:
    rows = pd.DataFrame({"need_id": ["N1"], "coverage": [float("nan")]})
    answer = Answer("a", {"first": 1.0, "last": float("inf")}, Inner(1.0, 2.0), rows)
    assert answer.to_json("de") == {
        "name": "a",
        "first": 1.0,
        "last": None,
        "inner": {"low": 1.0, "high": 2.0},
        "high": 2.0,
        "none": None,
        "rows": [{"need_id": "N1", "coverage": None}],
        "said": ["in de"],
    }
