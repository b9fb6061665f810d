"""Moments: the dates and times that a workbook of Open XML holds as numbers, by the format of their cells."""

from __future__ import annotations

import datetime
import re

_DATES = frozenset({*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)})  # formats that no file describes
_SPANS = frozenset({46})
_QUOTED = re.compile(r'"[^"]*"|\\.|[_*].')  # what stands in a format to be shown as it is
_SPAN = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_BRACKETS = re.compile(r"\[[^\]]*\]")  # colours, conditions, languages
_DATE_SIGNS = re.compile(r"[dmyhs]", re.IGNORECASE)
_SINCE_1900, _SINCE_1904 = datetime.datetime(1899, 12, 30), datetime.datetime(1904, 1, 1)
_NO_LEAP_DAY = 60  # spreadsheets count 29 February 1900, which there never was


def is_span(number: int, code: str) -> bool | None:
    """Whether a format of numbers shows a span of time (True) or a date or time of day (False); None for neither.

    ``code`` is how the file describes the format, ``""`` where it does not.
    """
    if not code:
        return True if number in _SPANS else False if number in _DATES else None
    bare = _QUOTED.sub("", code.partition(";")[0])
    if _SPAN.search(bare):
        return True
    bare = _BRACKETS.sub("", bare)
    return False if bare.casefold() != "general" and _DATE_SIGNS.search(bare) else None


def moment(days: float, *, span: bool, since_1904: bool) -> object:
    """The date, time of day or (as text) span of time that a number of days stands for.

    The number itself where it stands for none, for example a year beyond 9999.
    """
    try:
        passed = datetime.timedelta(days=days)
        rounded = datetime.timedelta(seconds=round(passed.total_seconds(), 3))  # days in binary miss by microseconds
        if span:
            return str(rounded)
        if since_1904:
            return _SINCE_1904 + rounded
        if 0 <= days < 1:
            return (_SINCE_1900 + rounded).time()
        early = datetime.timedelta(days=1 if days < _NO_LEAP_DAY else 0)
        return _SINCE_1900 + rounded + early
    except OverflowError:
        return days
