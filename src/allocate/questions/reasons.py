"""Reasons: which card an analyst, or a planner at the terminal, asks for."""

from __future__ import annotations

from collections.abc import Mapping

from allocate.analyses.alternatives.other_plans import DIRECTIONS, NAMED, PUSHES, alternatives
from allocate.analyses.reasons.explain import (
    Explanation,
    explain_all,
    explain_floor,
    explain_offer,
    explain_pot,
    explain_space,
    explain_use,
)
from allocate.errors import UsageError
from allocate.questions.progress import Step
from allocate.session import Session
from allocate.town.facts import OfferFacts

# How many plans are looked at for the card of an offer, at most.
NEAR = len(NAMED) + DIRECTIONS + PUSHES + 4
PLACES = {"pot": explain_pot, "space": explain_space, "floor": explain_floor}


def steps_of(session: Session, *, everything: bool, brief: bool) -> int:
    """How many steps ``explain`` tells of at most, for a progress bar: plans close by, the card, other scenarios."""
    if everything:
        return len(OfferFacts(session.case).ids)
    return 1 if brief else NEAR + len(session.scenario_ids)


def explain(
    session: Session, scenario: str, ids: Mapping[str, str], *, everything: bool, brief: bool, step: Step
) -> Explanation:
    """The cards of what ``ids`` names (``offer``, ``pot``, ``space``, ``floor``; blank: not asked), or of all offers.

    An offer may be asked about in one space; unless ``brief``, its card says how it fares in other good plans. Raises
    ``UsageError`` ``explain-what`` where not exactly one thing is asked about, and as the cards do.
    """
    asked = [name for name, id in ids.items() if id]
    if everything and not asked:
        return explain_all(session, scenario, progress=step)
    if asked == ["offer", "space"] and not everything:
        return explain_use(session, scenario, ids["offer"], ids["space"])
    if everything or len(asked) != 1:
        raise UsageError("explain-what")
    (kind,) = asked
    if kind in PLACES:
        return PLACES[kind](session, scenario, ids[kind])
    if brief:
        return explain_offer(session, scenario, ids["offer"], across=False, progress=step)
    near = alternatives(session, scenario, progress=step).plans
    others = {name: plan for name, plan in near.items() if name != "proposal"}
    return explain_offer(session, scenario, ids["offer"], near=others, progress=step)
