"""The chapters of a report in a reader's order, from the proposal to what it rests on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from allocate.report.content import Content
from allocate.report.pictures.register import illustrations
from allocate.report.sections.answers import participation, robustness
from allocate.report.sections.basis import indicators, law, method
from allocate.report.sections.money import budgets, money, timing, tradeoffs
from allocate.report.sections.path import path
from allocate.report.sections.people import fair, people, places
from allocate.report.sections.proposal import options, proposal
from allocate.report.sections.readers import for_readers, pictures_for
from allocate.report.sections.reasons import cooperation, overlaps, reasons, rules
from allocate.report.sections.section import Section
from allocate.report.sections.tables import Tables
from allocate.report.wording import Voice

type Chapter = Callable[[Voice, Tables], Section | None]

CHAPTERS: tuple[Chapter, ...] = (
    proposal, options, people, fair, money, tradeoffs, budgets, places, overlaps, reasons, rules, cooperation,
    participation, robustness, law, timing, path, indicators, method,
)  # fmt: skip


def sections(content: Content, lang: str, *, pictures: bool = True) -> list[Section]:
    """All chapters that have something to say, in the reader's language; small numbers are withheld already.

    ``pictures``: draw charts and maps as well.
    """
    voice = Voice(content, lang)
    found = content.once(("sections", lang), lambda: _written(voice))
    if not pictures:
        return list(found)
    audience = content.audience
    return [replace(one, pictures=pictures_for(audience, illustrations(voice, one.key))) for one in found]


def _written(voice: Voice) -> list[Section]:
    tables = Tables(voice.content, voice)
    found = [section for chapter in CHAPTERS if (section := chapter(voice, tables)) is not None]
    return for_readers(voice.content.audience, found)
