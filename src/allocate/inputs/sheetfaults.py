"""Sheet faults: cells of a workbook that hold an error or a formula that was never calculated.

Readers of workbooks give such cells as blanks. Here the text of a sheet is searched for them directly, piece by
piece, so that a sheet of a million rows needs neither much memory nor a tree of its elements.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from xml.etree import ElementTree
from zipfile import ZipFile

from allocate.inputs.findings import ERROR, WARNING

_MAIN = "xl/workbook.xml"
_LINKS = "xl/_rels/workbook.xml.rels"
_LINK_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PIECE = 8_000_000
_CELL = re.compile(
    rb"<(?:\w+:)?c(?P<marks>\s[^>]*?)(?:/>|>(?P<body>.*?)</(?:\w+:)?c>)",
    re.DOTALL,
)
_PLACE = re.compile(rb'\br="([A-Z]+)([0-9]+)"')
_KIND = re.compile(rb'\bt="(\w+)"')
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]*)</")
_FORMULA = re.compile(rb"<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>([^<]*)</)")
_WIDE = re.compile(rb'\br="([A-Z]{2,})[0-9]+"')
_FAR = re.compile(rb'\br="[A-Z]*([0-9]{8,})"')  # no spreadsheet has rows of eight digits
_ROW = re.compile(rb'<(?:\w+:)?row\s[^>]*?\br="([0-9]{1,7})"')
_LAST = 2_000  # bytes before the end of a piece in which the start of its last row is looked for first
_SIGNS_OF_FAULTS = (b't="e"', b"<f", b":f>", b":f ")
_ROW_END = b"row>"


SEVERITIES = {"read-cell-error": ERROR, "read-formula-empty": ERROR, "read-formula-stale": WARNING}


@dataclass(frozen=True)
class Fault:
    """One cell: ``row`` as in the sheet (1 is the first), ``column`` counted from 0, the rule and what stands there."""

    row: int
    column: int
    rule: str
    value: str


@dataclass(frozen=True)
class Search:
    """What a sheet's text shows: its faulty cells, and how many rows and columns its cells span from A1."""

    faults: list[Fault]
    rows: int
    columns: int


def sheet_parts(archive: ZipFile) -> dict[str, str]:
    """Where in the archive each sheet stands. Raises ``KeyError`` for an archive that is no workbook."""
    links = {
        link.attrib["Id"]: posixpath.normpath(posixpath.join("xl", link.attrib["Target"])).lstrip("/")
        for link in ElementTree.fromstring(archive.read(_LINKS))
    }
    return {
        element.attrib["name"]: links[element.attrib[_LINK_ID]]
        for element in ElementTree.fromstring(archive.read(_MAIN)).iter()
        if element.tag.endswith("}sheet")
    }


def search_sheet(archive: ZipFile, part: str) -> Search:
    """The cells of a sheet with an error or a formula whose value is missing or in doubt, and the sheet's extent.

    The extent is found before anything is unfolded: one stray cell in the last row and column of a sheet would
    otherwise ask for 17 thousand million cells. Columns are counted to 26 at least.
    """
    in_doubt = _never_calculated(archive)
    faults: list[Fault] = []
    rows, columns = 0, 26
    for piece in _pieces(archive, part):
        rows = max([rows, _last_row(piece), *(int(row) for row in _FAR.findall(piece))])
        columns = max([columns, *(_number(letters) for letters in set(_WIDE.findall(piece)))])
        if any(sign in piece for sign in _SIGNS_OF_FAULTS):
            found = (_fault(cell, in_doubt) for cell in _CELL.finditer(piece))
            faults.extend(fault for fault in found if fault is not None)
    return Search(faults, rows, columns)


def _last_row(piece: bytes) -> int:
    """The number of the last row of a piece; 0 where none is numbered."""
    for end in (piece[-_LAST:], piece):
        numbers = _ROW.findall(end)
        if numbers:
            return int(numbers[-1])
    return 0


def _number(letters: bytes) -> int:
    """How many columns there are up to the one with these letters: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _never_calculated(archive: ZipFile) -> bool:
    """Whether a program wrote the workbook that leaves all formulas to be calculated on opening."""
    marks = (element.attrib for element in ElementTree.fromstring(archive.read(_MAIN)).iter())
    return any(mark.get("fullCalcOnLoad") in ("1", "true") for mark in marks)


def _pieces(archive: ZipFile, part: str) -> Iterator[bytes]:
    """The text of a sheet in pieces that end where a row ends."""
    rest = b""
    with archive.open(part) as stream:
        while piece := stream.read(_PIECE):
            head, end, tail = piece.rpartition(_ROW_END)
            if end:
                yield rest + head + end
                rest = tail
            else:
                rest += tail
    yield rest


def _fault(cell: re.Match[bytes], in_doubt: bool) -> Fault | None:
    body = cell["body"] or b""
    kind = _KIND.search(cell["marks"])
    value = _VALUE.search(body)
    formula = _FORMULA.search(body)
    if kind and kind[1] == b"e":
        return _placed(cell, "read-cell-error", (value[1] if value else b"#ERROR"))
    if not formula:
        return None
    is_text = kind is not None and kind[1] == b"str"  # a formula may well give an empty text
    if not is_text and not (value and value[1].strip()):
        return _placed(cell, "read-formula-empty", b"=" + (formula[1] or b""))
    return _placed(cell, "read-formula-stale", b"=" + (formula[1] or b"")) if in_doubt else None


def _placed(cell: re.Match[bytes], rule: str, value: bytes) -> Fault:
    place = _PLACE.search(cell["marks"])
    row, column = (int(place[2]), _number(place[1]) - 1) if place else (1, -1)
    return Fault(row, column, rule, unescape(value.decode("utf-8", "replace")))
