"""Card lines: the reasons for one offer in at most five lines, none of which another line says already."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from allocate.analyses.reasons.card_words import Teller
from allocate.analyses.reasons.cards import OfferCard
from allocate.language import number
from allocate.report.blocks.block_words import Telling
from allocate.report.columns import written_date

# So many places are named that would lose.
_NAMED = 3
_HALF = 0.5


def lines(say: Telling, teller: Teller, card: OfferCard, row: Mapping[str, Any] | None) -> tuple[str, tuple[str, ...]]:
    """The headline of a card and its lines: why, who gets less if it stays, what would keep it, how sure and from when.

    ``row``: the offer's row of ``Decision.changes``, None where it does not change.
    """
    found = [_why(teller, card), _less(say, card), _keeps(say, teller, card), _sure(say, row)]
    return teller.head(card), tuple(one for one in found if one)


def _why(teller: Teller, card: OfferCard) -> str:
    """The better use of the money, else the rule that holds the offer where it is."""
    held = card.held
    if held is not None and not held.possible and not math.isnan(held.loss):
        return teller.consequence(card, held)
    instead = teller.instead(card)
    if instead:
        return instead[0]
    if card.binding:
        return teller.rule(card.binding[0])
    return teller.consequence(card, held) if held is not None else ""


def _less(say: Telling, card: OfferCard) -> str:
    """Where most would be lost if the offer stayed as today, or began where there is none."""
    held = card.held
    if held is None or held.costs_nothing or held.cells.empty:
        return ""
    worst = held.cells[held.cells["lost_units"].astype(float) >= _HALF]
    worst = worst.sort_values("lost_units", ascending=False, kind="stable")
    named = [
        say(
            "card.cell",
            need=say.short.name("need_id", str(one["need_id"])),
            space=say.short.name("space_id", str(one["space_id"])),
            units=number(float(one["lost_units"]), say.lang),
        )
        for one in worst.head(_NAMED).to_dict("records")
    ]
    key = "card.less_started" if held.question == "started" else "card.less"
    return say(key, cells=say.voice.listed(named, len(worst))) if named else ""


def _keeps(say: Telling, teller: Teller, card: OfferCard) -> str:
    """The nearest checked change that would keep it, and the money that would make up for keeping it."""
    parts = []
    if card.keeping_eur >= 1:
        parts.append(say("card.money", eur=say.short.euro(card.keeping_eur)))
    nearest = min((one for one in card.tippings if one.tells), key=lambda one: abs(one.change), default=None)
    if nearest is not None:
        held = "" if card.held is None or card.held.costs_nothing else card.held.question
        parts.append(teller.tipping(nearest, held))
    return " ".join(parts)


def _sure(say: Telling, row: Mapping[str, Any] | None) -> str:
    if row is None:
        return ""
    date = written_date(str(row["earliest"]), say.lang)
    if not row["sure"]:
        return say("card.untested", date=date)
    word = say.short(f"sure.{row['sure']}")
    near, runs = (
        say("of", same=int(row[f"{one}_same"]), total=int(row[total]))
        for one, total in (("near", "near_plans"), ("runs", "runs"))
    )
    return say("card.sure", sure=word, near=near, runs=runs, date=date)
