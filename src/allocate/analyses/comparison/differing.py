"""Inputs that differ between scenarios: settings and cells, beside the results that differ."""

from __future__ import annotations

import pandas as pd

from allocate.inputs.case import LIST_SEPARATOR
from allocate.inputs.scenario.variant import Scenario, Variant
from allocate.results.columns import Columns

SETTINGS = ("evaluate", "pooling", "floor_sets", "weight_set", "max_moved", "indivisible")
COLUMNS = Columns("scenario_id", "table", "key", "column", "old", "new", "reason", "place")
_YES_NO = {True: "yes", False: "no"}
_CELL = ["table", "key", "column"]


def settings_of(scenario: Scenario) -> dict[str, str]:
    """The settings of a scenario as texts; a cap that is not set is blank."""
    cap = "" if scenario.max_moved == float("inf") else f"{scenario.max_moved:g}"
    return {
        "evaluate": _YES_NO[scenario.evaluate],
        "pooling": scenario.pooling,
        "floor_sets": LIST_SEPARATOR.join(scenario.floor_sets),
        "weight_set": scenario.weight_set,
        "max_moved": cap,
        "indivisible": _YES_NO[scenario.indivisible],
    }


def differing_inputs(base: Variant, other: Variant) -> pd.DataFrame:
    """Settings and cells in which ``other`` differs from ``base``: columns ``COLUMNS``, ``old`` the base's value.

    That one is judged and the other optimised is what a comparison is about, and no difference of inputs.
    """
    return COLUMNS.of(pd.concat([_settings(base, other), _cells(base, other)], ignore_index=True))


def _settings(base: Variant, other: Variant) -> pd.DataFrame:
    old, new = settings_of(base.scenario), settings_of(other.scenario)
    name = other.scenario.scenario_id
    rows = [
        {"table": "scenarios", "key": name, "column": column, "old": old[column], "new": new[column]}
        for column in SETTINGS
        if column != "evaluate" and old[column] != new[column]
    ]
    table = pd.DataFrame(rows, columns=[*_CELL, "old", "new"], dtype=object)
    return table.assign(scenario_id=name, reason="", place="")


def _cells(base: Variant, other: Variant) -> pd.DataFrame:
    """The last value of every cell that one of the two changes, where they differ."""
    before, after = _last(base), _last(other)
    cells = before.merge(after, on=_CELL, how="outer", suffixes=("_before", "_after"), sort=False)
    untouched = cells["first_after"].where(cells["first_before"].isna(), cells["first_before"])
    old = cells["new_before"].where(cells["new_before"].notna(), untouched)
    new = cells["new_after"].where(cells["new_after"].notna(), untouched)
    table = cells[_CELL].assign(
        scenario_id=other.scenario.scenario_id,
        old=old.astype(object),
        new=new.astype(object),
        reason=cells["reason_after"].astype(object).fillna(""),
        place=cells["place_after"].astype(object).fillna(""),
    )
    return table[(table["old"] != table["new"]).to_numpy(dtype=bool)]


def _last(variant: Variant) -> pd.DataFrame:
    """Cell -> value before all changes (``first``) and after them (``new``), with all reasons."""
    log = variant.changes
    if log.empty:
        return pd.DataFrame(columns=[*_CELL, "first", "new", "reason", "place"], dtype=object)
    grouped = log.groupby(_CELL, sort=False)
    return grouped.agg(
        first=("old", "first"), new=("new", "last"), reason=("reason", _joined), place=("place", "last")
    ).reset_index()


def _joined(reasons: pd.Series) -> str:
    return "; ".join(dict.fromkeys(reason for reason in reasons if reason))
