"""Columns: the one declaration of what answers hold; ``columns.csv`` says the unit and the label of every column.

A table is a row of such names (``Columns``). Frames, JSON, CSV, heads of the report and the workbook follow from it.
A column of the inputs that an answer repeats needs no row there: the dictionary says what it is called and counts.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources

import pandas as pd

from allocate.inputs import dictionary
from allocate.units import UNITS, Unit

# What is counted in a unit of the dictionary.
_COUNTED = {
    "EUR": "euro", "EUR/year": "euro", "capacity units/year": "units", "need units/year": "units", "posts": "units",
    "persons": "count", "months": "count", "year": "year",
}  # fmt: skip


@cache
def columns() -> dict[str, dict[str, str]]:
    """Column name -> kind (its unit), de, en (its label), from ``columns.csv``."""
    source = resources.files("allocate.results").joinpath("columns.csv")
    with source.open(encoding="utf-8") as stream:
        return {row["column"]: row for row in csv.DictReader(stream)}


@cache
def _of_inputs() -> dict[str, dict[str, str]]:
    """The same of every column of the inputs, as the first table of the dictionary that has it says."""
    stated = [column for table in reversed(dictionary.tables().values()) for column in table]
    return {
        one.name: {"column": one.name, "kind": kind_of(one), "de": one.label_de, "en": one.label_en} for one in stated
    }


def kind_of(column: dictionary.Column) -> str:
    """What a column of the inputs counts; a price or a weight is written with the decimals it has."""
    if not column.is_numeric:
        return {"yes/no": "yesno", "choice": "word", "date": "date"}.get(column.type, "text")
    if column.type == "share":
        return "share"
    return _COUNTED.get(column.unit, "count" if column.type == "whole" else "plain")


def declared(name: str) -> dict[str, str] | None:
    """Kind and labels of a column, in ``columns.csv`` or else in the dictionary; None for a free column of the case."""
    return columns().get(name) or _of_inputs().get(name)


def unit_of(name: str) -> Unit:
    """What stands in a column; one that nobody declared (a free column of the case) is text."""
    found = declared(name)
    return UNITS[found["kind"] if found else "text"]


class Columns(tuple[str, ...]):
    """The columns of a table of an answer, in their order."""

    def __new__(cls, *names: str) -> Columns:
        return super().__new__(cls, names)

    def of(self, rows: pd.DataFrame | Sequence[object] = ()) -> pd.DataFrame:
        """The table of some rows, or of a frame that may have more columns, whose order it then is.

        Columns of numbers are numbers also where nothing is known of any row, or there is none.
        """
        table = rows[list(self)] if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows), columns=list(self))
        blank = [name for name in self if unit_of(name).is_number and _is_blank(table[name])]
        return table.astype(dict.fromkeys(blank, float)) if blank else table


def under(parts: Iterable[pd.DataFrame], columns: Sequence[str] = ()) -> pd.DataFrame:
    """Tables under each other, ``scenario_id`` in front where they have it; ``columns``: those of a table of none."""
    tables = list(parts)
    whole = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(columns))
    return whole[sorted(whole.columns, key=lambda name: name != "scenario_id")]


def _is_blank(column: pd.Series) -> bool:
    return bool(column.dtype == object and column.isna().all())
