"""Template book: the workbook of a new case, with drop-downs, notes on every heading and number formats.

Drop-downs take their ids from the other sheets. They warn and do not refuse, because an id may be entered before
the row it refers to. Rows of the example are grey and slanted for as long as their comment says that they are one.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from allocate.inputs import dictionary
from allocate.inputs.dictionary import Column, choice_word, described
from allocate.inputs.workbook.example import COMMENT, Rows, head, headings, holds_number, sheet_name, spoken
from allocate.language import Texts

LAST_ROW = 2000  # how far formats and drop-downs reach, and how many ids a drop-down offers
_TEXTS = Texts("allocate.inputs", "texts_template.csv")
_HEADINGS = {
    "required": {"bold": True, "font_color": "#ffffff", "bg_color": "#1f4e5f", "border": 1},
    "optional": {"bold": True, "font_color": "#1f4e5f", "bg_color": "#d9e6ea", "border": 1},
    "comment": {"italic": True, "font_color": "#555555", "bg_color": "#eeeeee", "border": 1},
}
_NUMBER_FORMATS = {"whole": "0", "share": "0.00##"}
_MONEY = '#,##0.00 "€"'
_NUMBER = "General"  # with optional decimals a spreadsheet would show 150 as "150."
_EXAMPLE = {"italic": True, "font_color": "#6B6B6B"}
_DATES = {"de": "dd.mm.yyyy", "en": "yyyy-mm-dd"}
_WIDEST = 48
_SETTINGS = 4  # column of the guide with the list of settings
_LIST_ROW = 7  # of the guide, where its list of tables has its head (counted from 0)


def write_book(path: Path, tables: dict[str, Rows], lang: str) -> None:
    """Write the workbook to ``path``: a sheet that explains, then one sheet per table with the rows given."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        _guide(book, lang)
        for name, rows in tables.items():
            _Sheet(book, name, rows, lang).write()


def _guide(book: Any, lang: str) -> None:
    """The first sheet: what to do, and the list of tables; its name begins with ``_``, so it is not read."""
    sheet = book.add_worksheet(_TEXTS.say("template-guide", lang))
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 10)
    sheet.set_column(2, 2, 100, wrapped)
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, _TEXTS.say("template-title", lang), book.add_format({"bold": True, "font_size": 16}))
    for step in range(1, 6):
        sheet.merge_range(step, 0, step, 2, _TEXTS.say(f"template-step-{step}", lang), wrapped)
        sheet.set_row(step, 30)
    heading = book.add_format(_HEADINGS["optional"])
    for at, name in enumerate(("table", "required", "meaning")):
        sheet.write_string(_LIST_ROW, at, _TEXTS.say(f"template-head-{name}", lang), heading)
    for at, table in enumerate(dictionary.tables().values(), _LIST_ROW + 1):
        sheet.write_url(at, 0, f"internal:'{sheet_name(table.name, lang)}'!A1", string=sheet_name(table.name, lang))
        sheet.write_string(at, 1, "*" if table.required else "")
        sheet.write_string(at, 2, f"{table.label(lang)}: {table.meaning(lang)}", wrapped)

    sheet.set_column(_SETTINGS, _SETTINGS, 34)
    sheet.write_string(_LIST_ROW, _SETTINGS, sheet_name("parameters", lang), heading)
    for at, setting in enumerate(dictionary.parameters().values(), _LIST_ROW + 1):
        sheet.write_string(at, _SETTINGS, setting.name if lang == "en" else setting.label(lang))


