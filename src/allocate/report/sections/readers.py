"""Readers: chapters and blocks as their audience may see them and needs them."""

from __future__ import annotations

from dataclasses import replace

from allocate.report.audience import CHAPTER, PICTURE, TABLE, Audience
from allocate.report.pictures.picture import Picture
from allocate.report.sections.section import Section, Sheet


def for_readers(audience: Audience, sections: list[Section]) -> list[Section]:
    """The chapters that an audience is shown, each with the tables it may see."""
    return [
        replace(one, sheets=sheets_for(audience, one.sheets)) for one in sections if audience.shows(CHAPTER, one.key)
    ]


def sheets_for(audience: Audience, sheets: tuple[Sheet, ...]) -> tuple[Sheet, ...]:
    """The tables that an audience may see, without the columns it may not; to those who work with them, all rows."""
    return tuple(_sheet(audience, one) for one in sheets if audience.shows(TABLE, one.key))


def pictures_for(audience: Audience, pictures: tuple[Picture, ...]) -> tuple[Picture, ...]:
    """The pictures that an audience may see."""
    return tuple(one for one in pictures if audience.shows(PICTURE, one.key))


def _sheet(audience: Audience, sheet: Sheet) -> Sheet:
    shown = tuple(name for name in sheet.shown if audience.shows_column(name))
    most = max(sheet.most, len(sheet.frame)) if audience.is_whole else sheet.most
    return sheet if (shown, most) == (sheet.shown, sheet.most) else replace(sheet, shown=shown, most=most)
