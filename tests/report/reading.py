"""Read a page as a reader's program would: its text, its structure, its links, its embedded record."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

_VOID = {"meta", "link", "img", "br", "hr", "input", "wbr", "path", "rect", "circle", "line", "use"}
_SILENT = {"script", "style", "title"}


@dataclass
class Table:
    """A table: its id, its caption, and the text of its cells, heads first."""

    key: str
    caption: str = ""
    rows: list[list[str]] = field(default_factory=list)


class Page(HTMLParser):
    """A page taken apart."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.html = html
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.headings: list[tuple[int, str]] = []
        self.tables: dict[str, Table] = {}
        self.script = ""
        self.title = ""
        self._open: list[str] = []
        self._text: list[str] = []
        self._table: Table | None = None
        self.feed(html)
        self.close()
        self.text = re.sub(r"\s+", " ", "".join(self._text))

    @property
    def ids(self) -> list[str]:
        return [attributes["id"] for _, attributes in self.tags if "id" in attributes]

    @property
    def record(self) -> dict[str, Any]:
        """The embedded JSON."""
        document: dict[str, Any] = json.loads(self.script)
        return document

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of all elements of a kind."""
        return [attributes for name, attributes in self.tags if name == tag]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID:
            self._open.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))
        elif tag == "table":
            self._table = Table(self.tags[-1][1]["id"])
            self.tables[self._table.key] = self._table
        elif tag == "tr" and self._table is not None:
            self._table.rows.append([])
        elif tag in ("th", "td") and self._table is not None:
            self._table.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass
        if tag == "table":
            self._table = None

    def handle_data(self, data: str) -> None:
        # A reader sees a blank in both; which of them a page has is tested on ``html``.
        data = data.replace("\u00a0", " ")
        if "script" in self._open:
            self.script += data
        if "title" in self._open and "svg" not in self._open:
            self.title += data
        if _SILENT & set(self._open):
            return
        self._text.append(data)
        if self.headings and re.search(r"h[1-6]", " ".join(self._open)):
            level, text = self.headings[-1]
            self.headings[-1] = (level, text + data)
        if self._table is not None and "caption" in self._open:
            self._table.caption += data
        if self._table is not None and {"th", "td"} & set(self._open):
            self._table.rows[-1][-1] += data
