"""Shown: an answer in the words and notation of the reader, ready for the templates. Nothing is computed here."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from allocate.analyses.comparison.gains import View, gains, view
from allocate.analyses.comparison.moves import funding_flows, moves
from allocate.analyses.comparison.place_changes import place_changes
from allocate.inputs.case import Case
from allocate.inputs.names import best_names, names_of
from allocate.language import euro, number, percent, signed
from allocate.model.compile import compile_variant
from allocate.results.allocation import Allocation, evaluated
from allocate.web.open_town import Answer
from allocate.web.speech import say

# The four main figures: measure, kind.
FIGURES = (
    ("weighted_coverage", "share"),
    ("lowest_space_coverage", "share"),
    ("duplication_eur", "euro"),
    ("moved_eur", "euro"),
)
# Which change of a main figure is for the better; of re-steered money neither is, it is what the rest costs.
_BETTER: dict[str, Callable[[float], bool]] = {
    "weighted_coverage": lambda change: change > 0,
    "lowest_space_coverage": lambda change: change > 0,
    "duplication_eur": lambda change: change < 0,
}
# Bounds of the classes of change, share of demand: large loss ... hardly any ... large gain.
_BOUNDS = (-0.15, -0.05, -0.005, 0.005, 0.05, 0.15)
# Groups whose gains and losses stand beside the answer.
_DIMENSIONS = ("space", "target_group", "provider")
# So many groups of each kind, and so many rows of another list, are shown; the whole table is on the page of tables.
_MOST_GROUPS, MOST = 4, 6


@dataclass(frozen=True)
class Figure:
    """A main figure: its name, what it is called, its value, its difference from the scenario, whether that is for the
    better (None: neither), and today's value.
    """

    name: str
    label: str
    value: str
    change: str
    better: bool | None
    today: str


@dataclass(frozen=True)
class Tile:
    """A space, or a need in one: what a question about it names, name, coverage, change against today, class of the
    change.
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
class Shown:
    """All panels of an answer."""

    preview: bool
    seconds: str
    figures: tuple[Figure, ...]
    tiles: tuple[Tile, ...]
    needs: tuple[str, ...]
    matrix: tuple[tuple[str, tuple[Tile, ...]], ...]
    offers: tuple[tuple[str, str, str, bool], ...]
    groups: tuple[tuple[str, str, str, bool, str], ...]
    moved: tuple[tuple[Side, Side, str], ...]
    notes: tuple[str, ...]
    spoken: str
    sentence: str


