"""The coverage matrix: one row for each social space, one column for each need, the darker the more is covered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from allocate.inputs.names import best_names
from allocate.language import number
from allocate.plain import Spec
from allocate.report.columns import NO_NUMBER, WITHHELD
from allocate.report.pictures.canvas import LINE, Box, Canvas, Word
from allocate.report.pictures.drawing import drawn
from allocate.report.pictures.picture import Picture
from allocate.report.pictures.style import (
    COVERAGE_BOUNDS,
    COVERAGE_COLOURS,
    FONT_SIZE,
    NARROW,
    PAPER,
    cells,
    class_of,
    clean,
    coverage_labels,
    ink_on,
    isolated,
    listed,
    say,
    short_names,
    text_width,
    whole_names,
    wrapped_names,
)

# Longer matrices are not read; the table beside the picture holds all rows.
MOST_SPACES = 40
_NAMES, _ROW, _MOST_HEAD, _LEGEND = 104, 24, 168, 82
# Three digits fit into the narrowest cell.
_SIGN, _LEGEND_LINE = 10, 18
_NARROWEST, _WIDEST = 20, 60


@dataclass(frozen=True)
class _Grid:
    """What stands where: one row for each shown cell (place of space and need, share, sign, colours)."""

    table: pd.DataFrame
    spaces: list[str]
    needs: list[str]
    all_spaces: int


def coverage_matrix(
    coverage: pd.DataFrame,
    spaces: pd.DataFrame,
    needs: pd.DataFrame,
    *,
    key: str,
    lang: str,
    withheld: Collection[tuple[str, str]] = (),
    title: str = "",
) -> Picture:
    """Covered share of demand in every space and need of one plan.

    ``coverage``: columns ``space_id, need_id, demand, covered`` (or ``coverage``, the share itself); a cell whose
    number is blank or that is among ``withheld`` (space, need) has a sign instead. ``spaces``, ``needs``: id and name,
    in the order in which they are shown. Of more than 40 spaces the ones with the lowest coverage are shown.
    """
    title = title or say("matrix-title", lang)
    table = _shares(coverage, withheld)
    grid = _grid(table, spaces, needs, lang)
    labels = short_names(grid.spaces, _NAMES - 8)
    # Two lines of a head need more room than a narrow column has.
    wrapped = _width_of(len(grid.needs)) >= 2 * LINE + 4
    heads = wrapped_names(grid.needs, _MOST_HEAD - 12) if wrapped else _on_one_line(grid.needs)
    whole = {**dict(zip(labels, grid.spaces, strict=True)), **whole_names(heads, grid.needs)}
    svg = drawn(_spec(grid, labels, heads, lang), key=key, title=title, lang=lang, whole_names=whole)
    return Picture(key, svg, _text(grid, lang), title)


def _width_of(count: int) -> float:
    """The width of one of ``count`` columns, in pixels."""
    return min(_WIDEST, max(_NARROWEST, (NARROW - _NAMES - 4) / max(1, count)))


def _on_one_line(needs: list[str]) -> list[tuple[str, ...]]:
    return [(name,) for name in short_names(needs, _MOST_HEAD - 12)]


def _shares(coverage: pd.DataFrame, withheld: Collection[tuple[str, str]]) -> pd.DataFrame:
    table = coverage[["space_id", "need_id"]].copy()
    if "coverage" in coverage.columns:
        table["share"] = coverage["coverage"].astype(float)
    else:
        table["share"] = (coverage["covered"] / coverage["demand"].where(coverage["demand"] > 0)).astype(float)
    hidden = [pair in withheld for pair in zip(table["space_id"], table["need_id"], strict=True)]
    table["hidden"] = hidden
    table["share"] = table["share"].mask(table["hidden"])
    return table


def _grid(table: pd.DataFrame, spaces: pd.DataFrame, needs: pd.DataFrame, lang: str) -> _Grid:
    called = best_names(needs, lang)
    used = needs["need_id"].isin(set(table["need_id"]))
    columns = dict(zip(needs.loc[used, "need_id"], called[used], strict=True))
    with_cells = spaces[spaces["space_id"].isin(set(table["space_id"]))]
    rows = dict(zip(with_cells["space_id"], with_cells["name"], strict=True))
    everything = len(rows)
    if everything > MOST_SPACES:
        lowest = table.groupby("space_id")["share"].mean().sort_values(kind="stable").index[:MOST_SPACES]
        rows = {id: name for id, name in rows.items() if id in set(lowest)}
    order = {id: at for at, id in enumerate(rows)}, {id: at for at, id in enumerate(columns)}
    shown = table[table["space_id"].isin(rows) & table["need_id"].isin(columns)].copy()
    shown["row"], shown["column"] = shown["space_id"].map(order[0]), shown["need_id"].map(order[1])
    shown = shown.sort_values(["row", "column"], ignore_index=True)
    colours = [COVERAGE_COLOURS[class_of(share, COVERAGE_BOUNDS)] for share in shown["share"].fillna(0.0)]
    known = shown["share"].notna()
    shown["colour"] = pd.Series(colours, dtype=object).where(known, PAPER)
    shown["ink"] = [ink_on(colour) for colour in shown["colour"]]
    shown["sign"] = [
        WITHHELD if hidden else NO_NUMBER if pd.isna(share) else number(share * 100, lang)
        for share, hidden in zip(shown["share"].tolist(), shown["hidden"].tolist(), strict=True)
    ]
    names = [clean(one) or id for id, one in rows.items()]
    return _Grid(shown, names, [clean(one) or id for id, one in columns.items()], everything)


def _spec(grid: _Grid, labels: list[str], heads: list[tuple[str, ...]], lang: str) -> Spec:
    each = _width_of(len(heads))
    width = max(float(NARROW), _NAMES + each * len(heads) + 4)
    head = max((text_width(line) for lines in heads for line in lines), default=0.0) + 12
    bottom = head + _ROW * len(labels)
    partly = grid.all_spaces > len(labels)
    canvas = Canvas(width, bottom + _LEGEND + (20 if partly else 0))

    def middle(row: float, column: float) -> tuple[float, float]:
        return _NAMES + each * (column + 0.5), head + _ROW * (row + 0.5)

    table = grid.table
    places = [middle(row, column) for row, column in zip(table["row"], table["column"], strict=True)]
    boxes = [
        Box(x - each / 2, x + each / 2 - 1, y - _ROW / 2, y + _ROW / 2 - 1, colour)
        for (x, y), colour in zip(places, table["colour"], strict=True)
    ]
    signs = [
        Word(x, y, sign, "center", ink) for (x, y), sign, ink in zip(places, table["sign"], table["ink"], strict=True)
    ]
    there = set(zip(table["row"], table["column"], strict=True))
    everywhere = ((row, column) for row in range(len(labels)) for column in range(len(heads)))
    signs += [Word(*middle(*cell), NO_NUMBER, "center") for cell in everywhere if cell not in there]
    rows = [Word(_NAMES - 8, middle(at, 0)[1], name, "right") for at, name in enumerate(labels)]
    columns = [
        Word(middle(0, at)[0] + LINE * (place - (len(lines) - 1) / 2), head - 6, line)
        for at, lines in enumerate(heads)
        for place, line in enumerate(lines)
    ]
    legend_boxes, legend_words = _legend(bottom + 14, lang)
    if partly:
        remark = say("rows-lowest", lang, shown=len(labels), all=grid.all_spaces)
        legend_words.append(Word(2, bottom + _LEGEND + 8, remark))
    return canvas.spec(
        [
            canvas.boxes([*boxes, *legend_boxes], outlined=True),
            *canvas.words(signs, size=_SIGN),
            *canvas.words(rows, size=FONT_SIZE - 1),
            *canvas.words(columns, size=FONT_SIZE - 1, angle=270),
            *canvas.words(legend_words, size=FONT_SIZE - 1),
        ]
    )


def _legend(top: float, lang: str) -> tuple[list[Box], list[Word]]:
    """The classes, the sign of withheld cells, and what the numbers are."""
    signs = f"{WITHHELD} {say('withheld', lang)}, {NO_NUMBER} {say('no-need', lang)}"
    boxes: list[Box] = []
    words = [Word(2, top, say("matrix-legend", lang)), Word(2, top + _LEGEND_LINE, signs)]
    x, y = 2.0, top + _LEGEND_LINE + 12
    for colour, label in zip(COVERAGE_COLOURS, coverage_labels(lang), strict=True):
        step = 32 + text_width(label)
        if x > 2 and x + step > NARROW:
            x, y = 2.0, y + _LEGEND_LINE
        boxes.append(Box(x, x + 14, y, y + 14, colour))
        words.append(Word(x + 18, y + 7.5, label))
        x += step
    return boxes, words


def _text(grid: _Grid, lang: str) -> str:
    table = grid.table
    numbers = cells(table["share"], "coverage", lang)
    items: list[str] = []
    for place, name in enumerate(grid.spaces):
        parts = [
            say("item", lang, name=isolated(grid.needs[column]), number=WITHHELD if pd.isna(share) else one)
            for row, column, share, one in zip(table["row"], table["column"], table["share"], numbers, strict=True)
            if row == place
        ]
        items.append(say("item", lang, name=isolated(name), number=", ".join(parts)))
    return say(
        "matrix-text",
        lang,
        withheld=WITHHELD,
        none=NO_NUMBER,
        items=listed(items, lang) or say("nothing-to-say", lang),
    )
