"""Words, boxes and lines placed in pixels from the top left corner, as layers of a Vega-Lite specification."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from allocate.plain import Spec
from allocate.report.pictures.style import FONT_SIZE, GRID, INK, SOFT

# From one line of a name to the next; the height of a row with a name on one line.
LINE, ROW = 13, 24
# The size of the names beside the rows of a picture.
NAME_SIZE = 11

type Align = Literal["left", "center", "right"]


class Word(NamedTuple):
    """A text at a place; ``y`` is its middle."""

    x: float
    y: float
    text: str
    align: Align = "left"
    colour: str = INK


class Box(NamedTuple):
    """A filled rectangle."""

    x: float
    x2: float
    y: float
    y2: float
    colour: str


class Line(NamedTuple):
    """A straight line."""

    x: float
    x2: float
    y: float
    y2: float


def name_words(x: float, y: float, lines: Sequence[str]) -> list[Word]:
    """A name on one or two lines, its end at ``x`` and its middle at ``y``."""
    top = y - LINE * (len(lines) - 1) / 2
    return [Word(x, top + LINE * at, line, "right") for at, line in enumerate(lines)]


def row_height(names: Iterable[Sequence[str]]) -> int:
    """The height of every row, so that names on two lines do not run into those above and beneath."""
    return max([ROW, *(LINE * len(lines) + 5 for lines in names)])


@dataclass(frozen=True)
class Canvas:
    """A drawing area in pixels, and its layers."""

    width: float
    height: float

    def spec(self, layers: list[Spec], *, left: float = 0, right: float = 0) -> Spec:
        """The whole specification, with so much room for words on the left and right of the area."""
        room = {"left": left, "right": right, "top": 0, "bottom": 0}
        return {"width": self.width, "height": self.height, "padding": room, "layer": layers}

    def words(self, words: Iterable[Word], *, size: int = FONT_SIZE, angle: int = 0) -> list[Spec]:
        """Texts, one layer for each alignment."""
        found = list(words)
        layers: list[Spec] = []
        for align in ("left", "center", "right"):
            values = [word._asdict() for word in found if word.align == align]
            if values:
                mark = {"type": "text", "baseline": "middle", "align": align, "fontSize": size, "angle": angle}
                places = {"x": self._across("x"), "y": self._down("y")}
                text = {"text": {"field": "text", "type": "nominal"}, "color": _fixed()}
                layers.append({"data": {"values": values}, "mark": mark, "encoding": {**places, **text}})
        return layers

    def boxes(self, boxes: Iterable[Box], *, outlined: bool = False) -> Spec:
        """Filled rectangles."""
        outline = {"stroke": SOFT, "strokeWidth": 0.5} if outlined else {}
        return {
            "data": {"values": [box._asdict() for box in boxes]},
            "mark": {"type": "rect", **outline},
            "encoding": {**self._ranges(), "color": _fixed()},
        }

    def lines(self, lines: Iterable[Line], *, colour: str = GRID, dashed: bool = False, thick: bool = False) -> Spec:
        """Straight lines."""
        look: Spec = {"strokeDash": [4, 3], "strokeWidth": 1.5} if dashed else {"strokeWidth": 4} if thick else {}
        return {
            "data": {"values": [line._asdict() for line in lines]},
            "mark": {"type": "rule", "color": colour, **look},
            "encoding": self._ranges(),
        }

    def dots(self, places: Iterable[tuple[float, float]], *, colour: str) -> Spec:
        """Filled circles."""
        return {
            "data": {"values": [{"x": x, "y": y} for x, y in places]},
            "mark": {"type": "point", "shape": "circle", "fill": colour, "stroke": colour, "size": 56, "opacity": 1},
            "encoding": {"x": self._across("x"), "y": self._down("y")},
        }

    def rings(self, places: Iterable[tuple[float, float]], *, colour: str, fill: str) -> Spec:
        """Circles of which the inside is that of the paper."""
        return {
            "data": {"values": [{"x": x, "y": y} for x, y in places]},
            "mark": {
                "type": "point",
                "shape": "circle",
                "fill": fill,
                "stroke": colour,
                "strokeWidth": 2,
                "size": 56,
                "opacity": 1,
            },
            "encoding": {"x": self._across("x"), "y": self._down("y")},
        }

    def _ranges(self) -> Spec:
        return {"x": self._across("x"), "x2": {"field": "x2"}, "y": self._down("y"), "y2": {"field": "y2"}}

    def _across(self, field: str) -> Spec:
        return _pixels(field, self.width)

    def _down(self, field: str) -> Spec:
        return _pixels(field, self.height)


def _pixels(field: str, length: float) -> Spec:
    scale = {"domain": [0, length], "range": [0, length], "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "axis": None, "scale": scale}


def _fixed() -> Spec:
    """Colours that stand in the data as they are."""
    return {"field": "colour", "type": "nominal", "scale": None}
