"""Register: every picture of a report, with the chapter it stands in and the table beside it.

What a picture answers stands in ``texts_pictures.csv`` (``asks-<key>``). Chapters, blocks, the page and
``docs/report.md`` read it here; a new picture is one file that draws it and one line at the end of this one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd

from allocate.analyses.decision.changes import CUT
from allocate.report.content import Content
from allocate.report.pictures.budget_ladder import budget_ladder
from allocate.report.pictures.coverage_matrix import coverage_matrix
from allocate.report.pictures.dates import dates
from allocate.report.pictures.dumbbells import dumbbells
from allocate.report.pictures.gains_and_losses import gains_and_losses
from allocate.report.pictures.maps import places_of, space_map
from allocate.report.pictures.picture import Picture
from allocate.report.pictures.style import say
from allocate.report.pictures.trade_off import trade_off
from allocate.report.pictures.waterfall import money_moved
from allocate.report.sections.path import first_steps
from allocate.report.wording import Voice
from allocate.results.cell_coverage import cell_coverage
from allocate.town.facts import OfferFacts


@dataclass(frozen=True)
class Chart:
    """One kind of picture: the chapter or block it stands in, the tables that hold its figures, and who draws it.

    ``key`` begins the key of each picture it draws (``p-<key>``). ``table``: the key of the table beside it, where
    ``*`` stands for the rest of the picture's key.
    """

    key: str
    chapter: str
    table: str
    draw: Callable[[Voice], list[Picture]]

    def drawn(self, voice: Voice) -> list[Picture]:
        """Its pictures in one language, each with the table beside it."""
        return [
            replace(one, table=self.table.replace("*", one.key.removeprefix(f"p-{self.key}-")))
            for one in self.draw(voice)
        ]

    def asks(self, lang: str) -> str:
        """The question it answers."""
        return say(f"asks-{self.key}", lang)


def illustrations(voice: Voice, chapter: str) -> tuple[Picture, ...]:
    """The pictures of a chapter (key of its section), in the order in which they are shown."""
    return voice.content.once(
        ("pictures", voice.lang, chapter),
        lambda: tuple(one for chart in CHARTS if chart.chapter == chapter for one in chart.drawn(voice)),
    )


def _options(voice: Voice) -> list[Picture]:
    """Every plan from where today stands, in coverage and in the least covered space, both on the same scale."""
    content = voice.content
    measures = content.comparison.measures
    own = measures[(measures["scenario_id"] != content.status_quo) & measures["weighted_coverage"].notna()]
    if own.empty:
        return []
    today = measures[measures["scenario_id"] == content.status_quo].iloc[0]
    rows = pd.DataFrame({"name": [voice.scenario(str(id)) for id in own["scenario_id"].tolist()]})
    return [
        dumbbells(
            rows.assign(before=float(today[name]), after=own[name].to_numpy(dtype=float)),
            key=f"p-options-{kind}",
            lang=voice.lang,
            title=say(f"options-title-{kind}", voice.lang),
        )
        for name, kind in (("weighted_coverage", "coverage"), ("lowest_space_coverage", "lowest"))
    ]


def _people(voice: Voice) -> list[Picture]:
    content = voice.content
    gains = _of(content, content.comparison.gains)
    if gains.empty:
        return []
    labels = [voice.label(str(by), str(id)) for by, id in zip(gains["by"], gains["id"], strict=True)]
    gains = gains.assign(withheld=content.mask.total_rows(gains["by"], gains["id"]), name=labels)
    named = [by for by in ("need", "provider") if any(gains.loc[gains["by"] == by, "id"])]
    return [gains_and_losses(gains, by=by, key=f"p-gains-{by}", lang=voice.lang) for by in named]


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


def _matrix(voice: Voice) -> list[Picture]:
    content = voice.content
    cells = cell_coverage(content.today, content.shown)
    case = content.case
    matrix = coverage_matrix(
        cells, case["spaces"], case["needs"], key="p-matrix", lang=voice.lang, withheld=content.mask.hidden
    )
    return [matrix]


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


def _spaces(voice: Voice) -> list[Picture]:
    """Every space from today to the proposal."""
    content = voice.content
    gains = _of(content, content.comparison.gains)
    if gains.empty:
        return []
    rows = gains[gains["by"] == "space"]
    hidden = content.mask.total_rows("space", rows["id"]).to_numpy()
    table = pd.DataFrame(
        {
            "name": rows["name"].where(rows["name"].astype(str) != "", rows["id"]),
            "before": rows["coverage_before"].mask(hidden).astype(float),
            "after": rows["coverage"].mask(hidden).astype(float),
        }
    )
    return [dumbbells(table, key="p-spaces", lang=voice.lang, title=say("spaces-title", voice.lang))]


def _before_and_after(voice: Voice) -> list[Picture]:
    """The map of today and of the proposal, where the town has boundaries; both in the same classes."""
    content = voice.content
    if content.fairness is None or content.case.geometry is None:
        return []
    places, spaces = places_of(content.case), content.fairness.spaces
    withheld = content.mask.total_rows("space", spaces["space_id"])
    return [
        space_map(
            places,
            spaces[["space_id"]].assign(value=spaces[column], withheld=withheld),
            kind="coverage",
            key=f"p-then-{column}",
            lang=voice.lang,
            about=voice.word(column),
        )
        for column in ("today", "plan")
    ]


def _from_to(voice: Voice) -> list[Picture]:
    compared = voice.content.comparison
    releases, uses = (_of(voice.content, table) for table in (compared.releases, compared.uses))
    if releases.empty or uses.empty:
        return []
    return [money_moved(releases, uses, key="p-waterfall", lang=voice.lang)]


def _changes(voice: Voice) -> list[Picture]:
    decision = voice.content.decision
    if decision is None or decision.changes.empty:
        return []
    cuts = decision.changes[decision.changes["kind"].isin(CUT)]
    if cuts.empty:
        return []
    rows = cuts.assign(name=[voice.alone("offer_id", str(id)) for id in cuts["offer_id"].tolist()])
    return [dates(rows, key="p-dates", lang=voice.lang, title=say("dates-title", voice.lang))]


def _of(content: Content, table: pd.DataFrame) -> pd.DataFrame:
    return table[table["scenario_id"] == content.proposal] if len(table) else table


def _path(voice: Voice) -> list[Picture]:
    """When the first change of every offer takes effect, on a line of dates."""
    found = voice.content.path
    if found is None or found.steps.empty:
        return []
    rows = OfferFacts(voice.content.case).beside(first_steps(found), "contract_end")
    rows = rows.assign(
        name=[voice.alone("offer_id", str(id)) for id in rows["offer_id"].tolist()],
        ending=[f": {voice.word(str(step))}" for step in rows["path_step"].tolist()],
    )
    return [dates(rows, key="p-path", lang=voice.lang, title=say("path-title", voice.lang), said="path")]


CHARTS: tuple[Chart, ...] = (
    Chart("options", "options", "options", _options),
    Chart("dates", "changes", "main_changes", _changes),
    Chart("spaces", "felt", "gains_space", _spaces),
    Chart("then", "felt", "fair_spaces", _before_and_after),
    Chart("path", "years", "path_steps", _path),
    Chart("waterfall", "from_to", "releases", _from_to),
    Chart("gains", "people", "gains_*", _people),
    Chart("curve", "tradeoffs", "curve_*", _tradeoffs),
    Chart("budgets", "budgets", "ladder", _budgets),
    Chart("map", "places", "fair_spaces", _maps),
    Chart("matrix", "places", "coverage", _matrix),
)
