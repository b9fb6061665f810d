"""Columns: how every column of every table is shown, on the terminal, in the report and in the workbook alike.

``columns.csv`` holds each column's kind and label, ``words.csv`` the fixed values (``optimal``, ``raised``) in words.
"""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass
from functools import cache
from importlib import import_module, resources

import pandas as pd

from allocate.language import Texts, euro, in_currency, is_nothing, number, percent, reckons_in_places, signed, worded

WORDS = Texts("allocate.report", "words.csv")
# A marginal value per euro is too small to read, so it is shown per million euros, that of a place per thousand.
PER_EUROS, PER_PLACES = 1e6, 1e3
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PLACE = re.compile(r"(.+?\.(?:csv|xlsx|xlsm|ods))(?: sheet (.+?))?(?: row (\d+))?(?: column (.+))?", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """How one column is shown: its label and its kind.

    Kinds: text, word (a fixed value such as a status), place (file, sheet and row) and date, all three said in the
    reader's language, yesno, count, units (need or capacity units), euro, share (0..1 as per cent), value
    (coverage value), slope (value per EUR, shown per million), plain (a number with the decimals it has); with their
    sign: euro_change, units_change, share_change (percentage points), value_change.
    """

    name: str
    kind: str
    label: str

    @property
    def is_number(self) -> bool:
        """Whether the cells are numbers, which stand on the right and are never wrapped."""
        return self.kind not in {*_SPOKEN, "text", "yesno"}

    def cells(self, values: pd.Series, lang: str) -> list[str]:
        """The cells as text."""
        return [_cell(value, self.kind, lang) for value in values.tolist()]


@cache
def columns() -> dict[str, dict[str, str]]:
    """Column name -> kind, de, en, from ``columns.csv``."""
    source = resources.files("allocate.report").joinpath("columns.csv")
    with source.open(encoding="utf-8") as stream:
        return {row["column"]: row for row in csv.DictReader(stream)}


def column(name: str, lang: str) -> Column:
    """How ``name`` is shown; an unknown one (a free column of the case) is text under its own name."""
    row = worded(columns(), name) if name in columns() else {"kind": "text", "de": name, "en": name}
    return Column(name, row["kind"], in_currency(row[lang], lang))


def _cell(value: object, kind: str, lang: str) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return "–" if kind not in {*_SPOKEN, "text"} else ""
    if kind in _SPOKEN:
        return _SPOKEN[kind](str(value), lang)
    if kind == "yesno":
        return said("yes" if value else "no", lang)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if kind == "text":
        return _any_number(value, lang)
    return _number(float(value), kind, lang)


def _place(place: str, lang: str) -> str:
    """A place of the inputs (``pots.csv row 3``) in the reader's language; any other place as it is."""
    found = _PLACE.fullmatch(place)
    if found is None:
        return place
    words = zip(("place_sheet", "place_row", "place_column"), found.groups()[1:], strict=True)
    return " ".join([found[1], *(f"{said(word, lang)} {at}" for word, at in words if at)])


def _number(value: float, kind: str, lang: str) -> str:
    base, _, change = kind.partition("_")
    if base == "euro":
        text = euro(value, lang)
    elif base == "share" and change:
        text = number(value * 100, lang, 1)
    elif base == "share":
        text = percent(value, lang)
    elif base == "value":
        text = number(value, lang, 4)
    elif base == "units":
        text = number(value, lang, 1)
    elif base == "slope":
        text = number(value * per(), lang, 4)
    elif base == "count":
        text = number(value, lang)
    elif base == "plain":
        text = _any_number(value, lang)
    else:
        raise ValueError(kind)
    return signed(text) if change and value > 0 and not is_nothing(text) else text


def per() -> float:
    """For so many euros, or places where there is no money, marginal values are shown."""
    return PER_PLACES if reckons_in_places() else PER_EUROS


def _any_number(value: float, lang: str) -> str:
    """A number among texts (an old or new value of any table): as many decimals as it has, six at most."""
    if isinstance(value, int) or value.is_integer():
        return number(value, lang)
    digits = len(f"{value:.6f}".rstrip("0").partition(".")[2])
    return number(value, lang, digits)


def said(word: str, lang: str) -> str:
    """A fixed value of a column (a status, a direction) in the reader's language; an unknown one as it is.

    Several (``pots_empty;cofinancing``) are said one after the other; a kind of rule by the word of the rule itself.
    """
    if word in WORDS.sentences:
        return WORDS.say(word, lang)
    return _several(word, lang)


def _several(word: str, lang: str) -> str:
    # Rules are read only where one may be named, because a table is drawn at once by commands that know none.
    rules = import_module("allocate.model.rules.register")
    each = [WORDS.say(one, lang) if one in WORDS.sentences else rules.cause_of(one, lang) for one in word.split(";")]
    return "; ".join(each) if all(each) else word


def written_date(date: str, lang: str) -> str:
    """A day in the reader's notation, ``31.12.2027`` in German; any other text as it is."""
    return ".".join(reversed(date.split("-"))) if lang == "de" and _DAY.fullmatch(date) else date


_SPOKEN = {"word": said, "place": _place, "date": written_date}
