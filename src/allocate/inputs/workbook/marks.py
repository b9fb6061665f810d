"""Marks: colours, comments and the list of findings in a workbook that is open in openpyxl.

A comment of ours begins with ``[allocate]``; behind it stands nothing of the planner's, so that it can be taken away
again. Where a cell has a comment already, ours is added beneath it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import MergedCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from allocate.inputs.findings import ERROR, NOTE, SEVERITIES, WARNING
from allocate.language import Texts

SIGN = "[allocate]"
MOST_MARKED = 5_000  # cells; a spreadsheet program becomes slow with more comments
FILLS = {ERROR: "FFFFC7CE", WARNING: "FFFFEB9C", NOTE: "FFDDEBF7"}
COLUMNS = ("severity", "place", "column", "value", "message", "fix", "rule")
_TEXTS = Texts("allocate.inputs", "texts_marking.csv")
_WIDTHS = (12, 24, 20, 24, 70, 70, 26)
_LONGEST = 32_767
_LETTERS = re.compile(r"[A-Z]{1,3}")
_PLAIN = re.compile(r"[A-Za-z_]\w*")

type _Place = tuple[str, int, int]


class Marker:
    """The marks in one workbook, in one language; ``head_rows``: the row of each sheet that names its columns."""

    def __init__(self, book: Workbook, lang: str, head_rows: Mapping[str, int]) -> None:
        self.book = book
        self.lang = lang
        self.say = _TEXTS.spoken(lang)
        self.head_rows = head_rows
        self._heads: dict[str, dict[str, int]] = {}

    def clean(self) -> None:
        """Take away the marks and the list of an earlier copy; the planner's own comments and colours stay."""
        titles = _TEXTS.sentences["title"].values()
        for name in _TEXTS.sentences["sheet"].values():
            if name in self.book.sheetnames and self.book[name].cell(1, 1).value in titles:
                self.book.remove(self.book[name])
        for sheet in self.book.worksheets:
            # Only the cells that are there: one forgotten cell far away would make a walk over all rows endless.
            for cell in list(sheet._cells.values()):
                if cell.comment is not None and SIGN in cell.comment.text:
                    _unmark(cell)
                elif cell.comment is not None:
                    cell.comment = _note(cell.comment.text, cell.comment.author or "")

    def mark(self, findings: pd.DataFrame) -> int:
        """Colour and comment the cells of the findings; gives how many findings stand at a cell."""
        wanted: dict[_Place, list[int]] = {}
        places = zip(findings["sheet"], findings["row"], findings["column"], strict=True)
        for number, place in enumerate(self._cell(*place) for place in places):
            if place is not None and (place in wanted or len(wanted) < MOST_MARKED):
                wanted.setdefault(place, []).append(number)
        for (sheet, row, column), numbers in wanted.items():
            cell = self.book[sheet].cell(row, column)
            here = findings.take(numbers)
            worst = min(here["severity"], key=SEVERITIES.index)
            cell.fill = PatternFill("solid", fgColor=FILLS[worst])
            _comment(cell, "\n\n".join(self._texts(here)))
        return sum(len(numbers) for numbers in wanted.values())

    def _texts(self, findings: pd.DataFrame) -> Iterator[str]:
        parts = zip(*(findings[name] for name in ("severity", "message", "fix", "rule")), strict=True)
        for severity, message, fix, rule in parts:
            yield f"{self.say(severity)}: {message}\n{self.say('to-do', fix=fix)}\n({rule})"

    def _cell(self, sheet: str, row: Any, column: str) -> _Place | None:
        """Sheet, row and column of a finding's cell: the heading for a whole column, A1 for a whole sheet."""
        if sheet not in self.book.sheetnames or not isinstance(self.book[sheet], Worksheet):
            return None
        known = self._columns(sheet)
        line = self.head_rows.get(sheet, 1) if pd.isna(row) else int(row)
        at = known.get(column, 0)
        if not at and _LETTERS.fullmatch(column):
            at = column_index_from_string(column)
        if not at:
            line, at = (1, 1) if column else (line, 1)
        opened = self.book[sheet]
        if isinstance(opened.cell(line, at), MergedCell):
            ranges = [one for one in opened.merged_cells.ranges if opened.cell(line, at).coordinate in one]
            line, at = (ranges[0].min_row, ranges[0].min_col) if ranges else (line, at)
        return sheet, line, at

    def _columns(self, sheet: str) -> dict[str, int]:
        if sheet not in self._heads:
            heads = self.book[sheet][self.head_rows.get(sheet, 1)]
            cells = [str(cell.value).strip() for cell in heads if cell.value is not None]
            numbers = [cell.column for cell in heads if cell.value is not None]
            # The first of two columns of one name is the one that is read.
            self._heads[sheet] = dict(zip(reversed(cells), reversed(numbers), strict=True))
        return self._heads[sheet]

    def list_all(self, findings: pd.DataFrame, lost: Sequence[str]) -> None:
        """The first sheet: how many findings, what the copy lacks, and all findings with a link to their cells."""
        sheet = self.book.create_sheet(self.say("sheet"), 0)
        self.book.active = 0
        for other in self.book.worksheets:
            other.sheet_view.tabSelected = other is sheet
        counts = {kind: int((findings["severity"] == kind).sum()) for kind in SEVERITIES}
        intro = [self.say("title"), self.say("counts", **counts), self.say("again")]
        if lost:
            intro += [self.say("lost"), *(f"– {what}" for what in lost)]
        for row, text in enumerate(intro, 1):
            cell = sheet.cell(row, 1)
            _write(cell, text)
            cell.font = Font(bold=row == 1, size=14 if row == 1 else 11)
        first = len(intro) + 2
        self._head(sheet, first)
        places = zip(findings["sheet"], findings["row"], findings["column"], strict=True)
        links = [self._cell(*place) for place in places]
        rows = findings.assign(place="").to_dict("records")
        for row, (record, link) in enumerate(zip(rows, links, strict=True), first + 1):
            self._line(sheet, row, {str(key): value for key, value in record.items()}, link)
        last = get_column_letter(len(COLUMNS))
        sheet.auto_filter.ref = f"A{first}:{last}{first + len(findings)}"
        sheet.freeze_panes = sheet.cell(first + 1, 1)
        sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.print_title_rows = f"{first}:{first}"

    def _head(self, sheet: Any, row: int) -> None:
        for at, (name, width) in enumerate(zip(COLUMNS, _WIDTHS, strict=True), 1):
            cell = sheet.cell(row, at, self.say(f"head-{name}"))
            cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="FFD9E6EA")
            sheet.column_dimensions[get_column_letter(at)].width = width

    def _line(self, sheet: Any, row: int, finding: dict[str, Any], link: _Place | None) -> None:
        for at, name in enumerate(COLUMNS, 1):
            cell = sheet.cell(row, at)
            cell.alignment = Alignment(vertical="top", wrap_text=name in ("message", "fix", "value"))
            if name == "severity":
                _write(cell, self.say(finding[name]))
                cell.fill = PatternFill("solid", fgColor=FILLS[finding[name]])
            elif name == "place":
                _write(cell, self._place(finding, link))
                if link is not None:
                    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=_reference(*link))
                    cell.font = Font(underline="single", color="FF0563C1")
            else:
                _write(cell, str(finding[name]))

    def _place(self, finding: dict[str, Any], link: _Place | None) -> str:
        if link is not None:
            return f"{link[0]}!{get_column_letter(link[2])}{link[1]}"
        return str(finding["sheet"] or finding["file"])


