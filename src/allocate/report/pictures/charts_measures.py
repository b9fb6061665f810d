"""Scenarios side by side: one column for each measure, one dot for each scenario, today as a dashed line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from allocate.report.columns import column, said
from allocate.report.pictures.canvas import Box, Canvas, Line, Word, name_words
from allocate.report.pictures.drawing import drawn
from allocate.report.pictures.picture import Picture
from allocate.report.pictures.style import (
    FONT_SIZE,
    LESS,
    MORE,
    PAPER,
    SOFT,
    WIDTH,
    cells,
    clean,
    isolated,
    say,
    text_width,
    whole_names,
    wrapped_names,
)

SHOWN = ("weighted_coverage", "lowest_space_coverage", "duplication_eur", "moved_eur", "unspent_eur")
_ROW, _HEAD, _NAMES, _GAP = 34, 46, 178, 20


def scenarios_side_by_side(
    measures: pd.DataFrame,
    titles: Mapping[str, str],
    *,
    key: str,
    lang: str,
    status_quo: str = "",
    shown: Sequence[str] = SHOWN,
    title: str = "",
) -> Picture:
    """A dot for each scenario (row of ``Comparison.measures``) in each measure, every column on its own scale.

    ``titles``: scenario id -> title. ``status_quo``: the scenario at which the dashed line stands. A scenario without
    a plan has its status in words instead of dots.
    """
    title = title or say("measures-title", lang)
    table = measures.reset_index(drop=True)
    whole = [clean(titles.get(id, id)) or id for id in table["scenario_id"]]
    labels = wrapped_names(whole, _NAMES - 12)
    numbers = {name: cells(table[name], name, lang) for name in shown}
    spec = _spec(table, labels, numbers, status_quo, lang)
    svg = drawn(spec, key=key, title=title, lang=lang, whole_names=whole_names(labels, whole))
    return Picture(key, svg, _text(table, whole, numbers, lang), title)


def _spec(
    table: pd.DataFrame, labels: list[tuple[str, ...]], numbers: Mapping[str, list[str]], status_quo: str, lang: str
) -> dict[str, object]:
    height = _HEAD + _ROW * max(1, len(table))
    canvas = Canvas(WIDTH, height)
    width = (WIDTH - _NAMES) / max(1, len(numbers))
    middle = [_HEAD + _ROW * (place + 0.5) for place in range(len(table))]
    heads: list[Word] = []
    written: list[Word] = []
    dots: list[tuple[float, float]] = []
    today: list[Line] = []
    for at, name in enumerate(numbers):
        left = _NAMES + width * at + _GAP / 2
        heads += _heading(column(name, lang).label, left + (width - _GAP) / 2, width)
        places = _places(table[name], left + 5, width - _GAP - 10)
        there = [(x, y, number) for x, y, number in zip(places, middle, numbers[name], strict=True) if pd.notna(x)]
        dots += [(x, y - 6) for x, y, _ in there]
        for x, y, number in there:
            half = text_width(number) / 2
            inside = min(max(x, left + half - 5), left + width - _GAP + 5 - half)
            written.append(Word(inside, y + 8, number, "center"))
        judged = [place for place, id in zip(places, table["scenario_id"], strict=True) if id == status_quo]
        today += [Line(x, x, _HEAD, height) for x in judged if pd.notna(x)]
    names = [word for y, lines in zip(middle, labels, strict=True) for word in name_words(_NAMES - 8, y, lines)]
    none = table[list(numbers)].isna().all(axis=1).tolist()
    missing = [
        Word(_NAMES + _GAP / 2, y, say("measures-no-plan", lang, status=said(str(status), lang)), "left", SOFT)
        for y, status, empty in zip(middle, table["status"], none, strict=True)
        if empty
    ]
    # A number stands on white, so that the dashed line does not run through it.
    backs = [_back(word) for word in (*written, *missing)]
    return canvas.spec(
        [
            canvas.lines(Line(0, WIDTH, y, y) for y in (_HEAD + _ROW * place for place in range(len(table) + 1))),
            canvas.lines(today, colour=LESS, dashed=True),
            canvas.boxes(backs),
            canvas.dots(dots, colour=MORE),
            *canvas.words([*heads, *names, *missing, *written], size=FONT_SIZE - 1),
        ]
    )


def _back(word: Word) -> Box:
    """A white ground behind a word that is centred or begins at its place."""
    half = text_width(word.text) * 0.42
    middle = word.x if word.align == "center" else word.x + half
    return Box(middle - half, middle + half, word.y - 6, word.y + 6, PAPER)


def _places(values: pd.Series, left: float, width: float) -> list[float]:
    """Pixels of the dots; all alike stand in the middle."""
    low, high = float(values.min()), float(values.max())
    if not high > low:
        return [left + width / 2 if pd.notna(value) else value for value in values.tolist()]
    return [left + width * (value - low) / (high - low) for value in values.tolist()]


def _heading(label: str, x: float, width: float) -> list[Word]:
    """A label on at most three lines."""
    lines = [""]
    for word in label.split():
        longer = f"{lines[-1]} {word}".strip()
        lines = [*lines[:-1], longer] if text_width(longer) < width else [*lines, word]
    lines = [line for line in lines if line][:3]
    return [Word(x, _HEAD - 8 - 13 * (len(lines) - 1 - at), line, "center") for at, line in enumerate(lines)]


def _text(table: pd.DataFrame, names: list[str], numbers: Mapping[str, list[str]], lang: str) -> str:
    items = []
    for place, name in enumerate(names):
        parts = [
            say("item", lang, name=column(measure, lang).label, number=written[place])
            for measure, written in numbers.items()
            if pd.notna(table[measure].iloc[place])
        ]
        status = said(str(table["status"].iloc[place]), lang)
        found = ", ".join(parts) or say("measures-no-plan", lang, status=status)
        items.append(say("measures-item", lang, name=isolated(name), numbers=found))
    return say("measures-text", lang, items="; ".join(items))
