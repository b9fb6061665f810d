"""Rules about single values, driven by the dictionary: keys, blanks, bounds, choices, whole numbers, dates.

The column's own line in ``dictionary.csv`` decides. What is no number, no date or neither yes nor no is found in
reading, where the text of the cell is still at hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from allocate.inputs import dictionary
from allocate.inputs.dates import iso_dates
from allocate.inputs.dictionary import Column
from allocate.inputs.findings import WARNING
from allocate.inputs.inspection import Inspection
from allocate.inputs.nearest import NONE, nearest
from allocate.inputs.reading.needed import needed_tables
from allocate.inputs.scenario.keys import KEY_SEPARATOR, key_text
from allocate.inputs.scenario.row_changes import ROW_HOWS

# No municipal figure reaches a million millions; such a number is a slip of the pen and would blind the solver.
LARGEST = 1e12
# Two equal rows of ``changes`` are reported as two changes of one cell.
FREE_KEYS = ("changes",)
SHORTEST = 3  # letters of a German word that are enough to tell which choice is meant


def check_values(inspection: Inspection) -> None:
    """Keys and values of every table against the dictionary."""
    for table in dictionary.tables().values():
        if inspection.table(table.name).empty:
            continue
        if table.name not in FREE_KEYS:
            _duplicate_keys(inspection, table.name, list(table.key))
        for column in table:
            _column(inspection, table.name, column)
    _parameters(inspection)


def check_changed_values(inspection: Inspection, changed: Iterable[tuple[str, str]]) -> None:
    """The (table, column) pairs that a scenario changed."""
    for table, name in changed:
        column = dictionary.find_column(table, name)
        if (table, name) == ("parameters", "value"):
            _parameters(inspection)
        elif column is not None:
            _column(inspection, table, column)


def check_needed_tables(inspection: Inspection) -> None:
    """A table the model cannot do without must have rows: an empty town or a town without needs is none."""
    for name in needed_tables(inspection.case.tables):
        if inspection.table(name).empty:
            inspection.note("table-empty", name, name=name)


def _duplicate_keys(inspection: Inspection, table: str, key: list[str]) -> None:
    frame = inspection.table(table)
    columns = [frame[name].tolist() for name in key]
    if len(set(zip(*columns, strict=True))) == len(frame):
        return
    again = frame.duplicated(key) & (frame[key] != "").all(axis=1)
    if not again.any():
        return
    numbers = pd.Series(frame.index, index=frame.index).groupby([frame[name] for name in key]).transform("first")
    text = key_text(frame[key[0]])
    for name in key[1:]:
        text = text + KEY_SEPARATOR + key_text(frame[name])
    inspection.flag("duplicate-key", table, key[-1], again, key=text, first=numbers)


def _column(inspection: Inspection, table: str, column: Column) -> None:
    """All rules of one column (``column.table`` is ``*`` for the columns that every table may carry)."""
    cells = inspection.table(table)[column.name]
    if column.is_boolean:
        return
    numbers = cells.to_numpy(np.float64) if column.is_numeric else None
    if numbers is None and not (column.required or column.choices or column.type == "date"):
        return
    blank = cells.to_numpy(object) == "" if numbers is None else np.isnan(numbers)
    if column.required:
        _required(inspection, table, column, blank)
    if numbers is not None:
        _bounds(inspection, column, numbers)
        if column.type == "whole":
            inspection.flag("not-whole", table, column.name, ~blank & (numbers != np.round(numbers)))
    if column.type == "date":
        inspection.flag("date-invalid", table, column.name, ~blank & iso_dates(cells).eq(""))
    if column.choices:
        unknown = ~blank & np.array([word not in column.choices for word in cells.tolist()], dtype=bool)
        if unknown.any():
            hints = cells.where(unknown, "").map(lambda word: _choice(word, column))
            words = {
                "known": ", ".join(column.choices),
                "meaning_de": column.meaning_de,
                "meaning_en": column.meaning_en,
            }
            inspection.flag("choice-unknown", table, column.name, unknown, nearest=hints, **words)


def _choice(word: str, column: Column) -> str:
    """The choice a word means: the nearest one, or the one whose German words it begins (``Pflicht``: mandatory)."""
    near = nearest(word, column.choices)
    begun = word.casefold()
    if near or len(begun) < SHORTEST:
        return near or NONE
    for choice in column.choices:
        said = re.search(rf"([^,.()]*)\({choice}\)", column.meaning_de)
        phrase = said[1].casefold().strip() if said else ""
        if begun in phrase or any(part.startswith(begun) for part in phrase.split()):
            return choice
    return NONE


def _required(inspection: Inspection, table: str, column: Column, blank: np.ndarray) -> None:
    """Blank cells that are needed; a change may set a text or a list to blank, and must say why."""
    place = (table, column.name)
    if place == ("parameters", "value"):
        return  # a blank setting has its default
    if place == ("changes", "reason"):
        inspection.flag("change-without-reason", *place, blank)
        return
    if place in (("changes", "value"), ("changes", "column")):
        # A text may be set to blank; a change of whole rows names no column, and some need no value.
        how = inspection.table("changes")["how"]
        blank = blank & ~how.isin(ROW_HOWS if column.name == "column" else ("set", "remove", "insert"))
    meaning = {"meaning_de": column.meaning_de, "meaning_en": column.meaning_en}
    inspection.flag("required-blank", *place, blank, **meaning)


def _bounds(inspection: Inspection, column: Column, values: np.ndarray) -> None:
    place = (column.table, column.name)
    infinite = np.isinf(values)
    inspection.flag("not-finite", *place, infinite)
    absurd = ~infinite & (np.abs(values) > LARGEST)
    inspection.flag("number-absurd", *place, absurd)
    low = -np.inf if column.minimum is None else column.minimum
    high = np.inf if column.maximum is None else column.maximum
    outside = ~infinite & ~absurd & ((values < low) | (values > high))
    if column.type == "share":
        inspection.flag("share-outside", *place, outside, low=low, high=high)
        return
    negative = outside & (low == 0) & (values < 0)
    inspection.flag("number-negative", *place, negative)
    inspection.flag("number-outside", *place, outside & ~negative, low=low, high=high)


def _parameters(inspection: Inspection) -> None:
    """The settings: each known by name, a number where it must be one, and within its bounds."""
    known = dictionary.parameters()
    frame = inspection.table("parameters")
    names = frame["parameter"]
    unknown = ~names.isin(list(known))
    if unknown.any():
        hints = names.map(lambda name: nearest(name, known) or NONE)
        inspection.flag("parameter-unknown", "parameters", "parameter", unknown, severity=WARNING, nearest=hints)
    types = names.map({name: one.type for name, one in known.items()})
    numeric = types.isin(list(dictionary.NUMERIC_TYPES))
    values = pd.to_numeric(frame["value"], errors="coerce")
    inspection.flag("parameter-not-a-number", "parameters", "value", numeric & values.isna() & frame["value"].ne(""))
    low = names.map({name: one.minimum for name, one in known.items()}).astype(np.float64).fillna(-np.inf)
    high = names.map({name: one.maximum for name, one in known.items()}).astype(np.float64).fillna(LARGEST)
    outside = numeric & (values.lt(low) | values.gt(high))
    inspection.flag("number-outside", "parameters", "value", outside, low=low, high=high, number=values)
    dates = types.eq("date") & frame["value"].ne("")
    inspection.flag("date-invalid", "parameters", "value", dates & iso_dates(frame["value"], partial=True).eq(""))
    broken = types.eq("whole") & values.notna() & values.ne(values.round())
    inspection.flag("not-whole", "parameters", "value", broken, number=values)
