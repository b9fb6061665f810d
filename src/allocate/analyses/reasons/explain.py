"""``explain``: why the proposal does this and not that. One card for one thing, or all cards of a town in one go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import pandas as pd

from allocate.analyses.reasons.binding import TightRules
from allocate.analyses.reasons.card_words import Teller
from allocate.analyses.reasons.cards import OfferCard
from allocate.analyses.reasons.elsewhere import in_plans, in_scenarios
from allocate.analyses.reasons.floor_card import floor_cards
from allocate.analyses.reasons.offer_card import Search, offer_card, quick_card
from allocate.analyses.reasons.place_cards import PlaceCard
from allocate.analyses.reasons.place_words import told
from allocate.analyses.reasons.pot_card import pot_card
from allocate.analyses.reasons.space_card import space_card
from allocate.analyses.reasons.use_card import use_card
from allocate.bench.resolve import Bench
from allocate.inputs.case import Case
from allocate.model.own_rules import own_names
from allocate.plain import Record
from allocate.results.allocation import Allocation
from allocate.results.columns import Columns
from allocate.results.told import Told
from allocate.session import Session

type Progress = Callable[[str], None]


@dataclass(frozen=True, eq=False, repr=False)
class Explanation(Told):
    """Reason cards of one scenario, in table order; ``complete`` is False where the work was interrupted."""

    JSON: ClassVar = ("scenario_id", "complete", "cards=told_cards")

    scenario_id: str
    case: Case
    cards: tuple[OfferCard | PlaceCard, ...]
    complete: bool = True

    def sentences(self, lang: str = "en") -> pd.DataFrame:
        """All cards in words: columns ``kind``, ``id``, ``sentence``."""
        teller = Teller(self.case, lang)
        rows = [(card.kind, " ".join(card.key), text) for card in self.cards for text in spoken(teller, card)]
        return Columns("kind", "id", "sentence").of(rows)

    def told_cards(self, lang: str) -> list[Record]:
        """Every card with its sentences."""
        teller = Teller(self.case, lang)
        return [{**card.to_json(lang), "sentences": spoken(teller, card)} for card in self.cards]


def spoken(teller: Teller, card: OfferCard | PlaceCard) -> list[str]:
    """A card as sentences; where own rules hold, the last one says that they may be the reason."""
    sentences = teller.offer(card) if isinstance(card, OfferCard) else told(teller, card)
    names = own_names(teller.case)
    return [*sentences, teller.say("own.reason", names=names)] if names else sentences


def explain_offer(
    session: Session,
    scenario_id: str,
    offer_id: str,
    *,
    across: bool = True,
    near: Mapping[str, Allocation] | None = None,
    tippings: Search = "all",
    progress: Progress | None = None,
) -> Explanation:
    """The card of one offer. ``across``: also how it fares in the case's other scenarios; ``near``: in these plans.

    ``tippings``: as of ``offer_card``. ``progress`` is called with the offer's id, then with that of every other
    scenario that is planned; one of whole offers in a large town is not planned for a card (``in_scenarios``).

    Raises ``UsageError`` for an unknown scenario or offer and where there is no proposal to explain.
    """
    step = progress or (lambda _name: None)
    step(offer_id)
    bench = Bench(session, scenario_id)
    card = offer_card(bench, offer_id, tippings=tippings)
    tables = [card.elsewhere]
    if across:
        tables.append(in_scenarios(session, scenario_id, offer_id, step))
    if near:
        tables.append(in_plans(offer_id, near, "near"))
    filled = [table for table in tables if len(table)]
    card = replace(card, elsewhere=pd.concat(filled, ignore_index=True)) if filled else card
    return Explanation(scenario_id, bench.compiled.variant.case, (card,))


def explain_use(session: Session, scenario_id: str, offer_id: str, space_id: str) -> Explanation:
    """The card of an offer in a space. Raises ``UsageError``."""
    return _places(session, scenario_id, lambda bench: (use_card(bench, offer_id, space_id),))


def explain_pot(session: Session, scenario_id: str, pot_id: str) -> Explanation:
    """The card of a pot. Raises ``UsageError``."""
    return _places(session, scenario_id, lambda bench: (pot_card(bench, pot_id),))


def explain_space(session: Session, scenario_id: str, space_id: str) -> Explanation:
    """The card of a space. Raises ``UsageError``."""
    return _places(session, scenario_id, lambda bench: (space_card(bench, space_id),))


def explain_floor(session: Session, scenario_id: str, floor_id: str) -> Explanation:
    """The cards of a floor, one for every place it holds in. Raises ``UsageError``."""
    return _places(session, scenario_id, lambda bench: floor_cards(bench, floor_id))


def _places(session: Session, scenario_id: str, cards: Callable[[Bench], tuple[PlaceCard, ...]]) -> Explanation:
    bench = Bench(session, scenario_id)
    return Explanation(scenario_id, bench.compiled.variant.case, cards(bench))


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
