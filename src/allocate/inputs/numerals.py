"""Numbers as text, where the type of a cell depends on another cell: ``changes.value``, ``parameters.value``.

Inside a case such a number has a decimal point and no thousands mark (``1140000.5``). What a person types
may be German or English; a text that both read, and read differently (``1.234``), is reported and never
guessed.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocate.errors import UsageError
from allocate.inputs.dialect import read_number

_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True)
class Typed:
    """A number as somebody typed it: ``point`` and ``comma`` are its readings, NaN where there is none."""

    point: float
    comma: float

    @property
    def value(self) -> float:
        """The number, NaN where the text is none or could be two."""
        if self.ambiguous:
            return math.nan
        return self.comma if math.isnan(self.point) else self.point

    @property
    def ambiguous(self) -> bool:
        """Whether a decimal point and a decimal comma give two different numbers."""
        return not math.isnan(self.point) and not math.isnan(self.comma) and self.point != self.comma


def typed_number(text: str) -> Typed:
    """What a person may have meant by a number, in German or English (``1.140.000,5``, ``0.9``, ``1 200``)."""
    return Typed(*read_number(text.strip()))


def number_of(text: str, place: str = "") -> float:
    """The number a person typed. Raises ``UsageError``: ``number-none``, or ``number-ambiguous`` with both readings."""
    typed = typed_number(text)
    if typed.ambiguous:
        readings = {"point": write_numeral(typed.point), "comma": write_numeral(typed.comma)}
        raise UsageError("number-ambiguous", place=place, value=text.strip(), **readings)
    if not math.isfinite(typed.value):
        raise UsageError("number-none", place=place, value=text.strip())
    return typed.value


def read_plain(texts: pd.Series) -> pd.Series:
    """Numbers with a decimal point as float64; a text that is none of these but a German number counts as that.

    NaN for every other text; ``nan`` and ``inf`` are no numbers.
    """
    read = [plain_number(text) if isinstance(text, str) else math.nan for text in texts.astype("str").tolist()]
    return pd.Series(read, index=texts.index, name=texts.name, dtype=np.float64)


def plain_number(text: str) -> float:
    """One text as ``read_plain`` reads many."""
    bare = text.strip()
    return float(bare) if _PLAIN.fullmatch(bare) else typed_number(bare).value


def write_numeral(value: float) -> str:
    """A number as text with a decimal point that reads back as the same number; blank for NaN."""
    if math.isnan(value):
        return ""
    return repr(float(value)).removesuffix(".0")
