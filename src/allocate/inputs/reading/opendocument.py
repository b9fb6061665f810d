"""OpenDocument: the sheets of an .ods file, as LibreOffice Calc and others write it.

One part holds all sheets. Rows and cells that repeat are written once with their number; those without content are
counted and not kept, however many there are.
"""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass, field
from zipfile import ZipFile

from allocate.inputs.reading.markup import Attributes, attribute, local, parse
from allocate.inputs.reading.sheet import Fault, Merged, Sheet

CONTENT = "content.xml"
_MANIFEST = "META-INF/manifest.xml"
_HIDDEN = ("collapse", "filter")
_NUMBERS = ("float", "currency", "percentage")


class OpenDocument:
    """All sheets of one archive, and which of them are hidden.

    ``most`` is the number of cells that a sheet may have. Raises ``KeyError`` and ``ValueError`` for an archive that
    is no spreadsheet.
    """

    def __init__(self, archive: ZipFile, most: int) -> None:
        reader = _Reader(most)
        with archive.open(CONTENT) as stream:
            reader.read(stream)
        self.sheets = reader.sheets
        self.hidden = reader.hidden


def is_encrypted(archive: ZipFile) -> bool:
    """Whether the parts of an .ods file are protected by a password."""
    found: list[bool] = []
    if _MANIFEST in archive.namelist():
        with archive.open(_MANIFEST) as stream:
            # The manifest of old files names its document type in a way that is refused; those are not encrypted.
            parse(stream, {"encryption-data": lambda _: found.append(True)})
    return bool(found)


@dataclass
class _Cell:
    """One cell while it is read: its attributes by local name, how often it stands there, its paragraphs."""

    attributes: dict[str, str] = field(default_factory=dict)
    times: int = 1
    paragraphs: list[list[str]] = field(default_factory=list)


