"""Paper: the draft of a council paper (Beschlussvorlage), to be finished in Word.

Subject, what is to be decided, why, what else is possible (doing nothing among it), what it costs by year, whom it
concerns, and annexes. It says what the report says, in the order of a council paper; what only people can know is
marked as to be filled in. Needs the extra ``paper`` (python-docx).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import pandas as pd

from allocate.errors import UsageError
from allocate.language import Texts, percent
from allocate.report.columns import Column
from allocate.report.content import Content
from allocate.report.papers.page import TEXTS as PAGE
from allocate.report.papers.word import Word
from allocate.report.pictures.illustrations import illustrations
from allocate.report.sections.order import sections
from allocate.report.sections.section import Section, Sheet
from allocate.report.sections.tables import Tables
from allocate.report.wording import Voice
from allocate.results.floor_kinds import minima, missed

TEXTS = Texts("allocate.report", "texts_paper.csv")
# Rows of a table in the paper; the workbook has all.
IN_TEXT, IN_ANNEX = 40, 200
_OPTIONS = ("option", "weighted_coverage", "lowest_space_coverage", "duplication_eur", "moved_eur", "spent_eur")
_GAINS = ("name_label", "covered_before", "covered", "covered_change", "coverage_before", "coverage")
_MONEY = ("name_label", "cost_before_eur", "cost_eur", "change_eur")
_POTS = ("pot_label", "amount_eur", "spent_eur", "unspent_eur")
_FIELDS = ("number", "office", "public", "date", "case", "year")
_FILLED = {"date", "case", "year"}
_COMMITTEES = ("hearing", "advice", "decision")
_OF_PEOPLE = ("equality", "access", "climate", "hearing")
# Annex -> the tables in it, in this order.
_ANNEXES = {
    "offers": ("paper_offers",),
    "moves": ("releases", "uses", "moves"),
    "reasons": (),
    "coverage": ("coverage", "change"),
    "timing": ("notice", "commitments"),
    "law": ("floors", "duties", "earmarks", "plurality"),
    "indicators": ("indicators_needs", "indicators_spaces"),
    "method": ("settings", "weights", "scenarios", "changes", "sources"),
}


def paper(content: Content, lang: str, *, masked: bool = False) -> bytes:
    """The draft as a .docx file in one language; the same content gives the same bytes.

    ``masked``: say that providers have labels instead of names (the content itself is that of a masked case). Raises
    ``UsageError`` ``no-proposal`` where there is nothing to decide on.
    """
    if not content.is_proposal:
        raise UsageError("no-proposal", scenario=content.proposal or content.status_quo)
    return _Paper(content, lang, masked).written()


class _Paper:
    """The work on one paper."""

    def __init__(self, content: Content, lang: str, masked: bool) -> None:
        self.content = content
        self.masked = masked
        self.lang = lang
        self.voice = Voice(content, lang)
        self.chapters = {section.key: section for section in sections(content, lang, pictures=False)}
        self.sheets = {sheet.key: sheet for section in self.chapters.values() for sheet in section.sheets}
        self.sheets["paper_offers"] = self._offers()
        self.word = Word(
            lang,
            self.subject,
            self.say("title"),
            f"allocate {content.version}",
            content.fingerprint,
            content.date,
        )

    def say(self, key: str, **values: object) -> str:
        """A sentence of this room."""
        return TEXTS.say(key, self.lang, **values)

    @cached_property
    def year(self) -> str:
        """The year that is planned, or a dash."""
        return self.content.case.parameter("plan_year") or "–"

    @cached_property
    def subject(self) -> str:
        """What the paper is about, in one line."""
        return self.say("subject", year=self.year, title=self.voice.scenario(self.content.proposal))

    def written(self) -> bytes:
        """All parts, one after the other."""
        self._head()
        self._resolution()
        self._reasons()
        self._alternatives()
        self._finance()
        self._people()
        self._annexes()
        return self.word.bytes()

    def _head(self) -> None:
        content, word = self.content, self.word
        word.footer(self.say("footer", case=content.case.town_name, fingerprint=content.fingerprint[:23]))
        word.title(self.say("title"))
        word.text(self.say("draft"), *([PAGE.say("masked", self.lang)] if self.masked else []))
        known = {"date": self._date, "case": content.case.name, "year": self.year}
        fields = [
            (self.say(f"field.{key}"), known.get(key) or self.say(f"fill.{key}"), key not in _FILLED) for key in _FIELDS
        ]
        word.fields(fields)
        word.heading(self.say("committees"), 2)
        word.fields([(self.say(f"committee.{key}"), self.say("fill.committee"), True) for key in _COMMITTEES])
        word.heading(self.say("heading.subject"))
        word.text(self.subject)

    @property
    def _date(self) -> str:
        return self.content.date.strftime("%d.%m.%Y" if self.lang == "de" else "%Y-%m-%d")

    def _resolution(self) -> None:
        word = self.word
        measures = self._measures(self.content.proposal)
        today = self._measures(self.content.status_quo)
        word.heading(self.say("heading.resolution"))
        word.text(self.say("resolution.intro"))
        money = {
            name: self.voice.exact_euro(float(measures[name])) for name in ("moved_eur", "spent_eur", "unspent_eur")
        }
        word.numbered(
            self.say(
                "resolution.plan", year=self.year, today=self.voice.exact_euro(float(today["spent_eur"])), **money
            ),
            self.say("resolution.steps"),
            self.say("resolution.report"),
        )
        word.to_fill(self.say("fill.resolution"), style="List Number")

    def _reasons(self) -> None:
        word = self.word
        word.heading(self.say("heading.reasons"))
        word.heading(self.say("heading.today"), 2)
        floors = minima(self.content.today)
        word.text(self.say("today.floors", missed=missed(floors), total=len(floors)))
        self._sentences("overlaps")
        word.heading(self.say("heading.proposal"), 2)
        self._sentences("proposal", "money")
        word.heading(self.say("heading.why"), 2)
        self._sentences("fair", "rules", "cooperation")
        word.text(self.say("reasons.cards"))
        word.to_fill(self.say("fill.reasons"))
        word.heading(self.say("heading.law"), 2)
        self._sentences("law")
        word.to_fill(self.say("fill.law"))

    def _alternatives(self) -> None:
        word = self.word
        word.heading(self.say("heading.alternatives"))
        self._sentences("options", "tradeoffs")
        self._table("options", IN_TEXT, _OPTIONS)
        word.heading(self.say("heading.nothing"), 2)
        self._sentences("timing")
        word.to_fill(self.say("fill.alternatives"))

    def _finance(self) -> None:
        word, case = self.word, self.content.plan.variant.case
        word.heading(self.say("heading.finance"))
        word.text(self.say("finance.year", year=self.year))
        if "pots" in self.sheets:
            # Its note explains a column that is of no use here.
            self._put(replace(self.sheets["pots"], note=""), IN_TEXT, _POTS)
        word.heading(self.say("heading.years"), 2)
        years = self._years()
        if years is None:
            word.text(self.say("finance.no_years", year=self.year))
        else:
            self._put(years, IN_TEXT)
            word.text(self.say("finance.years", year=self.year))
        growth = case.number("cost_growth") if case.parameter("cost_growth") else 0.0
        word.text(
            self.say("finance.growth", growth=percent(growth, self.lang)) if growth else self.say("finance.no_growth")
        )
        if len(case["commitments"]):
            word.text(self.say("finance.commitments"))
        self._sentences("budgets")
        word.to_fill(self.say("fill.finance"))

    def _people(self) -> None:
        word = self.word
        word.heading(self.say("heading.groups"))
        self._sentences("people")
        self._pictures("people", "p-gains-space")
        self._table("gains_target_group", IN_TEXT, _GAINS)
        self._table("gains_space", IN_TEXT, _GAINS)
        self._table("gains_provider", IN_TEXT, _MONEY)
        for key in _OF_PEOPLE:
            word.heading(self.say(f"heading.{key}"), 2)
            word.to_fill(self.say(f"fill.{key}"))
        word.heading(self.say("heading.data"), 2)
        word.text(self.say("data", threshold=self.voice.units(self.content.mask.threshold)))

    def _annexes(self) -> None:
        for number, (annex, keys) in enumerate(_ANNEXES.items(), 1):
            self.word.page(upright=annex == "reasons")
            self.word.heading(self.say(f"annex.{annex}", number=number))
            self._sentences("places" if annex == "coverage" else annex)
            for card in self.chapters[annex].cards if annex == "reasons" and annex in self.chapters else ():
                self.word.heading(card.title, 3)
                self.word.text(*card.sentences)
            if annex == "coverage":
                self._pictures("places", "p-map-coverage", "p-map-change")
            for key in keys:
                self._table(key, IN_ANNEX)

    def _pictures(self, chapter: str, *keys: str) -> None:
        for picture in illustrations(self.voice, chapter):
            if picture.key in keys:
                self.word.picture(picture)

    def _sentences(self, *keys: str) -> None:
        for section in self._known(keys):
            self.word.text(*section.sentences)
            if section.note:
                self.word.text(section.note)

    def _known(self, keys: Sequence[str]) -> list[Section]:
        return [self.chapters[key] for key in keys if key in self.chapters]

    def _table(self, key: str, most: int, shown: Sequence[str] = ()) -> None:
        if key in self.sheets:
            self._put(self.sheets[key], most, shown)

    def _put(self, sheet: Sheet, most: int, shown: Sequence[str] = ()) -> None:
        if len(sheet.frame):
            rest = self.say("table.rest", count=self.voice.units(len(sheet.frame) - most))
            self.word.table(sheet, most=most, rest=rest, shown=shown)

    def _measures(self, id: str) -> pd.Series:
        measures = self.content.comparison.measures
        return measures[measures["scenario_id"] == id].iloc[0]

    def _offers(self) -> Sheet:
        """What every offer gets, today and in the proposal."""
        offers = self.content.comparison.offers
        own = {
            "capacity_before": Column("capacity_before", "units", self.say("column.capacity_before")),
            "capacity": Column("capacity", "units", self.say("column.capacity")),
            "cost_before_eur": Column("cost_before_eur", "euro", self.say("column.cost_before")),
            "cost_eur": Column("cost_eur", "euro", self.say("column.cost")),
        }
        shown = ("offer_id", "kind", "capacity_before", "capacity", "cost_before_eur", "cost_eur", "change_eur")
        table = offers[offers["scenario_id"] == self.content.proposal]
        return Tables(self.content, self.voice).sheet("paper_offers", table, shown, own=own)

    def _years(self) -> Sheet | None:
        """What each pot holds in each year that the case knows."""
        years = self.content.plan.variant.case["pot_years"]
        if not len(years):
            return None
        years = years.assign(year=years["year"].astype("Int64").astype("str"))
        wide = years.pivot_table(index="pot_id", columns="year", values="amount", aggfunc="last", sort=True)
        known = list(wide.columns)
        own = {year: Column(year, "euro", str(year)) for year in known}
        frame = wide.rename_axis(columns=None).reset_index()
        return Tables(self.content, self.voice).sheet("paper_years", frame, ("pot_id", *known), own=own)
