"""What held an offer back, solved by hand: rules that have no date, and no word in this analysis.

B has room for 100 children at 10 EUR; half of the places exist today. Whatever lets it grow comes in 2029 only.
"""

from __future__ import annotations

from typing import Any

import pytest

from allocate.analyses.transition.year_by_year import Transition, transition
from allocate.language import LANGUAGES
from allocate.model.rules.register import RULES
from allocate.report.columns import said
from allocate.session import Session
from tests.analyses.transition.daycare import DAYCARE
from tests.strategies import Tables, case_of

YEARS = (2027, 2029)
OFFER = {"offer_id": "B", "name": "B", "unit_cost": 10, "max_capacity": 100, "baseline_capacity": 50}
TOWN: Tables = {
    **DAYCARE,
    "demand_years": [],
    "offers": [OFFER],
    "effects": [{"offer_id": "B", "need_id": "U3", "effect": 1}],
    "pots": [{"pot_id": "T", "name": "Stadt", "amount": 1000}],
    "pot_years": [],
    "parameters": [{"parameter": "plan_year", "value": 2027}, *DAYCARE["parameters"][1:]],
}


def path(**tables: list[dict[str, Any]]) -> Transition:
    return transition(Session(case_of({**TOWN, **tables})), "plan", YEARS, delays=())


def capacity(found: Transition, offer: str = "B") -> list[float]:
    return found.offers[found.offers["offer_id"].eq(offer)]["capacity"].tolist()


def held(found: Transition, offer: str = "B") -> dict[int, str]:
    own = found.steps[found.steps["offer_id"].eq(offer)]
    return dict(zip(own["year"], own["held_back"], strict=True))


@pytest.fixture(scope="module")
def posts() -> Transition:
    """A tenth of a post a place: 5 posts until 2028 are 50 places, 10 from 2029 on are 100."""
    groups = [{"staff_id": "E", "name": "Erzieherinnen", "posts": n, "year": y} for y, n in (("", 5), ("2029", 10))]
    return path(offers=[{**OFFER, "posts_per_unit": 0.1}], staff=groups)


def test_posts_delay_an_expansion_for_which_there_is_money(posts: Transition) -> None:
    assert capacity(posts) == pytest.approx([50, 50, 100])
    assert posts.pots["free_eur"].tolist() == pytest.approx([500, 500, 0], abs=1e-6)
    assert held(posts) == {2029: "staff"}


def test_posts_are_shown_year_by_year(posts: Transition) -> None:
    table = posts.staff.set_index("year")
    assert table["posts"].tolist() == [5, 5, 10]
    assert table["used_posts"].tolist() == pytest.approx([5, 5, 10])
    assert table[["free_posts", "short_posts"]].to_numpy().ravel().tolist() == pytest.approx([0] * 6, abs=1e-6)


def test_a_grant_with_money_left_waits_for_the_town_that_matches_it() -> None:
    """G pays one euro for each of the town's: 250 EUR of the town until 2028 are 50 places, 500 EUR are 100."""
    found = path(
        pots=[{"pot_id": "T", "name": "Stadt", "amount": 250}, {"pot_id": "G", "name": "Land", "amount": 1000}],
        pot_years=[{"pot_id": "T", "year": 2029, "amount": 500}],
        cofinancing=[{"pot_id": "G", "per_eur_of": "T", "most": 1}],
    )
    assert capacity(found) == pytest.approx([50, 50, 100])
    assert held(found) == {2029: "pots_empty;cofinancing"}


def test_money_that_is_used_up_is_named_alone() -> None:
    found = path(
        pots=[{"pot_id": "T", "name": "Stadt", "amount": 500}],
        pot_years=[{"pot_id": "T", "year": 2029, "amount": 1000}],
    )
    assert held(found) == {2029: "pots_empty"}


def test_a_floor_holds_what_would_rather_go() -> None:
    """60 of 100 older children are promised a place of A until demand ends; then all money is for B."""
    offers = [OFFER, {"offer_id": "A", "name": "A", "unit_cost": 10, "max_capacity": 60, "baseline_capacity": 60}]
    found = path(
        needs=[*TOWN["needs"], {"need_id": "Ü3", "name": "Kita", "unit": "Plätze", "weight": 0.1}],
        demand=[*TOWN["demand"], {"space_id": "S", "need_id": "Ü3", "demand": 100}],
        demand_years=[{"space_id": "S", "need_id": "Ü3", "year": 2029, "demand": 0}],
        offers=offers,
        effects=[*TOWN["effects"], {"offer_id": "A", "need_id": "Ü3", "effect": 1}],
        floors=[{"floor_id": "F", "scope": "all", "need_id": "Ü3", "min_coverage": 0.6, "kind": "statutory"}],
    )
    assert capacity(found, "A") == pytest.approx([60, 60, 0], abs=1e-6)
    assert capacity(found) == pytest.approx([40, 40, 100])
    assert (held(found, "A"), held(found)) == ({2029: "floor"}, {2027: "", 2029: "pots_empty"})


def test_where_nothing_stood_against_it_that_is_said() -> None:
    """More children from 2029 on: places and money had been there before."""
    found = path(
        demand=[{"space_id": "S", "need_id": "U3", "demand": 50}],
        demand_years=[{"space_id": "S", "need_id": "U3", "year": 2029, "demand": 100}],
    )
    assert capacity(found) == pytest.approx([50, 50, 100])
    assert held(found) == {2029: "no_gain"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_whatever_may_hold_an_offer_back_has_a_word(lang: str) -> None:
    for rule in RULES:
        if rule.gives_way is not None:
            assert rule.held or rule.say("cause", lang) == said(rule.held_as, lang), rule.kind
    both = {"de": "Mittel ausgeschöpft; Kofinanzierung", "en": "money used up; co-financing"}
    assert said("pots_empty;cofinancing", lang) == both[lang]
    assert said("what;nobody knows", lang) == "what;nobody knows"
