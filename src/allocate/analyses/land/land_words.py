"""Telling: what a Land's answer says in sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from allocate.analyses.land.divisions import FAIR, NEED
from allocate.language import Texts, euro, number, percent

if TYPE_CHECKING:
    from allocate.analyses.land.side_by_side import Land

TEXTS = Texts("allocate.analyses.land")
# A gain below this (points of value) is rounding.
NOTHING = 1e-7
# EUR below which money counts as none.
CENT = 0.5
# So many towns are named where there may be thousands.
NAMED = 3


def sentences(found: Land, lang: str) -> list[str]:
    """The division, what the key costs, how far it is proven, who gains most, what is left, who is left out."""
    money = sum(pot.amount for pot in found.pots)
    row = found.divisions.loc[
        (found.divisions["division"] == found.chosen.name) & (found.divisions["keep_share"] == found.chosen.keep)
    ].iloc[0]
    said = [
        TEXTS.say(
            f"divided.{found.chosen.name}",
            lang,
            money=euro(money, lang),
            towns=number(len(found.chosen.values), lang),
            shifted=euro(float(row["shifted_eur"]), lang),
        )
    ]
    if found.chosen.keep > 0:
        said.append(TEXTS.say("keep", lang, share=percent(found.chosen.keep, lang, 0)))
    said += _price_of_the_key(found, lang)
    said.append(_proof(found, lang))
    if float(row["left_eur"]) > CENT:
        said.append(TEXTS.say("left", lang, money=euro(float(row["left_eur"]), lang)))
    if len(found.pots) > 1:
        said.append(TEXTS.say("several", lang))
    if len(found.left_out):
        count = len(found.left_out)
        said.append(TEXTS.say("left_out", lang, count=number(count, lang)))
    if found.unanswered:
        named = ", ".join(found.unanswered[:NAMED])
        said.append(TEXTS.say("unanswered", lang, count=number(len(found.unanswered), lang), first=named))
    if found.kept:
        said.append(TEXTS.say("kept", lang, count=number(found.kept, lang)))
    said.append(TEXTS.say("meaning", lang))
    return said


def _price_of_the_key(found: Land, lang: str) -> list[str]:
    if found.by_key is None:
        without = int(np.sum([math.isnan(value) for value in found.towns["objective_by_key"]]))
        return [TEXTS.say("key.impossible", lang, count=number(without, lang))]
    best = next((one for one in found.settled if one.name == NEED and one.keep == 0.0), None)
    if best is None:
        return []
    gain = best.value - found.by_key.value
    if gain <= NOTHING:
        return [TEXTS.say("key.best", lang)]
    said = [TEXTS.say("key.costs", lang, value=number(gain, lang, 5))]
    money = float(found.by_key.amounts.sum())
    if not math.isnan(found.key_equivalent) and money - found.key_equivalent > CENT:
        words = {"money": euro(found.key_equivalent, lang), "less": euro(money - found.key_equivalent, lang)}
        said.append(TEXTS.say("key.equivalent", lang, **words))
    return said


def _proof(found: Land, lang: str) -> str:
    if found.chosen.name == FAIR:
        return TEXTS.say("proof.fair", lang)
    gap = found.chosen.gap
    key = "proof.exact" if gap <= NOTHING else "proof.gap"
    return TEXTS.say(key, lang, gap=number(gap, lang, 7))
