"""Section: a chapter of a report as sentences, tables, pictures and cards, before anything is drawn.

Page, workbook and council paper draw the same sections.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from allocate.report.columns import WITHHELD, Column, column
from allocate.report.pictures.picture import Picture


@dataclass(frozen=True)
class Sheet:
    """A table of a section.

    ``frame`` holds plain numbers in the units of docs/data.md, withheld ones are NaN and True in ``withheld`` (same
    index, only the columns concerned; None: nothing is withheld). ``shown`` names the columns in their order; labels
    and kinds stand in ``results/columns.csv``, or in ``own`` for columns that only this table has. ``note`` is said
    beneath. The page draws the first ``most`` rows and says how many more the workbook has.
    """

    key: str
    title: str
    frame: pd.DataFrame
    shown: tuple[str, ...]
    note: str = ""
    own: Mapping[str, Column] = field(default_factory=dict)
    withheld: pd.DataFrame | None = None
    most: int = 60

    def columns(self, lang: str) -> list[Column]:
        """How each shown column is labelled and written."""
        return [self.own.get(name) or column(name, lang) for name in self.shown]

    def cells(self, lang: str) -> list[list[str]]:
        """All cells as text, row by row."""
        texts = [self._texts(one, lang) for one in self.columns(lang)]
        return [list(row) for row in zip(*texts, strict=True)]

    def _texts(self, one: Column, lang: str) -> list[str]:
        texts = one.cells(self.frame[one.name], lang)
        if self.withheld is None or one.name not in self.withheld.columns:
            return texts
        hidden = self.withheld[one.name].tolist()
        return [WITHHELD if hide else text for text, hide in zip(texts, hidden, strict=True)]


@dataclass(frozen=True)
class Card:
    """The reasons for one offer: its headline and the sentences beneath."""

    key: str
    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A chapter: what it says in sentences, then its pictures, its tables and its cards."""

    key: str
    title: str
    sentences: tuple[str, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    pictures: tuple[Picture, ...] = ()
    cards: tuple[Card, ...] = ()
    note: str = ""
