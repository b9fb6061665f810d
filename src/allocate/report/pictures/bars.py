"""Bars: rows of names with one bar and its number each, losses to the left of a line and gains to its right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from allocate.plain import Spec
from allocate.report.columns import WITHHELD, said
from allocate.report.pictures.canvas import LINE, Canvas, Line, Word, name_words
from allocate.report.pictures.drawing import drawn
from allocate.report.pictures.picture import Picture
from allocate.report.pictures.style import (
    GRID,
    INK,
    LESS,
    MORE,
    NARROW,
    SOFT,
    cells,
    isolated,
    listed,
    say,
    text_width,
    whole_names,
    wrapped_names,
)  # fmt: skip

ROW, BAR = 22, 14
# Longer pictures are not read; the table beside them holds all rows.
MOST_ROWS = 30
_NAMES, _RIGHT = 136, 4
# Room between a bar and its number, and beyond it.
_GAP = 8
# Bars have at least so much room, whatever is written beside them.
_LEAST = 40


@dataclass(frozen=True)
class Bars:
    """Rows to be drawn under one heading.

    ``rows``: columns ``name``, ``value`` (NaN where nothing may be shown) and ``less`` (drawn as a loss), if
    wanted ``ending`` (written behind a name, never shortened). ``kind``: the column of a report's table whose way of
    writing numbers is used. ``nothing``: what is said where there are no rows.
    """

    heading: str
    rows: pd.DataFrame
    kind: str
    nothing: str = ""


@dataclass(frozen=True)
class _Placed:
    """All rows with the lines of their name, their number in words and their middle; notes between them."""

    rows: pd.DataFrame
    notes: list[Word]
    height: float


@dataclass(frozen=True)
class _Scale:
    """EUR, units or shares to pixels, with room for the numbers on both sides."""

    low: float
    left: float
    per_pixel: float
    width: float

    @classmethod
    def of(cls, values: pd.Series, numbers: pd.Series) -> _Scale:
        """As much room for bars as the longest number on either side leaves."""
        known = [0.0, *values.dropna().tolist()]
        low, high, width = min(known), max(known), NARROW - _NAMES - _RIGHT
        less, more = values.lt(0), values.ge(0)
        left, right = (
            max((text_width(text) for text in numbers[side].tolist()), default=-_GAP) + _GAP for side in (less, more)
        )
        return cls(low, left, ((high - low) or 1.0) / max(width - left - right, _LEAST), width)

    @property
    def domain(self) -> tuple[float, float]:
        start = self.low - self.left * self.per_pixel
        return start, start + self.width * self.per_pixel

    def pixel(self, value: float) -> float:
        return (value - self.domain[0]) / self.per_pixel


def bars(
    parts: Sequence[Bars], *, key: str, title: str, text: str, axis_kind: str, lang: str, missing: str = ""
) -> Picture:
    """Groups of bars on one common scale, each number at the end of its bar.

    ``axis_kind``: ``euro``, ``units`` or ``share``. ``missing``: what stands in place of a number that there is not
    (default: that it is not published).
    """
    placed = _placed(parts, lang, missing or f"{WITHHELD} {say('withheld', lang)}")
    scale = _Scale.of(placed.rows["value"], placed.rows["number"])
    canvas = Canvas(scale.width, placed.height)
    names, numbers = [], []
    for row in placed.rows.to_dict("records"):
        names += name_words(-8, row["y"], row["lines"])
        at = 0.0 if pd.isna(row["value"]) else float(row["value"])
        x = scale.pixel(at)
        left = at < 0
        # What stands for a number that there is not may be longer than any number.
        right = max(0.0, min(x + 5, scale.width - text_width(row["number"])))
        numbers.append(Word(x - 5 if left else right, row["y"], row["number"], "right" if left else "left"))
    zero = scale.pixel(0.0)
    spec = {
        "width": scale.width,
        "height": placed.height,
        "padding": {"left": _NAMES, "right": _RIGHT, "top": 4, "bottom": 26},
        "resolve": {"scale": {"x": "independent"}},
        "layer": [
            _axis_and_bars(placed, scale, axis_kind),
            canvas.lines([Line(zero, zero, 0, placed.height)], colour=INK if scale.low < 0 else GRID),
            *canvas.words([*names, *numbers, *placed.notes]),
        ],
    }
    whole = whole_names(placed.rows["lines"].tolist(), placed.rows["name"].tolist())
    return Picture(key, drawn(spec, key=key, title=title, lang=lang, whole_names=whole), text, title)


def _placed(parts: Sequence[Bars], lang: str, missing: str) -> _Placed:
    y, tables, notes = 0.0, [], []
    for part in parts:
        if part.heading:
            lines = wrapped_names([part.heading], NARROW - 8)[0]
            notes += [
                Word(2 - _NAMES, y + ROW / 2 + 3 + LINE * at, line, "left", SOFT) for at, line in enumerate(lines)
            ]
            y += ROW + 4 + LINE * (len(lines) - 1)
        rows = _ends(part.rows)
        endings = rows["ending"].tolist() if "ending" in rows.columns else []
        names = wrapped_names(rows["name"].tolist(), _NAMES - 14, endings)
        rows["lines"] = pd.Series(names, index=rows.index, dtype=object)
        numbers = pd.Series(cells(rows["value"], part.kind, lang), index=rows.index, dtype=object)
        rows["number"] = numbers.where(rows["value"].notna(), missing)
        heights = [ROW + LINE * (len(name) - 1) for name in names]
        rows["y"] = [y + sum(heights[:at]) + height / 2 for at, height in enumerate(heights)]
        y += sum(heights)
        if len(part.rows) > len(rows) or part.rows.empty:
            shown = say("rows-shown", lang, shown=len(rows), all=len(part.rows))
            note = (part.nothing or say("nothing", lang)) if part.rows.empty else shown
            notes.append(Word(2 - _NAMES, y + ROW / 2, note, "left", SOFT))
            y += ROW
        tables.append(rows)
    return _Placed(pd.concat(tables, ignore_index=True), notes, max(y, ROW))


def _ends(rows: pd.DataFrame) -> pd.DataFrame:
    """Of many rows the first and the last, because the smallest matter as much as the largest."""
    if len(rows) <= MOST_ROWS:
        return rows.copy()
    half = MOST_ROWS // 2
    known = rows[rows["value"].notna()]
    return pd.concat([known.head(half), known.tail(half)]) if len(known) > MOST_ROWS else known.copy()


def _axis_format(axis_kind: str, domain: tuple[float, float]) -> str:
    """The d3 format of the axis' numbers; small numbers of units need decimals."""
    small = domain[1] - domain[0] < 8
    return {"euro": "$,.0f", "share": ".0%", "units": ",.1f" if small else ",.0f"}[axis_kind]


