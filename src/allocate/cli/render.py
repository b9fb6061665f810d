"""Tables drawn for people: labels with units, numbers of the reader's language, fitted to the terminal.

A number is never cut off: where the terminal is too narrow, the least important columns are left out and
named.
"""

from __future__ import annotations

import csv
import io
import math
import os
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal, TextIO

import pandas as pd
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from allocate.cli.speech import said, say
from allocate.language import euro, number, percent, signed

if TYPE_CHECKING:
    from allocate.cli.output import Display

FILE_WIDTH = 120
LONGEST = 200
# A marginal value per euro is too small to read, so it is shown per million euros.
_PER = 1e6
_LONGEST_WORD = 20
_NARROW_TEXT = 12
_GAP = 2


@dataclass(frozen=True)
class Column:
    """How one column is shown: its label and its kind.

    Kinds: text, word (a fixed value such as a status, said in the reader's language), yesno, count, units (need or
    capacity units), euro, share (0..1 as per cent), value (coverage value), slope (value per EUR, shown per million);
    with their sign: euro_change, units_change, share_change (percentage points), value_change.
    """

    name: str
    kind: str
    label: str

    @property
    def is_number(self) -> bool:
        """Whether the cells are numbers, which stand on the right and are never wrapped."""
        return self.kind not in {"text", "word", "yesno"}

    def cells(self, values: pd.Series, lang: str) -> list[str]:
        """The cells as text."""
        return [_cell(value, self.kind, lang) for value in values.tolist()]


@cache
def columns() -> dict[str, dict[str, str]]:
    """Column name -> kind, de, en, from ``columns.csv``."""
    source = resources.files("allocate.cli").joinpath("columns.csv")
    with source.open(encoding="utf-8") as stream:
        return {row["column"]: row for row in csv.DictReader(stream)}


def column(name: str, lang: str) -> Column:
    """How ``name`` is shown; an unknown one (a free column of the case) is text under its own name."""
    row = columns().get(name, {"kind": "text", "de": name, "en": name})
    return Column(name, row["kind"], row[lang])


def _cell(value: object, kind: str, lang: str) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return "–" if kind not in {"text", "word"} else ""
    if kind == "word":
        key = f"word.{value}"
        return say(key) if said(key) else str(value)
    if kind == "yesno":
        return say("word.yes" if value else "word.no")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if kind == "text":
        return _any_number(value, lang)
    return _number(float(value), kind, lang)


def _number(value: float, kind: str, lang: str) -> str:
    base, _, change = kind.partition("_")
    if base == "euro":
        text = euro(value, lang)
    elif base == "share" and change:
        text = number(value * 100, lang, 1)
    elif base == "share":
        text = percent(value, lang)
    elif base == "value":
        text = number(value, lang, 4)
    elif base == "units":
        text = number(value, lang, 1)
    elif base == "slope":
        text = number(value * _PER, lang, 4)
    elif base == "count":
        text = number(value, lang)
    else:
        raise ValueError(kind)
    return signed(text) if change and value > 0 and text.strip("0,.€ ") else text


def _any_number(value: float, lang: str) -> str:
    """A number among texts (an old or new value of any table): as many decimals as it has, six at most."""
    if isinstance(value, int) or value.is_integer():
        return number(value, lang)
    digits = len(f"{value:.6f}".rstrip("0").partition(".")[2])
    return number(value, lang, digits)


def draw(displays: Sequence[Display], lang: str, *, stream: TextIO | None = None, width: int | None = None) -> str:
    """Draw tables to ``stream``, or return them as text where there is none; ``width`` in characters."""
    target = io.StringIO() if stream is None else stream
    console = Console(file=target, width=width or _width(target), highlight=False, soft_wrap=False)
    for place, display in enumerate(displays):
        if place:
            console.print()
        _draw_one(console, display, lang)
    return target.getvalue() if isinstance(target, io.StringIO) else ""


