"""Defaults: the tables a town need not write: settings, coverage segments, scenarios.

Rows added here stand in no file; their row numbers are 0, -1, -2 ...
"""

from __future__ import annotations

import pandas as pd

from allocate.inputs import dictionary
from allocate.inputs.reading.raw import ROW
from allocate.inputs.reading.tables import empty

_TITLES = {
    "status_quo": ("Status quo", "Status quo"),
    "silo": ("Vorschlag in getrennten Teilhaushalten", "Proposal within separate budgets"),
    "integrated": ("Vorschlag mit gegenseitig deckungsfähigen Mitteln", "Proposal with pooled money"),
}


def fill(tables: dict[str, pd.DataFrame]) -> None:
    """Complete ``tables`` in place: missing settings, one coverage segment, the scenarios of every town."""
    tables["parameters"] = _parameters(tables["parameters"])
    if tables["segments"].empty:
        one = [{"segment": "1", "from": 0.0, "to": 1.0, "value": 1.0}]
        tables["segments"] = _added("segments", one)
    if tables["scenarios"].empty:
        tables["scenarios"] = _scenarios(bool(tables["pots"]["pooled"].any()))


def _parameters(given: pd.DataFrame) -> pd.DataFrame:
    """All settings: a blank value and a setting that is not named have their default."""
    known = dictionary.parameters()
    defaults = {name: column.default for name, column in known.items()}
    value = given["value"]
    given = given.assign(value=value.mask(value == "", given["parameter"].map(defaults).fillna("").astype("str")))
    named = set(given["parameter"])
    missing: list[dict[str, object]] = [
        {"parameter": name, "value": default} for name, default in defaults.items() if name not in named
    ]
    added = _added("parameters", missing)
    added = added.assign(**{str(name): "" for name in given.columns if name not in added})
    return pd.concat([part for part in (given, added) if len(part)])


def _scenarios(pooled: bool) -> pd.DataFrame:
    names = [name for name in _TITLES if pooled or name != "integrated"]
    return _added(
        "scenarios",
        [
            {
                "scenario_id": name,
                "title": _TITLES[name][0],
                "title_en": _TITLES[name][1],
                "pooling": "integrated" if name == "integrated" else "silo",
                "evaluate": name == "status_quo",
            }
            for name in names
        ],
    )


def _added(table: str, rows: list[dict[str, object]]) -> pd.DataFrame:
    """Rows that stand in no file, typed, every other column at its default."""
    index = pd.RangeIndex(0, -len(rows), -1, name=ROW)
    types = empty(table).dtypes
    columns = {
        column.name: pd.Series(
            [row.get(column.name, column.default_value) for row in rows], index=index, dtype=types[column.name]
        )
        for column in dictionary.table(table)
    }
    return pd.DataFrame(columns, index=index)
