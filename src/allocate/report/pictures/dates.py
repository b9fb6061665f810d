"""Dates on a line: from when each cut can take effect, and until when its contract runs."""

from __future__ import annotations

import datetime

import pandas as pd

from allocate.plain import Spec
from allocate.report.columns import written_date
from allocate.report.pictures.canvas import NAME_SIZE, Canvas, Line, Word, name_words, row_height
from allocate.report.pictures.drawing import drawn
from allocate.report.pictures.picture import Picture
from allocate.report.pictures.style import (
    FONT_SIZE,
    GRID,
    LESS,
    MORE,
    NARROW,
    PAPER,
    SOFT,
    isolated,
    listed,
    say,
    whole_names,
    wrapped_names,
)

_HEAD, _NAMES, _RIGHT = 36, 150, 14
MOST_ROWS = 18


def dates(rows: pd.DataFrame, *, key: str, lang: str, title: str, said: str = "dates") -> Picture:
    """A dot where a change can take effect, a line on to the ring where the contract ends.

    ``rows``: ``name``, ``earliest`` and ``contract_end`` (ISO dates; blank: no contract), and if there is more to say
    of a change ``ending``, which is never shortened. ``said``: which sentences say
    what a dot means.
    """
    table = rows.head(MOST_ROWS).reset_index(drop=True)
    endings = table["ending"].tolist() if "ending" in table.columns else [""] * len(table)
    names = wrapped_names(table["name"].tolist(), (_NAMES - 8) * FONT_SIZE / NAME_SIZE, endings)
    svg = drawn(
        _spec(table, names, lang, said),
        key=key,
        title=title,
        lang=lang,
        whole_names=whole_names(names, table["name"].tolist()),
    )
    items = [
        say(
            f"{said}-item" if row["contract_end"] else f"{said}-item-open",
            lang,
            name=isolated(row["name"]) + ending,
            earliest=written_date(str(row["earliest"]), lang),
            end=written_date(str(row["contract_end"]), lang),
        )
        for row, ending in zip(rows.to_dict("records"), [*rows.get("ending", [""] * len(rows))], strict=True)
    ]
    return Picture(key, svg, say(f"{said}-text", lang, items=listed(items, lang)), title)


def _spec(table: pd.DataFrame, names: list[tuple[str, ...]], lang: str, said: str) -> Spec:
    row = row_height(names)
    width, height = NARROW - _NAMES - _RIGHT, _HEAD + row * len(table)
    canvas = Canvas(width, height)
    starts = [_day(text) for text in table["earliest"]]
    ends = [_day(text) if text else None for text in table["contract_end"]]
    first = datetime.date(min(starts).year, 1, 1)
    last = datetime.date(max([*starts, *(end for end in ends if end)]).year + 1, 1, 1)
    span = (last - first).days

    def x(day: datetime.date) -> float:
        return width * (day - first).days / span

    years = range(first.year, last.year + 1)
    step = max(1, len(years) // 4)
    marks = [datetime.date(year, 1, 1) for year in years][::step]
    words = [Word(x(day), 24, str(day.year), "center", SOFT) for day in marks]
    words.append(Word(-_NAMES + 4, 8, say(f"{said}-legend", lang), "left", SOFT))
    grid = [Line(x(day), x(day), _HEAD, height) for day in marks]
    spans, dots, rings = [], [], []
    for at, (lines, start, end) in enumerate(zip(names, starts, ends, strict=True)):
        y = _HEAD + row * (at + 0.5)
        words += name_words(-8, y, lines)
        dots.append((x(start), y))
        if end is not None and end > start:
            spans.append(Line(x(start), x(end), y, y))
            rings.append((x(end), y))
    layers = [
        canvas.lines(grid, colour=GRID),
        canvas.lines(spans, colour=SOFT),
        canvas.rings(rings, colour=LESS, fill=PAPER),
    ]
    layers += [canvas.dots(dots, colour=MORE), *canvas.words(words, size=NAME_SIZE)]
    return canvas.spec(layers, left=_NAMES, right=_RIGHT)


def _day(text: object) -> datetime.date:
    """The last day that a date, which may be a month or a year alone, means."""
    parts = [int(part) for part in str(text).split("-")]
    year, month, day = (*parts, 0, 0)[:3]
    if day:
        return datetime.date(year, month, day)
    month = month or 12
    return datetime.date(year + month // 12, month % 12 + 1, 1) - datetime.timedelta(days=1)
