"""Paper: the draft of a council paper (Beschlussvorlage) of at most four pages, to be finished in Word.

Subject, proposed decision, page one of the report as its core, reasons, alternatives (doing nothing among them), what
it costs by year and what will be lacking, whom it concerns, and the list of annexes, which are files beside it. What
only people can know is marked as to be filled in. Needs the extra ``paper`` (python-docx).
"""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from allocate.errors import UsageError
from allocate.inputs.in_places import is_in_places
from allocate.inputs.scenario.changes import WHAT_IF
from allocate.inputs.years import growth, plan_year
from allocate.language import Texts, percent
from allocate.report.audience import COUNCIL
from allocate.report.blocks.block import Block
from allocate.report.blocks.order import blocks
from allocate.report.columns import NO_NUMBER, written_date
from allocate.report.content import Content
from allocate.report.front.building import front_page
from allocate.report.front.front_page import Change
from allocate.report.papers.page import marked
from allocate.report.papers.themes import command
from allocate.report.papers.word import Word
from allocate.report.papers.worksheets import TEXTS as BOOK
from allocate.report.wording import Voice
from allocate.results.floor_kinds import minima, missed

TEXTS = Texts("allocate.report", "texts_paper.csv")
_FIELDS = ("number", "date", "office", "public", "year", "case")
_FILLED = {"date", "case", "year"}
_COMMITTEES = ("hearing", "advice", "decision")
_OF_PEOPLE = ("equality", "access", "climate", "hearing")
# What stands beside the paper: annex -> the sheet of the workbook, or the report, or the case itself.
_ANNEXES = {
    "offers": "offers",
    "reasons": "",
    "timing": "contracts",
    "law": "rules",
    "indicators": "people",
    "inputs": "",
}


def paper(content: Content, lang: str, *, masked: bool = False, letterhead: bytes | None = None) -> bytes:
    """The draft as a .docx file in one language; the same content gives the same bytes.

    ``masked``: say that providers have labels instead of names (the content itself is that of a masked case).
    ``letterhead``: a Word document whose head, foot, page and styles the paper takes over. Raises ``UsageError``
    ``no-proposal`` where there is nothing to decide on.
    """
    if not content.is_proposal:
        raise UsageError("no-proposal", scenario=content.proposal or content.status_quo)
    return _Paper(content, lang, masked, letterhead).written()


