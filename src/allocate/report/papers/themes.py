"""Themes: which tables of a report stand together on a sheet of the workbook.

A sheet holds tables that ask for the same columns, beneath each other, each row with the name of its table, so that
one filter, one pivot table and one chart can use all of them. What has a shape of its own stands in a list of single
figures.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from allocate.report.columns import WITHHELD, Column
from allocate.report.content import Content
from allocate.report.sections.section import Section, Sheet
from allocate.report.sources import filled

MOST_SHEETS = 15
# Sheet -> the tables on it, in this order. The first sheets of a workbook are its start and its explanations.
THEMES: dict[str, tuple[str, ...]] = {
    "options": ("options",),
    "years": ("years", "pot_years", "commitments"),
    "offers": ("plan_offers", "plan_delivery"),
    "people": (
        "gains_space", "gains_region", "gains_need", "gains_target_group", "gains_provider", "gains_department",
    ),
    "cells": ("plan_coverage",),
    "money": ("releases", "uses", "moves"),
    "pots": ("pots", "plan_pots", "plan_funding"),
    "overlaps": ("duplication_cells", "pairs"),
    "rules": ("floors", "plan_floors", "floor_prices"),
    "tradeoffs": (
        "curve_moved", "steps_moved", "curve_equity", "steps_equity", "curve_budget", "steps_budget", "ladder",
    ),
    "sure": ("lights", "agreement"),
    "contracts": ("notice", "bound", "rates"),
}  # fmt: skip
FURTHER = "further"
# Tables of which a chart is drawn, and the figure in it: rows without one stand last, so that no chart draws them.
CHARTED = {"gains_space": "coverage", "releases": "amount_eur", "uses": "amount_eur"}

# What a table comes from: the start of its key, its chapter, or else the report; CASE and PROPOSAL are filled in.
_OF_TABLES = {
    "plan_": "run CASE SCENARIOS",
    "near": "alternatives CASE -s PROPOSAL",
    "agreement": "alternatives CASE -s PROPOSAL",
    "years": "compare CASE IDS",
    "curve_moved": "frontier CASE -s PROPOSAL --against moved",
    "steps_moved": "frontier CASE -s PROPOSAL --against moved",
    "curve_equity": "frontier CASE -s PROPOSAL --against equity",
    "steps_equity": "frontier CASE -s PROPOSAL --against equity",
    "curve_budget": "frontier CASE -s PROPOSAL --against budget",
    "steps_budget": "frontier CASE -s PROPOSAL --against budget",
    "next_": "marginal CASE -s PROPOSAL",
    "pots": "run CASE -s PROPOSAL",
    "floor_": "marginal CASE -s PROPOSAL",
    "rule_": "marginal CASE -s PROPOSAL",
    "gains_target_group": "compare CASE IDS --by target_group",
    "gains_provider": "compare CASE IDS --by provider",
    "gains_department": "compare CASE IDS --by department",
    "gains_region": "compare CASE IDS --by region",
}
_OF_CHAPTERS = {
    "options": "compare CASE IDS",
    "people": "compare CASE IDS",
    "money": "compare CASE IDS",
    "places": "compare CASE IDS",
    "fair": "fairness CASE -s PROPOSAL",
    "budgets": "ladder CASE -s PROPOSAL",
    "overlaps": "duplication CASE -s PROPOSAL",
    "cooperation": "silos CASE -s PROPOSAL",
    "participation": "participation CASE -s PROPOSAL",
    "robustness": "robust CASE -s PROPOSAL",
}
_REST = "report CASE SCENARIOS --format json"


@dataclass(frozen=True)
class Part:
    """A table on a sheet: the title of its chapter, and the command that gives its figures."""

    chapter: str
    table: Sheet
    command: str


@dataclass(frozen=True)
class Theme:
    """A sheet of the workbook by its key, with its tables."""

    key: str
    parts: tuple[Part, ...]


def themes(content: Content, chapters: Sequence[Section], plans: Sequence[Sheet], plan_title: str) -> list[Theme]:
    """All tables of the report and of its plans, each on one sheet; sheets without a table are left out."""
    parts = {
        table.key: Part(chapter.title, table, command(content, table.key, chapter.key))
        for chapter in chapters
        for table in chapter.sheets
    }
    parts |= {table.key: Part(plan_title, table, command(content, table.key, "")) for table in plans}
    found = [
        Theme(key, tuple(_ready(parts.pop(name)) for name in names if name in parts)) for key, names in THEMES.items()
    ]
    return [theme for theme in [*found, Theme(FURTHER, tuple(parts.values()))] if theme.parts]


def command(content: Content, key: str, chapter: str) -> str:
    """The command that gives a table on the terminal; the scenario named first is the proposal."""
    said = next((words for start, words in _OF_TABLES.items() if key.startswith(start)), "")
    return filled(content, said or _OF_CHAPTERS.get(chapter, _REST))


def _ready(part: Part) -> Part:
    """A table of which a chart is drawn, with the rows that have no figure at its end."""
    table = part.table
    if table.key not in CHARTED:
        return part
    order = table.frame[CHARTED[table.key]].isna().reset_index(drop=True).sort_values(kind="stable").index
    frame = table.frame.iloc[order].reset_index(drop=True)
    withheld = None if table.withheld is None else table.withheld.iloc[order].reset_index(drop=True)
    return replace(part, table=replace(table, frame=frame, withheld=withheld))


@dataclass(frozen=True)
class Figure:
    """A single figure of a table: its row in words, its column, its value (or that it is withheld)."""

    row: str
    column: Column
    value: object
    withheld: bool


def figures(table: Sheet, lang: str) -> list[Figure]:
    """A table as a list of its figures, row by row; the first columns name the row and are no figures of their own."""
    names, first = _names(table, lang)
    columns = table.columns(lang)[first:]
    values = [table.frame[one.name].tolist() for one in columns]
    hidden = [
        table.withheld[one.name].tolist()
        if table.withheld is not None and one.name in table.withheld
        else [False] * len(names)
        for one in columns
    ]
    return [
        Figure(name, column, WITHHELD if withheld[at] else own[at], withheld[at])
        for at, name in enumerate(names)
        for column, own, withheld in zip(columns, values, hidden, strict=True)
        if withheld[at] or not _is_blank(own[at])
    ]


def _names(table: Sheet, lang: str) -> tuple[list[str], int]:
    """A name of every row from as many of the first columns as tell the rows apart, and how many these are."""
    cells, columns = table.cells(lang), table.columns(lang)
    first = 1
    while first < len(columns) - 1 and len({tuple(row[:first]) for row in cells}) < len(cells):
        if columns[first].is_number:
            break
        first += 1
    names = [" · ".join(text for text in row[:first] if text) for row in cells]
    seen: Counter[str] = Counter()
    for at, name in enumerate(names):
        seen[name] += 1
        names[at] = f"{name} ({seen[name]})" if seen[name] > 1 else name
    return names, first


def _is_blank(value: object) -> bool:
    return (
        value is None
        or value is pd.NA
        or value is pd.NaT
        or value == ""
        or (isinstance(value, float) and math.isnan(value))
    )