class _Reader:
    """The work on the content of one file."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.sheets: dict[str, Sheet] = {}
        self.hidden: set[str] = set()
        self.invisible: set[str] = set()  # styles of sheets that are not shown
        self.style = ""
        self.sheet: Sheet | None = None
        self.depth = 0  # tables in cells of tables are no sheets
        self.aside = 0  # inside of notes and drawings, whose text is not that of the cell
        self.row, self.column, self.times = 0, 0, 1
        self.hidden_row = False
        self.across = 0  # columns described so far
        self.kept: list[tuple[int, int, object]] = []  # column, times, content of the cells of this row
        self.faults: list[tuple[int, str, str]] = []
        self.cell: _Cell | None = None
        self.in_paragraph = False

    def read(self, stream: object) -> None:
        starts = {
            "style": self._style,
            "table-properties": self._properties,
            "table": self._table,
            "table-column": self._described,
            "table-row": self._row,
            "table-cell": self._cell,
            "covered-table-cell": self._cell,
            "p": self._paragraph,
            "s": self._spaces,
            "tab": lambda _: self._text("\t"),
            "line-break": lambda _: self._text("\n"),
            "annotation": self._begin_aside,
            "shapes": self._begin_aside,
            "tracked-changes": self._begin_aside,
        }
        ends = {
            "table": self._table_end,
            "table-row": self._row_end,
            "table-cell": self._cell_end,
            "covered-table-cell": self._cell_end,
            "p": self._paragraph_end,
            "annotation": self._end_aside,
            "shapes": self._end_aside,
            "tracked-changes": self._end_aside,
        }
        parse(stream, starts, ends, self._text)  # type: ignore[arg-type]

    def _begin_aside(self, _: Attributes) -> None:
        self.aside += 1

    def _end_aside(self) -> None:
        self.aside -= 1

    def _style(self, attributes: Attributes) -> None:
        self.style = attribute(attributes, "name")

    def _properties(self, attributes: Attributes) -> None:
        if attribute(attributes, "display") == "false":
            self.invisible.add(self.style)

    def _table(self, attributes: Attributes) -> None:
        self.depth += 1
        if self.depth == 1 and not self.aside:
            name = attribute(attributes, "name")
            self.sheet = self.sheets[name] = Sheet()
            self.row, self.across = 0, 0
            if attribute(attributes, "style-name") in self.invisible:
                self.hidden.add(name)

    def _table_end(self) -> None:
        self.depth -= 1
        if self.depth == 0:
            self.sheet = None

    @property
    def _is_open(self) -> bool:
        """Whether what is read now belongs to a sheet itself."""
        return self.sheet is not None and self.depth == 1 and not self.aside

    def _described(self, attributes: Attributes) -> None:
        if self.sheet is None or not self._is_open:
            return
        times = _times(attributes, "number-columns-repeated")
        if attribute(attributes, "visibility") in _HIDDEN:
            self.sheet.hidden_columns.update(range(self.across, min(self.across + times, 16_384)))
        self.across += times

    def _row(self, attributes: Attributes) -> None:
        if self._is_open:
            self.times = _times(attributes, "number-rows-repeated")
            visibility = attribute(attributes, "visibility")
            self.hidden_row = visibility in _HIDDEN
            if self.sheet is not None and visibility == "filter":
                self.sheet.filtered = True
            self.column, self.kept, self.faults = 0, [], []

    def _cell(self, attributes: Attributes) -> None:
        if self._is_open:
            named = {local(name): value for name, value in attributes.items() if not name.startswith("calcext:")}
            if attributes.get("calcext:value-type") == "error":
                named["value-type"] = "error"
            self.cell = _Cell(named, _times(attributes, "number-columns-repeated"))

    def _paragraph(self, _: Attributes) -> None:
        if self._is_open and self.cell is not None:
            self.cell.paragraphs.append([])
            self.in_paragraph = True

    def _paragraph_end(self) -> None:
        if self._is_open:
            self.in_paragraph = False

    def _spaces(self, attributes: Attributes) -> None:
        self._text(" " * min(_times(attributes, "c"), 1000))

    def _text(self, piece: str) -> None:
        if self.in_paragraph and self._is_open and self.cell is not None:
            self.cell.paragraphs[-1].append(piece)

    def _cell_end(self) -> None:
        if not self._is_open or self.cell is None or self.sheet is None:
            return
        cell, self.cell = self.cell, None
        text = "\n".join("".join(pieces) for pieces in cell.paragraphs)
        formula = cell.attributes.get("formula", "")
        kind = cell.attributes.get("value-type", "")
        if kind == "error":
            self.faults.append((self.column, "read-cell-error", text.strip() or "#ERROR"))
        elif formula and not kind and not text.strip():
            self.faults.append((self.column, "read-formula-empty", f"={formula.partition('=')[2]}"))
        else:
            content = _content(cell.attributes, kind, text)
            if content != "":
                self.kept.append((self.column, cell.times, content))
        down, across = _times(cell.attributes, "number-rows-spanned"), _times(cell.attributes, "number-columns-spanned")
        if down > 1 or across > 1:
            top = self.row + 1
            self.sheet.merged.append(Merged(top, self.column, top + down - 1, self.column + across - 1))
        self.column += cell.times

    def _row_end(self) -> None:
        if not self._is_open or self.sheet is None:
            return
        sheet, first = self.sheet, self.row + 1
        self.row += self.times
        cells = sum(times for _, times, _ in self.kept) + len(self.faults)
        if not cells:
            return
        if len(sheet.values) + len(sheet.faults) + cells * self.times > self.most:
            last = max([column + times for column, times, _ in self.kept], default=1)
            sheet.span = (max(sheet.span[0], self.row), max(sheet.span[1], last))
            return
        for row in range(first, self.row + 1):
            for column, times, content in self.kept:
                for at in range(column, column + times):
                    sheet.put(row, at, content)
            sheet.faults.extend(Fault(row, column, rule, value) for column, rule, value in self.faults)
            if self.hidden_row:
                sheet.hidden_rows.add(row)


def _times(attributes: Attributes, name: str) -> int:
    """How often something stands there. Raises ``ValueError`` for what is no count."""
    text = attribute(attributes, name)
    times = int(text) if text else 1
    if times < 0:
        raise ValueError(f"{name} {text[:20]}")
    return times


def _content(attributes: dict[str, str], kind: str, text: str) -> object:
    """What a cell holds: a number, a date, yes or no, a text. A number that is none stays text."""
    if kind in _NUMBERS:
        try:
            value = float(attributes.get("value", ""))
        except ValueError:
            return text
        return value if math.isfinite(value) else text
    if kind == "boolean":
        return attributes.get("boolean-value", "") == "true"
    if kind == "date":
        return _date(attributes.get("date-value", ""), text)
    return attributes.get("string-value", "") or text


def _date(written: str, text: str) -> object:
    """A date, with its time of day where it has one; what is no date stays as it is shown."""
    try:
        moment = datetime.datetime.fromisoformat(written)
    except ValueError:
        return text or written
    return moment.replace(tzinfo=None)
