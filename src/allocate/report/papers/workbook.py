"""Workbook: the report as an Excel file, with the same tables and the complete plans behind them.

A cover with the proposal and what it rests on, all sentences on one sheet, then one sheet a table: chapter by chapter
as in the report, and at the end the plans of all scenarios in full. Small numbers are withheld as in the report. The
same content and language give the same bytes.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from allocate.errors import UsageError
from allocate.report.content import Content
from allocate.report.papers.page import TEXTS as PAGE
from allocate.report.papers.worksheets import (
    HEAD_ROW,
    MOST_ROWS,
    TEXTS,
    Names,
    Styles,
    clean,
    printed,
    quoted,
    write_table,
)
from allocate.report.sections.order import sections
from allocate.report.sections.plan_tables import plan_tables
from allocate.report.sections.section import WITHHELD, Section, Sheet
from allocate.report.sections.tables import Tables
from allocate.report.wording import Voice

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "nan_inf_to_errors": False,
}
_COVER_WIDTHS = (22, 70, 12)
_TEXT_WIDTH = 110


@dataclass(frozen=True)
class _Listed:
    """A table with its place: the number of its chapter and the name of its sheet."""

    chapter: str
    table: Sheet
    name: str


def workbook(content: Content, lang: str, *, masked: bool = False) -> bytes:
    """The content of a report as an .xlsx file in one language.

    ``masked``: say that providers have labels instead of names (the content itself is that of a masked case). Raises
    ``UsageError`` for a table with more rows than a sheet holds.
    """
    chapters = sections(content, lang, pictures=False)
    voice = Voice(content, lang)
    plans = plan_tables(Tables(content, voice))
    names = Names()
    cover, words = names.new(TEXTS.say("cover", lang)), names.new(TEXTS.say("words", lang))
    listed = _listed(chapters, plans, names, lang)
    for one in listed:
        if len(one.table.frame) + HEAD_ROW + 1 > MOST_ROWS:
            raise UsageError("book-too-long", place=one.table.title, most=f"{MOST_ROWS:,}")
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, _OPTIONS) as book:
        book.set_properties(_properties(content, voice))
        styles = Styles(book, lang)
        notes = [PAGE.say("masked", lang)] if masked else []
        _cover(styles, book.add_worksheet(cover), voice, chapters[0], listed, words, notes)
        _words(styles, book.add_worksheet(words), chapters, cover)
        for one in listed:
            write_table(styles, book.add_worksheet(one.name), one.table, back=cover)
    return stream.getvalue()


def _listed(chapters: Sequence[Section], plans: Sequence[Sheet], names: Names, lang: str) -> list[_Listed]:
    """All tables in order, each with a sheet name that begins with the number of its chapter."""
    found = [
        _Listed(chapter.title, table, names.new(f"{number}.{place} {table.title}"))
        for number, chapter in enumerate(chapters, 1)
        for place, table in enumerate(chapter.sheets, 1)
    ]
    plan = TEXTS.say("plans", lang)
    return found + [_Listed(plan, table, names.new(f"P{place} {table.title}")) for place, table in enumerate(plans, 1)]


def _properties(content: Content, voice: Voice) -> dict[str, Any]:
    """What the file says of itself; the date of the report, so that the same report gives the same file."""
    return {
        "title": TEXTS.say("file.title", voice.lang, case=content.case.town_name),
        "subject": voice.scenario(content.plan.scenario.scenario_id),
        "author": f"allocate {content.version}",
        "comments": content.fingerprint,
        "created": datetime.datetime.combine(content.date, datetime.time(), datetime.UTC).replace(tzinfo=None),
    }


def _cover(
    styles: Styles,
    sheet: Any,
    voice: Voice,
    proposal: Section,
    listed: Sequence[_Listed],
    words: str,
    notes: Sequence[str],
) -> None:
    """The first sheet: the proposal in sentences, what the figures rest on, and the list of sheets."""
    content, lang = voice.content, voice.lang
    for at, width in enumerate(_COVER_WIDTHS):
        sheet.set_column(at, at, width)
    sheet.hide_gridlines(2)
    styles.put(sheet, 0, 0, TEXTS.say("file.title", lang, case=content.case.town_name), styles.title)
    row = _paragraphs(styles, sheet, 2, [proposal.title], bold=True)
    said = [*proposal.sentences, *([proposal.note] if proposal.note else []), *notes]
    row = _paragraphs(styles, sheet, row, said) + 1
    facts = {
        "case": content.case.name,
        "scenarios": "; ".join(voice.scenario(id) for id in content.plans),
        "date": content.date.strftime("%d.%m.%Y" if lang == "de" else "%Y-%m-%d"),
        "version": f"allocate {content.version}",
        "fingerprint": content.fingerprint,
        "withheld": TEXTS.say("withheld", lang, sign=WITHHELD, threshold=voice.units(content.mask.threshold)),
    }
    for key, text in facts.items():
        styles.put(sheet, row, 0, TEXTS.say(f"fact.{key}", lang), styles.text(bold=True))
        sheet.merge_range(row, 1, row, 2, "", styles.text(text_wrap=True))
        styles.put(sheet, row, 1, text, styles.text(text_wrap=True))
        sheet.set_row(row, _height(text, sum(_COVER_WIDTHS[1:])))
        row += 1
    row += 1
    for at, key in enumerate(("chapter", "table", "rows")):
        styles.put(sheet, row, at, TEXTS.say(f"list.{key}", lang), styles.head)
    sheet.write_url(row + 1, 1, f"internal:{quoted(words)}!A1", styles.link, words)
    for place, one in enumerate(listed, row + 2):
        styles.put(sheet, place, 0, one.chapter, styles.text(text_wrap=True))
        label = clean(f"{one.name.partition(' ')[0]} {one.table.title}")
        sheet.write_url(place, 1, f"internal:{quoted(one.name)}!A1", styles.link, label)
        sheet.write_number(place, 2, len(one.table.frame), styles.number("#,##0"))
    printed(sheet)


def _paragraphs(styles: Styles, sheet: Any, row: int, texts: Sequence[str], **settings: Any) -> int:
    """Sentences across the width of the cover, one a row; gives the next free row."""
    style = styles.text(text_wrap=True, **settings)
    for text in texts:
        sheet.merge_range(row, 0, row, 2, "", style)
        styles.put(sheet, row, 0, text, style)
        sheet.set_row(row, _height(text, sum(_COVER_WIDTHS)))
        row += 1
    return row


def _words(styles: Styles, sheet: Any, chapters: Sequence[Section], cover: str) -> None:
    """All that the report says in sentences, chapter by chapter."""
    lang = styles.lang
    sheet.set_column(0, 0, _TEXT_WIDTH)
    styles.put(sheet, 0, 0, TEXTS.say("words", lang), styles.title)
    sheet.write_url(1, 0, f"internal:{quoted(cover)}!A1", styles.link, TEXTS.say("back", lang))
    lines: list[tuple[str, Any]] = []
    plain, strong = styles.text(text_wrap=True), styles.text(text_wrap=True, bold=True)
    chapter_style = styles.text(text_wrap=True, bold=True, font_size=12, font_color="#1F4E5F")
    for number, chapter in enumerate(chapters, 1):
        lines.append((f"{number} {chapter.title}", chapter_style))
        lines += [(text, plain) for text in chapter.sentences]
        lines += [(chapter.note, styles.note)] if chapter.note else []
        for card in chapter.cards:
            lines.append((card.title, strong))
            lines += [(text, plain) for text in card.sentences]
    for row, (text, style) in enumerate(lines, 3):
        styles.put(sheet, row, 0, text, style)
        sheet.set_row(row, _height(text, _TEXT_WIDTH))
    printed(sheet)
    sheet.set_portrait()


def _height(text: str, width: int) -> float:
    """The height of a row in points: merged and wrapped cells do not grow by themselves."""
    lines = sum(1 + len(line) // max(1, int(width * 1.05)) for line in text.split("\n"))
    return float(min(400, 15 * max(1, lines) + 1))
