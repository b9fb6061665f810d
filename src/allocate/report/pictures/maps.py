"""Maps of coverage and of its change: by boundaries where there are some, else as tiles.

Pure functions from a case's spaces and one number for each of them to a picture; nothing is computed here but places on
paper, classes and their counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree

import pandas as pd

from allocate.inputs.case import Case
from allocate.language import number, signed
from allocate.report.columns import NO_NUMBER, WITHHELD, column
from allocate.report.pictures.drawing import framed
from allocate.report.pictures.geometry import SUBPIXELS, Boundaries, Outline, read_boundaries
from allocate.report.pictures.map_legend import COLUMNS, Classes, Element, Kind, text
from allocate.report.pictures.picture import Picture
from allocate.report.pictures.style import (
    FONT_SIZE,
    INK,
    NARROW,
    PAPER,
    SOFT,
    clean,
    isolated,
    listed,
    say,
    text_width,
    wrapped_names,
)  # fmt: skip
from allocate.report.pictures.tiles import Tiles, arranged

# More areas than this carry no number; a reader points at them or looks into the table.
MOST_LABELLED = 150
# Up to so many spaces a tile has room for a name; beyond, it is small.
MOST_NAMED = 90
_LARGE, _SMALL = (3, 58), (12, 30)
_SMALLEST = 9.0


@dataclass(frozen=True)
class Places:
    """Where the spaces of a case are drawn: their names in order, and boundaries or tiles."""

    names: dict[str, str]
    boundaries: Boundaries
    tiles: Tiles

    @property
    def has_boundaries(self) -> bool:
        """Whether a map can be drawn."""
        return bool(self.boundaries.outlines)

    def problem(self, lang: str) -> str:
        """Why there is no map although the case has a file of boundaries; blank where there is nothing to say."""
        found = self.boundaries
        return say(found.problem, lang, **found.problem_values) if found.problem else ""


@dataclass(frozen=True)
class _Mark:
    """One space on the map: what it is called, its number, and whether it may not be published."""

    name: str
    value: float
    withheld: bool
    label: str
    said: str


def places_of(case: Case) -> Places:
    """Where the spaces of a case are drawn; reads its file of boundaries, if it has one."""
    spaces = case["spaces"].copy()
    regions = case["regions"]
    known = dict(zip(regions["region_id"], regions["name"], strict=True))
    pairs = zip(spaces["region_id"].tolist(), spaces["region_name"].tolist(), strict=True)
    spaces["region_name"] = [known.get(region) or name for region, name in pairs]
    ids = spaces["space_id"].tolist()
    names = {id: clean(name) or id for id, name in zip(ids, spaces["name"].tolist(), strict=True)}
    columns = (_LARGE if len(ids) <= MOST_NAMED else _SMALL)[0]
    return Places(names, read_boundaries(case.geometry, ids), arranged(spaces, columns))


def space_map(
    places: Places, values: pd.DataFrame, *, kind: Kind, key: str, lang: str, title: str = "", about: str = ""
) -> Picture:
    """A number of each space as a map, or as tiles where the case has no boundaries.

    ``values``: ``space_id``, ``value`` (share 0..1; change in share; or need units/year) and, if wanted, ``withheld``
    (yes: the number may not be published). A space without a row has no figure. ``about``: what the numbers are of (a
    need, a scenario), put behind the title.
    """
    marks = _marks(places, values, kind, lang)
    known = pd.Series([mark.value for mark in marks.values()], dtype=float)
    classes = Classes.of(kind, known, key, lang, hatched=places.has_boundaries)
    sort = "coverage" if kind == "coverage" else "change"
    title = title or say(f"{'map' if places.has_boundaries else 'tiles'}-title-{sort}", lang)
    title = f"{title} – {clean(about)}" if about else title
    missing = [
        mark.name for id, mark in marks.items() if places.has_boundaries and id not in places.boundaries.outlines
    ]
    if places.has_boundaries:
        body, width, height = _outlined(places.boundaries, marks, classes)
    else:
        body, width, height = _tiled(places.tiles, marks, classes)
    legend, tall = classes.legend(
        height + 8,
        NARROW,
        empty=any(pd.isna(mark.value) and not mark.withheld for mark in marks.values()),
        withheld=any(mark.withheld for mark in marks.values()),
    )
    parts = [classes.patterns(SUBPIXELS if places.has_boundaries else 1), *body, *legend]
    svg = framed(
        "".join(ElementTree.tostring(part, encoding="unicode") for part in parts),
        key=key,
        title=title,
        width=max(width, NARROW),
        height=round(height + 8 + tall, 1),
    )
    return Picture(key, svg, _text(places, marks, classes, missing, lang), title)


def _marks(places: Places, values: pd.DataFrame, kind: Kind, lang: str) -> dict[str, _Mark]:
    table = values.set_index("space_id")
    value = table["value"].astype(float).reindex(list(places.names))
    withheld = table["withheld"].astype(bool) if "withheld" in table.columns else pd.Series(False, index=table.index)
    hidden = withheld.reindex(list(places.names), fill_value=False)
    value = value.mask(hidden.astype(bool))
    written = column(COLUMNS[kind], lang).cells(value, lang)
    marks = {}
    for (id, name), one, secret, said in zip(places.names.items(), value.tolist(), hidden, written, strict=True):
        if secret:
            marks[id] = _Mark(name, one, True, WITHHELD, say("withheld", lang))
        elif pd.isna(one):
            marks[id] = _Mark(name, one, False, NO_NUMBER, say("no-data", lang))
        else:
            marks[id] = _Mark(name, one, False, _label(one, kind, lang), said)
    return marks


def _label(value: float, kind: Kind, lang: str) -> str:
    """A number short enough for an area; per cent and points stand in the legend."""
    if kind == "coverage":
        return number(value * 100, lang)
    scaled = value * 100 if kind == "coverage_change" else value
    text = number(scaled, lang, 1 if kind == "coverage_change" else 0)
    return signed(text) if scaled > 0 and text.strip("0,.") else text


def _outlined(boundaries: Boundaries, marks: dict[str, _Mark], classes: Classes) -> tuple[list[Element], float, float]:
    """Areas and, where they are large enough, their number and name."""
    scale = {"transform": f"scale({1 / SUBPIXELS:g})", "stroke": SOFT, "stroke-width": f"{SUBPIXELS * 0.6:g}"}
    areas = ElementTree.Element("g", {**scale, "stroke-linejoin": "round", "fill-rule": "evenodd"})
    labels = []
    shown = {id: marks[id] for id in boundaries.outlines}
    for id, mark in shown.items():
        outline = boundaries.outlines[id]
        fill = classes.fill(mark.value, mark.withheld, scaled=True)
        area = ElementTree.SubElement(areas, "path", {"d": outline.path, "fill": fill})
        ElementTree.SubElement(area, "title").text = f"{mark.name}: {mark.said}"
        if len(shown) <= MOST_LABELLED and outline.radius >= _SMALLEST:
            labels += _area_label(outline, mark, classes)
    return [areas, *labels], boundaries.width, boundaries.height


def _area_label(outline: Outline, mark: _Mark, classes: Classes) -> list[Element]:
    ink = classes.ink(mark.value, mark.withheld)
    name = mark.name if text_width(mark.name) * (FONT_SIZE - 2) / FONT_SIZE < outline.radius * 1.9 else ""
    found = [text(outline.x, outline.y + (11 if name else 4), mark.label, anchor="middle", fill=ink)]
    if name:
        found.append(text(outline.x, outline.y - 2, name, anchor="middle", fill=ink, size=FONT_SIZE - 2))
    return [_haloed(one, ink) for one in found]


def _haloed(element: Element, ink: str) -> Element:
    """A thin edge in the opposite colour, so that a text is read on hatching and across boundaries."""
    look = {"paint-order": "stroke", "stroke": PAPER if ink == INK else INK, "stroke-width": "3"}
    element.attrib.update({**look, "stroke-linejoin": "round"})
    return element


def _tiled(tiles: Tiles, marks: dict[str, _Mark], classes: Classes) -> tuple[list[Element], float, float]:
    """One tile for each space, with its name where there is room, and its number."""
    large = len(marks) <= MOST_NAMED
    across = tiles.columns if large else _SMALL[0]
    wide, tall = NARROW / max(across, 1), float(_LARGE[1] if large else _SMALL[1])
    wide = min(wide, 130.0)
    tops = _tops(tiles, tall)
    found: list[Element] = []
    for row, head in tiles.heads.items():
        found.append(text(2, tops[row] + 15, clean(head), fill=SOFT))
    for id, (place, row) in tiles.places.items():
        found.append(_tile(marks[id], classes, wide * place, tops[row], wide - 3, tall - 3, large))
    return found, NARROW, tops[-1]


def _tops(tiles: Tiles, tall: float) -> list[float]:
    """The upper edge of every row; rows of headings are lower."""
    tops = [0.0]
    for row in range(tiles.rows):
        tops.append(tops[-1] + (22.0 if row in tiles.heads else tall))
    return tops


def _tile(mark: _Mark, classes: Classes, x: float, y: float, wide: float, tall: float, named: bool) -> Element:
    group = ElementTree.Element("g")
    ElementTree.SubElement(group, "title").text = f"{mark.name}: {mark.said}"
    box = {"x": f"{round(x, 1):g}", "y": f"{round(y, 1):g}", "width": f"{round(wide, 1):g}", "height": f"{tall:g}"}
    fill = classes.fill(mark.value, mark.withheld)
    ElementTree.SubElement(group, "rect", {**box, "rx": "2", "fill": fill, "stroke": SOFT, "stroke-width": ".5"})
    ink = classes.ink(mark.value, mark.withheld)
    middle = x + wide / 2
    words = [text(middle, y + tall - (8 if named else 9), mark.label, anchor="middle", fill=ink)]
    if named:
        # A smaller letter needs less room than the measure of a text assumes.
        lines = wrapped_names([mark.name], (wide - 6) * FONT_SIZE / (FONT_SIZE - 2))[0]
        lead = 14 if len(lines) > 1 else 20
        words += [
            text(middle, y + lead + 12 * at, line, anchor="middle", fill=ink, size=FONT_SIZE - 2)
            for at, line in enumerate(lines)
        ]
    group.extend(_haloed(word, ink) if fill.startswith("url") else word for word in words)
    return group


def _text(places: Places, marks: dict[str, _Mark], classes: Classes, missing: Iterable[str], lang: str) -> str:
    how = "outlines" if places.has_boundaries else places.tiles.how
    known = sorted((mark for mark in marks.values() if pd.notna(mark.value)), key=lambda mark: (-mark.value, mark.name))
    others = [mark for mark in marks.values() if pd.isna(mark.value)]
    counts = Counter(classes.number_of(mark.value) for mark in known)
    labels = [say("map-class", lang, label=label, count=counts[at]) for at, label in enumerate(classes.labels)]
    items = [say("item", lang, name=isolated(mark.name), number=mark.said) for mark in [*known, *others]]
    sentences = [
        say(
            "map-text",
            lang,
            how=say(f"map-text-{how}", lang),
            classes=say("map-classes", lang, legend=say(f"map-legend-{classes.kind}", lang), classes="; ".join(labels)),
            items=listed(items, lang) or say("nothing-to-say", lang),
        )
    ]
    names = [isolated(name) for name in missing]
    if names:
        sentences.append(say("map-no-area", lang, names=listed(names, lang)))
    if places.problem(lang):
        sentences.append(places.problem(lang))
    return " ".join(sentences)
