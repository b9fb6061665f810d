"""Charts that Excel draws from the cells of a workbook: spaces today and proposed, money from and to, years, pots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from allocate.report.content import Content
from allocate.report.papers.theme_sheets import Placed
from allocate.report.papers.themes import CHARTED, Theme
from allocate.report.papers.worksheets import TEXTS
from allocate.report.sections.section import Sheet

# Bars of one chart, and pots beside each other, beyond which nobody reads them.
MOST_BARS, MOST_POTS = 24, 8
# Of two lines of a name both are seen.
WIDTH, LEAST_HEIGHT, BAR_HEIGHT, AROUND = 620, 300, 26, 100
_TODAY, _PLAN, _FREE = "#9FB3BC", "#1F4E5F", "#C26A2D"
_POTS = ("#1F4E5F", "#C26A2D", "#6B9080", "#9FB3BC", "#7A5C8E", "#D9A441", "#4A4A4A", "#B5838D")
_FONT = {"size": 9, "color": "#333333"}
_LINES = {"visible": True, "line": {"color": "#DDDDDD", "width": 0.5}}


class Charts:
    """Draws the charts of one workbook from tables that stand in it already."""

    def __init__(
        self, book: Any, lang: str, content: Content, listed: Sequence[Theme], placed: Mapping[str, Placed]
    ) -> None:
        self.book = book
        self.lang = lang
        self._say = TEXTS.spoken(lang)
        self.content = content
        self.tables = {part.table.key: part.table for theme in listed for part in theme.parts}
        self.placed = placed

    def drawn(self) -> list[tuple[Any, dict[str, Any]]]:
        """All charts that have something to show, each with its size and what it shows in words."""
        found = [self._spaces(), self._years(), *self._money(), self._pots()]
        return [one for one in found if one is not None]

    def _spaces(self) -> tuple[Any, dict[str, Any]] | None:
        place = self._place("gains_space")
        if place is None or not self.content.is_proposal:
            return None
        series = [("coverage_before", "series.today", _TODAY), ("coverage", "series.proposal", _PLAN)]
        return self._bars("spaces", place, "name_label", series, "0%", {"min": 0, "max": 1, "major_unit": 0.25})

    def _money(self) -> list[tuple[Any, dict[str, Any]] | None]:
        """What is released and what it is used for, with one scale."""
        sides = {key: self._place(key) for key in ("releases", "uses")}
        amounts = [self.tables[key].frame["amount_eur"].max() for key, place in sides.items() if place is not None]
        most = _rounded_up(max(amounts, default=0.0))
        scale = {"min": 0, "max": most, "major_unit": most / 4}
        names, colours = {"releases": "from_label", "uses": "to_label"}, {"releases": _FREE, "uses": _PLAN}
        return [
            self._bars(key, place, names[key], [("amount_eur", f"series.{key}", colours[key])], "#,##0", scale)
            for key, place in sides.items()
            if place is not None
        ]

    def _bars(
        self,
        key: str,
        place: Placed,
        name: str,
        series: Sequence[tuple[str, str, str]],
        code: str,
        scale: Mapping[str, float],
    ) -> tuple[Any, dict[str, Any]]:
        """Bars beneath each other in the order of the table, the first at the top."""
        rows = place.last - place.first + 1
        shown = min(rows, MOST_BARS)
        chart = self.book.add_chart({"type": "bar"})
        for column, said, colour in series:
            chart.add_series(
                {
                    "name": self._say(said),
                    "categories": _range(place, name, shown),
                    "values": _range(place, column, shown),
                    "fill": {"color": colour},
                    "gap": 60,
                }
            )
        title = self._say(f"chart.{key}") + (self._say("chart.first", shown=shown, rows=rows) if shown < rows else "")
        chart.set_y_axis({"reverse": True, "interval_unit": 1, "num_font": _FONT, "line": {"color": "#999999"}})
        chart.set_x_axis({"num_format": code, "num_font": _FONT, "major_gridlines": _LINES, **scale})
        height = AROUND + BAR_HEIGHT * max(shown, shown * len(series) * 2 // 3)
        return self._finished(chart, title, max(LEAST_HEIGHT, height), len(series) > 1)

    def _years(self) -> tuple[Any, dict[str, Any]] | None:
        """What the proposal costs in each year, and what the pots hold."""
        place, table = self._place("years"), self.tables.get("years")
        if place is None or table is None:
            return None
        own = [at for at, id in enumerate(table.frame["scenario_id"].tolist()) if id == self.content.shown_id]
        if not own or own != list(range(own[0], own[-1] + 1)):
            return None
        rows = Placed(place.sheet, place.first + own[0], place.first + own[-1], place.columns)
        chart = self.book.add_chart({"type": "column"})
        for column, colour in (("cost_eur", _FREE), ("money_eur", _PLAN)):
            chart.add_series(
                {
                    "name": self._say(f"series.{column}"),
                    "categories": _range(rows, "year", len(own)),
                    "values": _range(rows, column, len(own)),
                    "fill": {"color": colour},
                    "gap": 80,
                }
            )
        self._upright(chart)
        return self._finished(
            chart, self._say("chart.years" if self.content.is_proposal else "chart.years_today"), LEAST_HEIGHT, True
        )

    def _pots(self) -> tuple[Any, dict[str, Any]] | None:
        """What every pot holds in the years that the case knows; only where it knows the same ones of all."""
        place, table = self._place("pot_years"), self.tables.get("pot_years")
        if place is None or table is None:
            return None
        runs = _runs(table)
        years = {tuple(table.frame["year"].iloc[first : last + 1].tolist()) for first, last in runs}
        if len(years) != 1 or len(runs) != table.frame["pot_label"].nunique():
            return None
        chart = self.book.add_chart({"type": "column", "subtype": "stacked"})
        for (first, last), colour in zip(runs, _POTS, strict=False):
            rows = Placed(place.sheet, place.first + first, place.first + last, place.columns)
            chart.add_series(
                {
                    "name": [rows.sheet, rows.first, rows.columns["pot_label"]],
                    "categories": _range(rows, "year", last - first + 1),
                    "values": _range(rows, "amount_eur", last - first + 1),
                    "fill": {"color": colour},
                    "gap": 80,
                }
            )
        self._upright(chart)
        more = self._say("chart.first", shown=MOST_POTS, rows=len(runs)) if len(runs) > MOST_POTS else ""
        return self._finished(chart, self._say("chart.pots") + more, LEAST_HEIGHT + 20 * len(runs), True)

    def _upright(self, chart: Any) -> None:
        chart.set_x_axis({"num_font": _FONT, "text_axis": True})
        chart.set_y_axis({"num_format": "#,##0", "num_font": _FONT, "major_gridlines": _LINES, "min": 0})

    def _finished(self, chart: Any, title: str, height: int, legend: bool) -> tuple[Any, dict[str, Any]]:
        chart.set_title({"name": title, "name_font": {"size": 11, "bold": True, "color": _PLAN}, "overlay": False})
        chart.set_legend({"position": "bottom", "font": _FONT} if legend else {"none": True})
        chart.set_size({"width": WIDTH, "height": height})
        return chart, {"height": height, "description": title}

    def _place(self, key: str) -> Placed | None:
        """Where a table stands, without the rows at its end that have no figure; None where nothing can be drawn."""
        place, table = self.placed.get(key), self.tables.get(key)
        if place is None or table is None:
            return None
        told = int(table.frame[CHARTED[key]].notna().sum()) if key in CHARTED else len(table.frame)
        return replace(place, last=place.first + told - 1) if told else None


def _range(place: Placed, column: str, rows: int) -> list[Any]:
    at = place.columns[column]
    return [place.sheet, place.first, at, place.first + rows - 1, at]


def _runs(table: Sheet) -> list[tuple[int, int]]:
    """First and last row of each pot, where its rows stand together."""
    pots = table.frame["pot_label"].tolist()
    starts = [at for at, pot in enumerate(pots) if at == 0 or pot != pots[at - 1]]
    return list(zip(starts, [*(at - 1 for at in starts[1:]), len(pots) - 1], strict=True))


def _rounded_up(value: float) -> float:
    """The next number that begins with 1, 2, 3 ... and goes on with noughts, so that two charts can share an axis."""
    power = 10.0 ** (len(str(int(max(value, 1.0)))) - 1)
    return float(-(-max(value, 1.0) // power) * power)
