"""Open XML: the sheets of an .xlsx or .xlsm file, of the common and of the strict kind.

Rows and cells are numbered by their ``r``, or by the one before where they have none. Every error value is a fault,
those of newer programs as well, and so is a formula without a value.
"""

from __future__ import annotations

import math
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from zipfile import ZipFile

from allocate.inputs.reading.markup import Attributes, attribute, parse
from allocate.inputs.reading.moments import is_span, moment
from allocate.inputs.reading.sheet import Fault, Merged, Sheet, number

_TRUE = ("1", "true")
_DIGITS = "0123456789"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True)
class Entry:
    """One sheet of the list of sheets: the part that holds it, and whether it is hidden."""

    part: str
    hidden: bool


class OpenXml:
    """One archive. Raises ``KeyError`` and ``ValueError`` for one that is no workbook."""

    def __init__(self, archive: ZipFile) -> None:
        self._parts = {f"/{name.lstrip('/')}".casefold(): name for name in archive.namelist()}
        main = [target for kind, target in self._links(archive, "/").values() if kind == "officeDocument"]
        self.main = main[0] if main else "/xl/workbook.xml"
        links = self._links(archive, self.main)
        self._shared = next((target for kind, target in links.values() if kind == "sharedStrings"), "")
        self._styles = next((target for kind, target in links.values() if kind == "styles"), "")
        self.since_1904 = False
        self.in_doubt = False  # whether a program wrote it that leaves all formulas to be calculated on opening
        self.entries: dict[str, Entry] = {}
        self._read_main(archive, links)

    def _links(self, archive: ZipFile, part: str) -> dict[str, tuple[str, str]]:
        """What a part refers to, by id: the last word of its kind, and the part it means."""
        folder, name = posixpath.split(part)
        found: dict[str, tuple[str, str]] = {}

        def link(attributes: Attributes) -> None:
            target = posixpath.normpath(posixpath.join(folder, attributes["Target"]))
            found[attributes["Id"]] = (attributes["Type"].rpartition("/")[2], target)

        place = self._parts.get(posixpath.join(folder, "_rels", f"{name}.rels").casefold())
        if place is not None:
            with archive.open(place) as stream:
                parse(stream, {"Relationship": link})
        return found

    def _read_main(self, archive: ZipFile, links: dict[str, tuple[str, str]]) -> None:
        def sheet(attributes: Attributes) -> None:
            kind, part = links[attribute(attributes, "id")]
            if kind == "worksheet":
                self.entries[attributes["name"]] = Entry(part, attributes.get("state", "visible") != "visible")

        def settings(attributes: Attributes) -> None:
            self.since_1904 = attributes.get("date1904") in _TRUE

        def calculation(attributes: Attributes) -> None:
            self.in_doubt = attributes.get("fullCalcOnLoad") in _TRUE

        handlers = {"sheet": sheet, "workbookPr": settings, "calcPr": calculation}
        with archive.open(self._parts[self.main.casefold()]) as stream:
            parse(stream, handlers)

    def sheet(self, archive: ZipFile, name: str, texts: list[str], dates: dict[int, bool]) -> Sheet:
        """The cells of one sheet; ``texts`` and ``dates`` are those of this workbook. Raises as the class does."""
        reader = _SheetReader(texts, dates, since_1904=self.since_1904, in_doubt=self.in_doubt)
        with archive.open(self._parts[self.entries[name].part.casefold()]) as stream:
            return reader.read(stream)

    def texts(self, archive: ZipFile) -> list[str]:
        """The texts that cells share, in their order; readings of Japanese signs are left out."""
        found: list[str] = []
        pieces = _Pieces()

        def begin(_: Attributes) -> None:
            pieces.clear()

        def end() -> None:
            found.append(_unescaped("".join(pieces.kept)))

        place = self._parts.get(self._shared.casefold())
        if place is not None:
            with archive.open(place) as stream:
                parse(stream, {"si": begin} | pieces.starts, {"si": end} | pieces.ends, pieces.add)
        return found

    def dates(self, archive: ZipFile) -> dict[int, bool]:
        """The styles of cells that show a number as a date (False) or as a span of time (True), by their number."""
        described: dict[int, str] = {}
        used: list[int] = []
        inside = [False]

        def format_(attributes: Attributes) -> None:
            described[int(attributes["numFmtId"])] = attributes.get("formatCode", "")

        def switch(on: bool) -> Callable[..., None]:
            return lambda *_: inside.__setitem__(0, on)

        def style(attributes: Attributes) -> None:
            if inside[0]:
                used.append(int(attributes.get("numFmtId", "0")))

        place = self._parts.get(self._styles.casefold())
        if place is not None:
            with archive.open(place) as stream:
                starts = {"numFmt": format_, "cellXfs": switch(True), "xf": style}
                parse(stream, starts, {"cellXfs": switch(False)})
        kinds = {at: is_span(at, described.get(at, "")) for at in set(used)}
        return {position: span for position, at in enumerate(used) if (span := kinds[at]) is not None}


@dataclass
class _Pieces:
    """The text of an element in its pieces: those in ``t``, but not those in ``rPh`` (how a sign is read aloud)."""

    kept: list[str] = field(default_factory=list)
    wanted: bool = False
    aloud: bool = False

    def clear(self) -> None:
        self.kept.clear()

    def add(self, piece: str) -> None:
        if self.wanted:
            self.kept.append(piece)

    @cached_property
    def starts(self) -> dict[str, Callable[[Attributes], None]]:
        return {"t": self._begin, "rPh": self._aloud}

    @cached_property
    def ends(self) -> dict[str, Callable[[], None]]:
        return {"t": self._end, "rPh": self._silent}

    def _begin(self, _: Attributes) -> None:
        self.wanted = not self.aloud

    def _end(self) -> None:
        self.wanted = False

    def _aloud(self, _: Attributes) -> None:
        self.aloud = True

    def _silent(self) -> None:
        self.aloud = False


