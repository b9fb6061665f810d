"""The brute way: change the tables, compile afresh, solve cold, and see what the best value is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from allocate.inputs.scenario.variant import Variant
from allocate.model.compile import compile_variant
from allocate.solve.highs import Highs
from allocate.solve.solution import Limits, Status
from allocate.town.eligibility import lift_lists

WITHOUT_LIMIT = 1e7


def best_value(variant: Variant) -> float:
    """The objective of a variant, more is better; NaN where it has no plan."""
    found = Highs().solve(compile_variant(variant).program, Limits())
    return -found.objective if found.status is Status.OPTIMAL else math.nan


def with_table(variant: Variant, name: str, table: pd.DataFrame) -> Variant:
    return replace(variant, case=variant.case._unchecked(**{name: table}))


def added(variant: Variant, table: str, where: Mapping[str, str], column: str, change: float) -> Variant:
    """The variant with ``change`` added to a column of the rows that agree with ``where``."""
    frame = variant.case[table].copy()
    rows = np.ones(len(frame), dtype=bool)
    for name, value in where.items():
        rows &= (frame[name] == value).to_numpy()
    assert rows.any(), where
    frame.loc[rows, column] += change
    return with_table(variant, table, frame)


def with_money(variant: Variant, changes: Mapping[str, float]) -> Variant:
    """Pots with more or less money, at the old price of a euro.

    The weights of duplication and re-steering are per euro of the budget; with the budget they would change too, so
    they are set such that a duplicated or re-steered euro counts as before.
    """
    before = float(variant.case["pots"]["amount"].sum())
    for pot, change in changes.items():
        variant = added(variant, "pots", {"pot_id": pot}, "amount", change)
    after = float(variant.case["pots"]["amount"].sum())
    table = variant.case["parameters"].copy()
    for name in ("duplication_weight", "movement_weight"):
        own = table["parameter"] == name
        table.loc[own, "value"] = str(float(table.loc[own, "value"].iloc[0]) * after / before)
    return with_table(variant, "parameters", table)


def with_floor(variant: Variant, floor_id: str, place: str, share: float) -> Variant:
    """The variant with one place of a floor changed by a share of demand (a row of its own that comes last)."""
    table = variant.case["floors"]
    row = table[table["floor_id"] == floor_id].head(1).copy()
    row["scope_id"] = place
    row["floor_set"] = "changed"
    row["min_coverage"] += share
    sets = (*variant.scenario.floor_sets, "changed")
    changed = with_table(variant, "floors", pd.concat([table, row], ignore_index=True))
    return replace(changed, scenario=replace(variant.scenario, floor_sets=sets))


def lifted(variant: Variant, rule: str, id: str, place: str = "") -> Variant:
    """The variant without a rule."""
    if rule == "earmark":
        return lift_lists(variant, [id])
    if rule == "capacity":
        return added(variant, "offers", {"offer_id": id}, "max_capacity", WITHOUT_LIMIT)
    if rule == "moved":
        return replace(variant, scenario=replace(variant.scenario, max_moved=math.inf))
    tables = {name: variant.case[name].copy() for name in ("pots", "eligibility", "offers", "plurality", "reach")}
    if rule == "share":
        tables["pots"].loc[tables["pots"]["pot_id"] == id, "max_share"] = 1.0
        tables["eligibility"].loc[tables["eligibility"]["pot_id"] == id, "max_share"] = np.nan
    elif rule == "commitment":
        tables["offers"].loc[tables["offers"]["offer_id"] == id, "committed_capacity"] = 0.0
    elif rule == "plurality":
        tables["plurality"] = tables["plurality"][tables["plurality"]["cluster_id"] != id]
    else:
        reach, own = tables["reach"], tables["reach"]["offer_id"] == id
        if rule == "reach":
            reach.loc[own & (reach["space_id"] == place), "max_capacity"] = np.nan
        else:
            assert rule == "corridor"
            reach.loc[own, ["min_use_share", "max_use_share"]] = [0.0, 1.0]
    return replace(variant, case=variant.case._unchecked(**tables))


def changed(variant: Variant, rule: str, id: str, place: str, more: float) -> Variant:
    """The variant in which a rule that stands in one number gives way by ``more`` (its unit; negative: stricter)."""
    if rule == "pot":
        return with_money(variant, {id: more})
    if rule == "moved":
        return replace(variant, scenario=replace(variant.scenario, max_moved=variant.scenario.max_moved + more))
    if rule == "capacity":
        return added(variant, "offers", {"offer_id": id}, "max_capacity", more)
    if rule == "commitment":
        return added(variant, "offers", {"offer_id": id}, "committed_capacity", -more)
    if rule == "reach":
        return added(variant, "reach", {"offer_id": id, "space_id": place}, "max_capacity", more)
    raise ValueError(rule)
