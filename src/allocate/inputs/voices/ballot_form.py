"""Ballot form: the workbook in which people weigh the needs, one sheet per ballot, and enter what they suggest.

A form has its own small layout: the first column holds the technical names by which ``ballots`` finds the cells again,
the cells to fill in are open and all others protected (without a password). Nothing written here is a formula except
the sums, whatever a group or a need is called.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

from allocate.inputs.voices.ballots import META, METHODS
from allocate.inputs.voices.suggestions import COLUMNS as SUGGESTION_COLUMNS
from allocate.inputs.voices.suggestions import SHEET as SUGGESTION_SHEET
from allocate.inputs.voices.suggestions import STATUSES
from allocate.language import Texts, number, percent

_TEXTS = Texts("allocate.inputs", "texts_participation.csv")
_META_ROW = 4  # counted from 0, as all rows and columns here
_HEADER = 10
_FIRST = _HEADER + 1
_NAME, _VALUE, _TODAY, _FULL, _SHARE = 1, 2, 3, 4, 5
_LAST_SUGGESTION = 500
_UNSAFE = re.compile(r"[\[\]:*?/\\]")
_LONGEST_SHEET = 31
_LONGEST_NOTE = 250


@dataclass(frozen=True)
class Stake:
    """What is at stake in a need: its demand (need units/year) and today's coverage, share 0..1 (NaN: not shown)."""

    need_id: str
    name: str
    unit: str
    demand: float
    coverage_today: float


