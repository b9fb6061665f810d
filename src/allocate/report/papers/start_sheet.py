"""Start sheet: the first one of a workbook: what is decided, five tiles, links to all sheets, charts, the basis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from allocate.report.columns import WITHHELD, written_date
from allocate.report.content import Content
from allocate.report.front.front_page import FrontPage, Tile
from allocate.report.papers.sheet_charts import WIDTH, Charts
from allocate.report.papers.worksheets import LINE, TEXTS, Styles, clean, lines_of, printed, quoted
from allocate.report.wording import Voice

# Fifteen columns of equal width: three a tile, five tiles beside each other.
COLUMNS, EACH, TILES = 15, 11, 5
_LABEL = 4  # columns of what stands on the left of a list
_PIXELS_OF_A_ROW = 20
# So many rows of a printed page hold charts: none is cut by the end of a page.
_ROWS_OF_A_PAGE = 56
_BOX = {"bg_color": "#EEF3F5", "align": "center", "valign": "vcenter", "text_wrap": True, "num_format": "@"}
_SENSES = {1: "#1F6F4A", -1: "#A23B2A", 0: "#1F4E5F"}


@dataclass(frozen=True)
class Entry:
    """A sheet in the list of sheets: its name and what stands on it."""

    name: str
    about: str


class StartSheet:
    """Fills the first sheet from top to bottom."""

    def __init__(self, styles: Styles, sheet: Any, content: Content) -> None:
        self.styles = styles
        self.sheet = sheet
        self.content = content
        self.lang = styles.lang
        self._say = TEXTS.spoken(styles.lang)
        self.row = 0
        sheet.hide_gridlines(2)
        sheet.set_column(0, COLUMNS - 1, EACH)

    def fill(
        self, front: FrontPage, entries: Sequence[Entry], charts: Charts, notes: Sequence[str], source: str
    ) -> None:
        """The whole sheet."""
        self.styles.put(self.sheet, 0, 0, self._say("file.title", case=front.town), self.styles.title)
        self.row = 2
        self._across(front.decided, bold=True)
        self._across(front.title, bold=True, font_size=13, font_color="#1F4E5F")
        self._across(front.lead)
        self.row += 1
        self._tiles(front.tiles)
        if front.turning:
            self._across(front.turning_title, bold=True)
        single = (front.why, front.law, front.groups, front.left_out)
        for text in (*front.turning, *front.beside, *filter(None, single), *notes):
            self._across(text)
        self._heading("list.title")
        for one in entries:
            self._line(one.name, one.about, link=one.name)
        self._charts(charts)
        self._heading("facts.title")
        for key, text in self._facts(source).items():
            self._line(self._say(f"fact.{key}"), text)
        for text in front.quiet[:-1]:
            self._across(text, italic=True, font_color="#555555")
        printed(self.sheet)

    def _facts(self, source: str) -> dict[str, str]:
        content, voice = self.content, Voice(self.content, self.lang)
        return {
            "case": content.case.name,
            "scenarios": "; ".join(voice.scenario(id) for id in content.plans),
            "date": written_date(content.date.isoformat(), self.lang),
            "version": f"allocate {content.version}",
            "fingerprint": content.fingerprint,
            "command": source,
            "withheld": self._say("withheld", sign=WITHHELD, threshold=voice.units(content.mask.threshold)),
        }

    def _merged(self, first: int, last: int, text: str, style: Any, lines: float = 0.0) -> None:
        """A text over several columns of the row; the row is as high as the text needs."""
        self.sheet.merge_range(self.row, first, self.row, last, "", style)
        self.styles.put(self.sheet, self.row, first, text, style)
        if lines:
            self.sheet.set_row(self.row, LINE * lines + 2)

    def _across(self, text: str, **settings: Any) -> None:
        """A sentence over the whole width."""
        size = settings.get("font_size", 11) / 11
        lines = lines_of(text, COLUMNS * EACH / size) * size
        self._merged(0, COLUMNS - 1, text, self.styles.text(text_wrap=True, **settings), lines)
        self.row += 1

    def _heading(self, key: str) -> None:
        self.row += 1
        self.styles.put(
            self.sheet, self.row, 0, self._say(key), self.styles.make(bold=True, font_size=12, font_color="#1F4E5F")
        )
        self.row += 1

    def _tiles(self, tiles: Sequence[Tile]) -> None:
        """Five figures beside each other: label, today and proposal, what else to know."""
        if not tiles:
            return
        width = COLUMNS // TILES
        parts = [(one.label, f"{one.before} → {one.after}" if one.before else one.after, one.note) for one in tiles]
        settings = ({"bold": True, "font_size": 10}, {"bold": True, "font_size": 15}, {"font_size": 9})
        for at, own in enumerate(settings):
            size = own["font_size"] / 11
            for place, (tile, texts) in enumerate(zip(tiles, parts, strict=True)):
                colour = _SENSES[tile.sense] if at == 1 else "#333333"
                style = self.styles.make(**_BOX, **own, font_color=colour, left=2, left_color="#FFFFFF")
                self._merged(place * width, place * width + width - 1, texts[at], style)
            most = max(lines_of(texts[at], width * EACH / size * 0.9) for texts in parts)
            self.sheet.set_row(self.row, LINE * size * most + 6)
            self.row += 1
        self.row += 1

    def _line(self, name: str, text: str, link: str = "") -> None:
        """A name on the left, a link where it is a sheet, and a text beside it."""
        style = self.styles.link if link else self.styles.text(bold=True, text_wrap=True)
        lines = max(lines_of(name, _LABEL * EACH), lines_of(text, (COLUMNS - _LABEL) * EACH))
        if link:
            self.sheet.write_url(self.row, 0, f"internal:{quoted(link)}!A1", style, clean(name))
        else:
            self._merged(0, _LABEL - 1, name, style)
        self._merged(_LABEL, COLUMNS - 1, text, self.styles.text(text_wrap=True), lines)
        self.row += 1

    def _charts(self, charts: Charts) -> None:
        """Two charts beside each other, row by row, each of them whole on a printed page."""
        drawn = charts.drawn()
        if not drawn:
            return
        breaks, top = [self.row + 1], self.row
        self._heading("charts.title")
        for first in range(0, len(drawn), 2):
            pair = drawn[first : first + 2]
            rows = max(about["height"] for _, about in pair) // _PIXELS_OF_A_ROW + 2
            if self.row + rows - top > _ROWS_OF_A_PAGE and first:
                # A row earlier, in the gap between two charts.
                breaks.append(self.row - 1)
                top = self.row
            for place, (chart, about) in enumerate(pair):
                options = {"description": about["description"], "x_offset": place * (WIDTH + 12), "object_position": 1}
                self.sheet.insert_chart(self.row, 0, chart, options)
            self.row += rows
        self.sheet.set_h_pagebreaks(breaks)
