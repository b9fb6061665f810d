"""Theme sheets: the tables of a theme on a worksheet, under one head with one filter, or as a list of figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from allocate.language import number
from allocate.report.columns import Column
from allocate.report.papers.themes import Theme, figures
from allocate.report.papers.worksheets import (
    FILTER_BUTTON,
    FORMULA,
    HEAD_ROW,
    LINE,
    TEXTS,
    Styles,
    head_of,
    lines_of,
    printed,
    quoted,
    width_of,
    width_of_column,
    write_column,
)

COMMAND_WIDTH = 46.0
PAGE_WIDTH = 190  # characters that a page across can hold and still be read
INDENT = 1  # characters by which texts stand off the numbers before them
HIGHEST = 400.0  # points that a row may be high
_WIDTHS = (30.0, 40.0, 48.0, 36.0, 26.0, 20.0, COMMAND_WIDTH)


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
    widths = [width_of(labels[0], [part.table.title for part in theme.parts]), *(0.0 for _ in heads)]
    for part in theme.parts:
        for one in part.table.columns(lang):
            found = width_of_column(one, labels[at[one.name]], part.table.frame[one.name], lang)
            widths[at[one.name]] = max(widths[at[one.name]], found)
    placed, row = {}, HEAD_ROW + 1
    for part in theme.parts:
        lines = [lines_of(part.table.title, widths[0])] * len(part.table.frame)
        for one in part.table.columns(lang):
            hidden = None if part.table.withheld is None else part.table.withheld.get(one.name)
            texts = write_column(styles, sheet, (row, at[one.name]), one, part.table.frame[one.name], hidden)
            lines = [
                max(pair)
                for pair in zip(lines, (lines_of(text, widths[at[one.name]] - INDENT) for text in texts), strict=True)
            ]
        for line, high in enumerate(lines, row):
            styles.put(sheet, line, 0, part.table.title, styles.text(text_wrap=True))
            styles.put(sheet, line, len(labels), part.command, styles.command)
            _high(sheet, line, high)
        placed[part.table.key] = Placed(sheet.get_name(), row, row + len(lines) - 1, at)
        row += len(lines)
    labels.append(TEXTS.say("head.command", lang))
    _finish(styles, sheet, labels, [*widths, COMMAND_WIDTH], row - 1, 2)
    return placed


def write_figures(styles: Styles, sheet: Any, title: str, theme: Theme, back: str) -> None:
    """Fill a worksheet with single figures, one a row: chapter, table, row, figure, value, unit, command."""
    lang = styles.lang
    _top(styles, sheet, title, back, TEXTS.say(f"about.{theme.key}", lang))
    keys = ("chapter", "table", "row", "figure", "value", "unit", "command")
    labels = [TEXTS.say(f"head.{key}", lang) for key in keys]
    row, text = HEAD_ROW + 1, styles.text(text_wrap=True)
    for part in theme.parts:
        for one in figures(part.table, lang):
            named, _, unit = head_of(one.column, lang).partition("\n")
            texts = (part.chapter, part.table.title, one.row, named)
            for at, name in enumerate(texts):
                styles.put(sheet, row, at, name, None if name.startswith(FORMULA) else text)
            values = pd.Series([one.value], dtype=object)
            told = write_column(styles, sheet, (row, 4), one.column, values, [one.withheld])
            styles.put(sheet, row, 5, unit.strip("[]"), text)
            styles.put(sheet, row, 6, part.command, styles.command)
            _high(sheet, row, max(lines_of(name, width) for name, width in zip((*texts, *told), _WIDTHS, strict=False)))
            row += 1
    _finish(styles, sheet, labels, _WIDTHS, row - 1, 0)


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


def _finish(styles: Styles, sheet: Any, labels: Sequence[str], widths: Sequence[float], last: int, frozen: int) -> None:
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
