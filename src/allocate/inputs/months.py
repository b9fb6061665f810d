"""Months: which months of a year count, from dates; a month counts where something is there on its 15th.

Months are numbered through, 12 * year + month - 1, so that they can be added.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from allocate.errors import UsageError

type Floats = NDArray[np.float64]
type Bools = NDArray[np.bool_]
type Dates = pd.Series | NDArray[np.object_]

MONTHS = 12
_MIDDLE = 15
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


def first_month(dates: Dates) -> Floats:
    """The first month that counts of what begins on a date (ISO text, a year or a month alone too); NaN where blank."""
    month, day = _parts(dates, "-01-01", "-01")
    return month + (day > _MIDDLE)


def last_month(dates: Dates) -> Floats:
    """The last month that counts of what ends on a date; NaN where blank."""
    month, day = _parts(dates, "-12-31", "-31")
    return month - (day < _MIDDLE)


def months_in(year: int) -> Floats:
    """The numbers of the months of a year."""
    return np.arange(MONTHS, dtype=np.float64) + MONTHS * year


def month_text(month: int) -> str:
    """A month by its number as ``2027-04``."""
    return f"{month // MONTHS}-{month % MONTHS + 1:02d}"


def months_there(offers: pd.DataFrame, year: int) -> Bools:
    """In which months of a year every offer can be there by its dates: offers x months."""
    first = np.nan_to_num(first_month(offers["available_from"]), nan=-np.inf)
    last = np.nan_to_num(last_month(offers["available_until"]), nan=np.inf)
    months = months_in(year)[None, :]
    there: Bools = (months >= first[:, None]) & (months <= last[:, None])
    return there


def _parts(dates: Dates, of_year: str, of_month: str) -> tuple[Floats, Floats]:
    """Month number and day of every date, NaN where it is blank or none."""
    months, days = np.full(len(dates), np.nan), np.full(len(dates), np.nan)
    for place, date in enumerate(dates.tolist()):
        if _DATE.fullmatch(date):
            whole = date + (of_year if len(date) == 4 else of_month if len(date) == 7 else "")
            months[place] = MONTHS * int(whole[:4]) + int(whole[5:7]) - 1
            days[place] = int(whole[8:10])
    return months, days


def typed_years(text: str) -> tuple[int, int] | None:
    """``2027-2030`` or ``2027``; None where nothing is given."""
    if not text.strip():
        return None
    found = re.fullmatch(r"(\d{4})(?:\s*[-–:]\s*(\d{4}))?", text.strip())
    if found is None:
        raise UsageError("years-unread", value=text)
    return int(found[1]), int(found[2] or found[1])


def typed_month(text: str) -> int | None:
    """``2027-04`` as the number of the month; None where nothing is given."""
    if not text.strip():
        return None
    found = re.fullmatch(r"(\d{4})-(\d{1,2})", text.strip())
    if found is None or not 1 <= int(found[2]) <= 12:
        raise UsageError("month-unread", value=text)
    return 12 * int(found[1]) + int(found[2]) - 1
