"""Page one: what a council decides by, true to the tables, short, in both languages."""

from __future__ import annotations

import copy
import math
import re
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest

from allocate.inputs.names import names_of, target_group_names
from allocate.language import LANGUAGES, MINUS, euro, percent
from allocate.report.blocks.block_words import Telling
from allocate.report.blocks.feeling import felt
from allocate.report.columns import written_date
from allocate.report.front import building
from allocate.report.front.building import front_page
from allocate.report.front.front_page import NONE, PROPOSAL, TODAY, FrontPage
from allocate.report.front.saying import Saying
from allocate.report.front.standing import law, why
from allocate.results.disclosure import Mask
from tests.report.conftest import Town


def texts(value: Any) -> list[str]:
    """All texts of a page one that a reader sees."""
    if isinstance(value, str):
        return [value] if value else []
    if isinstance(value, tuple):
        return [text for one in value for text in texts(one)]
    if not is_dataclass(value):
        return []
    hidden = {"about", "kind", "key", "id", "offer_id", "space_id", "sure"}
    return [text for one in fields(value) if one.name not in hidden for text in texts(getattr(value, one.name))]


@pytest.fixture(scope="module", params=LANGUAGES)
def page(request: pytest.FixtureRequest, example: Town) -> tuple[str, FrontPage]:
    return request.param, front_page(example.content, request.param)


def test_it_says_what_is_decided_and_what_is_proposed(page: tuple[str, FrontPage], example: Town) -> None:
    lang, front = page
    assert front.about == PROPOSAL
    assert "2027" in front.decided
    assert ("3.795.000 €" if lang == "de" else "€3,795,000") in front.decided
    assert example.content.plan.scenario.label(lang).startswith(front.title.split(":")[0])


@pytest.mark.parametrize(
    ("coverage", "lowest", "said"),
    [
        (0.6, 0.5, "Coverage would rise to 60%, in the least covered space to about 50%."),
        (0.6, 0.1, "Coverage would rise to 60%, in the least covered space it would fall to about 10%."),
        (0.4, 0.5, "Coverage would fall to 40%, in the least covered space it would rise to about 50%."),
    ],
)
def test_a_share_that_goes_the_other_way_has_a_verb_of_its_own(
    example: Town, coverage: float, lowest: float, said: str
) -> None:
    plan = copy.copy(example.content.plan)
    assert plan.measures is not None
    measures = replace(plan.measures, weighted_coverage=coverage, lowest_space_coverage=lowest)
    vars(plan)["measures"] = measures
    plans = {**example.content.plans, "SZ2": plan}
    comparison = copy.copy(example.content.comparison)
    vars(comparison)["plans"] = plans
    front = front_page(replace(example.content, comparison=comparison), "en")
    assert re.sub(r" \([^()]* by re-steering\)", "", front.lead).startswith(said)


def test_it_says_whether_it_is_lawful_from_when_and_which_groups_change_most(
    page: tuple[str, FrontPage], example: Town
) -> None:
    lang, front = page
    decision = example.content.decision
    assert decision is not None
    dates = decision.changes.loc[decision.changes["kind"].isin(["lowered", "closed"]), "earliest"]
    for date in (dates.min(), dates.max()):
        assert written_date(date, lang) in front.law
    assert (
        "Standards (im Plan) und Verträge gewahrt" if lang == "de" else "Floors (on plan) and contracts kept"
    ) in front.law
    gains = example.content.comparison.gains
    gains = gains[(gains["scenario_id"] == "SZ2") & (gains["by"] == "target_group")]
    gains = gains[~example.content.mask.total_rows("target_group", gains["id"])].sort_values("coverage_change")
    names = target_group_names(example.content.case, lang)
    for row in (gains.iloc[0], gains.iloc[-1]):
        sign = "+" if row["coverage_change"] > 0 else MINUS
        assert f"{names[row['id']]} {sign}" in front.groups
    assert ("Jahre" in front.groups) == (lang == "de")


