"""Reports: what a session says to others, gathered once; written as page, print, council paper, workbook or record."""

from __future__ import annotations

import importlib.util
import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, override

import pandas as pd

from allocate.arguments import arguments_checked
from allocate.errors import UsageError
from allocate.files import write_whole
from allocate.inputs.grant_list import is_grant_list
from allocate.inputs.voices.ballots import Ballots
from allocate.inputs.voices.given import Files, ballots_of, suggestions_of
from allocate.plain import Record, plain
from allocate.questions.limits import Years
from allocate.questions.progress import span_of
from allocate.report.asking import Voices
from allocate.report.audience import AUDIENCES, DEPARTMENT, Audience
from allocate.report.content import Content, gather
from allocate.report.papers.masking import Veil
from allocate.results.allocation import own_notes
from allocate.session import Session

if TYPE_CHECKING:
    from allocate.report.papers.grants_report import GrantsReport

ENDINGS = (".html", ".htm", ".json", ".pdf", ".docx", ".xlsx")
PAPER, PRINT = ".docx", ".pdf"


@dataclass(frozen=True)
class Asked:
    """What a report is asked to say, to whom, and what it leaves out."""

    scenarios: tuple[str, ...] = ()
    proposal: str = ""
    offers: tuple[str, ...] = ()
    audience: str = AUDIENCES[0]
    department: str = ""
    masked: bool = False
    ballots: Ballots | Files | None = None
    suggestions: pd.DataFrame | str | Path | None = None
    annex: bool = False
    years: Years | None = None

    @property
    def readers(self) -> Audience:
        """Who reads it. Raises ``UsageError`` for a department's version without a department, and the reverse."""
        if (self.audience == DEPARTMENT) != bool(self.department):
            raise UsageError("audience-department")
        return Audience(self.audience, self.department)


class Report(ABC):
    """A report in one language; ``save`` writes it in the form that the ending of the file says."""

    lang: str

    @abstractmethod
    def html(self) -> str:
        """The page, one file that opens offline."""

    @abstractmethod
    def to_json(self) -> Record:
        """The numbers behind the page, with its sentences."""

    @abstractmethod
    def docx(self, letterhead: bytes | None = None) -> bytes:
        """The council paper, on the letterhead (a Word document) where one is given."""

    @abstractmethod
    def xlsx(self) -> bytes:
        """The workbook of the results."""

    @property
    @abstractmethod
    def status(self) -> str:
        """``optimal``, ``infeasible`` or ``limit``: how the proposal ended; blank where nothing is proposed."""

    @arguments_checked
    def save(self, path: str | Path, *, letterhead: str | Path | None = None) -> Path:
        """Write the report as ``.html``, ``.pdf``, ``.docx``, ``.xlsx`` or ``.json``; gives the path.

        ``letterhead``: the Word document on which the council paper is written. Raises ``UsageError`` for another
        ending, where an extra or a browser is missing for it, and where the file cannot be written.
        """
        target = Path(path)
        write_whole(target, writer(target, letterhead)(self))
        return target

    def _repr_html_(self) -> str:
        return self.html()


@dataclass(frozen=True, eq=False, repr=False)
class TownReport(Report):
    """The report on the plans of a town: all that was asked (``content``), and how it is written."""

    content: Content
    lang: str
    masked: bool = False
    annex: bool = False

    def __repr__(self) -> str:
        return f"Report({self.content.shown_id} of {self.content.case.name}, {self.content.audience.kind})"

    @override
    def html(self) -> str:
        from allocate.report.papers.page import page

        # The print is of the same page.
        asked = ("page", self.lang, self.masked, self.annex)
        return self.content.once(asked, lambda: page(self.content, self.lang, masked=self.masked, annex=self.annex))

    @override
    def to_json(self) -> Record:
        from allocate.report.blocks.order import blocks
        from allocate.report.papers.record import record
        from allocate.report.sections.order import sections

        main = [one.as_section() for one in blocks(self.content, self.lang, pictures=False)]
        document = record(self.content, [*main, *sections(self.content, self.lang)], self.lang)
        own = own_notes(self.content.plan.variant.case)
        return {**document, "own_rules": [note.text(self.lang) for note in own]} if own else document

    @override
    def docx(self, letterhead: bytes | None = None) -> bytes:
        from allocate.report.papers.council_paper import paper

        return paper(self.content, self.lang, masked=self.masked, letterhead=letterhead)

    @override
    def xlsx(self) -> bytes:
        from allocate.report.papers.workbook import workbook

        return workbook(self.content, self.lang, masked=self.masked)

    @property
    @override
    def status(self) -> str:
        return str(self.content.plan.status) if self.content.proposal else ""


