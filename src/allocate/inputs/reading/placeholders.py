"""Placeholders: a what-if with ``{x}`` in it, and the values that are put there one after the other.

    pots:P1:amount*{x}      over 0.8:1.2:0.05     from 80 to 120 per cent by fives
    demand:S02|N03:demand+{x}   over 0;100;250    three values

Values are ``FROM:TO:STEP`` (``TO`` included where a step meets it) or a list with ``;``. Numbers are
read in either notation; one that could be read twice is refused.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from allocate.errors import UsageError
from allocate.inputs.numerals import number_of, typed_number, write_numeral

PLACEHOLDER = "{x}"
# More values than this take long and cannot be read.
MOST_VALUES = 100


def values_over(text: str) -> tuple[float, ...]:
    """The values that a text names, ascending and without repetition.

    Raises ``UsageError`` (sweep-over, number-ambiguous).
    """
    parts = text.split(":")
    try:
        if len(parts) == 1:
            numbers = sorted({_number(part) for part in text.split(";") if part.strip()})
        elif len(parts) == 3:
            numbers = _stepped(*(_number(part) for part in parts))
        else:
            numbers = []
    except UsageError as refused:
        if refused.id == "number-ambiguous":
            raise
        numbers = []
    if not 1 <= len(numbers) <= MOST_VALUES:
        raise UsageError("sweep-over", text=text, most=MOST_VALUES)
    return tuple(float(number) for number in numbers)


def _number(text: str) -> Decimal:
    """A decimal number as written, so that three steps of 0.05 are 0.15 and nothing else."""
    return Decimal(write_numeral(number_of(text, "--over")))


def _stepped(first: Decimal, last: Decimal, step: Decimal) -> list[Decimal]:
    if step <= 0 or last < first:
        return []
    count = (last - first) // step + 1
    return [first + step * number for number in range(int(count))] if count <= MOST_VALUES else []


def filled(texts: Sequence[str], value: float) -> list[str]:
    """The lines with the value in place of every placeholder. Raises ``UsageError`` (sweep-placeholder) without one."""
    if not any(PLACEHOLDER in text for text in texts):
        raise UsageError("sweep-placeholder", text=" ".join(texts))
    return [text.replace(PLACEHOLDER, written(value)) for text in texts]


def written(value: float) -> str:
    """A number as text that can be read in one way only, whatever the reader's language."""
    if not math.isfinite(value):
        raise ValueError(value)
    text = np.format_float_positional(value, trim="-")
    # ``1.125`` could be a thousand, one hundred and twenty-five; ``1.1250`` could not.
    return f"{text}0" if typed_number(text).ambiguous else text