def _unescaped(text: str) -> str:
    """A text with the signs that Open XML writes as ``_x000D_``."""
    if "_x" not in text:
        return text
    signs = _ESCAPED.sub(lambda sign: chr(int(sign[1], 16)), text)
    return signs.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # a sign may be written in two halves


class _SheetReader:
    """The work on one sheet."""

    def __init__(self, texts: list[str], dates: dict[int, bool], *, since_1904: bool, in_doubt: bool) -> None:
        self.texts, self.dates, self.since_1904, self.in_doubt = texts, dates, since_1904, in_doubt
        self.found = Sheet()
        self.row, self.column = 0, -1
        self.kind, self.style = "n", ""
        self.value: list[str] = []
        self.formula: list[str] = []
        self.has_formula = False
        self.target: list[str] | None = None
        self.hidden_row = False
        self.known: dict[str, int] = {}
        self.inline = _Pieces()

    def read(self, stream: object) -> Sheet:
        starts = {
            "row": self._row,
            "c": self._cell,
            "v": self._value,
            "f": self._formula,
            "t": self.inline.starts["t"],
            "rPh": self.inline.starts["rPh"],
            "mergeCell": self._merged,
            "col": self._columns,
            "filterColumn": self._filter,
        }
        ends = {"c": self._cell_end, "v": self._close, "f": self._close} | self.inline.ends
        parse(stream, starts, ends, self._text)  # type: ignore[arg-type]
        return self.found

    def _row(self, attributes: Attributes) -> None:
        self.row = int(attributes["r"]) if "r" in attributes else self.row + 1
        if self.row < 1:
            raise ValueError(f"row {self.row}")
        self.column = -1
        self.hidden_row = attributes.get("hidden") in _TRUE or attributes.get("zeroHeight") in _TRUE

    def _cell(self, attributes: Attributes) -> None:
        place = attributes.get("r")
        if place is None:
            self.column += 1
        else:
            self.row, self.column = self._place(place)
        self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "")
        self.value, self.formula, self.has_formula = [], [], False
        self.inline.clear()

    def _place(self, place: str) -> tuple[int, int]:
        """Row and column of a place such as ``B12``. Raises ``ValueError``."""
        word = place.rstrip(_DIGITS)
        column = self.known.get(word)
        if column is None:
            column = self.known[word] = number(word.replace("$", ""))
        row = int(place[len(word) :])
        if row < 1 or column < 0:
            raise ValueError(place[:20])
        return row, column

    def _value(self, _: Attributes) -> None:
        self.target = self.value

    def _formula(self, _: Attributes) -> None:
        self.target, self.has_formula = self.formula, True

    def _close(self) -> None:
        self.target = None

    def _text(self, piece: str) -> None:
        if self.target is not None:
            self.target.append(piece)
        elif self.inline.wanted:
            self.inline.kept.append(piece)

    def _cell_end(self) -> None:
        text = "".join(self.value)
        if self.kind == "e":
            self._fault("read-cell-error", text.strip() or "#ERROR")
            return
        if self.has_formula:
            # A formula may well give an empty text, but no empty number.
            if self.kind != "str" and not text.strip() and not self.inline.kept:
                self._fault("read-formula-empty", "=" + "".join(self.formula))
                return
            if self.in_doubt:
                self._fault("read-formula-stale", "=" + "".join(self.formula))
        content = self._content(text)
        if content != "":
            self.found.put(self.row, self.column, content)
            if self.hidden_row:
                self.found.hidden_rows.add(self.row)

    def _fault(self, rule: str, value: str) -> None:
        self.found.faults.append(Fault(self.row, self.column, rule, value))

    def _content(self, text: str) -> object:
        """What a cell holds: a number, a date, yes or no, a text. A number that is none stays text."""
        if self.kind == "s":
            at = int(text) if text.strip() else -1
            if not text.strip():
                return ""
            if not 0 <= at < len(self.texts):
                raise ValueError(f"shared text {at}")
            return self.texts[at]
        if self.kind == "inlineStr":
            return _unescaped("".join(self.inline.kept) or text)
        if self.kind == "b":
            return text.strip() in _TRUE if text.strip() else ""
        if self.kind != "n":  # "str" of a formula, "d" of a date in ISO notation
            return _unescaped(text)
        return self._number(text.strip())

    def _number(self, text: str) -> object:
        if not text:
            return ""
        try:
            value = float(text)
        except ValueError:
            return text
        if not math.isfinite(value) or "_" in text:
            return text
        span = self.dates.get(int(self.style)) if self.style and self.dates else None
        return value if span is None else moment(value, span=span, since_1904=self.since_1904)

    def _merged(self, attributes: Attributes) -> None:
        first, _, last = attributes["ref"].partition(":")
        (top, left), (bottom, right) = self._place(first), self._place(last or first)
        self.found.merged.append(Merged(top, left, bottom, right))

    def _columns(self, attributes: Attributes) -> None:
        if attributes.get("hidden") in _TRUE:
            first, last = int(attributes["min"]) - 1, int(attributes["max"]) - 1
            self.found.hidden_columns.update(range(max(0, first), min(last, 16_384) + 1))

    def _filter(self, _: Attributes) -> None:
        self.found.filtered = True
