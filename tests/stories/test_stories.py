"""Stories: sentences of planners, each with what the plan must then say."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from allocate.checking.opening import read_case
from allocate.inputs.scenario.variant import apply
from allocate.results.allocation import Allocation
from allocate.session import Session
from tests.conftest import ROOT

STORIES = tomllib.loads((Path(__file__).parent / "small_town.toml").read_text(encoding="utf-8"))["story"]


def told(story: dict[str, Any]) -> Allocation:
    """The plan of a story: its changes are rows of the changes table, as a planner would write them."""
    case = read_case(ROOT / "tests" / "cases" / "tiny")
    rows = pd.DataFrame(
        [{"scenario_id": story["scenario"], "source": "", **row} for row in story["changes"]], dtype="str"
    )
    rows.index.name = "row"
    session = Session(case)
    session.add(apply(case.with_tables(changes=rows), story["scenario"]))
    return session.run(story["scenario"])


@pytest.mark.parametrize("story", STORIES, ids=[story["sentence"] for story in STORIES])
def test_story(story: dict[str, Any]) -> None:
    plan = told(story)
    assert plan.status == story.get("status", "optimal")
    if not plan.has_plan:
        return
    capacity = plan.offers.set_index("offer_id")["capacity"]
    covered = plan.coverage.set_index(plan.coverage["space_id"] + "|" + plan.coverage["need_id"])["covered"]
    unspent = plan.pots.set_index("pot_id")["unspent_eur"]
    for expected, found in (("offers", capacity), ("coverage", covered), ("unspent", unspent)):
        for key, value in story.get(expected, {}).items():
            assert found[key] == pytest.approx(value, abs=1e-6), key
    if "moved" in story:
        assert plan.measures is not None
        assert plan.measures.moved_eur == pytest.approx(story["moved"], abs=1e-6)
