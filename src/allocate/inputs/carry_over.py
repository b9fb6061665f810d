"""Carry-over: how much of what a pot has left may be spent in the next year, from the words of ``pots.carry_over``.

The column is written for people: ``yes``, ``nein (Rückzahlung)``, ``50 %`` or ``0,5``; an amount is ``20000`` or
``20.000 EUR``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from allocate.inputs.dictionary import FALSE_WORDS, TRUE_WORDS
from allocate.inputs.numerals import typed_number

_FIRST_WORD = re.compile(r"[^\W\d_]+")
_CURRENCY = re.compile(r"\s*(EUR|Euro|CHF|€)\s*$", re.IGNORECASE)


class CarryOver(NamedTuple):
    """What a pot may keep: a ``share`` of what is left, and at most so many EUR (``most``, inf: no limit)."""

    share: float
    most: float = math.inf


def carry_over(text: str) -> CarryOver:
    """What the words of one pot say; the share is 0 for a blank cell, NaN where they say nothing we can read."""
    said = text.strip().casefold()
    if not said:
        return CarryOver(0.0)
    word = _FIRST_WORD.match(said)
    if word is not None:
        return CarryOver(1.0 if word[0] in TRUE_WORDS else 0.0 if word[0] in FALSE_WORDS else math.nan)
    amount = _CURRENCY.sub("", said)
    typed = typed_number(amount.removesuffix("%").strip())
    if amount.endswith("%"):
        share = typed.value / 100
        return CarryOver(share if 0 <= share <= 1 else math.nan)
    if amount != said and typed.ambiguous:
        # With a currency behind it 20.000 is an amount, and nobody carries over 20 EUR and no cent.
        return CarryOver(1.0, max(typed.point, typed.comma))
    if 0 <= typed.value <= 1 and amount == said:
        return CarryOver(typed.value)
    return CarryOver(1.0, typed.value) if typed.value >= 0 else CarryOver(math.nan)


def carried_shares(words: Iterable[str]) -> np.ndarray:
    """The shares of all pots, float64, by their column ``carry_over``."""
    return np.array([carry_over(text).share for text in words], dtype=np.float64)


def most_carried(words: Iterable[str]) -> np.ndarray:
    """The most that every pot may take into the next year, EUR (inf: no limit of its own), by the same column."""
    return np.array([carry_over(text).most for text in words], dtype=np.float64)
