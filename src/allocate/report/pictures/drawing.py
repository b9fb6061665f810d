"""Drawing: from a Vega-Lite specification to an SVG that can stand in a page among others.

Vega-Lite draws scales, axes and marks. What it leaves out is added here: a name for screen readers, whole names behind
shortened ones, an id of its own for every picture; what a page need not carry is taken away.
The bytes depend on nothing but the specification.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree import ElementTree

import vl_convert

from allocate.language import MINUS, money_sign, reckons_in_places
from allocate.plain import Spec
from allocate.report.pictures.style import FONT_SIZE, GRID, INK, SOFT

_SVG = "http://www.w3.org/2000/svg"
_LINK = "{http://www.w3.org/1999/xlink}href"
_VEGA_LITE = "6.4"
FONT_FAMILY = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
# d3's number formats in the reader's language, as Babel writes numbers elsewhere.
_LOCALES = {
    "de": {"decimal": ",", "thousands": ".", "grouping": [3], "percent": "\u00a0%"},
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "percent": "%"},
}
_CONFIG = {
    "aria": False,
    "background": None,
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": FONT_SIZE - 1, "titleFontSize": FONT_SIZE, "titleFontWeight": "normal", "labelColor": SOFT,
        "titleColor": INK, "gridColor": GRID, "domainColor": SOFT, "tickColor": SOFT, "labelLimit": 0, "titleLimit": 0,
    },
    "text": {"fontSize": FONT_SIZE, "color": INK},
}  # fmt: skip
_USELESS = {"class", "role", "aria-roledescription", "aria-hidden", "pointer-events", "stroke-miterlimit", "version"}
_DEFAULTS = {("opacity", "1"), ("fill-opacity", "1"), ("stroke-opacity", "1"), ("transform", "translate(0,0)")}
_NUMBER = re.compile(r"-?\d+\.\d{2,}(?:e-?\d+)?")
_KEY = re.compile(r"[a-z][a-z0-9_-]*", re.IGNORECASE)


def _currency(lang: str) -> list[str]:
    """What d3 writes before and behind an amount of money."""
    sign = money_sign(lang)
    if lang == "de" or reckons_in_places():
        return ["", f"\u00a0{sign}"]
    return [sign if len(sign) == 1 else f"{sign}\u00a0", ""]


def drawn(spec: Spec, *, key: str, title: str, lang: str, whole_names: Mapping[str, str]) -> str:
    """The SVG of a Vega-Lite specification.

    ``whole_names``: shortened name -> whole name, shown when a reader points at the text. Raises ``ValueError`` for a
    key that cannot begin an id.
    """
    locale = {**_LOCALES[lang], "minus": MINUS, "currency": _currency(lang)}
    source = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "config": _CONFIG, "autosize": "none"}
    svg = vl_convert.vegalite_to_svg({**source, **spec}, vl_version=_VEGA_LITE, format_locale=locale)
    root = ElementTree.fromstring(svg.replace(f' xmlns="{_SVG}"', "", 1))
    _strip(root)
    _add_whole_names(root, whole_names)
    body = "".join(ElementTree.tostring(part, encoding="unicode") for part in root)
    return framed(body, key=key, title=title, width=float(root.get("width", 0)), height=float(root.get("height", 0)))


def framed(body: str, *, key: str, title: str, width: float, height: float) -> str:
    """A whole ``<svg>`` around ``body`` (SVG in pixels), named for screen readers; ``ValueError`` for a bad key."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} cannot begin an id")
    head = {
        "xmlns": _SVG,
        "id": key,
        # What holds links is no single picture to those who do not see it.
        "role": "group" if "<a " in body else "img",
        "aria-label": title,
        "width": f"{width:g}",
        "height": f"{height:g}",
        "viewBox": f"0 0 {width:g} {height:g}",
        "font-family": FONT_FAMILY,
    }
    opening = ElementTree.tostring(ElementTree.Element("svg", head), encoding="unicode").removesuffix(" />")
    return f"{opening}>{body}</svg>"


def _strip(element: ElementTree.Element) -> None:
    """Take away what is invisible, empty or means nothing outside Vega; round coordinates to a tenth of a pixel."""
    for child in list(element):
        _strip(child)
        if _is_invisible(child):
            element.remove(child)
        elif child.tag == "g" and not child.attrib:
            at = list(element).index(child)
            element.remove(child)
            for offset, inner in enumerate(list(child)):
                element.insert(at + offset, inner)
    if _LINK in element.attrib:
        # Vega makes addresses of its own site of links within the page.
        element.set("href", f"#{element.attrib.pop(_LINK).partition('#')[2]}")
    for name, value in list(element.attrib.items()):
        if name in _USELESS or name == "font-family" or (name, value) in _DEFAULTS:
            del element.attrib[name]
        elif name != "viewBox":
            element.set(name, _NUMBER.sub(lambda found: f"{round(float(found[0]), 1) + 0.0:g}", value))


def _is_invisible(element: ElementTree.Element) -> bool:
    if element.get("display") == "none" or element.get("opacity") == "0":
        return True
    if element.tag == "path":
        return element.get("d", "") in {"", "M0,0h0v0h0Z"}
    return element.tag == "g" and len(element) == 0


def _add_whole_names(root: ElementTree.Element, whole_names: Mapping[str, str]) -> None:
    for text in root.iter("text"):
        whole = whole_names.get(text.text or "")
        if whole is not None and whole != text.text:
            title = ElementTree.SubElement(text, "title")
            title.text = whole
