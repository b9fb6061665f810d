"""Grants report: a list of grants as a page, a Word document, a workbook and a record; money, and no coverage.

Four chapters (who pays and gets what, what is bound, what ends when, what several pay or get) and the list itself. All
papers draw the same chapters.
"""

from __future__ import annotations

import datetime
import io
from dataclasses import dataclass

import pandas as pd
import xlsxwriter
from markupsafe import Markup

from allocate import __version__
from allocate.analyses.grants.grant_words import SHOWN, TEXTS, as_read, title_of
from allocate.analyses.grants.who_pays import GROUPS, Grants
from allocate.language import unparted_html
from allocate.plain import Record, records
from allocate.report.papers.page import TEXTS as PAGE
from allocate.report.papers.page import environment, rest_of, source
from allocate.report.papers.worksheets import TEXTS as BOOK
from allocate.report.papers.worksheets import Names, Styles, head_of, printed, width_of_column, write_column
from allocate.report.sections.section import Section, Sheet
from allocate.results.told import heading

MOST = 40  # rows of a table on the page and in the document; the workbook has all
_BOUND = ("duty", "department", "product")
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
_HEAD_ROW = 2


@dataclass(frozen=True, eq=False)
class GrantsReport:
    """The chapters of a list in one language, and the day they were written."""

    found: Grants
    lang: str
    date: datetime.date
    chapters: tuple[Section, ...]

    @property
    def title(self) -> str:
        """What the report is called."""
        return TEXTS.say("report.title", self.lang, case=self.found.case.town_name)

    @property
    def basis(self) -> str:
        """What the report rests on."""
        fingerprint = self.found.case.fingerprint[:23]
        return TEXTS.say(
            "report.basis", self.lang, rows=len(self.found.rows), fingerprint=fingerprint, version=__version__
        )

    def document(self) -> Record:
        """The numbers unrounded, for ``--format json`` and inside the page."""
        tables = [
            {"key": sheet.key, "title": sheet.title, "rows": records(sheet.frame)}
            for chapter in self.chapters
            for sheet in chapter.sheets
        ]
        dated = {"date": self.date.isoformat(), "language": self.lang}
        return {**heading(self.found.case), **dated, **self.found.to_json(self.lang), "tables": tables}


def grants_report(found: Grants, lang: str, date: datetime.date | None = None) -> GrantsReport:
    """The report of a list: its chapters, those with nothing to show left out."""
    named = [name for name in _BOUND if found.by(name)["key"].ne("").any()]
    chapters = [
        _chapter(found, lang, "money", ["payer", "recipient", "purpose"]),
        _chapter(found, lang, "bound", [*named, "years"]),
        _chapter(found, lang, "ends", ["ends"], "report.ends.note"),
        _chapter(found, lang, "shared", ["shared", "repeated"], "report.shared.note"),
        _chapter(found, lang, "list", ["rows"]),
    ]
    today = date or datetime.datetime.now(datetime.UTC).date()
    return GrantsReport(found, lang, today, tuple(one for one in chapters if one.sheets))


def _chapter(found: Grants, lang: str, key: str, tables: list[str], note: str = "") -> Section:
    sheets = [_sheet(found, lang, name) for name in tables]
    said = TEXTS.say(note, lang) if note else ""
    return Section(
        key, TEXTS.say(f"report.{key}", lang), sheets=tuple(one for one in sheets if len(one.frame)), note=said
    )


def _sheet(found: Grants, lang: str, name: str) -> Sheet:
    table: pd.DataFrame = found.by(name) if name in GROUPS else getattr(found, name)
    shown = SHOWN["groups" if name in GROUPS else name]
    return Sheet(name, title_of(found, name, lang), as_read(found, table, lang), shown, most=MOST)


def grants_page(report: GrantsReport) -> str:
    """The report as one HTML file that opens offline."""
    lang = report.lang
    return unparted_html(
        environment()
        .get_template("grants.html")
        .render(
            lang=lang,
            report=report,
            lead=[TEXTS.say("report.lead", lang), *report.found.sentences(lang)],
            say=PAGE.spoken(lang),
            version=__version__,
            css=Markup(source("page.css")),
            svg=Markup,
            source=lambda _key: "",
            sources=lambda _sheet: [],
            rows=lambda sheet: sheet.cells(lang)[: sheet.most],
            rest=lambda sheet: rest_of(sheet, lang),
            heads_of=lambda sheet: "wide" if len(sheet.shown) > 7 else "",
            breakable=lambda text: text,
        )
    )


def grants_book(report: GrantsReport) -> bytes:
    """The report as a workbook: the sentences, then every table on a sheet of its own, whole."""
    lang, names = report.lang, Names()
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, _OPTIONS) as book:
        created = datetime.datetime.combine(report.date, datetime.time())
        book.set_properties({"title": report.title, "author": f"allocate {__version__}", "created": created})
        styles = Styles(book, lang)
        first = book.add_worksheet(names.new(BOOK.say("cover", lang)))
        first.set_column(0, 0, 110)
        styles.put(first, 0, 0, report.title, styles.title)
        said = [TEXTS.say("report.lead", lang), *report.found.sentences(lang), report.basis]
        for row, text in enumerate(said, 2):
            styles.put(first, row, 0, text, styles.text(text_wrap=True))
        printed(first)
        for chapter in report.chapters:
            for sheet in chapter.sheets:
                name = TEXTS.say(f"title.{sheet.key}", lang, case="", year="").strip(": ")
                _write(styles, book.add_worksheet(names.new(name[:1].upper() + name[1:])), sheet)
    return stream.getvalue()


def _write(styles: Styles, page: object, sheet: Sheet) -> None:
    """One table with its title, its head and a filter."""
    lang = styles.lang
    styles.put(page, 0, 0, sheet.title, styles.title)
    columns = sheet.columns(lang)
    for at, column in enumerate(columns):
        head = head_of(column, lang)
        styles.put(page, _HEAD_ROW, at, head, styles.head)
        values = sheet.frame[column.name]
        page.set_column(at, at, width_of_column(column, head, values, lang))  # type: ignore[attr-defined]
        write_column(styles, page, (_HEAD_ROW + 1, at), column, values, None)
    page.autofilter(_HEAD_ROW, 0, _HEAD_ROW + max(1, len(sheet.frame)), len(columns) - 1)  # type: ignore[attr-defined]
    page.freeze_panes(_HEAD_ROW + 1, 1)  # type: ignore[attr-defined]
    printed(page)
