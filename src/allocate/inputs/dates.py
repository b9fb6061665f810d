"""Dates as people write them, as ISO text."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd

_ISO = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_GERMAN = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})")


def iso_dates(cells: pd.Series, *, partial: bool = False) -> pd.Series:
    """``2028-12-31`` and ``31.12.2028`` as ISO text; ``2028`` and ``2028-12`` as they are, where ``partial``.

    What is no date becomes ``""``; dates with slashes are none, because day and month cannot be told apart.
    """
    words = {str(cell): _iso(str(cell), partial) for cell in cells.unique()}
    return cells.map(words).astype("str")


def _iso(cell: str, partial: bool) -> str:
    iso, german = _ISO.fullmatch(cell), _GERMAN.fullmatch(cell)
    if iso:
        year, month, day = iso.groups()
    elif german:
        day, month, year = german.groups()
    else:
        return ""
    try:
        exact = date(int(year), int(month or 1), int(day or 1)).isoformat()
    except ValueError:
        return ""
    if day:
        return exact
    return (exact[:7] if month else exact[:4]) if partial else ""
