"""Steps that are more than one cell of a table: settings, repairs, offers kept or ruled out, reasons."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from pathlib import Path

import pytest

from allocate.analyses.conflicts.repair_rows import repair_rows
from allocate.analyses.conflicts.why_no_plan import conflicts
from allocate.checking.opening import read_case
from allocate.inputs.scenario.changes import parse_changes, with_what_if
from allocate.inputs.scenario.variant import Change
from allocate.session import Session
from allocate.web.desk import Step
from allocate.web.step_names import step_name
from tests.conftest import TINY
from tests.web.conftest import Visitor

_BUTTON = re.compile(r'data-repair="([^"]+)"')
CLASH = {"table": "pots", "key": "P1", "column": "amount", "value": "100"}


def test_a_cap_and_pooling_are_those_of_the_scenario_that_has_them(visitor: Visitor) -> None:
    """Pooled, 1,000 EUR move (tests/cases/tiny/README.md); the cap lets 400 EUR move."""
    visitor.step("scenarios", "", "pooling", "integrated")
    visitor.step("scenarios", "", "max_moved", 400)
    (plan,) = visitor.get("run").json()["scenarios"]
    assert 0 < plan["measures"]["moved_eur"] <= 400.01
    case = read_case(TINY)
    scenarios = case["scenarios"].copy()
    scenarios.loc[scenarios["scenario_id"] == "silo", ["pooling", "max_moved"]] = ["integrated", 400.0]
    same = Session(case.with_tables(scenarios=scenarios)).run("silo").to_json("en")
    assert plan["measures"] == same["measures"]
    assert visitor.answer()["spoken"].count("€") >= 1


def test_a_pot_is_pooled_or_not(visitor: Visitor) -> None:
    text = visitor.get("controls?kind=rules").json()["html"]
    assert text.count('data-columns="pooled"') == text.count('value="yes" selected') == 2
    steps = visitor.step("pots", "P1", "pooled", "no")["html"]["steps"]
    assert "P1 Social affairs: Pooled = no" in steps
    text = visitor.get("controls?kind=rules").json()["html"]
    assert text.count('value="yes" selected') == text.count('value="no" selected') == 1
    assert "deckungsfähig = nein" in visitor.get("answer?lang=de").json()["html"]["steps"]


def test_a_step_that_cannot_be_is_refused_by_its_finding(visitor: Visitor) -> None:
    """Not by where a command would list it."""
    refused = visitor.post("steps", table="pots", key="P1", column="pooled", value="maybe")
    text = refused.json()["error"]["message"]
    assert refused.status_code == 422 and "maybe" in text and "allocate check" not in text and "[" not in text


@pytest.mark.parametrize(
    ("column", "value"), [("pooling", "both"), ("max_moved", "-1"), ("max_moved", "much"), ("title", "x")]
)
def test_a_setting_that_cannot_be_is_a_sentence(visitor: Visitor, column: str, value: str) -> None:
    answer = visitor.post("steps", table="scenarios", key="", column=column, value=value)
    assert answer.status_code == 422
    assert value in answer.json()["error"]["message"] or column in answer.json()["error"]["message"]
    assert visitor.get("state").json()["steps"] == []


def test_settings_are_saved_with_the_scenario(visitor: Visitor, tmp_path: Path) -> None:
    visitor.step("scenarios", "", "max_moved", 150)
    saved = visitor.post("save", scenario_id="K2", title="Capped", reason="Council asked")
    assert saved.status_code == 200
    with zipfile.ZipFile(io.BytesIO(visitor.client.get(f"/t/{visitor.desk}/case").content)) as packed:
        packed.extractall(tmp_path)
    (folder,) = [file.parent for file in tmp_path.rglob("scenarios.csv")]
    session = Session(read_case(folder))
    assert session.variant("K2").scenario.max_moved == 150
    assert session.variant("K2").scenario.pooling == session.variant("silo").scenario.pooling


def test_a_repair_is_accepted_by_its_button_and_then_there_is_a_plan(visitor: Visitor) -> None:
    """Also where it takes several steps; undoing takes all of them back."""
    assert visitor.post("steps", **CLASH).json()["plan"] is False
    found = visitor.get("conflicts").json()
    bodies = [json.loads(html.unescape(one)) for one in _BUTTON.findall(found["html"])]
    assert bodies
    for body in bodies:
        assert visitor.post("steps", **body).json()["plan"] is True, body
        assert visitor.post("undo").json()["plan"] is False


@pytest.mark.parametrize(
    ("scenario", "change", "cap"),
    [
        ("strict", "pots:P2:amount*1", ""),
        ("strict", "pots:P1:amount=1000", "300"),
        # F1 holds in each space: lowered in S2 alone it is two rows.
        ("silo", "floors:F1:min_coverage=1", ""),
    ],
)
def test_every_repair_that_has_a_button_gives_a_plan(scenario: str, change: str, cap: str) -> None:
    case = read_case(TINY)
    asked = with_what_if(
        case, scenario, parse_changes([change], "x", case), new_id="clash", settings={"max_moved": cap}
    )
    found = conflicts(Session(asked), "clash")
    rows = {id: repair_rows(found, id) for id in found.repairs().query("status == 'found'")["repair_id"]}
    assert any(rows.values())
    for cells in filter(None, rows.values()):
        made = [Change(one.table, one.key, one.column, one.how, one.value, "x") for one in cells]
        changes = [one for one in made if one.table != "scenarios"]
        settings = {one.column: one.value for one in cells if one.table == "scenarios"}
        repaired = with_what_if(asked, "clash", changes, new_id="repaired", settings=settings)
        assert Session(repaired).run("repaired").has_plan, cells
    copied = {one.value for cells in filter(None, rows.values()) for one in cells if one.how == "copy"}
    assert ("F1-S1; scope_id=S1" in copied) == ("F1" in change)


def test_an_earmark_is_lifted_by_a_button(visitor: Visitor) -> None:
    """In S2 375 EUR of P2 are missing, which P1 may not pay (tests/cases/tiny/README.md)."""
    visitor.post("base", scenario_id="strict")
    found = [json.loads(html.unescape(one)) for one in _BUTTON.findall(visitor.get("conflicts").json()["html"])]
    lift = next(one for one in found if one["steps"][0]["column"] == "departments")
    assert {one["value"] for one in lift["steps"]} == {""}
    steps = visitor.post("steps", **lift).json()["html"]["steps"]
    assert "Departments = blank" in steps
    assert visitor.answer()["plan"] is True


def test_an_offer_is_ruled_out_and_kept(visitor: Visitor) -> None:
    assert 'data-cell="committed_capacity"' in visitor.get("controls?kind=offers").json()["html"]
    visitor.step("offers", "B", "max_capacity", 0)
    (plan,) = visitor.get("run").json()["scenarios"]
    assert [one["capacity"] for one in plan["offers"] if one["offer_id"] == "B"] == [0.0]
    visitor.step("offers", "B", "committed_capacity", 5)
    # An offer that has to be there and may not is a clash, to be told like any other.
    assert visitor.answer()["plan"] is False
    assert "Commitment of B" in visitor.get("conflicts").json()["html"]


def test_a_reason_is_changed_and_no_figure(visitor: Visitor) -> None:
    before = visitor.step("pots", "P2", "amount", 2500)
    answer = visitor.post("reason", number=1, reason="Cut for all").json()
    assert [one["reason"] for one in answer["steps"]] == ["Cut for all"]
    assert visitor.answer()["version"] == before["version"]
    for body in ({"number": 2, "reason": "x"}, {"number": "one", "reason": "x"}, {"reason": "x"}):
        assert visitor.post("reason", **body).status_code == 422


def test_steps_are_named_as_the_town_names_them(auenfurt: Path) -> None:
    case = read_case(auenfurt)
    named = {
        step_name(case, Step(table, key, column, how, value), "en")
        for table, key, column, how, value in (
            ("pots", "P2", "amount", "set", "949500"),
            ("pots", "*", "amount", "multiply", "0.9"),
            ("demand", "S02|N03", "demand", "add", "300"),
            ("scenarios", "", "max_moved", "set", ""),
        )
    }
    assert any(one.endswith(": Amount = 949,500") and one.startswith("P2 ") for one in named)
    assert "Pots of money: all: Amount × 0.9" in named
    assert any(one.startswith("S02 ") and "N03 " in one and one.endswith(" + 300") for one in named)
    assert any(one.endswith("= no limit") for one in named)


def test_undoing_and_redoing_name_the_change_that_they_are_about(visitor: Visitor) -> None:
    both = [{"table": "pots", "key": id, "column": "amount", "value": "1500"} for id in ("P1", "P2")]
    text = visitor.post("steps", steps=both).json()["html"]["steps"]
    assert re.search(r'data-do="undo" title="P1 [^"]*Amount = 1,500 and 1 more step"', text)
    assert 'data-do="redo" title="" disabled' in text and 'data-base="silo"' in text
    text = visitor.post("undo").json()["html"]["steps"]
    assert re.search(r'data-do="redo" title="P1 [^"]*Amount = 1,500 and 1 more step"', text)
    assert 'data-do="undo" title="" disabled' in text
