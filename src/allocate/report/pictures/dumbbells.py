"""Dumbbells: where each row stands today and where the proposal takes it, on one scale, with the better direction."""

from __future__ import annotations

import math

import pandas as pd

from allocate.plain import Spec
from allocate.report.columns import WITHHELD
from allocate.report.pictures.canvas import NAME_SIZE, Canvas, Line, Word, name_words, row_height
from allocate.report.pictures.drawing import drawn
from allocate.report.pictures.picture import Picture
from allocate.report.pictures.style import (
    FONT_SIZE,
    LESS,
    MORE,
    NARROW,
    PAPER,
    SOFT,
    cells,
    isolated,
    listed,
    say,
    whole_names,
    wrapped_names,
)

_HEAD, _FOOT, _NAMES, _NUMBERS = 30, 6, 128, 46
# Longer pictures are not read; the table in the annex holds all rows.
MOST_ROWS = 24
# Changes below half a point are none.
_TRACE = 0.005


def dumbbells(rows: pd.DataFrame, *, key: str, lang: str, title: str) -> Picture:
    """A line from today to the proposal for each row, a ring where it begins and a dot where it ends.

    ``rows``: ``name``, ``before`` and ``after`` (shares 0..1, NaN: not published or unknown). More is better; what
    falls is drawn in the colour of losses and carries its sign in words. Of many rows those that change most are drawn.
    """
    table = rows.reset_index(drop=True)
    if len(table) > MOST_ROWS:
        change = (table["after"] - table["before"]).abs().fillna(-1.0)
        table = table.loc[change.sort_values(ascending=False, kind="stable").index[:MOST_ROWS].sort_values()]
        table = table.reset_index(drop=True)
    names = wrapped_names(table["name"].tolist(), (_NAMES - 8) * FONT_SIZE / NAME_SIZE)
    svg = drawn(
        _spec(table, names, lang),
        key=key,
        title=title,
        lang=lang,
        whole_names=whole_names(names, table["name"].tolist()),
    )
    return Picture(key, svg, _text(rows, lang), title)


def _spec(table: pd.DataFrame, names: list[tuple[str, ...]], lang: str) -> Spec:
    row = row_height(names)
    width, height = NARROW - _NAMES - _NUMBERS, _HEAD + row * len(table) + _FOOT
    canvas = Canvas(width, height)
    ticks = (0.0, 0.5, 1.0)
    words = [
        Word(width * at, 20, text, "center", SOFT)
        for at, text in zip(ticks, cells(ticks, "coverage", lang), strict=True)
    ]
    words.append(Word(width, 6, say("dumbbell-better", lang), "right", SOFT))
    grid = [Line(width * at, width * at, _HEAD, height - _FOOT) for at in ticks]
    up: list[Line] = []
    down: list[Line] = []
    begin: list[tuple[float, float]] = []
    ends_up: list[tuple[float, float]] = []
    ends_down: list[tuple[float, float]] = []
    numbers = cells(table["after"], "coverage", lang)
    for at, (lines, before, after, number) in enumerate(
        zip(names, table["before"].tolist(), table["after"].tolist(), numbers, strict=True)
    ):
        y = _HEAD + row * (at + 0.5)
        words += name_words(-8, y, lines)
        if math.isnan(before) or math.isnan(after):
            words.append(Word(width + 8, y, WITHHELD))
            continue
        words.append(Word(width + 8, y, number))
        rises = after >= before - _TRACE
        (up if rises else down).append(Line(width * before, width * after, y, y))
        begin.append((width * before, y))
        (ends_up if rises else ends_down).append((width * after, y))
    layers = [
        canvas.lines(grid),
        canvas.lines(up, colour=MORE, thick=True),
        canvas.lines(down, colour=LESS, thick=True),
        canvas.rings(begin, colour=SOFT, fill=PAPER),
        canvas.dots(ends_up, colour=MORE),
        canvas.dots(ends_down, colour=LESS),
        *canvas.words(words, size=NAME_SIZE),
    ]
    return canvas.spec(layers, left=_NAMES, right=_NUMBERS)


def _text(rows: pd.DataFrame, lang: str) -> str:
    before, after = (cells(rows[name], "coverage", lang) for name in ("before", "after"))
    items = [
        say("dumbbell-item", lang, name=isolated(name), before=old, after=new)
        if old != "–" and new != "–"
        else say("item", lang, name=isolated(name), number=say("withheld", lang))
        for name, old, new in zip(rows["name"], before, after, strict=True)
    ]
    return say("dumbbell-text", lang, items=listed(items, lang) or say("nothing-to-say", lang))
