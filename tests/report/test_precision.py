"""Steps in which figures are published: wide enough for whoever must not be found, and exact where nobody is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocate.checking.opening import read_case
from allocate.report import asking as gathering
from allocate.report.columns import WITHHELD
from allocate.report.content import gather
from allocate.report.sections.money import timing
from allocate.report.sections.tables import Tables
from allocate.report.wording import Voice
from allocate.results.precision import FARTHEST, coarse, stepped
from allocate.session import Session
from tests.report.conftest import DAY, Town
from tests.report.smalltowns import small_town


@given(st.floats(0, 1e6), st.floats(0.1, 1e4))
def test_a_step_holds_the_figure_with_more_and_with_less(value: float, reach: float) -> None:
    (shown,) = coarse(np.array([value]), np.array([reach])).tolist()
    if not np.isnan(shown):
        assert abs(shown - value) <= FARTHEST * value
        # Wherever the truth lies within the step, a reach to both sides of the figure lies in it as well.
        steps = [factor * 10.0**power for power in range(9) for factor in (1, 2, 5)]
        assert any(max(abs(value - reach - shown), abs(value + reach - shown)) <= step / 2 * 1.0001 for step in steps)


def test_a_small_capacity_cannot_be_told_and_one_without_reach_is_exact() -> None:
    shown = coarse(np.array([3.0, 3.7, 0.0, 404.0]), np.array([5.0, 0.0, 5.0, 5.0]))
    assert np.isnan(shown[0])
    assert shown[1:].tolist() == [3.7, 0.0, 400.0]


def test_a_share_is_the_nearest_step_or_none() -> None:
    assert stepped(np.array([0.512, 0.512, 0.512]), np.array([0.0, 0.05, np.inf])).tolist()[:2] == [0.512, 0.5]
    assert np.isnan(stepped(np.array([0.512]), np.inf)).all()


def test_nothing_is_rounded_where_nothing_is_withheld(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "LARGE", 0)
    case = read_case(small_town(tmp_path / "town", 1))
    several = case.with_tables(
        demand=case["demand"].assign(demand=case["demand"]["demand"] * 100),
        parameters=case["parameters"].assign(
            value=case["parameters"]["value"].where(case["parameters"]["parameter"] != "suppression_threshold", "0")
        ),
    )
    session = Session(several)
    content = gather(session, today=DAY)
    assert not content.mask.hidden and not content.mask.offers
    for id, plan in content.plans.items():
        assert plan is session.run(id) or plan.measures == session.run(id).measures
        assert plan.offers.equals(session.run(id).offers)


def test_sums_of_covered_people_are_in_steps_where_a_cell_of_theirs_is_withheld(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "LARGE", 0)
    content = gather(Session(read_case(small_town(tmp_path / "town", 1))), today=DAY)
    threshold = content.mask.threshold
    veiled = {space for space, _ in content.mask.hidden}
    assert veiled
    gains = content.comparison.gains
    spaces = gains[(gains["by"] == "space") & gains["id"].isin(veiled)]
    assert len(spaces) and spaces["covered_before"].mod(threshold).eq(0).all()
    assert (spaces["covered_change"] == spaces["covered"] - spaces["covered_before"]).all()


def test_a_withheld_amount_has_no_place_among_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Releases stand by size; the two neighbours of a withheld one would say between which amounts it lies."""
    monkeypatch.setattr(gathering, "LARGE", 0)
    content = gather(Session(read_case(small_town(tmp_path / "town", 4))), today=DAY)
    for table, id in ((content.comparison.releases, "from_id"), (content.comparison.uses, "to_id")):
        veiled = table["amount_eur"].isna()
        assert table[id].isin(content.mask.offers).any() and veiled[table[id].isin(content.mask.offers)].all()
        assert veiled.tolist() == sorted(veiled)
        # Of two that are published as equal the order does not say which is the larger.
        for _, shown in table[~veiled].groupby("scenario_id"):
            stated = list(zip((-shown["amount_eur"]).tolist(), shown[id].tolist(), strict=True))
            assert stated == sorted(stated)


def test_cards_stand_by_what_is_published(example: Town) -> None:
    """Of two offers whose changes are published as equal the order of their cards tells nothing."""
    cards = [card for card in example.content.cards if card.offer_id != "O03"]
    assert example.content.cards[0].offer_id == "O03"
    changes = [abs(card.cost_eur - card.today_eur) for card in cards]
    stated = [
        (-change if np.isfinite(change) else 0.0, card.offer_id) for change, card in zip(changes, cards, strict=True)
    ]
    assert len(stated) > 5
    assert stated == sorted(stated)


def test_a_figure_that_no_step_can_tell_has_the_sign_of_what_is_withheld(example: Town) -> None:
    """A blank would say that there is none."""
    told = example.content.mask.parts - example.content.mask.offers
    assert told
    notice = timing(Voice(example.content, "en"), Tables(example.content, Voice(example.content, "en")))
    assert notice is not None
    sheet = next(one for one in notice.sheets if one.key == "notice")
    at = sheet.shown.index("change_eur")
    blank = sheet.frame["change_eur"].isna().tolist()
    assert any(blank)
    assert {row[at] for row, one in zip(sheet.cells("en"), blank, strict=True) if one} == {WITHHELD}


def test_shares_of_a_public_demand_tell_no_more_people_than_sums_do(example: Town) -> None:
    """A need's coverage times its demand counts who is covered, and so does what a floor reaches."""
    content, threshold = example.content, example.content.mask.threshold
    veiled = {need for _, need in content.mask.hidden}
    assert veiled
    gains = content.comparison.gains
    needs = gains[gains["by"].eq("need") & gains["id"].isin(veiled) & gains["scenario_id"].eq(content.proposal)]
    for row in needs.to_dict("records"):
        people = np.array([row["coverage"], row["coverage_before"]]) * row["demand"]
        np.testing.assert_allclose(people / threshold, np.round(people / threshold), atol=1e-5)
    demand = needs.set_index("id")["demand"]
    plan = content.plan
    floors = plan.floors[plan.floors["scope_id"].eq("*") & plan.floors["need_id"].isin(veiled)]
    assert len(floors)
    for row in floors.to_dict("records"):
        people = row["achieved"] * demand[row["need_id"]] / threshold
        assert people == pytest.approx(round(people), abs=1e-5) or row["achieved"] == 1
        assert row["met"] == (row["achieved"] >= row["required"])
    assert content.silos is not None
    told = content.silos.needs
    assert (told["gain_units"] == told["covered_pooled"] - told["covered_silo"]).all()


def test_a_curve_tells_the_lowest_coverage_of_a_plan_as_the_plan_does(example: Town) -> None:
    content = example.content
    marks = content.curves["equity"].marks.set_index("mark")["axis"]
    for mark, plan in (("status_quo", content.today), ("chosen", content.plan)):
        assert plan.measures is not None
        assert marks[mark] == plan.measures.lowest_space_coverage
