"""Grants paper: the report of a list of grants as a Word document. Needs the extra ``paper`` (python-docx)."""

from __future__ import annotations

from allocate import __version__
from allocate.analyses.grants.telling import TEXTS
from allocate.report.columns import written_date
from allocate.report.papers.grants_report import GrantsReport, rest_of
from allocate.report.papers.word import Word


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
            columns = sheet.columns(lang)
            right = [at for at, one in enumerate(columns) if one.is_number]
            word.grid([one.label for one in columns], sheet.cells(lang)[: sheet.most], right=right)
            if rest_of(sheet, lang):
                word.small(rest_of(sheet, lang))
        if chapter.note:
            word.small(chapter.note)
    word.small(report.basis)
    return word.bytes()