@dataclass(frozen=True, eq=False, repr=False)
class ListReport(Report):
    """The report on a list of grants: its money, and no coverage."""

    session: Session
    scenario: str
    lang: str

    @cached_property
    def _told(self) -> GrantsReport:
        from allocate.analyses.grants.who_pays import grants
        from allocate.report.papers.grants_report import grants_report

        return grants_report(grants(self.session.case, self.scenario), self.lang)

    def __repr__(self) -> str:
        return f"Report({self.session.case.name}, money)"

    @override
    def html(self) -> str:
        from allocate.report.papers.grants_report import grants_page

        return grants_page(self._told)

    @override
    def to_json(self) -> Record:
        return self._told.document()

    @override
    def docx(self, letterhead: bytes | None = None) -> bytes:
        from allocate.report.papers.grants_paper import grants_paper

        return grants_paper(self._told, letterhead)

    @override
    def xlsx(self) -> bytes:
        from allocate.report.papers.grants_report import grants_book

        return grants_book(self._told)

    @property
    @override
    def status(self) -> str:
        return ""


def writer(path: Path, letterhead: str | Path | None = None) -> Callable[[Report], bytes]:
    """Who writes a report into a file of this ending; what is missing for it is said before any work.

    Raises ``UsageError``: report-ending, extra-missing (python-docx), pdf-no-browser, letterhead-...
    """
    ending = path.suffix.lower()
    if letterhead is not None and ending != PAPER:
        raise UsageError("letterhead-no-paper")
    if ending not in ENDINGS:
        raise UsageError("report-ending", place=str(path), endings=" ".join(ENDINGS))
    if ending == PAPER:
        return _paper(letterhead)
    if ending == PRINT:
        from allocate.report.papers.printing import Printer

        printer = Printer.found()
        return lambda report: printer.pdf(report.html())
    if ending == ".xlsx":
        return lambda report: report.xlsx()
    if ending == ".json":
        return lambda report: (json.dumps(plain(report.to_json()), ensure_ascii=False, indent=2) + "\n").encode()
    return lambda report: report.html().encode()


def _paper(letterhead: str | Path | None) -> Callable[[Report], bytes]:
    if importlib.util.find_spec("docx") is None:
        raise UsageError("extra-missing", extra="paper")
    from allocate.report.papers.word import letterhead_of

    own = None if letterhead is None else letterhead_of(Path(letterhead))
    return lambda report: report.docx(own)


def report_of(session: Session, asked: Asked, lang: str, step: Callable[[str], None]) -> Report:
    """The report of a session, of the masked case where that is wanted; of a list of grants on its money."""
    readers, span = asked.readers, span_of(asked.years)
    masked = asked.masked or readers.is_public
    if is_grant_list(session.case.tables):
        if masked:
            raise UsageError("grants-named")
        return ListReport(session, asked.scenarios[-1] if asked.scenarios else "", lang)
    offers = asked.offers
    voices = Voices(ballots_of(asked.ballots, session.case), suggestions_of(asked.suggestions))
    if masked:
        veil = Veil(session.case, lang)
        session = type(session)(veil.case, solver=session.solver, limits=session.limits)
        offers = tuple(veil.text(one) for one in offers)
        told, table = voices.ballots, voices.suggestions
        voices = Voices(
            None if told is None else replace(told, table=veil.groups(told.table)),
            None if table is None else veil.table(table),
        )
    found = gather(session, asked.scenarios, asked.proposal, offers, step, voices=voices, audience=readers, years=span)
    return TownReport(found, lang, masked, asked.annex or readers.is_whole)
