"""The reason card of an offer in a space: why so many of its places go there, and what fewer or more would mean."""

from __future__ import annotations

import numpy as np

from allocate.analyses.reasons.binding import TightRules
from allocate.analyses.reasons.consequence import thorough
from allocate.analyses.reasons.place_cards import PlaceCard
from allocate.bench.resolve import Bench, number_of
from allocate.errors import UsageError
from allocate.town.facts import OfferFacts, SpaceFacts

SAME_LEVEL = 1e-7


def use_card(bench: Bench, offer_id: str, space_id: str) -> PlaceCard:
    """The card of one offer in one space.

    Raises ``UsageError`` (``id-unknown``, or ``explain-no-reach`` where the offer does not reach the space).
    """
    town = bench.compiled.town
    offer = bench.offer(offer_id)
    space = number_of("spaces", space_id, town.spaces.ids)
    found = np.flatnonzero((town.pairs.offer == offer) & (town.pairs.space == space))
    if not len(found):
        raise UsageError("explain-no-reach", offer=offer_id, space=space_id)
    pair = int(found[0])
    used_today = float(town.pairs.baseline[found].sum())
    today = min(used_today, float(town.pairs.max_capacity[pair]))
    level = float(bench.plan_x[bench.columns.use + found].sum())
    rules = TightRules(bench).of_offer(offer)
    own = tuple(one for one in rules if len(one.key) == 1 or space_id in one.key)
    consequences = []
    if level > SAME_LEVEL:
        consequences.append(thorough(bench, offer, "none", 0.0, bench.use(pair, least=0.0, most=0.0))[0])
    if level > today + SAME_LEVEL * max(1.0, today):
        consequences.append(thorough(bench, offer, "not_raised", today, bench.use(pair, most=today))[0])
    else:
        consequences.append(thorough(bench, offer, "kept", today, bench.use(pair, least=today))[0])
    case = bench.compiled.variant.case
    return PlaceCard(
        scenario_id=bench.scenario_id,
        kind="use",
        key=(offer_id, space_id),
        name=f"{OfferFacts(case).name[offer]} / {SpaceFacts(case).name[space]}",
        facts={
            "today_capacity": used_today,
            "capacity": level,
            "max_capacity": float(town.pairs.max_capacity[pair]),
            "access": float(town.pairs.access[pair]),
        },
        binding=own,
        consequences=tuple(consequences),
    )
