"""Shown: an answer in the words and notation of the reader, ready for the templates. Nothing is computed here."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd
from markupsafe import Markup

from allocate.analyses.comparison.glance import glance
from allocate.analyses.comparison.moves import funding_flows, moves
from allocate.inputs.case import Case
from allocate.inputs.names import best_names, names_of
from allocate.language import euro, number, percent
from allocate.report.pictures.maps import Places, space_map
from allocate.results.allocation import Allocation
from allocate.results.cell_coverage import cell_coverage
from allocate.results.columns import unit_of
from allocate.results.sketch import Sketch
from allocate.units import UNITS
from allocate.web.open_town import Answer
from allocate.web.speech import say

# The four main figures.
FIGURES = ("weighted_coverage", "lowest_space_coverage", "duplication_eur", "moved_eur")
# Which change of a main figure is for the better; of re-steered money neither is, it is what the rest costs.
_BETTER: dict[str, Callable[[float], bool]] = {
    "weighted_coverage": lambda change: change > 0,
    "lowest_space_coverage": lambda change: change > 0,
    "duplication_eur": lambda change: change < 0,
}
# Bounds of the classes of change, share of demand: large loss ... hardly any ... large gain.
_BOUNDS = (-0.15, -0.05, -0.005, 0.005, 0.05, 0.15)
_TENTH = Decimal("0.1")
# Shares that differ by less than this are written alike.
_LEVEL = 0.0005
# A change of money below this is none, EUR.
_LEAST = 0.5
# So many groups of each kind, offers that change, and rows of another list, are shown.
_MOST_GROUPS, _MOST_OFFERS, MOST = 4, 12, 6


@dataclass(frozen=True)
class Figure:
    """A main figure: its name, what it is called, its value, its difference from the scenario, whether that is for the
    better (None: neither), today's value, and the scenario's (blank where no step was made yet).
    """

    name: str
    label: str
    value: str
    change: str
    better: bool | None
    today: str
    scenario: str


@dataclass(frozen=True)
class Tile:
    """A space, or a need in one: what a question about it names, name, coverage (blank of a need), change against
    today, class of the change.
    """

    about: str
    name: str
    coverage: str
    change: str
    kind: int


@dataclass(frozen=True)
class Side:
    """Where money comes from or goes to: its name, and the question that can be asked about it (blank: none)."""

    name: str
    ask: str = ""
    about: str = ""


@dataclass(frozen=True)
class Map:
    """The report's picture of the change in every space, and the same in words."""

    title: str
    svg: Markup
    text: str


@dataclass(frozen=True)
class Shown:
    """All panels of an answer."""

    preview: bool
    seconds: str
    base: str
    figures: tuple[Figure, ...]
    weakest: str
    tiles: tuple[Tile, ...]
    map: Map | None
    needs: tuple[str, ...]
    matrix: tuple[tuple[str, tuple[Tile, ...]], ...]
    offers: tuple[tuple[str, str, str, bool], ...]
    others: int
    groups: tuple[tuple[str, str, str, bool, str], ...]
    moved: tuple[tuple[Side, Side, str], ...]
    notes: tuple[str, ...]
    spoken: str
    sentence: str


def shown(answer: Answer, lang: str, places: Places | None = None) -> Shown:
    """The panels of an answer that has a plan; ``places``: where the spaces are drawn, where it is known."""
    case = answer.plan.variant.case
    table = glance(answer.today, answer.plan)
    changes = cell_coverage(answer.today, answer.plan)
    figures = tuple(_figure(answer, name, lang) for name in FIGURES)
    return Shown(
        preview=answer.preview,
        seconds=number(answer.seconds, lang, 2),
        base=answer.base.scenario.scenario_id,
        figures=figures,
        weakest=_weakest(table[table["by"] == "space"], answer, lang),
        tiles=tuple(_tiles(table[table["by"] == "space"], case, lang)),
        map=None if places is None else _map(table[table["by"] == "space"], places, lang),
        needs=tuple(best_names(case["needs"], lang).tolist()),
        matrix=tuple(_matrix(changes, case, lang)),
        offers=tuple(offers_changed(answer.plan, case, lang, _MOST_OFFERS)),
        others=max(0, int((answer.plan.offers["change_eur"].abs() >= _LEAST).sum()) - _MOST_OFFERS),
        groups=tuple(_groups(table, lang)),
        moved=tuple(_moved(answer.today, answer.plan, lang)) if isinstance(answer.plan, Allocation) else (),
        notes=tuple(note.text(lang) for note in answer.plan.notes),
        spoken=". ".join(f"{one.label}: {one.value}" for one in figures),
        sentence=_sentence(figures, answer, lang),
    )


def _sentence(figures: tuple[Figure, ...], answer: Answer, lang: str) -> str:
    """The answer in one sentence: coverage against today, and the money that moves for it."""
    before, after = (plan.measures.weighted_coverage for plan in (answer.today, answer.plan) if plan.measures)
    coverage, moved = figures[0], figures[-1]
    if math.isnan(before) or math.isnan(after):
        return ""
    trend = "same" if coverage.value == coverage.today else "up" if after > before else "down"
    return say(f"answer.{trend}", lang, before=coverage.today, after=coverage.value, moved=moved.value)


def change_class(change: float) -> int:
    """0 (large loss) .. 6 (large gain); 3 is hardly any change, -1 that there is none to speak of (no demand)."""
    return -1 if math.isnan(change) else sum(change > bound for bound in _BOUNDS)


