"""Pictures: what every chart and map of a report is made of, an SVG and the same said in words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from allocate.arguments import methods_checked
from allocate.files import write_whole


@methods_checked
@dataclass(frozen=True, repr=False)
class Picture:
    """One chart or map.

    ``key``: unique in a page and safe as an id; every id inside ``svg`` begins with it, so that several pictures can
    stand in one page. ``svg``: a whole ``<svg>`` element to be put into HTML as it is (names in it are escaped, text is
    text). ``text``: plain text that says all the picture shows, with its numbers, for readers who do not see it.
    ``title``: plain text above the picture; ``table``: key of the table that holds its figures.
    """

    key: str
    svg: str
    text: str
    title: str
    table: str = ""

    def __repr__(self) -> str:
        return f"Picture({self.title})"

    def _repr_svg_(self) -> str:
        """What a notebook shows."""
        return self.svg

    def save(self, path: str | Path) -> Path:
        """Write the SVG into a file, whole or not at all; gives its path. Raises ``UsageError``."""
        write_whole(Path(path), self.svg.encode("utf-8"))
        return Path(path)
