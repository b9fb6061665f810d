"""Controls: what can be moved, between which values plans exist, offers set by hand and moved to another space."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from allocate.checking.opening import read_case
from allocate.session import Session
from allocate.web.application import House, application
from allocate.web.controls import KINDS
from allocate.web.desk import BY_HAND
from allocate.web.keeping import Keeper
from tests.conftest import ROOT, TINY
from tests.web.conftest import Visitor, opened


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_control_is_drawn(visitor: Visitor, kind: str) -> None:
    text = visitor.get(f"controls?kind={kind}").json()["html"]
    assert ('class="control' in text) == (kind != "posts")


def test_a_slider_says_between_which_values_a_plan_exists_and_why_not_beyond(visitor: Visitor) -> None:
    """P1 is all that may pay for A, and A all that reaches S1, of which F1 wants 2 persons covered: 200 EUR."""
    found = visitor.get("range?kind=pots&key=P1").json()
    assert found["lowest"]["value"] == pytest.approx(200, abs=0.1) and not found["lowest"]["open"]
    assert found["highest"]["open"]
    text = re.sub(r"<[^>]*>", "", found["html"])
    assert "Below €200 there is no plan" in text and "Floor F1" in text
    assert 'class="plans"' in found["html"]
    assert visitor.step("pots", "P1", "amount", 201)["plan"] is True
    assert visitor.step("pots", "P1", "amount", 199)["plan"] is False
    # From where there is no plan the way back is told just the same.
    assert visitor.get("range?kind=pots&key=P1").json()["lowest"]["value"] == pytest.approx(200, abs=0.1)


@pytest.mark.parametrize(
    "control", ["floors&key=F1", "offers&key=A", "hand&key=A", "costs&key=A", "demand&key=S1|N1", "weights&key=N1"]
)
def test_a_range_is_told_of_every_kind_of_number(visitor: Visitor, control: str) -> None:
    found = visitor.get(f"range?kind={control}").json()
    assert found["lowest"]["value"] <= found["highest"]["value"]
    assert all(end["open"] or end["why"] for end in (found["lowest"], found["highest"]))


@pytest.mark.parametrize("control", ["pots&key=P9", "pots", "nonsense&key=P1", "rules&key=x", "places&key=A"])
def test_a_control_that_is_not_there_is_a_sentence(visitor: Visitor, control: str) -> None:
    answer = visitor.get(f"range?kind={control}")
    assert answer.status_code == 422 and answer.json()["error"]["message"]


def test_an_offer_set_by_hand_has_this_capacity_and_the_change_is_undone_at_once(visitor: Visitor) -> None:
    cells = [
        {"table": "offers", "key": "A", "column": name, "value": "12"}
        for name in ("max_capacity", "committed_capacity")
    ]
    visitor.post("steps", steps=cells)
    (plan,) = visitor.get("run").json()["scenarios"]
    assert {one["offer_id"]: one["capacity"] for one in plan["offers"]}["A"] == pytest.approx(12)
    assert visitor.post("undo").json()["steps"] == []


def test_a_plan_drawn_by_hand_is_judged_like_any_other(visitor: Visitor) -> None:
    """First as it is shown, which is the same plan; then with A halved: 1,000 EUR and its use in S2 less."""
    before = visitor.answer()["spoken"]
    held = visitor.post("hand").json()
    assert len(held["steps"]) == 4
    assert visitor.answer()["spoken"] == before
    cells = [
        {"table": "offers", "key": "A", "column": name, "value": "10"}
        for name in ("max_capacity", "committed_capacity")
    ]
    visitor.post("steps", steps=cells)
    (plan,) = visitor.get("run").json()["scenarios"]
    assert [one["capacity"] for one in plan["offers"]] == pytest.approx([10, 20])
    # S1 keeps its ten places; S2 has the 20 of B: (10 + 20) of 40.
    assert plan["measures"]["weighted_coverage"] == pytest.approx(0.75)
    # By hand one can also draw what breaks a rule, and is told which.
    cells = [{**one, "value": "1"} for one in cells]
    broken = visitor.post("steps", steps=cells).json()
    assert (broken["plan"], broken["certain"]) == (False, True)
    # One of ten people of S1 is covered where F1 wants two; all told it is 21 of 40.
    (rule,) = broken["broken"]
    assert "F1" in rule["name"] and rule["missed"] == "1.0 units (10.0 percentage points)"
    assert "52.5%" in broken["html"]["figures"]
    assert "Floor F1" in broken["html"]["answer"]
    certified = visitor.answer()
    assert certified["broken"] == broken["broken"] and certified["html"]["figures"] == broken["html"]["figures"]
    assert "F1" in visitor.get("conflicts").json()["html"]


def test_whole_offers_drawn_by_hand_are_judged_too(visitor: Visitor) -> None:
    """30 places of B cost 150 + 30 * 120 = 3,750 EUR, 750 more than P2 has; all of S2 is covered then."""
    visitor.post("base", scenario_id="sites")
    cells = [{"table": "offers", "key": "B", "column": name, "value": "30"} for name in BY_HAND]
    assert visitor.post("steps", steps=cells).json()["plan"] is None
    drawn = visitor.answer()
    (rule,) = drawn["broken"]
    assert "P2" in rule["name"] and rule["missed"] == "€750"
    assert "Coverage (weighted): 100.0%" in drawn["spoken"]


def test_of_many_sliders_the_first_are_drawn_and_the_rest_is_found_by_name(
    in_auenfurt: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("allocate.web.controls.MOST", 5)
    text = in_auenfurt.get("controls?kind=demand").json()["html"]
    assert text.count('class="control"') == 5 and "115 more sliders" in text
    text = in_auenfurt.get("controls?kind=offers&words=o37").json()["html"]
    assert text.count('class="control"') == 1 and "more slider" not in text
    assert "No slider has this in its name" in in_auenfurt.get("controls?kind=pots&words=zzz").json()["html"]


def test_an_offer_is_moved_to_another_space(visitor: Visitor) -> None:
    text = visitor.get("controls?kind=places").json()["html"]
    assert 'data-move="A"' in text and 'data-move="B"' not in text
    answer = visitor.post("move", offer_id="A", space_id="S2").json()
    assert [one["column"] for one in answer["steps"]] == ["home_space_id", "access", "access"]
    # A place of A now gives a whole unit in S2 and half of one in S1.
    assert visitor.answer()["plan"] is True
    session = Session(read_case(TINY))
    assert session.run("silo").objective != pytest.approx(visitor.get("run").json()["scenarios"][0]["objective"])
    assert visitor.post("undo").json()["steps"] == []
    assert visitor.post("move", offer_id="B", space_id="S1").status_code == 422


def test_what_needs_money_is_not_offered_where_there_is_none(visitor: Visitor, tmp_path: Path, auenfurt: Path) -> None:
    assert 'data-ask="silos"' in visitor.page("play")
    assert "Pooling" in visitor.get("controls?kind=rules").json()["html"]
    house = House(Keeper(tmp_path), "en", auenfurt, ROOT / "tests" / "cases" / "places")
    with TestClient(application(house), base_url="http://127.0.0.1:8765") as client:
        in_places = opened(client, "case")
        text = in_places.page("play")
        assert 'data-ask="silos"' not in text and 'data-ask="twice"' in text
        rules = in_places.get("controls?kind=rules").json()["html"]
        assert "Pooling" not in rules and "max_moved" in rules