class _Paper:
    """The work on one paper."""

    def __init__(self, content: Content, lang: str, masked: bool, letterhead: bytes | None) -> None:
        self.content = content
        self.masked = masked
        self.lang = lang
        self.say = TEXTS.spoken(lang)
        self.voice = Voice(content, lang)
        self.front = front_page(content, lang)
        self.blocks = {block.key: block for block in blocks(content, lang, pictures=False)}
        self.word = Word(
            lang,
            self.subject,
            self.say("title"),
            f"allocate {content.version}",
            content.fingerprint,
            content.date,
            letterhead,
        )

    @cached_property
    def year(self) -> str:
        """The year that is planned, or a dash."""
        return str(plan_year(self.content.plan.variant.case) or NO_NUMBER)

    @cached_property
    def subject(self) -> str:
        """What the paper is about, in one line."""
        return self.say("subject", year=self.year, title=self.voice.scenario(self.content.proposal))

    def written(self) -> bytes:
        """All parts, one after the other."""
        self._head()
        self._resolution()
        self._at_a_glance()
        self._reasons()
        self._alternatives()
        self._finance()
        self._people()
        self._annexes()
        self.word.footer(self.say("footer", case=self.front.town, fingerprint=self.content.fingerprint[:23]))
        return self.word.bytes()

    def _head(self) -> None:
        content, word = self.content, self.word
        word.title(self.say("title"))
        word.small(self.say("draft"), *filter(None, [marked(content, self.lang, masked=self.masked)]))
        known = {
            "date": written_date(content.date.isoformat(), self.lang),
            "case": content.case.name,
            "year": self.year,
        }
        fields = [
            (self.say(f"field.{key}"), known.get(key) or self.say(f"fill.{key}"), key not in _FILLED) for key in _FIELDS
        ]
        committees = [(self.say(f"committee.{key}"), self.say("fill.committee"), True) for key in _COMMITTEES]
        word.fields([*fields, *committees], beside=True)
        word.heading(self.say("heading.subject"))
        word.text(self.subject)

    def _resolution(self) -> None:
        word = self.word
        proposal, today = self._measures(self.content.proposal), self._measures(self.content.status_quo)
        money = {
            name: self.voice.exact_euro(float(proposal[name])) for name in ("moved_eur", "spent_eur", "unspent_eur")
        }
        word.heading(self.say("heading.resolution"))
        word.text(self.say("resolution.intro"))
        word.numbered(
            self.say(
                "resolution.plan" if float(proposal["unspent_eur"]) >= 1 else "resolution.whole",
                year=self.year,
                today=self.voice.exact_euro(float(today["spent_eur"])),
                **money,
            ),
            self.say("resolution.steps"),
            self.say("resolution.report"),
        )
        word.to_fill(self.say("fill.resolution"))

    def _measures(self, id: str) -> pd.Series:
        measures = self.content.comparison.measures
        return measures[measures["scenario_id"] == id].iloc[0]

    def _at_a_glance(self) -> None:
        """The core of page one: five figures, and what fails or would turn the proposal."""
        word, front = self.word, self.front
        word.heading(self.say("heading.glance"))
        word.text(front.decided + ".", front.lead)
        heads = [self.say(f"glance.{key}") for key in ("figure", "today", "proposal", "note")]
        rows = [(tile.label, tile.before or NO_NUMBER, tile.after, tile.note) for tile in front.tiles]
        word.grid(heads, rows, weights=(2.4, 1.1, 1.5, 3.2))
        if front.turning:
            word.heading(front.turning_title, 2)
            word.bullets(*front.turning)

    def _reasons(self) -> None:
        word, floors = self.word, minima(self.content.today)
        word.heading(self.say("heading.reasons"))
        if len(floors):
            word.text(self.say("today.floors", missed=missed(floors), total=len(floors)))
        self._block("from_to")
        changes = [*self.front.gains, *self.front.losses]
        if changes:
            heads = [self.say(f"change.{key}") for key in ("offer", "places", "euros", "price", "sure")]
            word.grid(heads, [self._change(one) for one in changes], weights=(4.4, 1.3, 1.1, 1.2, 1.2), right=(2, 3))
            word.small(self.say("change.note"))
        word.text(self.say("reasons.cards"))
        word.to_fill(self.say("fill.reasons"))
        word.heading(self.say("heading.law"), 2)
        self._block("lawful")
        word.to_fill(self.say("fill.law"))

    def _change(self, one: Change) -> tuple[str, ...]:
        name = self.say("change.instead", offer=one.name, name=one.instead) if one.instead else one.name
        return name, one.places, one.euros, one.price, one.sure_label

    def _block(self, key: str, sentences: int = 9) -> None:
        """A block of the main report: its finding, and its first further sentences, as one paragraph."""
        block: Block | None = self.blocks.get(key)
        if block is not None:
            self.word.text(" ".join((block.finding, *block.sentences[:sentences])))

    def _alternatives(self) -> None:
        word, front = self.word, self.front
        word.heading(self.say("heading.alternatives"))
        heads = [self.say(f"option.{key}") for key in ("name", "coverage", "lowest", "missed", "moved")]
        rows = [
            (f"{one.title} ({one.note})" if one.note else one.title, one.coverage, one.lowest, one.missed, one.moved)
            for one in front.options
        ]
        word.grid(heads, rows, weights=(4.4, 1.2, 1.5, 1.9, 1.6), right=(1, 2, 3, 4))
        word.to_fill(self.say("fill.alternatives"))

    def _finance(self) -> None:
        word, case = self.word, self.content.plan.variant.case
        word.heading(self.say("heading.finance"))
        word.text(self.say("finance.year", year=self.year))
        if self.front.years:
            heads = [self.say(f"years.{key}") for key in ("year", "cost", "money", "lacking")]
            rows = [(one.year, one.cost, one.money, one.lacking) for one in self.front.years]
            word.grid(heads, rows, right=(1, 2, 3))
            word.text(self.say("finance.years"))
        else:
            word.text(self.say("finance.no_years", year=self.year))
        self._block("years")
        rate = growth(case, "cost_growth")
        said = [self.say("finance.growth", growth=percent(rate, self.lang)) if rate else self.say("finance.no_growth")]
        if is_in_places(case):
            said = []
        if len(case["commitments"]):
            said.append(self.say("finance.commitments"))
        word.text(" ".join(said))
        word.to_fill(self.say("fill.finance"))

    def _people(self) -> None:
        word, front = self.word, self.front
        word.heading(self.say("heading.groups"))
        self._block("felt")
        if front.places:
            word.pairs(
                [self.say(f"place.{key}") for key in ("name", "coverage", "points")],
                [(one.name, one.coverage, one.points) for one in front.places],
            )
            word.small(" ".join([*([front.places_note] if front.places_note else []), self.say("place.note")]))
        self._block("said")
        word.fields([(self.say(f"heading.{key}"), self.say(f"fill.{key}"), True) for key in _OF_PEOPLE])
        word.heading(self.say("heading.data"), 2)
        word.text(self.say("data", threshold=self.voice.units(self.content.mask.threshold)))
        self._block("unknown", 1)

    def _annexes(self) -> None:
        word, content = self.word, self.content
        word.heading(self.say("heading.annexes"))
        said = []
        for annex, sheet in _ANNEXES.items():
            named = BOOK.say(f"theme.{sheet}", self.lang) if sheet else ""
            said.append(self.say(f"annex.{annex}", sheet=named, fingerprint=content.fingerprint[:23]))
        word.numbered(*said)
        word.to_fill(self.say("fill.annexes"))
        words = command(content, "", "").removesuffix(" --format json")
        files = "-o report.html --xlsx results.xlsx" + (" --mask-providers" if self.masked else "")
        if self.content.audience.kind != COUNCIL:
            files += f" --audience {self.content.audience.kind}"
        word.small(self.say("annexes.written", command=f"{words} {files}"))
        if WHAT_IF in content.plans:
            word.small(BOOK.say("what_if", self.lang, id=WHAT_IF))