def test_a_lowest_coverage_in_wide_steps_is_called_rounded(page: tuple[str, FrontPage], example: Town) -> None:
    """Beside the coverage of single spaces it may look wrong otherwise."""
    lang, front = page
    assert example.content.mask.lowest > 0.01
    assert ("rund 50" if lang == "de" else "about 50%") in front.lead
    assert front.tiles[1].before.startswith("≈") and front.tiles[1].after.startswith("≈50")
    exact = replace(example.content, mask=replace(example.content.mask, lowest=0.0))
    assert "≈" not in front_page(exact, "en").tiles[1].after and "about" not in front_page(exact, "en").lead


def test_floors_that_are_missed_are_no_kept_ones(example: Town) -> None:
    today = replace(example.content, proposal="SZ0")
    assert "14 floors missed" in law(Saying(replace(today, decision=example.content.decision), "en"))


def test_five_tiles_stand_from_today_to_the_proposal(page: tuple[str, FrontPage], example: Town) -> None:
    lang, front = page
    assert [tile.key for tile in front.tiles] == ["coverage", "lowest", "duplication", "floors", "shortfall"]
    today, plan = example.content.today.measures, example.content.plan.measures
    assert today is not None and plan is not None
    first = front.tiles[0]
    assert (first.before, first.after) == tuple(percent(one.weighted_coverage, lang, 0) for one in (today, plan))
    assert first.figures == (today.weighted_coverage, plan.weighted_coverage)
    assert front.tiles[3].figures == (14.0, 0.0)
    years = example.content.comparison.years
    own = years[years["scenario_id"] == "SZ2"]["short_eur"].tolist()[1:]
    assert front.tiles[4].figures == tuple(own)
    assert len(own) == 3
    assert all(tile.note for tile in front.tiles[:4])
    today_lacks = years[years["scenario_id"] == "SZ0"]["short_eur"].tolist()[1:]
    assert front.tiles[4].before == euro(round(sum(today_lacks), -3), lang)
    assert front.tiles[4].after == euro(round(sum(own), -3), lang)


def test_those_who_change_most_are_named_with_the_price_of_keeping(page: tuple[str, FrontPage], example: Town) -> None:
    _, front = page
    offers = example.content.comparison.offers
    offers = offers[(offers["scenario_id"] == "SZ2") & offers["change_eur"].notna()].sort_values("change_eur")
    assert [one.offer_id for one in front.losses] == offers["offer_id"].head(3).tolist()
    assert [one.offer_id for one in front.gains] == offers["offer_id"].tail(3).tolist()[::-1]
    prices = {card.offer_id: card.keeping_eur for card in example.content.cards}
    for one in front.losses:
        assert one.price
        assert (one.price in ("–", "•")) == (not prices[one.offer_id] >= 0)
        assert one.sure in {"robust", "likely", "open", "fragile"}
    assert not any(one.price for one in front.gains)
    # Keeping the city's counselling has a price, which only the small numbers near it keep from being told.
    assert [one.price == "•" for one in front.losses] == [one.offer_id == "O15" for one in front.losses]


def test_what_is_told_nowhere_as_a_change_is_none_on_page_one(example: Town) -> None:
    decision = example.content.decision
    assert decision is not None
    first = front_page(example.content, "en").losses[0].offer_id
    rest = decision.changes[decision.changes["offer_id"].ne(first)]
    front = front_page(replace(example.content, decision=replace(decision, changes=rest)), "en")
    assert front.losses and first not in {one.offer_id for one in front.losses}


def test_what_is_withheld_is_no_part_of_who_gains_and_loses(example: Town) -> None:
    said = "What is withheld to protect small numbers is not counted here; it may stand better or worse."
    assert example.content.mask.hidden
    assert felt(Telling(example.content, "en")).sentences[-1] == said
    whole = replace(example.content, mask=Mask(example.content.mask.threshold, frozenset(), frozenset()))
    assert said not in felt(Telling(whole, "en")).sentences


def test_withheld_offers_and_spaces_are_not_told(example: Town) -> None:
    content = example.content
    assert content.mask.offers
    shown = front_page(content, "de")
    assert not {one.offer_id for one in (*shown.gains, *shown.losses)} & content.mask.offers
    mask = replace(content.mask, totals={**content.mask.totals, "space": frozenset({"S01"})})
    secret = next(one for one in front_page(replace(content, mask=mask), "de").places if one.space_id == "S01")
    assert secret.withheld
    assert (secret.coverage, secret.points) == ("•", "")
    assert math.isnan(secret.change)


