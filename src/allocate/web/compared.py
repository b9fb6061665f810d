"""Compared: up to four scenarios or the working copy side by side, inputs beside results. Nothing is computed here."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from allocate.analyses.comparison.compare import Comparison
from allocate.analyses.comparison.gains import DEMANDED, DIMENSIONS
from allocate.language import euro, number
from allocate.report.pictures.maps import Places, space_map
from allocate.report.sections.section import Sheet
from allocate.results.columns import unit_of
from allocate.solve.solution import Status
from allocate.units import UNITS, Unit
from allocate.web.desk import WORKING
from allocate.web.shown import FIGURES, Map, change_class, changed
from allocate.web.speech import say
from allocate.web.step_names import column_name, table_name, value_word

# Rows of a table that are shown; the document holds all.
_MOST = 200
# The column of sums; no id of a group can be called so.
_SUM = "sum of all"


@dataclass(frozen=True)
class Cell:
    """A value, its change against the status quo, and the class of that change (-1: none to speak of)."""

    value: str
    change: str
    kind: int = -1


@dataclass(frozen=True)
class Side:
    """One scenario: its id, what it is called, and what is said where it has no plan."""

    id: str
    title: str
    message: str


@dataclass(frozen=True)
class Compared:
    """The whole view: the scenarios, the main figures and the groups of ``by`` by row, and the differing inputs."""

    sides: tuple[Side, ...]
    figures: tuple[tuple[str, tuple[Cell, ...]], ...]
    by: str
    groups: tuple[tuple[str, tuple[Cell, ...]], ...]
    inputs: Sheet


def compared(found: Comparison, by: str, lang: str) -> Compared:
    """The comparison in the reader's words; ``by`` is one of ``DIMENSIONS``, the first where it is none."""
    by = by if by in DIMENSIONS else DIMENSIONS[0]
    sides = tuple(_side(found, id, lang) for id in found.plans)
    inputs = found.inputs.copy()
    if len(inputs):
        inputs["scenario_id"] = [called(str(id), lang) for id in inputs["scenario_id"]]
        inputs["column"] = [
            column_name(table, column, lang) for table, column in zip(inputs["table"], inputs["column"], strict=True)
        ]
        for side in ("old", "new"):
            inputs[side] = [value_word(one, lang) if isinstance(one, str) and one else one for one in inputs[side]]
        inputs["table"] = [table_name(name, lang) for name in inputs["table"]]
    shown = ("scenario_id", "table", "key", "column", "old", "new", "reason")
    return Compared(
        sides=sides,
        figures=tuple(_figure(found, name, lang) for name in FIGURES),
        by=by,
        groups=tuple(_groups(found, by, lang)),
        inputs=Sheet("inputs", say("compare.inputs", lang), inputs.reset_index(drop=True), shown, most=_MOST),
    )


def coverage_maps(found: Comparison, places: Places, lang: str) -> list[Map]:
    """The coverage of the spaces of every side as the report draws it, all in one scale."""
    rows = found.gains[found.gains["by"] == "space"] if len(found.gains) else found.gains
    maps = []
    for number_of, (id, plan) in enumerate(found.plans.items()):
        own = rows if id == found.status_quo else rows[rows["scenario_id"] == id]
        if not plan.has_plan or own.empty:
            continue
        column = "coverage_before" if id == found.status_quo else "coverage"
        values = own[["id", column]].rename(columns={"id": "space_id", column: "value"}).drop_duplicates("space_id")
        key = f"map-{number_of}"
        picture = space_map(places, values, kind="coverage", key=key, lang=lang, about=called(id, lang))
        # The picture is the report's own: names in it are escaped there.
        maps.append(Map(picture.title, Markup(picture.svg), picture.text))
    return maps


@dataclass(frozen=True)
class Crossed:
    """One scenario by two dimensions: the heads of its columns and its rows, the sums last."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def crossed_tables(found: pd.DataFrame, measure: str, lang: str) -> list[Crossed]:
    """The tables of ``analyses.comparison.crossed`` as they are drawn, one a scenario."""
    write = euro if measure == "cost_eur" else number
    none, every = say("cross.none", lang), say("cross.all", lang)
    tables = []
    for id, part in found.groupby("scenario_id", sort=False):
        grid = part.pivot(index="row_id", columns="column_id", values="value").fillna(0.0)
        names = {side: dict(zip(part[f"{side}_id"], part[side], strict=True)) for side in ("row", "column")}
        heads = [names["column"][one] or none for one in grid.columns]
        grid = grid.assign(**{_SUM: grid.sum(axis=1)})
        rows = [
            (names["row"][one] or none, tuple(write(value, lang) for value in values.tolist()))
            for one, values in grid.iterrows()
        ]
        rows.append((every, tuple(write(value, lang) for value in grid.sum().tolist())))
        tables.append(Crossed(called(str(id), lang), (*heads, every), tuple(rows)))
    return tables


def called(scenario_id: str, lang: str) -> str:
    """A scenario by its id; working copies by their word, further ones with their number."""
    return scenario_id.replace(WORKING, say("compare.working", lang), 1) if _is_copy(scenario_id) else scenario_id


def _is_copy(scenario_id: str) -> bool:
    return scenario_id == WORKING or scenario_id.startswith(f"{WORKING} ")


def _side(found: Comparison, id: str, lang: str) -> Side:
    plan = found.plans[id]
    title = "" if _is_copy(id) else plan.scenario.label(lang)
    if plan.has_plan:
        return Side(called(id, lang), title, "")
    return Side(
        called(id, lang), title, say("compare.clash", lang) if plan.status is Status.INFEASIBLE else plan.message(lang)
    )


def _figure(found: Comparison, name: str, lang: str) -> tuple[str, tuple[Cell, ...]]:
    base = getattr(found.plans[found.status_quo].measures, name, math.nan)
    unit, cells = unit_of(name), []
    for id, plan in found.plans.items():
        value = getattr(plan.measures, name, math.nan)
        change = "" if id == found.status_quo else changed(value - base, unit.name, lang)
        cells.append(Cell(unit.written(value, lang), change))
    return say(f"figure.{name}", lang), tuple(cells)


def _groups(found: Comparison, by: str, lang: str) -> list[tuple[str, tuple[Cell, ...]]]:
    """One row per group: the status quo, then every scenario; coverage, of providers and departments money."""
    if not len(found.gains):
        return []
    share = by in DEMANDED
    value, before = ("coverage", "coverage_before") if share else ("cost_eur", "cost_before_eur")
    unit = unit_of(value)
    table = found.gains[found.gains["by"] == by]
    rows = []
    for (id, name), part in table.groupby(["id", "name"], sort=False):
        own = {str(row["scenario_id"]): row for row in part.to_dict("records")}
        cells = [Cell(unit.written(float(part[before].iloc[0]), lang), "")]
        for scenario in list(found.plans)[1:]:
            if scenario in own:
                after, change = own[scenario][value], own[scenario][value] - own[scenario][before]
                cells.append(_cell(float(after), float(change), unit, lang))
            else:
                cells.append(Cell("", ""))
        rows.append((str(name or id), tuple(cells)))
    return rows


def _cell(after: float, change: float, unit: Unit, lang: str) -> Cell:
    colour = change_class(change) if unit is UNITS["share"] else -1
    return Cell(unit.written(after, lang), changed(change, unit.name, lang), colour)
