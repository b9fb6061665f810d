"""Land tables: what a folder of towns says beside the towns, in two CSV files (docs/land.md).

``land_pots``: ``pot_id*`` (a pot of that id in the towns holds what a town gets of it today), ``name``, ``amount``
(EUR/year; blank: what the towns get together). ``towns``: ``town_id*`` (the town's folder or workbook), ``name``,
``weight`` (blank: its population), ``least_share`` (0..1 of what the key gives it, which it keeps in any case),
``group`` (towns of one group are compared with each other).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from allocate.errors import InputError, UsageError
from allocate.inputs.findings import FindingList
from allocate.inputs.reading.loose import loose_sheets, numbers_of, with_columns

POT_COLUMNS = ("pot_id", "name", "amount")
TOWN_COLUMNS = ("town_id", "name", "weight", "least_share", "group")


@dataclass(frozen=True)
class LandPot:
    """A pot of the Land; ``amount`` EUR/year, NaN where it is what the towns get together."""

    pot_id: str
    name: str = ""
    amount: float = math.nan


@dataclass(frozen=True)
class TownRow:
    """What the Land says of a town; ``weight`` NaN: its population."""

    name: str = ""
    weight: float = math.nan
    least_share: float = 0.0
    group: str = ""


@dataclass(frozen=True)
class LandTables:
    """Both tables; ``towns`` by id."""

    pots: tuple[LandPot, ...] = ()
    towns: dict[str, TownRow] = field(default_factory=dict)


def read_land_tables(folder: Path) -> LandTables:
    """The tables of a folder of towns, as far as they are there.

    Raises ``UsageError`` (land-table) for a cell that cannot be used, with its place, and ``InputError`` for files that
    cannot be read.
    """
    pots = _rows(folder / "land_pots.csv", POT_COLUMNS, numbers=("amount",))
    towns = _rows(folder / "towns.csv", TOWN_COLUMNS, numbers=("weight", "least_share"))
    _within(pots, "land_pots.csv", "amount", math.inf)
    _within(towns, "towns.csv", "weight", math.inf)
    _within(towns, "towns.csv", "least_share", 1.0)
    return LandTables(
        tuple(LandPot(str(row.pot_id), str(row.name_), float(row.amount)) for row in _named(pots)),
        {
            str(row.town_id): TownRow(
                str(row.name_),
                float(row.weight),
                0.0 if math.isnan(row.least_share) else float(row.least_share),
                str(row.group),
            )
            for row in _named(towns)
        },
    )


def _rows(path: Path, columns: tuple[str, ...], *, numbers: tuple[str, ...]) -> pd.DataFrame:
    """The rows of a table with typed columns; its first column is the key."""
    if not path.is_file():
        empty = pd.DataFrame(columns=list(columns), dtype="str")
        return empty.astype(dict.fromkeys(numbers, float))
    findings = FindingList()
    sheets = loose_sheets(path, columns, findings)
    if not sheets or findings.count():
        raise InputError("land-unreadable", place=path.name, findings=findings.table())
    own = sheets[0].table()
    table = with_columns(own.set_axis(own.columns.str.casefold(), axis=1), columns)
    key = columns[0]
    for wrong, rule in ((table[key].eq(""), "blank"), (table[key].duplicated(), "twice")):
        if wrong.any():
            row = int(table.index[wrong.to_numpy(dtype=bool)][0])
            raise UsageError(
                "land-table", place=f"{path.name} row {row} column {key}", value=table.loc[row, key] or rule
            )
    for name in numbers:
        read = numbers_of(table[name], pd.Series(math.nan, table.index))
        odd = table[name].ne("") & read.isna()
        if odd.any():
            row = int(table.index[odd.to_numpy(dtype=bool)][0])
            raise UsageError("land-table", place=f"{path.name} row {row} column {name}", value=table.loc[row, name])
        table[name] = read
    return table


def _within(table: pd.DataFrame, file: str, column: str, most: float) -> None:
    values = table[column].to_numpy(dtype=float)
    for row, value in zip(table.index.tolist(), values.tolist(), strict=True):
        if not math.isnan(value) and not 0 <= value <= most:
            raise UsageError("land-table", place=f"{file} row {row} column {column}", value=value)


def _named(table: pd.DataFrame) -> list[Any]:
    """Rows as tuples with names; ``name`` is one of pandas' own."""
    return list(table.rename(columns={"name": "name_"}).itertuples(index=False))