def _reference(sheet: str, row: int, column: int) -> str:
    """A cell as a link names it: sheet names other than plain words stand in quotation marks."""
    name = sheet if _PLAIN.fullmatch(sheet) else "'" + sheet.replace("'", "''") + "'"
    return f"{name}!{get_column_letter(column)}{row}"


def _comment(cell: Any, text: str) -> None:
    """Set our comment, beneath the one that is there."""
    own, author = "", "allocate"
    if cell.comment is not None:
        own, author = f"{cell.comment.text.rstrip()}\n\n", cell.comment.author or author
    whole = ILLEGAL_CHARACTERS_RE.sub("�", f"{own}{SIGN} {text}")[:_LONGEST]
    cell.comment = _note(whole, author)


def _note(text: str, author: str) -> Comment:
    """A comment whose box shows all of it; openpyxl does not remember the size of the one that was there."""
    lines = sum(1 + len(line) // 50 for line in text.splitlines())
    return Comment(text, author, height=min(600, 24 + 18 * lines), width=380)


def _unmark(cell: Any) -> None:
    kept = cell.comment.text.partition(SIGN)[0].rstrip()
    cell.comment = _note(kept, cell.comment.author or "") if kept else None
    if cell.fill.fill_type == "solid" and cell.fill.fgColor.rgb in FILLS.values():
        cell.fill = PatternFill()


def _write(cell: Any, text: str) -> None:
    """Text stays text, for one that begins with ``=`` would otherwise become a formula."""
    cell.value = ILLEGAL_CHARACTERS_RE.sub("�", text)[:_LONGEST]
    cell.data_type = "s"
