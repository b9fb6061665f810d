"""Worksheets: cells, heads and widths of the sheets of a workbook that planners can sort, filter and reckon with.

Numbers are written as numbers, unrounded, with the format of their column's kind; their unit stands in the head
(changes of shares in percentage points). All text is written as text: a name such as ``=1+1`` is no formula, not even
after somebody edits its cell.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from allocate.language import MINUS, Texts, money_sign
from allocate.report.columns import WITHHELD, Column, said
from allocate.units import UNITS

TEXTS = Texts("allocate.report", "texts_workbook.csv")
MOST_ROWS = 1_048_576
LONGEST = 32_767  # characters in one cell
HEAD_ROW = 4  # 1 title, 2 way back, 3 note, 4 (counted from 0) head
NARROW, WIDE = 9.0, 48.0
LINE = 15.0  # the height of a line of text in points
FILTER_BUTTON = 3  # characters that the button of a filter covers
_MEASURED = 300  # rows from which the width of a column is taken
_LONGEST_NAME = 31
_NO_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
# Characters that XML cannot hold; a spreadsheet would call the whole file damaged.
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
FORMULA = tuple("=+-@\t\r")
_ANY_NUMBER = "General"
# A label that says its unit already gets none in addition.
_HAS_UNIT = re.compile(r"%|\(|je |per |Einheit|unit|Punkt|point|Monat|month")


def head_of(column: Column, lang: str) -> str:
    """The label with its unit beneath, ``Change`` and ``€/year``."""
    key = f"unit.{column.kind}"
    if key not in TEXTS.sentences or _HAS_UNIT.search(column.label) or money_sign(lang) in column.label:
        return column.label
    return f"{column.label}\n[{TEXTS.say(key, lang)}]"


def clean(text: str) -> str:
    """Text as a cell can hold it: without characters that XML forbids, and no longer than a cell."""
    return _NO_TEXT.sub("�", text)[:LONGEST]


@dataclass
class Names:
    """The names of the sheets of one workbook: valid, short enough, and each one only once."""

    taken: set[str] = field(default_factory=set)

    def new(self, title: str) -> str:
        """A name for a sheet of this title."""
        wished = " ".join(clean(_NO_NAME.sub(" ", title)).split()).strip("'").strip() or "–"
        wished = f"{wished}_" if wished.casefold() == "history" else wished
        name, number = _cut(wished, _LONGEST_NAME), 1
        while name.casefold() in self.taken:
            number += 1
            name = f"{_cut(wished, _LONGEST_NAME - len(str(number)) - 1)}~{number}"
        self.taken.add(name.casefold())
        return name


def _cut(name: str, most: int) -> str:
    """A name of at most ``most`` characters, cut between words where that leaves most of it."""
    if len(name) <= most:
        return name
    short = name[: most + 1].rpartition(" ")[0]
    return (short if len(short) > most // 2 else name[:most]).rstrip(" ',-")


class Styles:
    """The formats of one workbook, each made once and in a fixed order of use."""

    def __init__(self, book: Any, lang: str) -> None:
        self.book = book
        self.lang = lang
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def make(self, **settings: Any) -> Any:
        """The format of these settings."""
        key = tuple(sorted(settings.items()))
        if key not in self._made:
            self._made[key] = self.book.add_format(settings)
        return self._made[key]

    @property
    def title(self) -> Any:
        """The title of a sheet."""
        return self.make(bold=True, font_size=14, font_color="#1F4E5F", num_format="@")

    @property
    def link(self) -> Any:
        """A link inside the workbook."""
        return self.make(underline=1, font_color="#0563C1", valign="top")

    @property
    def note(self) -> Any:
        """A sentence beneath a title."""
        return self.make(italic=True, font_color="#555555", num_format="@")

    @property
    def command(self) -> Any:
        """A command that gives a figure."""
        return self.make(font_color="#555555", font_size=9, num_format="@", valign="top")

    @property
    def head(self) -> Any:
        """The head of a column."""
        return self.make(
            bold=True, font_color="#FFFFFF", bg_color="#1F4E5F", text_wrap=True, valign="top", border=1, num_format="@"
        )

    def text(self, **settings: Any) -> Any:
        """Text at the top of its cell; the cell stays text when it is edited."""
        return self.make(num_format="@", valign="top", **settings)

    def number(self, code: str) -> Any:
        """A number."""
        return self.make(num_format=code, valign="top")

    def put(self, sheet: Any, row: int, at: int, text: str, style: Any = None) -> None:
        """Write text as text."""
        hostile = text.startswith(FORMULA)
        chosen = self.text(quote_prefix=True) if hostile and style is None else style or self.text()
        sheet.write_string(row, at, clean(text), chosen)


def lines_of(text: str, width: float) -> int:
    """How many lines a text takes in a column of so many characters, broken between words."""
    room = max(1, int(width))
    if len(text) <= room and "\n" not in text:
        return 1
    return sum(len(textwrap.wrap(line, room)) or 1 for line in text.split("\n"))


def printed(sheet: Any, across: int = 1) -> None:
    """How a sheet prints: A4 across, ``across`` pages wide, numbered."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(across, 0)
    sheet.set_footer("&L&A&R&P / &N")


