"""What a card says of the other scenarios: counted where their plans are proven, named where they are not looked at."""

from __future__ import annotations

from dataclasses import replace

import pytest

from allocate.analyses.reasons import elsewhere
from allocate.analyses.reasons.cards import OfferCard
from allocate.analyses.reasons.explain import Explanation, explain_offer
from allocate.errors import UsageError
from allocate.session import Session
from allocate.solve.solution import Status
from tests.strategies import case_of


def town() -> Session:
    """Money for ten places, and two offers that have half of it each today; all of it goes to A, which does more."""
    offer = {"unit_cost": 10, "max_capacity": 10, "baseline_capacity": 5, "fixed_cost": 0, "variable_unit_cost": 10}
    return Session(
        case_of(
            {
                "spaces": [{"space_id": "S", "name": "S"}],
                "needs": [{"need_id": "N", "name": "N", "unit": "persons", "weight": 1}],
                "demand": [{"space_id": "S", "need_id": "N", "demand": 100}],
                "offers": [{"offer_id": one, "name": one, **offer} for one in "AB"],
                "effects": [
                    {"offer_id": "A", "need_id": "N", "effect": 1},
                    {"offer_id": "B", "need_id": "N", "effect": 0.5},
                ],
                "pots": [{"pot_id": "P", "name": "P", "amount": 100}],
                "parameters": [{"parameter": "movement_weight", "value": 0}],
                "scenarios": [
                    {"scenario_id": "today", "title": "Today", "evaluate": "yes"},
                    {"scenario_id": "plan", "title": "Plan"},
                    {"scenario_id": "again", "title": "Again"},
                    {"scenario_id": "whole", "title": "Whole offers", "indivisible": "yes"},
                ],
            }
        )
    )


def asked(session: Session, heard: list[str] | None = None) -> Explanation:
    """The card of A."""
    step = None if heard is None else heard.append
    return explain_offer(session, "plan", "A", tippings="none", progress=step)


def plans(found: Explanation) -> dict[str, tuple[str, str]]:
    """Plan -> its status, and what it does with the offer."""
    (card,) = found.cards
    assert isinstance(card, OfferCard)
    table = card.elsewhere
    told = zip(table["status"].tolist(), table["direction"].tolist(), strict=True)
    return dict(zip(table["plan_id"].tolist(), told, strict=True))


def said(found: Explanation, lang: str = "en") -> list[str]:
    """What is said of other scenarios."""
    words = ("scenario", "Szenari")
    return [one for one in found.sentences(lang)["sentence"].tolist() if any(word in one for word in words)]


def test_whole_offers_of_a_small_town_are_planned_for_a_card() -> None:
    heard: list[str] = []
    found = asked(town(), heard)
    assert plans(found) == {"again": ("optimal", "raised"), "whole": ("optimal", "raised")}
    assert said(found) == ["In 2 other scenarios with a proposal: always raised."]
    assert heard == ["A", "again", "whole"]


def test_whole_offers_of_a_large_town_are_named_and_not_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their proof takes many minutes; nothing is said of the offer there, and nobody is told that it was looked at."""
    monkeypatch.setattr(elsewhere, "WHOLE_UP_TO", 0)
    session, heard = town(), list[str]()
    found = asked(session, heard)
    assert plans(found) == {"again": ("optimal", "raised"), "whole": (elsewhere.OMITTED, "")}
    assert not session.has_run("whole")
    assert heard == ["A", "again"]
    assert said(found) == [
        "In 1 other scenario with a proposal: always raised.",
        "Not looked at: scenario whole; in a town this large it may take many minutes to plan whole offers. "
        "'allocate run' does it.",
    ]
    assert said(found, "de")[1] == (
        "Nicht angesehen ist das Szenario whole: In einer so großen Stadt ganze Angebote zu planen, kann viele Minuten "
        "dauern. „allocate run“ tut es."
    )


def test_a_plan_of_whole_offers_that_is_there_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elsewhere, "WHOLE_UP_TO", 0)
    session = town()
    session.run("whole")
    found = asked(session)
    assert plans(found)["whole"] == ("optimal", "raised")
    assert said(found) == ["In 2 other scenarios with a proposal: always raised."]


def test_a_plan_that_is_not_proven_is_named_and_not_counted() -> None:
    """Where a limit stopped the search, the plan at hand may be that of today."""
    session = town()
    session._plans["whole"] = replace(session.run("whole"), status=Status.LIMIT)
    found = asked(session)
    assert plans(found)["whole"] == ("limit", "raised")
    assert said(found) == [
        "In 1 other scenario with a proposal: always raised.",
        "Not counted: scenario whole; no proposal is proven to be the best there.",
    ]
    assert said(found, "de")[1] == (
        "Nicht mitgezählt ist das Szenario whole: Dort ist von keinem Vorschlag bewiesen, dass er der beste ist."
    )


def test_an_unknown_scenario_is_refused_before_others_are_planned() -> None:
    session = town()
    with pytest.raises(UsageError, match="nowhere"):
        explain_offer(session, "nowhere", "A")
    assert not session.has_run("again")
