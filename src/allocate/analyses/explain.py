"""``explain``: why the proposal does this and not that. One card for one thing, or all cards of a town in one go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from allocate.analyses.binding import TightRules
from allocate.analyses.cards import OfferCard
from allocate.analyses.offer_card import elsewhere, offer_card, quick_card
from allocate.analyses.resolve import Bench
from allocate.analyses.telling import Teller
from allocate.inputs.case import Case
from allocate.results.allocation import Allocation
from allocate.session import Session

type Progress = Callable[[str], None]


@dataclass(frozen=True)
class Explanation:
    """Reason cards of one scenario, in table order; ``complete`` is False where the work was interrupted."""

    scenario_id: str
    case: Case
    cards: tuple[OfferCard, ...]
    complete: bool = True

    def sentences(self, lang: str = "en") -> pd.DataFrame:
        """All cards in words: columns ``kind``, ``id``, ``sentence``."""
        teller = Teller(self.case, lang)
        rows = [(card.kind, " ".join(card.key), text) for card in self.cards for text in teller.card(card)]
        return pd.DataFrame(rows, columns=["kind", "id", "sentence"])

    def to_json(self, lang: str = "en") -> dict[str, object]:
        """The document of docs/explain.md."""
        teller = Teller(self.case, lang)
        return {
            "scenario_id": self.scenario_id,
            "complete": self.complete,
            "cards": [{**card.to_json(), "sentences": teller.card(card)} for card in self.cards],
        }


def explain_offer(
    session: Session,
    scenario_id: str,
    offer_id: str,
    *,
    across: bool = True,
    near: Mapping[str, Allocation] | None = None,
) -> Explanation:
    """The card of one offer. ``across``: also how it fares in the case's other scenarios; ``near``: in these plans.

    Raises ``UsageError`` for an unknown scenario or offer and where there is no proposal to explain.
    """
    bench = Bench(session, scenario_id)
    card = offer_card(bench, offer_id)
    tables = [card.elsewhere]
    if across:
        tables.append(elsewhere(offer_id, other_proposals(session, scenario_id), "scenario"))
    if near:
        tables.append(elsewhere(offer_id, near, "near"))
    filled = [table for table in tables if len(table)]
    card = replace(card, elsewhere=pd.concat(filled, ignore_index=True)) if filled else card
    return Explanation(scenario_id, bench.compiled.variant.case, (card,))


def other_proposals(session: Session, scenario_id: str) -> dict[str, Allocation]:
    """The plans of the case's other scenarios that optimise something."""
    others = [one for one in session.scenario_ids if one != scenario_id]
    plans = {one: session.run(one) for one in others if not session.variant(one).scenario.evaluate}
    return dict(plans)


def explain_all(session: Session, scenario_id: str, *, progress: Progress | None = None) -> Explanation:
    """The cards of all offers from one loaded program.

    ``progress`` is called with each offer's id before its card is made. A ``KeyboardInterrupt`` ends the work; what is
    known by then is returned with ``complete=False``.
    """
    bench = Bench(session, scenario_id)
    rules = TightRules(bench)
    cards: list[OfferCard] = []
    try:
        for number, offer_id in enumerate(bench.compiled.town.offers.ids.tolist()):
            if progress is not None:
                progress(str(offer_id))
            cards.append(quick_card(bench, rules, number))
    except KeyboardInterrupt:
        return Explanation(scenario_id, bench.compiled.variant.case, tuple(cards), complete=False)
    return Explanation(scenario_id, bench.compiled.variant.case, tuple(cards))