def write_ballot_form(
    path: Path, stakes: Sequence[Stake], *, title: str, groups: Sequence[str] = (), forms: int = 1, lang: str = "de"
) -> None:
    """Write the workbook: a sheet that explains, ``forms`` ballots for each group (for nobody named, where there are
    none), and the sheet ``suggestions``. Raises ``OSError`` where it cannot be written.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    named = [(group, at) for group in (groups or ("",)) for at in range(1, forms + 1)]
    with xlsxwriter.Workbook(str(path), options) as book:
        taken: set[str] = {SUGGESTION_SHEET}
        formats = _formats(book)
        _guide(book, formats, title, lang)
        for group, at in named:
            label = group or _TEXTS.say("form.sheet", lang)
            name = _sheet_name(label if forms == 1 and group else f"{label} {at}", taken)
            _Form(book, formats, name, stakes, title, group, groups, lang).write()
        _suggestions(book, formats, lang)


def _formats(book: Any) -> dict[str, Any]:
    return {
        "title": book.add_format({"bold": True, "font_size": 16}),
        "text": book.add_format({"text_wrap": True, "valign": "top"}),
        "technical": book.add_format({"font_color": "#999999", "font_size": 8}),
        "label": book.add_format({"bold": True, "font_color": "#ffffff", "bg_color": "#1f4e5f", "text_wrap": True}),
        "input": book.add_format({"locked": False, "bg_color": "#fff8dc", "border": 1, "num_format": "0.##"}),
        "word": book.add_format({"locked": False, "bg_color": "#fff8dc", "border": 1, "num_format": "@"}),
        "share": book.add_format({"num_format": "0.0%"}),
        "sum": book.add_format({"bold": True, "num_format": "0.##"}),
    }


def _guide(book: Any, formats: dict[str, Any], title: str, lang: str) -> None:
    """The first sheet: what each way of weighing means; its name begins with ``_``, so it is not read."""
    sheet = book.add_worksheet(_TEXTS.say("form.guide", lang))
    sheet.set_column(0, 0, 100, formats["text"])
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, title, formats["title"])
    for row, key in enumerate(("what", "points", "ranking", "swing", "private", "unasked", "suggestions"), 1):
        sheet.write_string(row, 0, _TEXTS.say(f"form.guide-{key}", lang), formats["text"])
        sheet.set_row(row, 45)


class _Form:
    """The work on one ballot."""

    def __init__(
        self,
        book: Any,
        formats: dict[str, Any],
        name: str,
        stakes: Sequence[Stake],
        title: str,
        group: str,
        groups: Sequence[str],
        lang: str,
    ) -> None:
        self.sheet = book.add_worksheet(name)
        self.formats, self.stakes, self.title = formats, stakes, title
        self.group, self.groups, self.lang = group, groups, lang
        self.last = _FIRST + len(stakes) - 1

    def write(self) -> None:
        self._columns()
        self._head()
        self._table()
        self._sums()
        self.sheet.freeze_panes(_FIRST, 0)
        self.sheet.protect()
        self.sheet.set_landscape()
        self.sheet.fit_to_pages(1, 1)

    def say(self, key: str, **values: object) -> str:
        return _TEXTS.say(f"form.{key}", self.lang, **values)

    def _columns(self) -> None:
        widths = {0: 10, _NAME: 44, _VALUE: 12, _TODAY: 16, _FULL: 30, _SHARE: 12}
        for at, width in widths.items():
            self.sheet.set_column(at, at, width)

    def _head(self) -> None:
        sheet, formats = self.sheet, self.formats
        sheet.write_string(0, _NAME, self.title, formats["title"])
        sheet.write_string(1, _NAME, self.say("hint"), formats["text"])
        sheet.set_row(1, 90)
        for row, name in enumerate(META, _META_ROW):
            sheet.write_string(row, 0, name, formats["technical"])
            sheet.write_string(row, _VALUE, self.say(f"meta-{name}"))
        sheet.write_string(_META_ROW, 1, "", formats["word"])
        sheet.write_string(_META_ROW + 1, 1, self.group, formats["word"])
        sheet.write_number(_META_ROW + 2, 1, 1, formats["input"])
        words = [_TEXTS.say(f"method.{name}", self.lang) for name in METHODS]
        sheet.write_string(_META_ROW + 3, 1, words[0], formats["word"])
        sheet.data_validation(_META_ROW + 3, 1, _META_ROW + 3, 1, {"validate": "list", "source": words})
        sheet.data_validation(_META_ROW + 2, 1, _META_ROW + 2, 1, {"validate": "integer", "criteria": ">=", "value": 1})
        source = [group for group in self.groups if "," not in group]
        if source and len(",".join(source)) <= _LONGEST_NOTE:
            rule = {"validate": "list", "source": source, "error_type": "warning"}
            sheet.data_validation(_META_ROW + 1, 1, _META_ROW + 1, 1, rule)
        sheet.write_comment(_META_ROW + 3, 1, self.say("meta-method-note"), {"x_scale": 3, "y_scale": 2})

    def _table(self) -> None:
        sheet, formats = self.sheet, self.formats
        labels = {_NAME: "need", _VALUE: "value", _TODAY: "today", _FULL: "full", _SHARE: "share"}
        for at, key in labels.items():
            sheet.write_string(_HEADER - 1, at, self.say(f"column-{key}"), formats["label"])
        sheet.write_string(_HEADER, 0, "need_id", formats["technical"])
        sheet.write_string(_HEADER, _VALUE, "value", formats["technical"])
        sheet.write_comment(_HEADER - 1, _VALUE, self.say("value-note"), {"x_scale": 3, "y_scale": 2})
        values, method = self._values, f"$B${_META_ROW + 4}"
        for row, stake in enumerate(self.stakes, _FIRST):
            sheet.write_string(row, 0, stake.need_id, formats["technical"])
            sheet.write_string(row, _NAME, stake.name)
            sheet.write_blank(row, _VALUE, None, formats["input"])
            sheet.write_string(row, _TODAY, percent(stake.coverage_today, self.lang))
            sheet.write_string(row, _FULL, self._full(stake))
            share = f'=IF(OR({method}="{self._word("ranking")}",SUM({values})<=0),"",C{row + 1}/SUM({values}))'
            sheet.write_formula(row, _SHARE, share, formats["share"], "")
        first = f"C{_FIRST + 1}"
        rule = {
            "validate": "custom",
            "value": f'=AND(ISNUMBER({first}),{first}>=0,OR({method}<>"{self._word("swing")}",{first}<=100))',
            "error_title": self.say("value-error-title"),
            "error_message": self.say("value-error"),
        }
        sheet.data_validation(_FIRST, _VALUE, self.last, _VALUE, rule)

    def _full(self, stake: Stake) -> str:
        """What full coverage would mean: how many more units a year than today."""
        more = stake.demand * (1 - stake.coverage_today)
        if more != more:  # noqa: PLR0124  (NaN: numbers that are withheld)
            return ""
        return self.say("full", units=number(more, self.lang), unit=stake.unit)

    def _sums(self) -> None:
        """Beside the head: the sum, what is left of 100 points, and the highest value."""
        values, method = self._values, f"$B${_META_ROW + 4}"
        rows = (
            ("sum", f"=SUM({values})", 0),
            ("left", f'=IF({method}="{self._word("points")}",100-SUM({values}),"")', 100),
            ("top", f"=MAX({values})", 0),
        )
        for row, (key, formula, now) in enumerate(rows, _META_ROW):
            self.sheet.write_string(row, _FULL, self.say(key))
            self.sheet.write_formula(row, _SHARE, formula, self.formats["sum"], now)

    @property
    def _values(self) -> str:
        return f"$C${_FIRST + 1}:$C${self.last + 1}"

    def _word(self, method: str) -> str:
        return _TEXTS.say(f"method.{method}", self.lang)


def _suggestions(book: Any, formats: dict[str, Any], lang: str) -> None:
    """The sheet of suggestions, one a row; its headings are the column names that are read."""
    sheet = book.add_worksheet(SUGGESTION_SHEET)
    sheet.freeze_panes(1, 2)
    widths = {"title": 44, "change": 44, "decision_reason": 44}
    for at, name in enumerate(SUGGESTION_COLUMNS):
        sheet.write_string(0, at, name, formats["label"])
        sheet.write_comment(0, at, _TEXTS.say(f"form.suggestion-{name}", lang), {"x_scale": 3, "y_scale": 2})
        sheet.set_column(at, at, widths.get(name, 16), book.add_format({"num_format": "@", "text_wrap": True}))
    at = SUGGESTION_COLUMNS.index("status")
    words = [_TEXTS.say(f"status.{one}", lang) for one in STATUSES]
    sheet.data_validation(1, at, _LAST_SUGGESTION, at, {"validate": "list", "source": words})


def _sheet_name(label: str, taken: set[str]) -> str:
    """A name a workbook accepts and reads again: no forbidden signs, at most 31, no two alike, no note (``_``)."""
    bare = _UNSAFE.sub(" ", label).strip(" '_")[:_LONGEST_SHEET].strip(" '_") or "1"
    name, number_of = bare, 2
    while name.casefold() in {one.casefold() for one in taken} or name.casefold() == "history":
        tail = f" {number_of}"
        name, number_of = bare[: _LONGEST_SHEET - len(tail)] + tail, number_of + 1
    taken.add(name)
    return name
