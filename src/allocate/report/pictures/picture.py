"""Pictures: what every chart and map of a report is made of, an SVG and the same said in words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Picture:
    """One chart or map.

    ``key``: unique in a page and safe as an id; every id inside ``svg`` begins with it, so that several pictures can
    stand in one page. ``svg``: a whole ``<svg>`` element to be put into HTML as it is (names in it are escaped, text is
    text). ``text``: plain text that says all the picture shows, with its numbers, for readers who do not see it.
    ``title``: plain text above the picture.
    """

    key: str
    svg: str
    text: str
    title: str
