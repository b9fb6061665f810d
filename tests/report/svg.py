"""Reading pictures as a browser does: the texts in an SVG, and what every picture of a page must keep."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from allocate.report.pictures.picture import Picture

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = (
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "\u202egnahcs ret\u0000tab\x0bs",
    "מרכז נוער",
    "ä" * 200,
    "</svg><img src=x onerror=alert(1)>",
    'Haus "Am & Ufer" {{ 7*7 }} ${x} [datum.a]',
    "datum['x']",
)


def parsed(picture: Picture) -> ElementTree.Element:
    """The root of the picture; it must be well-formed, named, self-contained and all its ids its own."""
    root = ElementTree.fromstring(picture.svg)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root.get("aria-label") == picture.title
    assert {"width", "height", "viewBox"} <= set(root.attrib)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert all(str(id).startswith(picture.key) for id in ids)
    for name in re.findall(r"url\(#([^)]+)\)", picture.svg) + re.findall(r'href="#([^"]+)"', picture.svg):
        assert name in ids
    assert not re.search(r"https?:(?!//www\.w3\.org/2000/svg)", picture.svg)
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {"svg", "g", "rect", "path", "line", "text", "title", "defs", "pattern", "circle"}
    assert not any(name.startswith("on") or name == "style" for element in root.iter() for name in element.attrib)
    return root


def texts(picture: Picture) -> list[str]:
    """The texts that are seen, in drawing order."""
    return [element.text or "" for element in parsed(picture).iter(f"{SVG}text")]


def whole_names(picture: Picture) -> set[str]:
    """What a reader sees who points at something."""
    return {element.text or "" for element in parsed(picture).iter(f"{SVG}title")}