def shown(answer: Answer, lang: str) -> Shown:
    """The panels of an answer that has a plan."""
    case = answer.plan.variant.case
    table = _gains(answer)
    changes = place_changes(answer.today, answer.plan)
    figures = tuple(_figure(answer, name, kind, lang) for name, kind in FIGURES)
    return Shown(
        preview=answer.preview,
        seconds=number(answer.seconds, lang, 2),
        figures=figures,
        tiles=tuple(_tiles(table[table["by"] == "space"], case, lang)),
        needs=tuple(best_names(case["needs"], lang).tolist()),
        matrix=tuple(_matrix(changes, case, lang)),
        offers=tuple(offers_changed(answer.plan, case, lang)),
        groups=tuple(_groups(table, lang)),
        moved=tuple(_moved(answer, case, lang)),
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


def _figure(answer: Answer, name: str, kind: str, lang: str) -> Figure:
    new, base, today = (getattr(plan.measures, name, math.nan) for plan in (answer.plan, answer.base, answer.today))
    write = percent if kind == "share" else euro
    change = new - base
    noticeable = abs(change) >= (0.0005 if kind == "share" else 0.5)
    return Figure(
        name,
        say(f"figure.{name}", lang),
        write(new, lang),
        changed(change, kind, lang) if noticeable else "",
        _BETTER[name](change) if noticeable and name in _BETTER else None,
        write(today, lang),
    )


def changed(change: float, kind: str, lang: str) -> str:
    """A difference with its sign, in points or money."""
    if math.isnan(change):
        return ""
    text = number(change * 100, lang, 1) if kind == "share" else euro(change, lang)
    return signed(text) if change > 0 else text


def _gains(answer: Answer) -> pd.DataFrame:
    """Who gains and loses against today (``analyses.comparison.gains``)."""
    after = compile_variant(answer.plan.variant)
    views = _view_of_today(answer.today), view(after, evaluated(after)), view(after, answer.plan)
    return gains(*views, answer.plan.variant.case, _DIMENSIONS)


@lru_cache(maxsize=6)
def _view_of_today(today: Allocation) -> View:
    """Today's ledger and demand, the same for every step."""
    return view(compile_variant(today.variant), today)


def _tile(about: str, name: str, coverage: float, change: float, lang: str) -> Tile:
    text = "" if math.isnan(change) else changed(change, "share", lang)
    return Tile(about, name, percent(coverage, lang, 0), text, change_class(change))


def _tiles(spaces: pd.DataFrame, case: Case, lang: str) -> list[Tile]:
    found = spaces.set_index("id")
    return [
        _tile(id, name, float(found["coverage"][id]), float(found["coverage"][id] - found["coverage_before"][id]), lang)
        for id, name in names_of(case, "space_id", lang).items()
        if id in found.index
    ]


def _matrix(changes: pd.DataFrame, case: Case, lang: str) -> list[tuple[str, tuple[Tile, ...]]]:
    """One row per space, one cell per need; a cell without demand is blank."""
    cells = changes.set_index(["space_id", "need_id"])[["coverage", "coverage_change"]].to_dict("index")
    nothing = {"coverage": math.nan, "coverage_change": math.nan}
    needs = names_of(case, "need_id", lang)
    rows = []
    for space, name in names_of(case, "space_id", lang).items():
        found = [cells.get((space, need), nothing) for need in needs]
        titles = zip(needs.items(), found, strict=True)
        tiles = (
            _tile(f"{space}|{need}", title, one["coverage"], one["coverage_change"], lang)
            for (need, title), one in titles
        )
        rows.append((name, tuple(tiles)))
    return rows


def offers_changed(plan: Allocation, case: Case, lang: str) -> list[tuple[str, str, str, bool]]:
    """The offers whose money changes most: id, name, change, whether it gets more."""
    table = plan.offers[plan.offers["change_eur"].abs() >= 0.5]
    table = table.reindex(table["change_eur"].abs().sort_values(ascending=False, kind="stable").index)
    names = names_of(case, "offer_id", lang)
    changes = [(str(id), float(change)) for id, change in zip(table["offer_id"], table["change_eur"], strict=True)]
    return [(id, names.get(id, ""), changed(change, "euro", lang), change > 0) for id, change in changes]


def _groups(table: pd.DataFrame, lang: str) -> list[tuple[str, str, str, bool, str]]:
    """Target groups and providers that gain or lose most: kind, name, change, whether it is a gain, its id."""
    rows = []
    for by, column, kind in (("target_group", "covered_change", "units"), ("provider", "change_eur", "euro")):
        part = table[(table["by"] == by) & (table["id"] != "") & (table[column].abs() >= 0.5)]
        part = part.reindex(part[column].abs().sort_values(ascending=False, kind="stable").index)[:_MOST_GROUPS]
        for row in part.to_dict("records"):
            change = float(row[column])
            text = number(change, lang) if kind == "units" else euro(change, lang)
            written = signed(text) if change > 0 else text
            unit = say("groups.units", lang, units=written) if kind == "units" else written
            rows.append(
                (say(f"groups.{by}", lang), str(row["name"] or row["id"]), unit, change > 0, f"{by}:{row['id']}")
            )
    return rows


def _moved(answer: Answer, case: Case, lang: str) -> list[tuple[Side, Side, str]]:
    """Where money comes from and goes to, the largest first."""
    table = moves(funding_flows(answer.today, answer.plan))
    offers, pots = names_of(case, "offer_id", lang), names_of(case, "pot_id", lang)

    def side(kind: object, id: object) -> Side:
        """An offer by its name; money that was unspent, new, cut or recorded for nobody by its kind."""
        about = str(id)
        if kind in ("released", "raised"):
            return Side(offers.get(about, about), "offer" if about in offers else "", about)
        return Side(say(f"moved.{kind}", lang, name=pots.get(about, about)), "pot" if about in pots else "", about)

    return [
        (side(row.from_kind, row.from_id), side(row.to_kind, row.to_id), euro(float(str(row.amount_eur)), lang))
        for row in table[table["amount_eur"] >= 0.5][:MOST].itertuples()
    ]
