"""Defaults: the tables a town need not write: settings, coverage segments, scenarios, and pots where it has no money.

Rows added here stand in no file; their row numbers are 0, -1, -2 ...
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from allocate.inputs import dictionary
from allocate.inputs.grant_list import is_grant_list
from allocate.inputs.in_places import fill_places, states_no_money
from allocate.inputs.reading.added import added
from allocate.plain import Record

_TITLES = {
    "status_quo": ("Status quo", "Status quo"),
    "silo": ("Vorschlag in getrennten Teilhaushalten", "Proposal within separate budgets"),
    "integrated": ("Vorschlag mit gegenseitig deckungsfähigen Mitteln", "Proposal with pooled money"),
}
_TITLES_OF_A_LIST = {"status_quo": ("Die Liste, wie sie ist", "The list as it stands")}
_TITLES_IN_PLACES = {
    "status_quo": _TITLES["status_quo"],
    "silo": ("Vorschlag: heutige Plätze anders verteilt", "Proposal: today's places distributed anew"),
}


def fill(tables: dict[str, pd.DataFrame]) -> None:
    """Complete ``tables`` in place: missing settings, today's places, a coverage segment, scenarios of every town."""
    tables["parameters"] = _parameters(tables["parameters"])
    if tables["segments"].empty:
        one = [{"segment": "1", "from": 0.0, "to": 1.0, "value": 1.0}]
        tables["segments"] = added("segments", one)
    if tables["scenarios"].empty:
        titles = _TITLES_IN_PLACES if states_no_money(tables) else _TITLES
        if is_grant_list(tables):
            titles = _TITLES_OF_A_LIST
        tables["scenarios"] = _scenarios(titles, pooled=bool(tables["pots"]["pooled"].any()))
    fill_places(tables)


def _parameters(given: pd.DataFrame) -> pd.DataFrame:
    """All settings: a blank value and a setting that is not named have their default."""
    known = dictionary.parameters()
    defaults = {name: column.default for name, column in known.items()}
    value = given["value"]
    given = given.assign(value=value.mask(value == "", given["parameter"].map(defaults).fillna("").astype("str")))
    named = set(given["parameter"])
    missing: list[Record] = [
        {"parameter": name, "value": default} for name, default in defaults.items() if name not in named
    ]
    unnamed = added("parameters", missing)
    unnamed = unnamed.assign(**{str(name): "" for name in given.columns if name not in unnamed})
    return pd.concat([part for part in (given, unnamed) if len(part)])


def _scenarios(titles: Mapping[str, tuple[str, str]], *, pooled: bool) -> pd.DataFrame:
    names = [name for name in titles if pooled or name != "integrated"]
    return added(
        "scenarios",
        [
            {
                "scenario_id": name,
                "title": titles[name][0],
                "title_en": titles[name][1],
                "pooling": "integrated" if name == "integrated" else "silo",
                "evaluate": name == "status_quo",
            }
            for name in names
        ],
    )