def write_text(stream: TextIO, *paragraphs: str) -> None:
    """Write sentences, wrapped to the width of the terminal; lines that begin with a blank (commands) stay whole."""
    for paragraph in paragraphs:
        whole = not paragraph or paragraph[0] == " "
        width = _width(stream)
        lines = (
            [paragraph] if whole else textwrap.wrap(paragraph, width, break_long_words=False, break_on_hyphens=False)
        )
        stream.write("\n".join(lines) + "\n")


def _draw_one(console: Console, display: Display, lang: str) -> None:
    if display.title:
        console.print(Text(display.title, style="bold"))
    rows = display.frame.head(LONGEST)
    if rows.empty:
        console.print(say("table.empty"))
    else:
        wanted = [column(name, lang) for name in (display.shown or rows.columns) if name in rows.columns]
        cells = [item.cells(rows[item.name], lang) for item in wanted]
        kept = _fitting([_narrowest(item, text) for item, text in zip(wanted, cells, strict=True)], console.width)
        table = _table(wanted[:kept], cells[:kept], console.width)
        # One number wider than the whole terminal is better broken by the terminal than cut by us.
        console.width = max(console.width, sum(item.width or 0 for item in table.columns) + _GAP * (kept - 1))
        console.print(table)
        notes = [*display.notes]
        if kept < len(wanted):
            hidden = ", ".join(item.label for item in wanted[kept:])
            notes.append(say("table.hidden", columns=hidden))
        if len(display.frame) > len(rows):
            notes.append(say("table.long", rest=number(len(display.frame) - len(rows), lang)))
        for note in notes:
            console.print(Text(note, style="dim"))
        return
    for note in display.notes:
        console.print(Text(note, style="dim"))


def _table(wanted: Sequence[Column], cells: Sequence[Sequence[str]], width: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, pad_edge=False)
    for item, wide in zip(wanted, _widths(wanted, cells, width), strict=True):
        # Rich would cut a long header of a column of numbers, so it is wrapped here.
        header = "\n".join(textwrap.wrap(item.label, wide, break_on_hyphens=False)) or item.label
        justify: Literal["left", "right"] = "right" if item.is_number else "left"
        table.add_column(header, justify=justify, width=wide, no_wrap=item.is_number, overflow="fold")
    for row in zip(*cells, strict=True):
        table.add_row(*(Text(text) for text in row))
    return table


def _widths(wanted: Sequence[Column], cells: Sequence[Sequence[str]], width: int) -> list[int]:
    """Every column its least width; what the terminal has left goes to the texts that would be wrapped."""
    least = [_narrowest(item, texts) for item, texts in zip(wanted, cells, strict=True)]
    full = [
        max(size, *map(cell_len, texts)) if not item.is_number else size
        for item, texts, size in zip(wanted, cells, least, strict=True)
    ]
    spare = width - sum(least) - _GAP * (len(least) - 1)
    wants = [end - start for start, end in zip(least, full, strict=True)]
    total = sum(wants)
    if total <= max(0, spare):
        return full
    return [start + max(0, spare) * want // total for start, want in zip(least, wants, strict=True)]


def _narrowest(item: Column, texts: Sequence[str]) -> int:
    """The least width of a column: its longest number or header word; texts may be wrapped."""
    header = max((cell_len(word) for word in item.label.split()), default=1)
    longest = max(map(cell_len, texts), default=0)
    if item.is_number:
        return max(header, longest)
    words = max((cell_len(word) for text in texts for word in text.split()), default=0)
    return max(header, min(longest, max(min(words, _LONGEST_WORD), _NARROW_TEXT)))


def _fitting(widths: Sequence[int], width: int) -> int:
    """How many columns from the left fit; at least one."""
    used, kept = -_GAP, 0
    for least in widths:
        used += least + _GAP
        if used > width and kept:
            break
        kept += 1
    return kept


def _width(stream: TextIO) -> int:
    """The width of the terminal; 120 where there is none and ``COLUMNS`` says nothing."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isdigit() and int(asked) > 0:
        return int(asked)
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return FILE_WIDTH
