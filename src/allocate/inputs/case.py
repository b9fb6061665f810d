"""Case: the frozen set of checked tables of one town.

A table is a pandas frame whose index (named ``row``) is the row number in the file it came from (1 is the header).
Every column of ``dictionary.csv`` is present, typed and filled with its default:

    text, id, list   ``str``; blank is ``""``; a list is its ids joined by ``;``
    number, share    ``float64``; an empty cell without a default is NaN
    yes/no           ``bool``

Columns that the dictionary does not name are carried along. Defaults that depend on another table (the reach of an
offer without reach rows, ``reach.max_capacity``) are settled when the model is built, so that a scenario may change
the table they come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import pandas as pd

LIST_SEPARATOR = ";"


@dataclass(frozen=True)
class Source:
    """Where a table was read from: the file's name, and the sheet of a workbook (blank for CSV)."""

    file: str
    sheet: str = ""

    def place(self, row: int | str = "", column: str = "") -> str:
        """``pots.csv row 3 column amount``, the way every message names a place."""
        parts = [self.file]
        if self.sheet:
            parts.append(f"sheet {self.sheet}")
        if row != "":
            parts.append(f"row {row}")
        if column:
            parts.append(f"column {column}")
        return " ".join(parts)


@dataclass(frozen=True)
class Case:
    """One town as checked tables.

    ``tables`` holds every table of the contract by name (absent ones are empty frames), ``sources`` where each was
    read, ``fingerprint`` is ``sha256:...`` over the content of all tables, ``path`` the folder or workbook.
    """

    name: str
    path: Path
    tables: Mapping[str, pd.DataFrame]
    sources: Mapping[str, Source]
    fingerprint: str = ""
    geometry: Path | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "tables", MappingProxyType(dict(self.tables)))
        object.__setattr__(self, "sources", MappingProxyType(dict(self.sources)))

    def __getitem__(self, table: str) -> pd.DataFrame:
        """The table of that name; treat it as read-only."""
        return self.tables[table]

    def place(self, table: str, row: int | str = "", column: str = "") -> str:
        """Where a value of a table stands in the input, in words."""
        return self.sources.get(table, Source(f"{table}.csv")).place(row, column)

    def with_tables(self, **tables: pd.DataFrame) -> Case:
        """A copy in which some tables are replaced (never changes this case)."""
        return replace(self, tables={**self.tables, **tables})

    def number(self, parameter: str) -> float:
        """A numeric parameter, for example ``equity_weight``."""
        return float(self.parameter(parameter))

    def parameter(self, parameter: str) -> str:
        """A parameter as text, from the ``parameters`` table, which reading has filled with all defaults."""
        table = self.tables["parameters"]
        return str(table.loc[table["parameter"] == parameter, "value"].iloc[-1])


def split_list(cell: str) -> tuple[str, ...]:
    """The ids of a list cell."""
    return tuple(part for part in cell.split(LIST_SEPARATOR) if part)
