"""Carry-over: how much of what a pot has left may be spent in the next year, from the words of ``pots.carry_over``.

The column is written for people: ``yes``, ``nein (Rückzahlung)``, ``50 %`` or ``0,5``.
"""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd

from allocate.inputs.dictionary import FALSE_WORDS, TRUE_WORDS
from allocate.inputs.numerals import typed_number

_FIRST_WORD = re.compile(r"[^\W\d_]+")


def carried_share(text: str) -> float:
    """The share 0..1 that may be carried over: 0 for a blank cell, NaN where the words say nothing we can read."""
    said = text.strip().casefold()
    if not said:
        return 0.0
    word = _FIRST_WORD.match(said)
    if word is not None:
        return 1.0 if word[0] in TRUE_WORDS else 0.0 if word[0] in FALSE_WORDS else math.nan
    number = typed_number(said.removesuffix("%").strip()).value / (100 if said.endswith("%") else 1)
    return number if 0 <= number <= 1 else math.nan


def carried_shares(pots: pd.DataFrame) -> np.ndarray:
    """The shares of all pots, float64 aligned with the table."""
    return np.array([carried_share(text) for text in pots["carry_over"]], dtype=np.float64)
