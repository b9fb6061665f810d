"""Workbooks written by hand, sheet by sheet as XML, so that a test decides every sign of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZipFile

from tests.inputs.smalltown import Rows

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REFERENCES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT = {
    MAIN: "http://purl.oclc.org/ooxml/spreadsheetml/main",
    REFERENCES: "http://purl.oclc.org/ooxml/officeDocument/relationships",
}
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_SPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {"office": "office", "table": "table", "text": "text", "style": "style"}.items()
)
_CALC = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'


def cells(rows: Rows, *, places: bool = True) -> str:
    """Rows as ``<row>`` elements, with or without the numbers of rows and cells; numbers as numbers."""
    return "".join(_row(number, row, places) for number, row in enumerate(rows, 1))


def _row(number: int, row: list[str], places: bool) -> str:
    inner = "".join(_cell(number, at, text, places) for at, text in enumerate(row))
    return f'<row r="{number}">{inner}</row>' if places else f"<row>{inner}</row>"


def _cell(row: int, at: int, text: str, places: bool) -> str:
    place = f' r="{chr(ord("A") + at)}{row}"' if places else ""
    if _is_number(text):
        return f"<c{place}><v>{text}</v></c>"
    return f'<c{place} t="inlineStr"><is><t>{escape(text)}</t></is></c>' if text or not places else ""


def _is_number(text: str) -> bool:
    return bool(text) and text.replace(".", "", 1).isdigit() and not text.startswith("0")


def write_book(
    path: Path,
    sheets: Mapping[str, str | Rows],
    *,
    strict: bool = False,
    main: str = "",
    states: Mapping[str, str] | None = None,
    parts: Mapping[str, str] | None = None,
) -> Path:
    """An .xlsx of these sheets: rows, the text inside of ``<worksheet>``, or (from ``<?xml``) the whole part.

    ``main`` is added to the workbook's own part, ``states`` to its sheets; ``parts`` are further parts of the archive.
    """
    entries = "".join(
        f'<sheet name="{escape(name)}" sheetId="{at}" r:id="r{at}" state="{(states or {}).get(name, "visible")}"/>'
        for at, name in enumerate(sheets, 1)
    )
    entries = f"<sheets>{entries}</sheets>"
    links = "".join(
        f'<Relationship Id="r{at}" Type="{REFERENCES}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at in range(1, len(sheets) + 1)
    )
    links += f'<Relationship Id="s" Type="{REFERENCES}/sharedStrings" Target="sharedStrings.xml"/>'
    links += f'<Relationship Id="f" Type="{REFERENCES}/styles" Target="/xl/styles.xml"/>'
    start = f'<Relationship Id="m" Type="{REFERENCES}/officeDocument" Target="xl/workbook.xml"/>'
    written = {
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}">{start}</Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{REFERENCES}">{main}{entries}</workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}">{links}</Relationships>',
    }
    for at, content in enumerate(sheets.values(), 1):
        inner = content if isinstance(content, str) else f"<sheetData>{cells(content)}</sheetData>"
        whole = inner if inner.startswith("<?xml") else f'<worksheet xmlns="{MAIN}">{inner}</worksheet>'
        written[f"xl/worksheets/sheet{at}.xml"] = whole
    with ZipFile(path, "w") as archive:
        for name, text in (written | dict(parts or {})).items():
            archive.writestr(name, _as_strict(text) if strict else text)
    return path


def _as_strict(text: str) -> str:
    for plain, other in STRICT.items():
        text = text.replace(plain, other)
    return text


def write_document(path: Path, sheets: Mapping[str, str | Rows], *, styles: str = "", manifest: str = "") -> Path:
    """An .ods of these sheets: rows, or the text inside of ``<table:table>``."""
    tables = "".join(
        f'<table:table table:name="{escape(name)}" table:style-name="of-{escape(name)}">'
        f"{content if isinstance(content, str) else document_rows(content)}</table:table>"
        for name, content in sheets.items()
    )
    body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    inner = f"<office:automatic-styles>{styles}</office:automatic-styles>{body}"
    with ZipFile(path, "w") as archive:
        archive.writestr("mimetype", _ODS)
        archive.writestr("content.xml", f"<office:document-content {_SPACES} {_CALC}>{inner}</office:document-content>")
        if manifest:
            archive.writestr("META-INF/manifest.xml", manifest)
    return path


def document_rows(rows: Rows) -> str:
    """Rows as ``<table:table-row>`` elements with the empty rest of the sheet, as LibreOffice writes it."""
    lines = ["".join(document_cell(text) for text in row) for row in rows]
    rest = '<table:table-cell table:number-columns-repeated="16380"/>'
    ended = "".join(f"<table:table-row>{line}{rest}</table:table-row>" for line in lines)
    return f'{ended}<table:table-row table:number-rows-repeated="1048000">{rest}</table:table-row>'


def document_cell(text: str, kind: str = "", more: str = "", before: str = "") -> str:
    """A cell that holds a number, a text, nothing, or what ``kind`` says; with attributes and elements before it."""
    if not text:
        return "<table:table-cell/>"
    said = kind or (f'"float" office:value="{text}"' if _is_number(text) else '"string"')
    return f"<table:table-cell {more}office:value-type={said}>{before}<text:p>{text}</text:p></table:table-cell>"
