"""Workbook: the report as an Excel file, with the same tables and the complete plans behind them.

A start sheet with five tiles, links and charts, all sentences on one sheet, then the tables by theme, ready to be
filtered and pivoted; the plans of all scenarios stand among them in full. Small numbers are withheld as in the report.
The same content and language give the same bytes.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from allocate.errors import UsageError
from allocate.inputs.scenario.changes import WHAT_IF
from allocate.report.content import Content
from allocate.report.front.building import front_page
from allocate.report.papers.page import marked
from allocate.report.papers.sheet_charts import Charts
from allocate.report.papers.start_sheet import Entry, StartSheet
from allocate.report.papers.theme_sheets import Placed, write_figures, write_theme
from allocate.report.papers.themes import FURTHER, Theme, command, figures, themes
from allocate.report.papers.worksheets import (
    HEAD_ROW,
    LINE,
    MOST_ROWS,
    TEXTS,
    Names,
    Styles,
    lines_of,
    printed,
    quoted,
)
from allocate.report.sections.order import sections
from allocate.report.sections.plan_tables import plan_tables
from allocate.report.sections.readers import sheets_for
from allocate.report.sections.section import Section
from allocate.report.sections.tables import Tables
from allocate.report.wording import Voice

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "nan_inf_to_errors": False,
}
_TEXT_WIDTH = 110


def workbook(content: Content, lang: str, *, masked: bool = False) -> bytes:
    """The content of a report as an .xlsx file in one language.

    ``masked``: say that providers have labels instead of names (the content itself is that of a masked case). Raises
    ``UsageError`` for tables with more rows than a sheet holds.
    """
    chapters = sections(content, lang, pictures=False)
    plans = sheets_for(content.audience, tuple(plan_tables(Tables(content, Voice(content, lang)))))
    listed = themes(content, chapters, plans, TEXTS.say("plans", lang))
    _refuse_too_long(listed, lang)
    names = Names()
    start, words = names.new(TEXTS.say("cover", lang)), names.new(TEXTS.say("words", lang))
    titles = {theme.key: names.new(TEXTS.say(f"theme.{theme.key}", lang)) for theme in listed}
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, _OPTIONS) as book:
        book.set_properties(_properties(content, lang))
        styles = Styles(book, lang)
        sheets = {name: book.add_worksheet(name) for name in (start, words, *titles.values())}
        _words(styles, sheets[words], chapters, start)
        placed: dict[str, Placed] = {}
        for theme in listed:
            title, sheet = TEXTS.say(f"theme.{theme.key}", lang), sheets[titles[theme.key]]
            if theme.key == FURTHER:
                write_figures(styles, sheet, title, theme, start)
            else:
                placed |= write_theme(styles, sheet, title, theme, start)
        entries = [Entry(words, TEXTS.say("about.words", lang))]
        entries += [Entry(titles[theme.key], TEXTS.say(f"about.{theme.key}", lang)) for theme in listed]
        mark = marked(content, lang, masked=masked)
        notes = [mark] if mark else []
        notes += [TEXTS.say("what_if", lang, id=WHAT_IF)] if WHAT_IF in content.plans else []
        charts = Charts(book, lang, content, listed, placed)
        first = StartSheet(styles, sheets[start], content)
        first.fill(front_page(content, lang), entries, charts, notes, command(content, "", ""))
    return stream.getvalue()


def _refuse_too_long(listed: Sequence[Theme], lang: str) -> None:
    """Raise ``UsageError`` where tables have more rows than a sheet holds."""
    for theme in listed:
        rows = sum(len(part.table.frame) for part in theme.parts)
        if theme.key == FURTHER and rows * max(len(part.table.shown) for part in theme.parts) > MOST_ROWS:
            rows = sum(len(figures(part.table, lang)) for part in theme.parts)
        if rows + HEAD_ROW + 1 > MOST_ROWS:
            raise UsageError("book-too-long", place=TEXTS.say(f"theme.{theme.key}", lang), most=f"{MOST_ROWS:,}")


def _properties(content: Content, lang: str) -> dict[str, Any]:
    """What the file says of itself; the date of the report, so that the same report gives the same file."""
    return {
        "title": TEXTS.say("file.title", lang, case=content.case.town_name),
        "subject": Voice(content, lang).scenario(content.plan.scenario.scenario_id),
        "author": f"allocate {content.version}",
        "comments": content.fingerprint,
        "created": datetime.datetime.combine(content.date, datetime.time(), datetime.UTC).replace(tzinfo=None),
    }


def _words(styles: Styles, sheet: Any, chapters: Sequence[Section], start: str) -> None:
    """All that the report says in sentences and beneath its tables, chapter by chapter."""
    lang = styles.lang
    sheet.set_column(0, 0, _TEXT_WIDTH)
    styles.put(sheet, 0, 0, TEXTS.say("words", lang), styles.title)
    sheet.write_url(1, 0, f"internal:{quoted(start)}!A1", styles.link, TEXTS.say("back", lang))
    lines: list[tuple[str, Any]] = []
    plain, strong = styles.text(text_wrap=True), styles.text(text_wrap=True, bold=True)
    note = styles.text(text_wrap=True, italic=True, font_color="#555555")
    chapter_style = styles.text(text_wrap=True, bold=True, font_size=12, font_color="#1F4E5F")
    for number, chapter in enumerate(chapters, 1):
        lines.append((f"{number} {chapter.title}", chapter_style))
        lines += [(text, plain) for text in chapter.sentences]
        lines += [(chapter.note, note)] if chapter.note else []
        for card in chapter.cards:
            lines.append((card.title, strong))
            lines += [(text, plain) for text in card.sentences]
        lines += [(f"{table.title}: {table.note}", note) for table in chapter.sheets if table.note]
    for row, (text, style) in enumerate(lines, 3):
        styles.put(sheet, row, 0, text, style)
        sheet.set_row(row, min(400.0, LINE * lines_of(text, _TEXT_WIDTH) + 2))
    sheet.freeze_panes(2, 0)
    printed(sheet)
    sheet.set_portrait()