def test_changing_nothing_is_an_option_beside_the_proposal(page: tuple[str, FrontPage]) -> None:
    _, front = page
    assert [one.id for one in front.options][:2] == ["SZ0", "SZ2"]
    assert [one.proposed for one in front.options].count(True) == 1
    assert front.options[0].missed == "14"


def test_a_cut_names_who_would_get_less_if_it_stayed(example: Town) -> None:
    front = front_page(example.content, "de")
    cards, names = (
        {card.offer_id: card for card in example.content.cards},
        names_of(example.content.case, "offer_id", "de"),
    )
    named = [one for one in front.losses if one.instead]
    assert named
    for one in named:
        shown = [id for id in cards[one.offer_id].recipients.index if id not in example.content.mask.offers]
        assert one.instead == names[shown[0]]
    assert not any(one.instead for one in front.gains)
    begun = example.content.decision.changes if example.content.decision else None
    assert begun is not None
    new = set(begun.loc[begun["kind"] == "new", "offer_id"])
    assert {one.offer_id for one in front.gains if one.name.endswith("(neu)")} == new & {
        one.offer_id for one in front.gains
    }


def test_why_there_and_not_here_is_told_by_how_well_both_are_covered_today(example: Town) -> None:
    say = Saying(example.content, "en")
    rows = example.content.comparison.gains
    rows = rows[rows["by"].eq("space") & rows["scenario_id"].eq("SZ2")].set_index("id")
    grid = {one.space_id: one for one in front_page(example.content, "en").places}
    written = {id: (int(one.coverage[:-1]), int(one.points.replace(MINUS, "-"))) for id, one in grid.items()}
    assert all(abs(then - more - 100 * rows["coverage_before"][id]) <= 1 for id, (then, more) in written.items())
    old_town, lindenhof = (f"{written[id][0] - written[id][1]}%" for id in ("S01", "S06"))
    assert why(say, "O01", "O36") == f"Covered today: Altstadt {old_town}, Lindenhof {lindenhof}."
    assert why(say, "O36", "O01") == "", "better covered where more comes: no reason"
    assert why(say, "O01", "none") == ""


def test_both_languages_say_as_much(example: Town) -> None:
    german, english = (front_page(example.content, lang) for lang in LANGUAGES)
    assert len(german.turning) == len(english.turning) >= 2
    assert len(texts(german)) == len(texts(english))
    assert german.title != english.title


def test_money_of_four_years_with_its_gaps(page: tuple[str, FrontPage]) -> None:
    _, front = page
    assert [one.year for one in front.years] == ["2027", "2028", "2029", "2030"]
    assert [one.short_eur >= 1 for one in front.years] == [False, True, True, True]


def test_today_alone_and_rules_without_a_plan_have_a_page_one_too(small: Town, example: Town) -> None:
    today = replace(small.content, proposal="", decision=None)
    front = front_page(today, "de")
    assert front.about == TODAY
    assert not front.gains and not front.places and not front.turning
    assert all(tile.before == "" for tile in front.tiles)
    none = front_page(replace(example.content, proposal="SZ4a", decision=None), "en")
    assert none.about == NONE
    assert "no plan meets all rules" in none.title
    assert none.turning == ()


def test_a_large_town_says_on_page_one_what_was_left_out(small: Town) -> None:
    front = front_page(replace(small.content, omitted=("frontier", "robustness")), "en")
    assert "Not asked for a town of this size" in front.left_out
    assert not front_page(small.content, "en").left_out


def test_many_spaces_are_those_that_change_most(example: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "PLACES", 4)
    # A content of its own: what is told of one is written once.
    front = front_page(replace(example.content), "en")
    assert len(front.places) == 4
    assert front.places_note.startswith("6 further spaces")
    gains = example.content.comparison.gains
    rows = gains[(gains["scenario_id"] == "SZ2") & (gains["by"] == "space")]
    most = set(rows.loc[rows["coverage_change"].abs().nlargest(4).index, "id"])
    assert {one.space_id for one in front.places} == most
    assert isinstance(example.content.mask, Mask)
