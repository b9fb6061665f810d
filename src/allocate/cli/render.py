"""Tables drawn for people: labels with units, numbers of the reader's language, fitted to the terminal.

A number is never cut off: where the terminal is too narrow, the least important columns are left out and
named.
"""

from __future__ import annotations

import io
import os
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, TextIO

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from allocate.cli.harmless import harmless
from allocate.cli.speech import say
from allocate.language import number
from allocate.report.columns import Column, column

if TYPE_CHECKING:
    from allocate.cli.output import Display

FILE_WIDTH = 120
LONGEST = 200
_LONGEST_WORD = 20
_NARROW_TEXT = 12
_SENTENCE = 40  # characters; names are shorter
_GAP = 2


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
    for paragraph in map(harmless, paragraphs):
        whole = not paragraph or paragraph[0] == " "
        width = _width(stream)
        lines = (
            [paragraph] if whole else textwrap.wrap(paragraph, width, break_long_words=False, break_on_hyphens=False)
        )
        stream.write("\n".join(lines) + "\n")


def _draw_one(console: Console, display: Display, lang: str) -> None:
    if display.title:
        console.print(Text(harmless(display.title), style="bold"))
    rows = display.frame.head(LONGEST)
    if rows.empty:
        console.print(say("table.empty"))
    else:
        wanted = [column(name, lang) for name in (display.shown or rows.columns) if name in rows.columns]
        cells = [[harmless(text) for text in item.cells(rows[item.name], lang)] for item in wanted]
        kept = _fitting([_narrowest(item, text) for item, text in zip(wanted, cells, strict=True)], console.width)
        if any(_holds_sentences(item, texts) for item, texts in zip(wanted[kept:], cells[kept:], strict=True)):
            _list(console, wanted, cells)
            kept = len(wanted)
        else:
            _print(console, wanted[:kept], cells[:kept])
        notes = [*display.notes]
        if kept < len(wanted):
            hidden = ", ".join(item.label for item in wanted[kept:])
            notes.append(say("table.hidden", columns=hidden))
        if len(display.frame) > len(rows):
            notes.append(say("table.long", rest=number(len(display.frame) - len(rows), lang)))
        for note in notes:
            console.print(Text(harmless(note), style="dim"))
        return
    for note in display.notes:
        console.print(Text(harmless(note), style="dim"))


def _print(console: Console, wanted: Sequence[Column], cells: Sequence[Sequence[str]]) -> None:
    table = _table(wanted, cells, console.width)
    # One number wider than the whole terminal is better broken by the terminal than cut by us.
    console.width = max(console.width, sum(item.width or 0 for item in table.columns) + _GAP * (len(wanted) - 1))
    console.print(table)


def _holds_sentences(item: Column, texts: Sequence[str]) -> bool:
    """Whether a column is what a reader came for: texts that are longer than a name."""
    return not item.is_number and max(map(cell_len, texts), default=0) > _SENTENCE


def _list(console: Console, wanted: Sequence[Column], cells: Sequence[Sequence[str]]) -> None:
    """Row by row, one line a cell, where a table would leave out its sentences."""
    for row in zip(*cells, strict=True):
        for item, text in zip(wanted, row, strict=True):
            if text:
                console.print(Text.assemble((f"{item.label}: ", "bold"), text))
        console.print()


def _table(wanted: Sequence[Column], cells: Sequence[Sequence[str]], width: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, pad_edge=False)
    for item, wide in zip(wanted, _widths(wanted, cells, width), strict=True):
        # Rich would cut a long header of a column of numbers, so it is wrapped here.
        label = harmless(item.label)
        header = Text("\n".join(textwrap.wrap(label, wide, break_on_hyphens=False)) or label)
        justify: Literal["left", "right"] = "right" if item.is_number else "left"
        table.add_column(header, justify=justify, width=wide, no_wrap=item.is_number, overflow="fold")
    for row in zip(*cells, strict=True):
        table.add_row(*(Text(text) for text in row))
    return table


def _widths(wanted: Sequence[Column], cells: Sequence[Sequence[str]], width: int) -> list[int]:
    """Every column its least width; what the terminal has left keeps words whole first, then texts on one line."""
    least = [_narrowest(item, texts) for item, texts in zip(wanted, cells, strict=True)]
    # A rule or an id that is broken within cannot be searched for or copied.
    whole = [max(size, _longest_word(texts)) for texts, size in zip(cells, least, strict=True)]
    if sum(whole) + _GAP * (len(whole) - 1) <= width:
        least = whole
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
    return max(header, min(longest, max(min(_longest_word(texts), _LONGEST_WORD), _NARROW_TEXT)))


def _longest_word(texts: Sequence[str]) -> int:
    return max((cell_len(word) for text in texts for word in text.split()), default=0)


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
