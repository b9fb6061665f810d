"""Illustrations: which pictures stand in which chapter."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from allocate.report.content import Content
from allocate.report.pictures.charts import budget_ladder, gains_and_losses, releases_and_uses
from allocate.report.pictures.charts_curve import trade_off
from allocate.report.pictures.charts_matrix import coverage_matrix
from allocate.report.pictures.charts_measures import scenarios_side_by_side
from allocate.report.pictures.maps import places_of, space_map
from allocate.report.pictures.picture import Picture
from allocate.report.wording import Voice
from allocate.results.cells import cell_coverage


def illustrations(voice: Voice, chapter: str) -> tuple[Picture, ...]:
    """The pictures of a chapter (key of its section), in the order in which they are shown."""
    draw = _DRAWN.get(chapter)
    return tuple(draw(voice)) if draw is not None else ()


def _options(voice: Voice) -> list[Picture]:
    content = voice.content
    titles = {id: voice.scenario(id) for id in content.plans}
    measures = content.comparison.measures
    picture = scenarios_side_by_side(measures, titles, key="p-options", lang=voice.lang, status_quo=content.status_quo)
    return [picture] if len(measures) > 1 else []


def _people(voice: Voice) -> list[Picture]:
    content = voice.content
    gains = _of(content, content.comparison.gains)
    if gains.empty:
        return []
    labels = [voice.label(str(by), str(id)) for by, id in zip(gains["by"], gains["id"], strict=True)]
    gains = gains.assign(withheld=content.mask.total_rows(gains["by"], gains["id"]), name=labels)
    named = [by for by in ("space", "need", "provider") if any(gains.loc[gains["by"] == by, "id"])]
    return [gains_and_losses(gains, by=by, key=f"p-gains-{by}", lang=voice.lang) for by in named]


def _money(voice: Voice) -> list[Picture]:
    content = voice.content
    releases, uses = (_of(content, table) for table in (content.comparison.releases, content.comparison.uses))
    return [releases_and_uses(releases, uses, key="p-money", lang=voice.lang)]


def _tradeoffs(voice: Voice) -> list[Picture]:
    return [
        trade_off(
            curve.points,
            curve.marks,
            curve.segments,
            against=against,
            key=f"p-curve-{against}",
            lang=voice.lang,
            indivisible=curve.indivisible,
        )
        for against, curve in voice.content.curves.items()
    ]


def _budgets(voice: Voice) -> list[Picture]:
    found = voice.content.ladder
    return [] if found is None else [budget_ladder(found.steps, key="p-budgets", lang=voice.lang)]


def _places(voice: Voice) -> list[Picture]:
    content = voice.content
    cells = cell_coverage(content.today, content.shown)
    case = content.case
    matrix = coverage_matrix(
        cells, case["spaces"], case["needs"], key="p-matrix", lang=voice.lang, withheld=content.mask.hidden
    )
    return [*_maps(voice), matrix]


def _maps(voice: Voice) -> list[Picture]:
    """Coverage of every space and, of a proposal, how it changes; the coverage is that of the fairness chapter."""
    content = voice.content
    found = content.fairness
    if found is None:
        return []
    places = places_of(content.case)
    table = found.spaces[["space_id", "plan", "change"]]
    table = table.assign(withheld=content.mask.total_rows("space", table["space_id"]))
    drawn = [
        space_map(
            places,
            table.rename(columns={"plan": "value"}),
            kind="coverage",
            key="p-map-coverage",
            lang=voice.lang,
            about=voice.word("plan") if content.is_proposal else "",
        )
    ]
    if content.is_proposal:
        changes = table[["space_id", "change", "withheld"]].rename(columns={"change": "value"})
        drawn.append(space_map(places, changes, kind="coverage_change", key="p-map-change", lang=voice.lang))
    return drawn


def _of(content: Content, table: pd.DataFrame) -> pd.DataFrame:
    return table[table["scenario_id"] == content.proposal] if len(table) else table


_DRAWN: dict[str, Callable[[Voice], list[Picture]]] = {
    "options": _options,
    "people": _people,
    "money": _money,
    "tradeoffs": _tradeoffs,
    "budgets": _budgets,
    "places": _places,
}
