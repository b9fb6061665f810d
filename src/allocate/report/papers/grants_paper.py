"""Grants paper: the report of a list of grants as a Word document. Needs the extra ``paper`` (python-docx)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from allocate import __version__
from allocate.analyses.grants.grant_words import TEXTS
from allocate.report.columns import written_date
from allocate.report.papers.grants_report import GrantsReport
from allocate.report.papers.page import rest_of
from allocate.report.papers.word import Word

# Texts longer than this are wrapped; the margins of a cell, both in letters.
_WRAPPED, _MARGIN = 24, 2.5
_COUNTED = ("recipients", "payers")


def grants_paper(report: GrantsReport, letterhead: bytes | None = None) -> bytes:
    """The report as a Word document."""
    lang = report.lang
    word = Word(
        lang, report.title, report.title, f"allocate {__version__}", report.found.case.fingerprint[:23], report.date,
        letterhead,
    )  # fmt: skip
    word.footer(f"{report.title} · {written_date(report.date.isoformat(), lang)}")
    word.title(report.title)
    word.bullets(TEXTS.say("report.lead", lang), *report.found.sentences(lang))
    for chapter in report.chapters:
        word.heading(chapter.title)
        for sheet in chapter.sheets:
            word.heading(sheet.title, 2)
            # A sheet of paper has no room for more columns; page and workbook count recipients and payers too.
            drawn = replace(sheet, shown=tuple(name for name in sheet.shown if name not in _COUNTED))
            columns = drawn.columns(lang)
            right = [at for at, one in enumerate(columns) if one.is_number]
            heads, cells = [one.label for one in columns], drawn.cells(lang)[: sheet.most]
            word.grid(heads, cells, weights=_widths(heads, cells), right=right)
            if rest_of(sheet, lang):
                word.small(rest_of(sheet, lang))
        if chapter.note:
            word.small(chapter.note)
    word.small(report.basis)
    return word.bytes()


def _widths(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[float]:
    """How wide the columns are against each other: no word and no short cell is parted, long texts wrap."""
    widths = []
    for head, *cells in zip(heads, *rows, strict=True):
        word = max(len(part) for text in (head, *cells) for part in text.split())
        longest = max((len(cell) for cell in cells), default=0)
        # Heads are bold, and every cell has a margin.
        widths.append(max(1.25 * min(word, _WRAPPED), float(min(longest, _WRAPPED))) + _MARGIN)
    return widths
