"""Columns: the one declaration of what answers hold; ``columns.csv`` says the unit and the label of every column.

A table is a row of such names (``Columns``). Frames, JSON, CSV, heads of the report and the workbook follow from it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources

import pandas as pd

from allocate.units import UNITS, Unit


@cache
def columns() -> dict[str, dict[str, str]]:
    """Column name -> kind (its unit), de, en (its label), from ``columns.csv``."""
    source = resources.files("allocate.results").joinpath("columns.csv")
    with source.open(encoding="utf-8") as stream:
        return {row["column"]: row for row in csv.DictReader(stream)}


def unit_of(name: str) -> Unit:
    """What stands in a column; one that nobody declared (a free column of the case) is text."""
    return UNITS[columns()[name]["kind"] if name in columns() else "text"]


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
