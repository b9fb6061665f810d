"""Block: one step of the main report, before anything is drawn."""

from __future__ import annotations

from dataclasses import dataclass

from allocate.report.pictures.picture import Picture
from allocate.report.sections.section import Card, Section, Sheet


@dataclass(frozen=True)
class Block:
    """A block: its finding as a sentence, further sentences, pictures and tables, and the annex chapters behind it.

    ``details``: keys of sections (``sections.order``) that hold the whole of it. ``cards``: reasons shown at once.
    """

    key: str
    title: str
    finding: str
    sentences: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    details: tuple[str, ...] = ()
    cards: tuple[Card, ...] = ()

    def as_section(self) -> Section:
        """The same as a section, for what lists all of them."""
        return Section(self.key, self.title, (self.finding, *self.sentences), self.sheets, self.pictures, self.cards)