class _Sheet:
    """The work on one sheet."""

    def __init__(self, book: Any, table: str, rows: Rows, lang: str) -> None:
        self.book = book
        self.table = dictionary.table(table)
        self.rows = rows
        self.lang = lang
        self.sheet = book.add_worksheet(sheet_name(table, lang))
        self.names = headings(table, rows)

    def write(self) -> None:
        self.sheet.freeze_panes(1, len(self.table.key))
        self.sheet.autofilter(0, 0, LAST_ROW - 1, len(self.names) - 1)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.repeat_rows(0)
        for at, name in enumerate(self.names):
            column = dictionary.find_column(self.table.name, name)
            self._heading(at, name, column)
            self.sheet.set_column(at, at, self._width(name), self._format(column))
            if column is not None:
                self._validation(at, column)
            for row, cells in enumerate(self.rows, 1):
                self._cell(row, at, column, cells)
        self._example()

    def _example(self) -> None:
        """Rows that the comment calls an example look like one."""
        last, word = len(self.names) - 1, _TEXTS.say("template-example", self.lang)
        rule = {"type": "formula", "criteria": f'=${xl_col_to_name(self.names.index(COMMENT))}2="{word}"'}
        self.sheet.conditional_format(1, 0, LAST_ROW - 1, last, rule | {"format": self.book.add_format(_EXAMPLE)})

    def _heading(self, at: int, name: str, column: Column | None) -> None:
        style = "comment" if name == COMMENT else "required" if column and column.required else "optional"
        self.sheet.write_string(0, at, head(self.table.name, name, self.lang), self.book.add_format(_HEADINGS[style]))
        if column is not None:
            note = _note(column, self.lang)
            self.sheet.write_comment(0, at, note, {"x_scale": 2.2, "y_scale": 1.0 + len(note) / 220})

    def _width(self, name: str) -> int:
        called = head(self.table.name, name, self.lang)
        return min(_WIDEST, max([len(called), *(len(row.get(name, "")) for row in self.rows)]) + 2)

    def _format(self, column: Column | None) -> Any:
        return self.book.add_format({"num_format": _number_format(column, self.lang)})

    def _validation(self, at: int, column: Column) -> None:
        rule = _rule(column, self.lang)
        if rule:
            kind = described(column, self.lang)
            # A spreadsheet cuts nothing off: it refuses a message of more than 225 characters.
            message = _TEXTS.say("template-unknown", self.lang, kind=kind)[:225]
            title = _TEXTS.say("template-unknown-title", self.lang)
            rule |= {"error_type": "warning", "error_title": title, "error_message": message}
            self.sheet.data_validation(1, at, LAST_ROW - 1, at, rule)

    def _cell(self, row: int, at: int, column: Column | None, cells: dict[str, str]) -> None:
        name = self.names[at]
        text = spoken(self.table.name, name, cells, self.lang)
        if not text:
            return
        if holds_number(self.table.name, name, cells):
            self.sheet.write_number(row, at, float(text))
        elif column is not None and column.type == "date":
            self.sheet.write_datetime(row, at, date.fromisoformat(text))
        else:
            self.sheet.write_string(row, at, text)


def _note(column: Column, lang: str) -> str:
    """The note on a heading: label, meaning, kind, unit, default."""
    parts = [f"{column.label(lang)}\n{column.meaning(lang)}\n{described(column, lang)}."]
    if column.unit:
        parts.append(_TEXTS.say("template-unit", lang, unit=column.unit_name(lang)))
    if column.default:
        default = column.default
        if column.is_boolean:
            default = _TEXTS.say(f"template-{default}", lang)
        parts.append(_TEXTS.say("template-default", lang, default=default))
    if column.required:
        parts.append(_TEXTS.say("template-required", lang))
    return "\n".join(parts)


def _number_format(column: Column | None, lang: str) -> str:
    """How a spreadsheet shows the cells of a column; text keeps leading zeros."""
    if column is None or not column.is_numeric:
        if column is not None and column.type in ("date", "value"):
            return _DATES[lang] if column.type == "date" else "General"
        return "@"
    if column.unit.startswith("EUR"):
        return _MONEY
    return _NUMBER_FORMATS.get(column.type, _NUMBER)


def _rule(column: Column, lang: str) -> dict[str, Any]:
    """What a spreadsheet accepts in a column without asking; nothing for free text and lists."""
    if column.is_numeric:
        return _bounds(column)
    if column.type == "date":
        return {"validate": "date", "criteria": ">=", "value": date(1990, 1, 1)}
    words: list[str] | str = [choice_word(choice, lang) for choice in column.choices]
    guide, first = _TEXTS.say("template-guide", lang), _LIST_ROW + 2
    if (column.table, column.name) == ("changes", "table"):
        words = f"='{guide}'!$A${first}:$A${first + len(dictionary.tables()) - 1}"
    elif (column.table, column.name) == ("parameters", "parameter"):
        letter = xl_col_to_name(_SETTINGS)
        words = f"='{guide}'!${letter}${first}:${letter}${first + len(dictionary.parameters()) - 1}"
    elif column.type == "id" and column.refers_to:
        table, _, name = column.refers_to.partition(".")
        letter = xl_col_to_name(dictionary.table(table).names.index(name))
        words = f"='{sheet_name(table, lang)}'!${letter}$2:${letter}${LAST_ROW}"
    elif column.is_boolean:
        words = [_TEXTS.say(f"template-{word}", lang) for word in ("yes", "no")]
    return {"validate": "list", "source": words} if words else {}


def _bounds(column: Column) -> dict[str, Any]:
    """The bounds of a number; an open end has none."""
    kind = "integer" if column.type == "whole" else "decimal"
    low, high = column.minimum, column.maximum
    if low is not None and high is not None:
        return {"validate": kind, "criteria": "between", "minimum": low, "maximum": high}
    return {"validate": kind, "criteria": ">=", "value": low} if low is not None else {}
