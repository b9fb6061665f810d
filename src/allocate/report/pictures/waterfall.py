"""Waterfall: what is released step by step, and what it is used for, step by step back down to nothing."""

from __future__ import annotations

import pandas as pd

from allocate.plain import Spec
from allocate.report.columns import said
from allocate.report.pictures.bars import said_rows
from allocate.report.pictures.canvas import NAME_SIZE, Box, Canvas, Line, Word, name_words, row_height
from allocate.report.pictures.drawing import drawn
from allocate.report.pictures.picture import Picture
from allocate.report.pictures.style import (
    FONT_SIZE,
    INK,
    LESS,
    MORE,
    NARROW,
    SOFT,
    cells,
    say,
    whole_names,
    wrapped_names,
)

_BAR, _HEAD, _NAMES, _NUMBERS = 13, 20, 150, 68
# So many steps are drawn on each side; the rest is one step.
STEPS = 7


def waterfall(releases: pd.DataFrame, uses: pd.DataFrame, *, key: str, lang: str, title: str) -> Picture:
    """Releases that add up, then uses that take away, on one scale.

    ``releases``, ``uses``: ``name`` and ``amount_eur`` (EUR/year; NaN where it is not published). What is not published
    has no step; it is named in the words of the picture.
    """
    sides = [(say("money-from", lang), _steps(releases, lang), 1.0), (say("money-to", lang), _steps(uses, lang), -1.0)]
    names = [str(name) for _, steps, _ in sides for name in steps["name"]]
    labels = wrapped_names(names, (_NAMES - 8) * FONT_SIZE / NAME_SIZE)
    svg = drawn(_spec(sides, labels, lang), key=key, title=title, lang=lang, whole_names=whole_names(labels, names))
    text = say("money-text", lang, releases=_said(releases, lang), uses=_said(uses, lang))
    return Picture(key, svg, text, title)


def money_moved(releases: pd.DataFrame, uses: pd.DataFrame, *, key: str, lang: str) -> Picture:
    """The waterfall of one scenario's rows of ``Comparison.releases`` and ``.uses``."""
    sides = []
    for table, side in ((releases, "from"), (uses, "to")):
        kinds = table[f"{side}_kind"].map(lambda kind: said(str(kind), lang))
        names = table[f"{side}_name"].where(table[f"{side}_name"].astype(str) != "", kinds)
        sides.append(pd.DataFrame({"name": names, "amount_eur": table["amount_eur"].astype(float)}))
    return waterfall(*sides, key=key, lang=lang, title=say("waterfall-title", lang))


def _steps(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """The largest amounts, and all smaller ones as one."""
    known = table[table["amount_eur"].notna()].sort_values("amount_eur", ascending=False, kind="stable")
    top, rest = known.head(STEPS), known.iloc[STEPS:]
    rows = [*zip(top["name"].tolist(), top["amount_eur"].tolist(), strict=True)]
    if len(rest):
        rows.append((say("waterfall-rest", lang, count=len(rest)), float(rest["amount_eur"].sum())))
    return pd.DataFrame(rows, columns=["name", "amount_eur"])


def _spec(sides: list[tuple[str, pd.DataFrame, float]], labels: list[tuple[str, ...]], lang: str) -> Spec:
    width = NARROW - _NAMES - _NUMBERS
    row = row_height(labels)
    height = sum(_HEAD + row * len(steps) for _, steps, _ in sides)
    canvas, total = Canvas(width, height), max(float(steps["amount_eur"].sum()) for _, steps, _ in sides) or 1.0
    words: list[Word] = []
    boxes: list[Box] = []
    links: list[Line] = []
    y, at = 0.0, 0
    for heading, steps, sign in sides:
        words.append(Word(-_NAMES + 4, y + _HEAD / 2, heading, "left", SOFT))
        y += _HEAD
        # Where amounts are withheld the sides do not add up to the same, so uses come down from their own sum.
        level = 0.0 if sign > 0 else float(steps["amount_eur"].sum())
        for amount, number in zip(
            steps["amount_eur"].tolist(), cells(steps["amount_eur"], "amount_eur", lang), strict=True
        ):
            before, level = level, level + sign * float(amount)
            low, high = sorted((width * before / total, width * level / total))
            middle = y + row / 2
            boxes.append(Box(low, max(high, low + 1), middle - _BAR / 2, middle + _BAR / 2, MORE if sign < 0 else LESS))
            links.append(Line(width * level / total, width * level / total, middle, middle + row))
            words += [*name_words(-8, middle, labels[at]), Word(width + 6, middle, number, "left", INK)]
            y, at = y + row, at + 1
    layers = [canvas.lines(links[:-1]), canvas.boxes(boxes), *canvas.words(words, size=NAME_SIZE)]
    return canvas.spec(layers, left=_NAMES, right=_NUMBERS)


def _said(table: pd.DataFrame, lang: str) -> str:
    rows = pd.DataFrame({"name": table["name"], "value": table["amount_eur"].astype(float)})
    return said_rows(rows, "amount_eur", lang) or say("money-none", lang)
