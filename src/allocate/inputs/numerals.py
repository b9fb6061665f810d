"""Numbers written as text, in German or English: for cells whose type depends on another cell.

    English  1,140,000.5     German  1.140.000,5     both also with spaces or apostrophes for thousands

All texts of one column are read together: a text that is a number in both ways with different values
(``1.234``) takes the way that the other texts of the column prove, and is ambiguous where they prove none or
both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

_GROUPED = r"[+-]?[1-9]\d{{0,2}}(?:[{mark}\x20\u00a0\u2009\u202f'’]\d{{3}})+"
_PLAIN = r"[+-]?\d+"
_POINT = rf"(?:{_GROUPED.format(mark=',')}|{_PLAIN}|[+-]?(?=\.\d))(?:\.\d+)?(?:[eE][+-]?\d+)?"
_COMMA = rf"(?:{_GROUPED.format(mark='.')}|{_PLAIN}|[+-]?(?=,\d))(?:,\d+)?(?:[eE][+-]?\d+)?"
_SPACES = r"[\x20\u00a0\u2009\u202f'’]"


@dataclass(frozen=True)
class Numerals:
    """The numbers of a column of texts.

    ``values`` is NaN where there is none, ``ambiguous`` marks where two readings are possible; ``point`` and
    ``comma`` are the readings with a decimal point and with a decimal comma.
    """

    values: pd.Series
    ambiguous: pd.Series
    point: pd.Series
    comma: pd.Series


def read_numerals(texts: pd.Series) -> Numerals:
    """Read a column of texts as numbers (German or English, decided by the whole column)."""
    bare = texts.astype("str").str.strip().str.replace("−", "-", regex=False)
    point = _read(bare, _POINT, thousands=",", decimal=".")
    comma = _read(bare, _COMMA, thousands=".", decimal=",")
    both = point.notna() & comma.notna()
    differs = both & point.ne(comma)
    proves_point = bool((point.notna() & comma.isna()).any())
    proves_comma = bool((comma.notna() & point.isna()).any())
    values = point.where(point.notna(), comma)
    if proves_comma and not proves_point:
        values = comma.where(comma.notna(), point)
    decided = proves_point != proves_comma
    ambiguous = differs & (not decided)
    return Numerals(values.mask(ambiguous), ambiguous, point, comma)


def write_numeral(value: float) -> str:
    """A number as text with a decimal point that reads back as the same number; blank for NaN."""
    if math.isnan(value):
        return ""
    text = repr(float(value))
    return text.removesuffix(".0")


def _read(texts: pd.Series, pattern: str, *, thousands: str, decimal: str) -> pd.Series:
    """The numbers of the texts under one convention, NaN for every other text."""
    plain = texts.where(texts.str.fullmatch(pattern), "nan").str.replace(_SPACES, "", regex=True)
    plain = plain.str.replace(thousands, "", regex=False).str.replace(decimal, ".", regex=False)
    return plain.astype(np.float64)