def quoted(sheet: str) -> str:
    """The name of a sheet as a reference names it."""
    return "'" + sheet.replace("'", "''") + "'"


def write_column(
    styles: Styles,
    sheet: Any,
    start: tuple[int, int],
    column: Column,
    values: pd.Series,
    hidden: Sequence[bool] | pd.Series | None,
) -> list[str]:
    """The cells of a column from ``start`` (row, column) downwards; gives those that are wrapped, numbers as blanks."""
    lang, texts = styles.lang, []
    (first, at), wrapped = start, not column.is_number
    text = styles.text(text_wrap=True, align="left", indent=1) if wrapped else styles.text(align="right")
    shown = styles.number(column.unit.pattern_in(lang) if column.is_number else _ANY_NUMBER)
    withheld = [False] * len(values) if hidden is None else list(hidden)
    for row, (value, hide) in enumerate(zip(_cells(column, values, lang), withheld, strict=True), first):
        if hide:
            styles.put(sheet, row, at, WITHHELD, styles.text(align="right"))
        elif isinstance(value, float | int):
            sheet.write_number(row, at, value, shown)
        elif value:
            styles.put(sheet, row, at, value, None if value.startswith(FORMULA) else text)
        texts.append(value if wrapped and isinstance(value, str) and not hide else "")
    return texts


def _cells(column: Column, values: pd.Series, lang: str) -> Iterator[str | float]:
    """What stands in the cells: numbers of number columns (and numbers among texts) as numbers, the rest in words."""
    factor = UNITS[column.kind].factor
    for value in values.tolist():
        if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
            yield ""
        elif column.kind == "yesno":
            yield said("yes" if value else "no", lang)
        elif column.kind == "word":
            yield said(str(value), lang)
        elif isinstance(value, bool) or not isinstance(value, int | float):
            yield str(value)
        elif isinstance(value, float) and math.isinf(value):
            yield "∞" if value > 0 else f"{MINUS}∞"
        else:
            yield value * factor if factor != 1 else value


def width_of_column(column: Column, head: str, values: pd.Series, lang: str) -> float:
    """Room for the longest cell and the longest word of the head, within bounds; longer texts are wrapped."""
    return width_of(head, column.cells(values.iloc[:_MEASURED], lang))


def width_of(head: str, texts: Sequence[str]) -> float:
    longest = max((len(line) for text in texts for line in text.splitlines()), default=0)
    word = max((len(part) for part in head.split()), default=0)
    return float(min(WIDE, max(NARROW, longest + 2, word + 1 + FILTER_BUTTON, min(len(head) // 2 + 4, 22))))
