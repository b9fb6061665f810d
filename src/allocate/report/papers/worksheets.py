"""Worksheets: tables of the report on a sheet of a workbook that planners can sort, filter and reckon with.

Numbers are written as numbers, unrounded, with the format of their column's kind; their unit stands in the head. All
text is written as text: a name such as ``=1+1`` is no formula, not even after somebody edits its cell.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from allocate.language import MINUS, Texts, money_pattern, money_sign, number
from allocate.report.columns import PER, Column, said
from allocate.report.papers.themes import Theme, figures
from allocate.report.sections.section import WITHHELD

TEXTS = Texts("allocate.report", "texts_workbook.csv")
MOST_ROWS = 1_048_576
LONGEST = 32_767  # characters in one cell
HEAD_ROW = 4  # 1 title, 2 way back, 3 note, 4 (counted from 0) head
NARROW, WIDE, COMMAND_WIDTH = 9.0, 48.0, 46.0
PAGE_WIDTH = 190  # characters that a page across can hold and still be read
HIGHEST = 400.0  # points that a row may be high
LINE = 15.0  # the height of a line of text in points
FILTER_BUTTON = 3  # characters that the button of a filter covers
_MEASURED = 300  # rows from which the width of a column is taken
_LONGEST_NAME = 31
_NO_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
# Characters that XML cannot hold; a spreadsheet would call the whole file damaged.
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FORMULA = tuple("=+-@\t\r")
_CODES = {
    "count": "#,##0",
    "units": "#,##0.0",
    "share": "0.0 %",
    "value": "#,##0.0000",
    "slope": "#,##0.0000",
    "plain": "General",
}
_ANY_NUMBER = "General"
# A label that says its unit already gets none in addition.
_HAS_UNIT = re.compile(r"%|\(|je |per |Einheit|unit|Punkt|point|Monat|month")


def code_of(kind: str, lang: str) -> str:
    """The number format of a kind of column; changes show their sign."""
    name, _, change = kind.partition("_")
    if name in ("text", "word", "place", "date", "yesno"):
        return "@"
    code = money_pattern(lang) if name == "euro" else _CODES[name]
    return f"+{code};-{code};{code}" if change else code


def head_of(column: Column, lang: str) -> str:
    """The label with its unit beneath, ``Change`` and ``€/year``."""
    key = f"unit.{column.kind}"
    if key not in TEXTS.sentences or _HAS_UNIT.search(column.label) or money_sign() in column.label:
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
        return self.make(underline=1, font_color="#0563C1")

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
        hostile = text.startswith(_FORMULA)
        chosen = self.text(quote_prefix=True) if hostile and style is None else style or self.text()
        sheet.write_string(row, at, clean(text), chosen)


@dataclass(frozen=True)
class Placed:
    """Where a table stands on a sheet: its first and last row and the column of each figure, counted from 0."""

    sheet: str
    first: int
    last: int
    columns: Mapping[str, int]


def write_theme(styles: Styles, sheet: Any, title: str, theme: Theme, back: str) -> dict[str, Placed]:
    """Fill a worksheet with the tables of a theme, one beneath the other under one head; where each of them stands.

    ``back``: the sheet that a link leads to. The first column names the table, the last the command of its figures.
    """
    lang = styles.lang
    said = [TEXTS.say(f"about.{theme.key}", lang), TEXTS.say("tables", lang, tables=_listed(theme, lang))]
    _top(styles, sheet, title, back, *said)
    heads: dict[str, list[Column]] = {}
    for part in theme.parts:
        for one in part.table.columns(lang):
            heads.setdefault(one.name, []).append(one)
    labels = [TEXTS.say("head.table", lang), *(joined_head(same, lang) for same in heads.values())]
    at = {name: number for number, name in enumerate(heads, 1)}
    widths = [_width_of(labels[0], [part.table.title for part in theme.parts]), *(NARROW for _ in heads)]
    for part in theme.parts:
        for one in part.table.columns(lang):
            found = _width(one, labels[at[one.name]], part.table.frame[one.name], lang)
            widths[at[one.name]] = max(widths[at[one.name]], found)
    placed, row = {}, HEAD_ROW + 1
    for part in theme.parts:
        lines = [lines_of(part.table.title, widths[0])] * len(part.table.frame)
        for one in part.table.columns(lang):
            hidden = None if part.table.withheld is None else part.table.withheld.get(one.name)
            texts = _column(styles, sheet, (row, at[one.name]), one, part.table.frame[one.name], hidden)
            lines = [
                max(pair) for pair in zip(lines, (lines_of(text, widths[at[one.name]]) for text in texts), strict=True)
            ]
        for line, high in enumerate(lines, row):
            styles.put(sheet, line, 0, part.table.title, styles.text(text_wrap=True))
            styles.put(sheet, line, len(labels), part.command, styles.command)
            _high(sheet, line, high)
        placed[part.table.key] = Placed(sheet.get_name(), row, row + len(lines) - 1, at)
        row += len(lines)
    labels.append(TEXTS.say("head.command", lang))
    finish(styles, sheet, labels, [*widths, COMMAND_WIDTH], row - 1, 2)
    return placed


def write_figures(styles: Styles, sheet: Any, title: str, theme: Theme, back: str) -> None:
    """Fill a worksheet with single figures, one a row: chapter, table, row, figure, value, unit, command."""
    lang = styles.lang
    _top(styles, sheet, title, back, TEXTS.say(f"about.{theme.key}", lang))
    keys = ("chapter", "table", "row", "figure", "value", "unit", "command")
    labels = [TEXTS.say(f"head.{key}", lang) for key in keys]
    widths = [30.0, 40.0, WIDE, 36.0, 26.0, 20.0, COMMAND_WIDTH]
    row, text = HEAD_ROW + 1, styles.text(text_wrap=True)
    for part in theme.parts:
        for one in figures(part.table, lang):
            named, _, unit = head_of(one.column, lang).partition("\n")
            texts = (part.chapter, part.table.title, one.row, named)
            for at, name in enumerate(texts):
                styles.put(sheet, row, at, name, None if name.startswith(_FORMULA) else text)
            values = pd.Series([one.value], dtype=object)
            told = _column(styles, sheet, (row, 4), one.column, values, [one.withheld])
            styles.put(sheet, row, 5, unit.strip("[]"), text)
            styles.put(sheet, row, 6, part.command, styles.command)
            _high(sheet, row, max(lines_of(name, width) for name, width in zip((*texts, *told), widths, strict=False)))
            row += 1
    finish(styles, sheet, labels, widths, row - 1, 0)


def joined_head(same: Sequence[Column], lang: str) -> str:
    """The head of a column that several tables share: what it is called in each of them, and its units."""
    heads = [head_of(one, lang).partition("\n") for one in same]
    names, units = (list(dict.fromkeys(head[at] for head in heads if head[at])) for at in (0, 2))
    return "\n".join([" / ".join(names), *([" ".join(units)] if units else [])])


def _listed(theme: Theme, lang: str) -> str:
    """The tables of a sheet with their numbers of rows."""
    return "; ".join(f"{one.table.title} ({number(len(one.table.frame), lang)})" for one in theme.parts)


def _high(sheet: Any, row: int, lines: int) -> None:
    """A row as high as its wrapped texts need; no program can be trusted to see to it on its own."""
    if lines > 1:
        sheet.set_row(row, min(HIGHEST, LINE * lines + 1))


def _top(styles: Styles, sheet: Any, title: str, back: str, *said: str) -> None:
    """What stands above a head: the title, the way back and two lines."""
    styles.put(sheet, 0, 0, title, styles.title)
    sheet.write_url(1, 0, f"internal:{quoted(back)}!A1", styles.link, TEXTS.say("back", styles.lang))
    for row, text in enumerate(said, 2):
        styles.put(sheet, row, 0, text, styles.note)


def finish(styles: Styles, sheet: Any, labels: Sequence[str], widths: Sequence[float], last: int, frozen: int) -> None:
    """The head of a sheet with its filter, the widths of its columns, what stays in sight, and how it prints.

    The last column, the commands, is not printed. ``frozen``: so many columns stay in sight.
    """
    for at, (label, width) in enumerate(zip(labels, widths, strict=True)):
        styles.put(sheet, HEAD_ROW, at, label, styles.head)
        sheet.set_column(at, at, width)
    lines = max(lines_of(label, width - FILTER_BUTTON) for label, width in zip(labels, widths, strict=True))
    sheet.set_row(HEAD_ROW, LINE * lines + 3)
    sheet.autofilter(HEAD_ROW, 0, max(last, HEAD_ROW + 1), len(labels) - 1)
    sheet.freeze_panes(HEAD_ROW + 1, frozen)
    sheet.repeat_rows(HEAD_ROW)
    printed(sheet, across=max(1, round(sum(widths[:-1]) / PAGE_WIDTH)))
    if frozen:
        sheet.repeat_columns(0, frozen - 1)
    sheet.print_area(0, 0, max(last, HEAD_ROW + 1), len(labels) - 2)


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


def _column(
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
    text = styles.text(text_wrap=True) if wrapped else styles.text(align="right")
    shown = styles.number(code_of(column.kind, lang) if column.is_number else _ANY_NUMBER)
    withheld = [False] * len(values) if hidden is None else list(hidden)
    for row, (value, hide) in enumerate(zip(_cells(column, values, lang), withheld, strict=True), first):
        if hide:
            styles.put(sheet, row, at, WITHHELD, styles.text(align="right"))
        elif isinstance(value, float | int):
            sheet.write_number(row, at, value, shown)
        elif value:
            styles.put(sheet, row, at, value, None if value.startswith(_FORMULA) else text)
        texts.append(value if wrapped and isinstance(value, str) and not hide else "")
    return texts


def _cells(column: Column, values: pd.Series, lang: str) -> Iterator[str | float]:
    """What stands in the cells: numbers of number columns (and numbers among texts) as numbers, the rest in words."""
    factor = PER if column.kind == "slope" else 1
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


def _width(column: Column, head: str, values: pd.Series, lang: str) -> float:
    """Room for the longest cell and the longest word of the head, within bounds; longer texts are wrapped."""
    return _width_of(head, column.cells(values.iloc[:_MEASURED], lang))


def _width_of(head: str, texts: Sequence[str]) -> float:
    longest = max((len(line) for text in texts for line in text.splitlines()), default=0)
    word = max((len(part) for part in head.split()), default=0)
    return float(min(WIDE, max(NARROW, longest + 2, word + 1 + FILTER_BUTTON, min(len(head) // 2 + 4, 22))))
