"""Further rows in a workbook, everything else byte for byte as it was: formulas with their values, charts, notes.

Libraries that write a workbook anew lose what they do not know of it, the stored values of all formulas above all, so
rows are written into the text of the sheet's part. Whoever calls this reads the result back before it is used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

from allocate.inputs.dictionary import table as described
from allocate.inputs.reading.openxml import OpenXml
from allocate.inputs.reading.sheet import letters, number
from allocate.inputs.vocabulary import table_of
from allocate.inputs.workbook.writing import Row, needed

_ROW = re.compile(r"<(?P<p>(?:\w+:)?)row\b(?P<a>[^>]*?)(?:/>|>(?P<inner>.*?)</(?:\w+:)?row>)", re.DOTALL)
_CELL = re.compile(r"<(?:\w+:)?c\b(?P<a>[^>]*?)(?:/>|>(?P<inner>.*?)</(?:\w+:)?c>)", re.DOTALL)
_DATA = re.compile(r"<(?P<p>(?:\w+:)?)sheetData\b[^>]*?(?:/>|>.*?</(?:\w+:)?sheetData>)", re.DOTALL)
_DIMENSION = re.compile(r"<(?:\w+:)?dimension\b[^>]*/>")
_REFERENCE = re.compile(r'\br="([A-Z]*)(\d+)"')
_STYLE = re.compile(r'\bs="\d+"')
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True)
class Head:
    """The names of the columns of a sheet in their order (blank: none of ours), their row, and words for names."""

    columns: Sequence[str]
    row: int = 1
    words: Mapping[str, str] = field(default_factory=dict)


class Unwritable(ValueError):
    """A workbook into which no rows can be written without a risk to the rest of it."""


def add_rows(source: Path, heads: Mapping[str, Head], rows: Mapping[str, Sequence[Row]], target: Path) -> None:
    """Write the workbook ``source`` with further ``rows`` of some sheets to ``target``.

    ``heads`` are those of each sheet that is there, by its title; ``rows`` go by the same titles, a title without
    heads is a new sheet. Raises ``Unwritable``, ``OSError``.
    """
    with ZipFile(source) as archive:
        book = OpenXml(archive)
        parts = {name: archive.read(name) for name in archive.namelist()}
        for title, new in rows.items():
            if title in heads:
                place = _place_of(book, parts, title)
                parts[place] = _with_rows(_text(parts[place]), title, heads[title], new).encode()
            else:
                _add_sheet(parts, title, _new_sheet(parts, title, new))
        with ZipFile(target, "w", ZIP_DEFLATED) as written:
            kept = {info.filename: info for info in archive.infolist()}
            for name, content in parts.items():
                written.writestr(kept.get(name, name), content, ZIP_DEFLATED)


def _place_of(book: OpenXml, parts: Mapping[str, bytes], title: str) -> str:
    part = book.entries[title].part.lstrip("/").casefold()
    return next(name for name in parts if name.lstrip("/").casefold() == part)


def _text(part: bytes) -> str:
    try:
        return part.decode("utf-8")
    except UnicodeDecodeError as failure:
        raise Unwritable("encoding") from failure


def _with_rows(text: str, title: str, head: Head, rows: Sequence[Row]) -> str:
    data = _DATA.search(text)
    if data is None:
        raise Unwritable("sheetData")
    found: dict[int, re.Match[str]] = {}
    for row in _ROW.finditer(data.group()):
        place = _REFERENCE.search(row["a"])
        if place is None:
            raise Unwritable("rows without numbers")
        found[int(place[2])] = row
    prefix = data["p"]
    changed: dict[int, str] = {}
    columns = list(head.columns)
    missing = [column for column in needed(_table(title), rows) if column not in columns]
    if missing:
        called = {len(columns) + at: head.words.get(name, name) for at, name in enumerate(missing)}
        columns += missing
        changed[head.row] = _row(prefix, head.row, found.get(head.row), called)
    last = max((at for at, row in found.items() if re.search(r"<(?:\w+:)?(?:v|is|f)\b", row["inner"] or "")), default=1)
    for at, new in enumerate(rows, max(last, head.row) + 1):
        cells = {column: new[name] for column, name in enumerate(columns) if new.get(name, "") != ""}
        changed[at] = _row(prefix, at, found.get(at), cells)
    whole = {at: row.group() for at, row in found.items()} | changed
    inner = "".join(whole[at] for at in sorted(whole))
    filled = f"<{prefix}sheetData>{inner}</{prefix}sheetData>"
    return _DIMENSION.sub("", text[: data.start()]) + filled + text[data.end() :]


def _table(title: str) -> str:
    return table_of(title) or title.strip().casefold()


def _row(prefix: str, at: int, old: re.Match[str] | None, values: Mapping[int, str | float]) -> str:
    """A row with these values by column; further cells and the styles of an old one stay."""
    cells: dict[int, str] = {}
    styles: dict[int, str] = {}
    for cell in _CELL.finditer((old["inner"] or "") if old else ""):
        place = _REFERENCE.search(cell["a"])
        if place is None:
            raise Unwritable("cells without places")
        column = number(place[1])
        cells[column] = cell.group()
        style = _STYLE.search(cell["a"])
        styles[column] = f" {style.group()}" if style else ""
    for column, value in values.items():
        begin = f'<{prefix}c r="{letters(column)}{at}"{styles.get(column, "")}'
        if isinstance(value, float):
            cells[column] = f"{begin}><{prefix}v>{value!r}</{prefix}v></{prefix}c>"
        else:
            said = escape(_CONTROL.sub(lambda sign: f"_x{ord(sign.group()):04X}_", value))
            text = f'<{prefix}is><{prefix}t xml:space="preserve">{said}</{prefix}t></{prefix}is>'
            cells[column] = f'{begin} t="inlineStr">{text}</{prefix}c>'
    attributes = re.sub(r'\s*\bspans="[^"]*"', "", old["a"]) if old else f' r="{at}"'
    return f"<{prefix}row{attributes}>" + "".join(cells[column] for column in sorted(cells)) + f"</{prefix}row>"


def _new_sheet(parts: Mapping[str, bytes], title: str, rows: Sequence[Row]) -> str:
    space = re.search(r'xmlns(?::\w+)?="([^"]*/spreadsheetml[^"]*main)"', _text(parts[_main(parts)]))
    if space is None:
        raise Unwritable("namespace")
    heads = [column.name for column in described(_table(title))]
    head = _row("", 1, None, dict(enumerate(heads)))
    empty = f'<worksheet xmlns="{space[1]}"><sheetData>{head}</sheetData></worksheet>'
    return '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + _with_rows(empty, title, Head(heads), rows)


def _add_sheet(parts: dict[str, bytes], title: str, sheet: str) -> None:
    """Enter a new sheet in the list of sheets, its links and the list of contents."""
    main = _main(parts)
    folder, _, name = main.rpartition("/")
    links = f"{folder}/_rels/{name}.rels"
    if links not in parts or "[Content_Types].xml" not in parts:
        raise Unwritable("links")
    kind = re.search(r'Type="([^"]*)/worksheet"', _text(parts[links]))
    if kind is None:
        raise Unwritable("links")
    free = next(at for at in range(1, 100_000) if f"{folder}/worksheets/sheet{at}.xml" not in parts)
    parts[f"{folder}/worksheets/sheet{free}.xml"] = sheet.encode()
    ids = [int(found) for found in re.findall(r'\bsheetId="(\d+)"', _text(parts[main]))]
    link = f"rIdNew{free}"
    entry = f'sheet name={quoteattr(title)} sheetId="{max(ids, default=0) + 1}" q:id="{link}" xmlns:q="{kind[1]}"/>'
    parts[main] = _before(_text(parts[main]), "sheets", entry)
    target = f'Relationship Id="{link}" Type="{kind[1]}/worksheet" Target="worksheets/sheet{free}.xml"/>'
    parts[links] = _before(_text(parts[links]), "Relationships", target)
    what = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
    override = f'Override PartName="/{folder}/worksheets/sheet{free}.xml" ContentType="{what}"/>'
    parts["[Content_Types].xml"] = _before(_text(parts["[Content_Types].xml"]), "Types", override)


def _main(parts: Mapping[str, bytes]) -> str:
    if "xl/workbook.xml" not in parts:
        raise Unwritable("workbook.xml")
    return "xl/workbook.xml"


def _before(text: str, element: str, new: str) -> bytes:
    """The text with a new element, given without its first sign, as the last one inside ``element``."""
    end = re.search(rf"</(?P<p>(?:\w+:)?){element}>", text)
    if end is None:
        raise Unwritable(element)
    return f"{text[: end.start()]}<{end['p']}{new}{text[end.start() :]}".encode()
