"""Compared: up to four scenarios or the working copy side by side, inputs beside results. Nothing is computed here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from urllib.parse import urlencode

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
from allocate.web.pressed import Pressed
from allocate.web.shown import FIGURES, Map, change_class, changed
from allocate.web.speech import say
from allocate.web.step_names import column_name, table_name, value_word

# Rows of a table that are shown; the document holds all.
_MOST = 200
# The column of sums; no id of a group can be called so.
_SUM = "sum of all"


@dataclass(frozen=True)
class Cell:
    """A value, its change against the status quo, the class of that change (-1: none to speak of), and the question
    behind it (None where there is no value).
    """

    value: str
    change: str
    kind: int = -1
    pressed: Pressed | None = None


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
        # The ids behind the words, for what is asked about a row.
        inputs = inputs.assign(**{f"input_{name}": inputs[name] for name in ("table", "key", "column")})
        inputs["side"] = [side_of(str(id)) for id in inputs["scenario_id"]]
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
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


def crossed_tables(found: pd.DataFrame, cross: tuple[str, str, str], lang: str) -> list[Crossed]:
    """The tables of ``analyses.comparison.crossed`` by the rows, columns and measure ``cross``, one a scenario."""
    measure = cross[2]
    write = euro if measure == "cost_eur" else number
    none, every = say("cross.none", lang), say("cross.all", lang)
    tables = []
    for id, part in found.groupby("scenario_id", sort=False):
        grid = part.pivot(index="row_id", columns="column_id", values="value").fillna(0.0)
        names = {side: dict(zip(part[f"{side}_id"], part[side], strict=True)) for side in ("row", "column")}
        heads = [names["column"][one] or none for one in grid.columns]
        grid = pd.concat([grid, grid.sum().to_frame(_SUM).T]).assign(**{_SUM: lambda table: table.sum(axis=1)})
        rows, side = [], side_of(str(id))
        for row, values in grid.iterrows():
            name = every if row == _SUM else names["row"][row] or none
            cells = []
            for column, head, value in zip(grid.columns, (*heads, every), values.tolist(), strict=True):
                pair = zip(cross[:2], (row, column), strict=True)
                about = urlencode({by: one for by, one in pair if one != _SUM})
                what = f"{name}, {head}, {called(str(id), lang)}"
                cells.append(Cell(write(value, lang), "", pressed=Pressed("pair", about, measure, what, side)))
            rows.append((name, tuple(cells)))
        tables.append(Crossed(called(str(id), lang), (*heads, every), tuple(rows)))
    return tables


def called(scenario_id: str, lang: str) -> str:
    """A scenario by its id; working copies by their word, further ones with their number."""
    return scenario_id.replace(WORKING, say("compare.working", lang), 1) if _is_copy(scenario_id) else scenario_id


def _is_copy(scenario_id: str) -> bool:
    return scenario_id == WORKING or scenario_id.startswith(f"{WORKING} ")


def side_of(scenario_id: str) -> str:
    """What a scenario that stands side by side with others is called in addresses."""
    return scenario_id.replace(WORKING, "working", 1) if _is_copy(scenario_id) else scenario_id


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
    unit, cells, label = unit_of(name), [], say(f"figure.{name}", lang)
    for id, plan in found.plans.items():
        value = getattr(plan.measures, name, math.nan)
        change = "" if id == found.status_quo else changed(value - base, unit.name, lang)
        asked = None if math.isnan(value) else Pressed("figure", name, "", f"{label}, {called(id, lang)}", side_of(id))
        cells.append(Cell(unit.written(value, lang), change, pressed=asked))
    return label, tuple(cells)


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
        asked = {
            side: Pressed("group", f"{by}:{id}", value, f"{name or id}, {called(side, lang)}", side_of(side))
            for side in found.plans
        }
        cells = [_cell(float(part[before].iloc[0]), math.nan, unit, asked[found.status_quo], lang)]
        for scenario in list(found.plans)[1:]:
            if scenario in own:
                after, change = own[scenario][value], own[scenario][value] - own[scenario][before]
                cells.append(_cell(float(after), float(change), unit, asked[scenario], lang))
            else:
                cells.append(Cell("", ""))
        rows.append((str(name or id), tuple(cells)))
    return rows


def _cell(after: float, change: float, unit: Unit, asked: Pressed, lang: str) -> Cell:
    colour = change_class(change) if unit is UNITS["share"] else -1
    there = None if math.isnan(after) else asked
    return Cell(unit.written(after, lang), changed(change, unit.name, lang), colour, there)