def _axis_and_bars(placed: _Placed, scale: _Scale, axis_kind: str) -> Spec:
    axis = {
        "format": _axis_format(axis_kind, scale.domain),
        "title": None,
        "tickCount": 3,
        "domain": False,
        # A label at the end of the axis that would reach beyond the picture is left out.
        "labelBound": True,
        "ticks": False,
        "labelOverlap": True,
        "labelSeparation": 10,
    }
    rows = [
        {"value": value, "zero": 0.0, "top": y - BAR / 2, "bottom": y + BAR / 2, "less": bool(less)}
        for value, y, less in placed.rows[["value", "y", "less"]].dropna().itertuples(index=False)
    ]
    height = placed.height
    x_scale = {"domain": list(scale.domain), "nice": False, "zero": False}
    y_scale = {"domain": [0, height], "range": [0, height], "nice": False, "zero": False}
    colours = {"domain": [False, True], "range": [MORE, LESS]}
    return {
        "data": {"values": rows},
        "mark": {"type": "rect"},
        "encoding": {
            "x": {"field": "value", "type": "quantitative", "axis": axis, "scale": x_scale},
            "x2": {"field": "zero"},
            "y": {"field": "top", "type": "quantitative", "axis": None, "scale": y_scale},
            "y2": {"field": "bottom"},
            "fill": {"field": "less", "type": "nominal", "legend": None, "scale": colours},
        },
    }


def said_rows(table: pd.DataFrame, kind: str, lang: str, missing: str = "") -> str:
    """All rows of bars in words; ``missing``: what a number that there is not is called (default: not published)."""
    numbers = cells(table["value"], kind, lang)
    endings = table["ending"] if "ending" in table.columns else [""] * len(table)
    absent = said(missing, lang) if missing else say("withheld", lang)
    items = [
        say("item", lang, name=f"{isolated(name)}{ending}", number=absent if pd.isna(value) else number)
        for name, ending, value, number in zip(table["name"], endings, table["value"], numbers, strict=True)
    ]
    return listed(items, lang)
