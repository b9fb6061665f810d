"""Rules about what changes no plan: columns that are only shown or that nothing uses, and changes of such columns.

What a column has an effect on stands in the dictionary (``Column.effect``).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.inputs import dictionary
from allocate.inputs.dictionary import DESCRIBED, INDIVISIBLE, NOTHING, PLAN, SHOWN, YEARS, Column, Table
from allocate.inputs.findings import NOTE, WARNING
from allocate.inputs.grant_list import is_grant_list
from allocate.inputs.inspection import Inspection
from allocate.inputs.scenario.keys import ALL, KEY_SEPARATOR
from allocate.inputs.years import YEAR_TABLES, plan_year

FREE = "free"  # a column of the town's own
# Columns that no plan depends on, but what follows a change of them does: the demand of more people.
FOLLOWED = (("spaces", "population"),)


def effect_of(table: str, column: str, key: str = "") -> str:
    """On what a column (of a row of ``parameters``: the setting ``key``) has an effect; ``free`` for unknown ones."""
    if (table, column) == ("parameters", "value"):
        setting = dictionary.parameters().get(key)
        return setting.effect if setting is not None else PLAN if ALL in key else FREE
    known = dictionary.find_column(table, column)
    return known.effect if known is not None else FREE


def changes_no_plan(table: str, column: str, key: str, indivisible: bool, planned: int | None = None) -> str:
    """The rule that a change of this cell breaks because it changes no plan; blank where it may change one
    (whole rows, without a column, may).

    ``planned``: the year that is planned. What is stated for a later one is no part of its plan.
    """
    if not column or (table, column) in FOLLOWED:
        return ""
    effect = effect_of(table, column, key)
    if effect == PLAN and table in YEAR_TABLES and planned is not None and _year_of(key) > planned:
        effect = YEARS
    if effect == INDIVISIBLE:
        return "" if indivisible else "change-idle-divisible"
    if effect == YEARS:
        return "change-idle-years"
    return "" if effect == PLAN else "change-idle"


def _year_of(key: str) -> int:
    """The year in a key of a table by years; 0 where it names all or none."""
    year = key.rpartition(KEY_SEPARATOR)[2].strip()
    return int(year) if year.isdecimal() else 0


def check_idle(inspection: Inspection) -> None:
    """Filled columns and whole tables that change no plan, each said once; changes that change none."""
    if is_grant_list(inspection.case.tables):
        return  # there is no plan that anything could change
    # Whoever has just begun with the template has other things to learn first.
    if "template-untouched" not in inspection.found.rules():
        for table in dictionary.tables().values():
            _table(inspection, table)
    _changes(inspection)


def _table(inspection: Inspection, table: Table) -> None:
    frame = inspection.table(table.name)
    idle = [column for column in table if column.effect in (SHOWN, NOTHING) and _is_filled(frame[column.name], column)]
    telling = [column for column in table if not column.key and column.effect != DESCRIBED]
    if idle and all(column.effect in (SHOWN, NOTHING) for column in telling):
        inspection.note("table-idle", table.name, severity=NOTE, table=table.name)
        return
    for column in idle:
        rule = "column-shown" if column.effect == SHOWN else "column-unused"
        place = f"{table.name}.{column.name}"
        words = {"place": place, "label_de": column.label_de, "label_en": column.label_en}
        inspection.note(rule, table.name, severity=NOTE, column=column.name, **words)


def _is_filled(cells: pd.Series, column: Column) -> bool:
    return bool((cells.notna() if column.is_numeric else cells.astype("str").ne(column.default)).any())


def _changes(inspection: Inspection) -> None:
    """Changes of columns on which no plan depends, or none of the scenarios that carry them out."""
    changes, scenarios = inspection.table("changes"), inspection.table("scenarios")
    if changes.empty:
        return
    whole = _carried_out_indivisibly(scenarios)
    known = np.array(
        [
            table in inspection.case.tables and column in inspection.table(table).columns
            for table, column in zip(changes["table"], changes["column"], strict=True)
        ]
    )
    columns = (changes[name] for name in ("table", "column", "key", "scenario_id"))
    moved = (changes["table"].eq("parameters") & changes["key"].isin(["plan_year", ALL])).any()
    planned = None if moved else plan_year(inspection.case)
    rules = [
        changes_no_plan(table, column, key, id in whole, planned)
        for table, column, key, id in zip(*columns, strict=True)
    ]
    place = changes["table"] + "." + changes["column"]
    place = place.where(changes["table"].ne("parameters"), changes["key"])
    for rule in ("change-idle", "change-idle-years", "change-idle-divisible"):
        bad = np.array([found == rule for found in rules]) & known
        inspection.flag(rule, "changes", "column", bad, severity=WARNING, place=place)


def _carried_out_indivisibly(scenarios: pd.DataFrame) -> set[str]:
    """The scenarios whose changes an indivisible one carries out: itself or one that descends from it."""
    parents = dict(zip(scenarios["scenario_id"], scenarios["parent_id"], strict=True))
    found: set[str] = set()
    for name in scenarios.loc[scenarios["indivisible"], "scenario_id"]:
        ancestor = str(name)
        while ancestor and ancestor not in found:
            found.add(ancestor)
            ancestor = parents.get(ancestor, "")
    return found