def _figure(answer: Answer, name: str, lang: str) -> Figure:
    new, base, today = (getattr(plan.measures, name, math.nan) for plan in (answer.plan, answer.base, answer.today))
    change, unit = new - base, unit_of(name)
    noticeable = abs(change) >= (_LEVEL if unit is UNITS["share"] else 0.5)
    return Figure(
        name,
        say(f"figure.{name}", lang),
        unit.written(new, lang),
        changed(change, unit.name, lang) if noticeable else "",
        _BETTER[name](change) if noticeable and name in _BETTER else None,
        unit.written(today, lang),
        "" if answer.plan is answer.base else unit.written(base, lang),
    )


def _weakest(spaces: pd.DataFrame, answer: Answer, lang: str) -> str:
    """The name of the space that the figure of the weakest space is about; blank where several are level."""
    lowest = answer.plan.measures.lowest_space_coverage if answer.plan.measures else math.nan
    found = spaces.loc[(spaces["coverage"] - lowest).abs() < _LEVEL, "id"].tolist()
    return names_of(answer.plan.variant.case, "space_id", lang)[found[0]] if len(found) == 1 else ""


def changed(change: float, kind: str, lang: str) -> str:
    """A difference of what a unit counts, with its sign."""
    return UNITS[f"{kind}_change"].written(change, lang)


def _tile(about: str, name: str, coverage: str, change: float, lang: str) -> Tile:
    return Tile(about, name, coverage, changed(change, "share", lang), change_class(change))


def _tiles(spaces: pd.DataFrame, case: Case, lang: str) -> list[Tile]:
    pairs = zip(spaces["coverage"].tolist(), spaces["coverage_before"].tolist(), strict=True)
    found = dict(zip(spaces["id"].tolist(), pairs, strict=True))
    tiles = []
    for id, name in names_of(case, "space_id", lang).items():
        coverage, before = found.get(id, (math.nan, math.nan))
        tiles.append(_tile(id, name, percent(coverage, lang, 0), coverage - before, lang))
    return tiles


def _map(spaces: pd.DataFrame, places: Places, lang: str) -> Map:
    change = (spaces["coverage"] - spaces["coverage_before"]).tolist()
    table = pd.DataFrame({"space_id": spaces["id"].tolist(), "value": change})
    picture = space_map(places, table, kind="coverage_change", key="town-map", lang=lang)
    # The picture is the report's own: names in it are escaped there.
    return Map(picture.title, Markup(picture.svg), picture.text)


def _matrix(changes: pd.DataFrame, case: Case, lang: str) -> list[tuple[str, tuple[Tile, ...]]]:
    """One row per space, one cell per need; a cell without demand is blank."""
    keys = zip(changes["space_id"].tolist(), changes["need_id"].tolist(), strict=True)
    cells = dict(zip(keys, changes["change"].tolist(), strict=True))
    needs = names_of(case, "need_id", lang)
    return [
        (
            name,
            tuple(
                _tile(f"{space}|{need}", title, "", cells.get((space, need), math.nan), lang)
                for need, title in needs.items()
            ),
        )
        for space, name in names_of(case, "space_id", lang).items()
    ]


def offers_changed(
    plan: Allocation | Sketch, case: Case, lang: str, most: int = MOST
) -> list[tuple[str, str, str, bool]]:
    """The ``most`` offers whose money changes most: id, name, change, whether it gets more."""
    table = plan.offers[plan.offers["change_eur"].abs() >= _LEAST]
    table = table.reindex(table["change_eur"].abs().sort_values(ascending=False, kind="stable").index)[:most]
    names = names_of(case, "offer_id", lang)
    changes = [(str(id), float(change)) for id, change in zip(table["offer_id"], table["change_eur"], strict=True)]
    return [(id, names.get(id, ""), changed(change, "euro", lang), change > 0) for id, change in changes]


def _groups(table: pd.DataFrame, lang: str) -> list[tuple[str, str, str, bool, str]]:
    """Target groups (by coverage) and providers that gain or lose most: kind, name, change, whether a gain, its id."""
    rows = []
    table = table.assign(coverage_change=table["coverage"] - table["coverage_before"])
    for by, column, least in (("target_group", "coverage_change", 5e-4), ("provider", "change_eur", 0.5)):
        part = table[(table["by"] == by) & (table["id"] != "") & (table[column].abs() >= least)]
        part = part.reindex(part[column].abs().sort_values(ascending=False, kind="stable").index)[:_MOST_GROUPS]
        for row in part.to_dict("records"):
            change = float(row[column])
            share = by == "target_group"
            written = changed(change, "share" if share else "euro", lang)
            text = say("groups.points", lang, points=written) if share else written
            rows.append((say(f"by.{by}", lang), str(row["name"] or row["id"]), text, change > 0, f"{by}:{row['id']}"))
    return rows


def _moved(today: Allocation, plan: Allocation, lang: str) -> list[tuple[Side, Side, str]]:
    """Where money comes from and goes to, the largest first."""
    table, case = moves(funding_flows(today, plan)), plan.variant.case
    offers, pots = names_of(case, "offer_id", lang), names_of(case, "pot_id", lang)

    def side(kind: object, id: object) -> Side:
        """An offer by its name; money that was unspent, new, cut or recorded for nobody by its kind."""
        about = str(id)
        if kind in ("released", "raised"):
            return Side(offers.get(about, about), "offer" if about in offers else "", about)
        return Side(say(f"moved.{kind}", lang, name=pots.get(about, about)), "pot" if about in pots else "", about)

    return [
        (side(row.from_kind, row.from_id), side(row.to_kind, row.to_id), euro(float(str(row.amount_eur)), lang))
        for row in table[table["amount_eur"] >= _LEAST][:MOST].itertuples()
    ]
