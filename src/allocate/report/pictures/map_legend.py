"""Classes of a map: which colour and pattern a number has, and the legend that says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree

import pandas as pd

from allocate.language import number, signed
from allocate.report.columns import NO_NUMBER, WITHHELD
from allocate.report.pictures.style import (
    CHANGE_COLOURS,
    COVERAGE_BOUNDS,
    COVERAGE_COLOURS,
    FONT_SIZE,
    INK,
    PAPER,
    SOFT,
    change_bounds,
    class_labels,
    class_of,
    coverage_labels,
    ink_on,
    say,
    text_width,
)

type Kind = Literal["coverage", "coverage_change", "covered_change"]
type Element = ElementTree.Element

# Kind -> the column of a report's table whose way of writing numbers is used in sentences.
COLUMNS: dict[Kind, str] = {
    "coverage": "coverage",
    "coverage_change": "weighted_coverage_change",
    "covered_change": "covered_change",
}
_LOSSES = 3
_LINE, _BOX = 20, 14
# The end of the id of a pattern for areas that count in tenths of a pixel.
_SCALED = "-large"


@dataclass(frozen=True)
class Classes:
    """The classes of one map: bounds, colours and labels, low to high.

    ``hatched``: losses have lines besides, for areas too small for a number with its sign.
    """

    kind: Kind
    key: str
    lang: str
    bounds: tuple[float, ...]
    colours: tuple[str, ...]
    labels: list[str]
    hatched: bool = False

    @classmethod
    def of(cls, kind: Kind, values: pd.Series, key: str, lang: str, *, hatched: bool) -> Classes:
        """Fixed classes for coverage, so that maps can be compared; round ones around zero for changes."""
        if kind == "coverage":
            return cls(kind, key, lang, COVERAGE_BOUNDS, COVERAGE_COLOURS, coverage_labels(lang))
        factor = 100.0 if kind == "coverage_change" else 1.0
        bounds = change_bounds(values, share=kind == "coverage_change")

        def written(bound: float) -> str:
            scaled = round(bound * factor, 1)
            text = number(scaled, lang, 0 if scaled.is_integer() else 1)
            return signed(text) if bound > 0 else text

        labels = class_labels(bounds, written, lang)
        labels[_LOSSES] = say("class-hardly", lang, low=written(bounds[2]), high=written(bounds[3]))
        return cls(kind, key, lang, bounds, CHANGE_COLOURS, labels, hatched)

    def number_of(self, value: float) -> int:
        """The class of a value, 0 the lowest."""
        return class_of(value, self.bounds)

    def fill(self, value: float, withheld: bool, *, scaled: bool = False) -> str:
        """What an area is filled with; ``scaled`` for an area that counts in tenths of a pixel."""
        if withheld or pd.isna(value):
            plain = f"url(#{self.key}-{'withheld' if withheld else 'none'})"
        else:
            plain = self._fill(self.number_of(value))
        return plain.replace(")", f"{_SCALED})") if scaled else plain

    def ink(self, value: float, withheld: bool) -> str:
        """The text colour on that filling."""
        return INK if withheld or pd.isna(value) else ink_on(self.colours[self.number_of(value)])

    def _fill(self, place: int) -> str:
        return f"url(#{self.key}-loss{place})" if self.hatched and place < _LOSSES else self.colours[place]

    def patterns(self, scale: int) -> Element:
        """Lines for losses, dots for withheld, dashes for missing numbers; each also ``scale`` times larger."""
        defs = ElementTree.Element("defs")
        dots = _pattern(defs, f"{self.key}-withheld", PAPER)
        ElementTree.SubElement(dots, "circle", {"cx": "3", "cy": "3", "r": "1", "fill": SOFT})
        dashes = _pattern(defs, f"{self.key}-none", PAPER)
        ElementTree.SubElement(dashes, "path", {"d": "M1.5 3h3", "stroke": SOFT, "stroke-width": ".6"})
        if self.hatched:
            for place in range(_LOSSES):
                lines = _pattern(defs, f"{self.key}-loss{place}", self.colours[place])
                look = {"d": "M0 6L6 0M-1 1L1 -1M5 7L7 5", "stroke": PAPER if place == 0 else INK, "stroke-width": ".6"}
                ElementTree.SubElement(lines, "path", look)
        for pattern in list(defs) if scale != 1 else []:
            id = pattern.get("id", "")
            look = {"id": f"{id}{_SCALED}", "href": f"#{id}", "patternTransform": f"scale({scale})"}
            ElementTree.SubElement(defs, "pattern", look)
        return defs

    def legend(self, top: float, width: float, *, empty: bool, withheld: bool) -> tuple[list[Element], float]:
        """The legend from ``top`` downwards, and its height; signs for missing numbers where there are any."""
        entries = [(self._fill(place), label) for place, label in enumerate(self.labels)]
        if withheld:
            entries.append((f"url(#{self.key}-withheld)", f"{WITHHELD} {say('withheld', self.lang)}"))
        if empty:
            entries.append((f"url(#{self.key}-none)", f"{NO_NUMBER} {say('no-data', self.lang)}"))
        title = f"map-legend-{self.kind}"
        found = [text(2, top + 10, say(title, self.lang))]
        x, y = 2.0, top + 20
        for fill, label in entries:
            step = _BOX + 18 + text_width(label)
            if x > 2 and x + step > width:
                x, y = 2.0, y + _LINE
            box = {"x": f"{x:g}", "y": f"{y:g}", "width": str(_BOX), "height": str(_BOX), "fill": fill}
            found.append(ElementTree.Element("rect", {**box, "stroke": SOFT, "stroke-width": ".5"}))
            found.append(text(x + _BOX + 4, y + 11, label))
            x = round(x + step, 1)
        return found, y + _LINE - top + 4


def text(x: float, y: float, words: str, *, anchor: str = "start", fill: str = INK, size: int = 0) -> Element:
    """A text whose baseline begins (or has its middle) at a place."""
    look = {"x": f"{round(x, 1):g}", "y": f"{round(y, 1):g}", "font-size": f"{size or FONT_SIZE - 1}px", "fill": fill}
    element = ElementTree.Element("text", {**look, **({"text-anchor": anchor} if anchor != "start" else {})})
    element.text = words
    return element


def _pattern(defs: Element, id: str, ground: str) -> Element:
    look = {"id": id, "width": "6", "height": "6", "patternUnits": "userSpaceOnUse"}
    pattern = ElementTree.SubElement(defs, "pattern", look)
    ElementTree.SubElement(pattern, "rect", {"width": "6", "height": "6", "fill": ground})
    return pattern
