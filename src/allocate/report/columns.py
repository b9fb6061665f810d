"""Columns: how every column of every table is shown, on the terminal, in the report and in the workbook alike.

``results/columns.csv`` holds each column's unit and label (of a column of the inputs the dictionary), ``words.csv``
the fixed values (``optimal``, ``raised``) in words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType

import pandas as pd

from allocate.language import Texts, as_it_is, in_currency, worded
from allocate.results.columns import columns, declared, unit_of
from allocate.units import UNITS, Unit

WORDS = Texts("allocate.report", "words.csv")
# What stands where a number is withheld, and where there is none.
WITHHELD, NO_NUMBER = "•", "–"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PLACE = re.compile(r"(.+?\.(?:csv|xlsx|xlsm|ods))(?: sheet (.+?))?(?: row (\d+))?(?: column (.+))?", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """How one column is shown: its label and its kind (the name of its unit).

    Words (a fixed value such as a status), places (file, sheet and row) and dates are said in the reader's language.
    """

    name: str
    kind: str
    label: str

    @property
    def is_number(self) -> bool:
        """Whether the cells are numbers, which stand on the right and are never wrapped."""
        return self.unit.is_number

    @property
    def unit(self) -> Unit:
        """What its cells are."""
        return UNITS[self.kind]

    def cells(self, values: pd.Series, lang: str) -> list[str]:
        """The cells as text."""
        return [_cell(value, self.kind, lang) for value in values.tolist()]


def column(name: str, lang: str) -> Column:
    """How ``name`` is shown; an unknown one (a free column of the case) is text under its own name."""
    row = worded(columns(), name) if name in columns() else declared(name) or {"kind": "text", "de": name, "en": name}
    return Column(name, row["kind"], in_currency(row[lang], lang))


def labelled(kinds: Mapping[str, str] = MappingProxyType({}), /, **labels: str) -> dict[str, Column]:
    """Columns under labels of their own; what each counts is what is declared of it.

    ``kinds``: those that hold something else in this one table, a share of what is counted elsewhere, or words that are
    written already. They keep their names, which stand in the JSON of the report.
    """
    return {name: Column(name, kinds.get(name) or unit_of(name).name, label) for name, label in labels.items()}


def _cell(value: object, kind: str, lang: str) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return "" if UNITS[kind].dtype == "str" else NO_NUMBER
    if kind in _SPOKEN:
        return _SPOKEN[kind](str(value), lang)
    if kind == "yesno":
        return said("yes" if value else "no", lang)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if kind == "text":
        return as_it_is(value, lang)
    return UNITS[kind].written(float(value), lang)


def _place(place: str, lang: str) -> str:
    """A place of the inputs (``pots.csv row 3``) in the reader's language; any other place as it is."""
    found = _PLACE.fullmatch(place)
    if found is None:
        return place
    words = zip(("place_sheet", "place_row", "place_column"), found.groups()[1:], strict=True)
    return " ".join([found[1], *(f"{said(word, lang)} {at}" for word, at in words if at)])


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
