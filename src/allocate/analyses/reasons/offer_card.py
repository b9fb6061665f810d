"""The reason card of an offer: what binds it, who has its money, what keeping or closing costs, what would tip it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

import numpy as np

from allocate.analyses.reasons.binding import TightRules
from allocate.analyses.reasons.breakeven import Case, Tipping, pot_tippings
from allocate.analyses.reasons.cards import OfferCard
from allocate.analyses.reasons.consequence import Consequence, at_hand, quick, thorough
from allocate.analyses.reasons.direction import direction
from allocate.analyses.reasons.keeping import keeping_eur
from allocate.analyses.reasons.thresholds import nearest_threshold, price_of_level, thresholds
from allocate.bench.resolve import Bench, Hold
from allocate.solve.loaded import PRIMAL
from allocate.town.arrays import Floats
from allocate.town.facts import OfferFacts

# Levels closer than this (capacity units, relative) are the same level.
SAME_LEVEL = 1e-7


type Search = Literal["all", "nearest", "none"]


def offer_card(bench: Bench, offer_id: str, *, tippings: Search = "all") -> OfferCard:
    """The full card of one offer: every plan it compares is certified and canonical, every tipping value checked.

    ``tippings``: which values at which the answer changes are sought: all, only the nearest of those that are told of
    a figure of the town (what a report shows, for a fraction of the work), or none.

    Raises ``UsageError`` for an unknown offer.
    """
    offer = bench.offer(offer_id)
    card = _facts(bench, offer)
    question, level, holds = _held_question(bench, offer, bench.plan_x)
    closed, _ = thorough(bench, offer, "closed", 0.0, bench.closed(offer))
    held, _ = thorough(bench, offer, question, level, holds)
    card = replace(
        card,
        binding=TightRules(bench).of_offer(offer),
        closed=closed,
        held=held,
        least_needed=math.nan if closed.possible else least_capacity(bench, offer),
        keeping_eur=keeping_eur(bench, offer, held),
    )
    return card if tippings == "none" else replace(card, tippings=_tippings(bench, offer, card, tippings))


def quick_card(bench: Bench, rules: TightRules, offer: int, *, priced: bool = False) -> OfferCard:
    """The card of one of many offers: exact losses from re-solves, asked only where they are not already known.

    An offer that an optimal plan leaves out costs nothing to close, and one that an optimal plan holds at today's
    level costs nothing to keep; these need no re-solve. ``priced``: with the price of keeping a lowered offer.
    """
    found = at_hand(bench).x
    x = bench.plan_x if found is None else found
    question, level, holds = _held_question(bench, offer, x)
    closed = _unless_idle(bench, offer, "closed", 0.0, bench.closed(offer), x)
    held = _unless_idle(bench, offer, question, level, holds, x)
    return replace(
        _facts(bench, offer),
        binding=rules.of_offer(offer),
        closed=closed,
        held=held,
        least_needed=math.nan if closed.possible else least_capacity(bench, offer),
        keeping_eur=keeping_eur(bench, offer, held) if priced else math.nan,
    )


def _unless_idle(
    bench: Bench, offer: int, question: str, level: float, holds: tuple[Hold, ...], x: Floats
) -> Consequence:
    """The consequence, without a re-solve where the optimum at hand already meets the hold."""
    for hold in holds:
        slack = SAME_LEVEL * np.maximum(1.0, np.abs(x[hold.numbers]))
        if (x[hold.numbers] < hold.lower - slack).any() or (x[hold.numbers] > hold.upper + slack).any():
            return quick(bench, offer, question, level, holds)
    return Consequence(question, level, True, 0.0, bench.optimum.gap, 0.0, 0.0, 0.0, 0.0)


def _facts(bench: Bench, offer: int) -> OfferCard:
    row = bench.plan.offers.iloc[offer]
    town = bench.compiled.town
    return OfferCard(
        scenario_id=bench.scenario_id,
        offer_id=str(row["offer_id"]),
        name=str(OfferFacts(bench.compiled.variant.case).name[offer]),
        today_capacity=float(town.offers.baseline_capacity[offer]),
        today_eur=float(row["baseline_cost_eur"]),
        capacity=float(row["capacity"]),
        cost_eur=float(row["cost_eur"]),
        direction=direction(float(row["change_eur"]), float(row["baseline_cost_eur"])),
    )


def _held_question(bench: Bench, offer: int, x: Floats) -> tuple[str, float, tuple[Hold, ...]]:
    """Which level the card holds the offer at: today's, from the side on which the proposal leaves it."""
    offers = bench.compiled.town.offers
    most = float(offers.max_capacity[offer])
    today = min(float(offers.baseline_capacity[offer]), most)
    level = float(x[bench.columns.capacity + offer])
    if today <= 0 and level <= SAME_LEVEL:
        first = min(most, max(1.0, float(offers.min_if_open[offer])))
        return "started", first, bench.level(offer, least=first)
    if level > today * (1 + SAME_LEVEL) + SAME_LEVEL:
        return "not_raised", today, bench.level(offer, most=today)
    return "kept", today, bench.level(offer, least=today)


def least_capacity(bench: Bench, offer: int) -> float:
    """The least capacity of an offer with which some plan meets all rules, its own contract left aside."""
    program, number = bench.program, bench.columns.capacity + offer
    everything = np.arange(program.column_count)
    with bench.loaded.what_if():
        bench.loaded.change_cost(everything, np.zeros(len(everything)))
        bench.loaded.change_cost(np.array([number]), np.ones(1))
        bench.loaded.change_bounds(np.array([number]), np.zeros(1), program.upper[[number]])
        # The plan at hand meets all rules, so the primal simplex method starts at once; the dual one would not.
        found = bench.loaded.solve(method=None if bench.is_mixed_integer else PRIMAL)
    return math.nan if found.x is None else float(found.x[number])


def _tippings(bench: Bench, offer: int, card: OfferCard, search: Search) -> tuple[Tipping, ...]:
    """What would have to change, for an offer below today's level; how far a funded one is from losing its money."""
    if card.held is None or card.closed is None:
        return ()
    if card.held.question in ("kept", "started") and not card.held.costs_nothing:
        case = Case(offer, card.held.level, bench.value, rising=True)
        if search == "nearest":
            return nearest_threshold(bench, case)
        return (*thresholds(bench, case), *pot_tippings(bench, case))
    if card.capacity <= SAME_LEVEL:
        return ()
    case = Case(offer, card.capacity, bench.value, rising=False)
    if card.closed.possible:
        return nearest_threshold(bench, case) if search == "nearest" else tuple(thresholds(bench, case))
    needed = Tipping("price", "needed", today=card.cost_eur / card.capacity, verified=True)
    return (needed, *price_of_level(bench, case))
