"""Word: a document that can be edited in Word, with real headings, tables whose heads repeat, and page numbers.

The technique of the council paper: what stands in it is decided in ``council_paper``. A letterhead is a Word document
whose head, foot, page and styles stay as they are. Needs the extra ``paper`` (python-docx).
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_COLOR_INDEX
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from allocate.errors import UsageError
from allocate.language import unparted
from allocate.report.papers.worksheets import clean

TO_FILL = "To be filled"
_LOCALES = {"de": "de-DE", "en": "en-GB"}
_MARGIN, _SHORT, _LONG = Cm(2), Cm(21), Cm(29.7)
_SHADE = "D9E6EA"
# So many rows of a table are not parted by the end of a page.
_WHOLE = 8
_GRID, _BULLET, _NUMBER = "Table Grid", "List Bullet", "List Number"
_BODY, _CELL, _SMALL = Pt(10), Pt(9), Pt(8.5)
# What a letter of a head and the margins of a cell take, in EMU (a 360,000th of a centimetre).
_LETTER, _AROUND = 75_000, 150_000
_NAME, _VALUE = 1.7, 2.2  # how wide the names and values of fields are, against each other
# Zip files cannot hold an earlier date; one for all parts makes the same document the same bytes.
_DAY = (1980, 1, 1, 0, 0, 0)


def letterhead_of(path: Path) -> bytes:
    """The letterhead in a file. Raises ``UsageError`` ``letterhead-unreadable`` for all that is no Word document."""
    try:
        content = path.read_bytes()
    except OSError as failure:
        raise UsageError("letterhead-unreadable", place=str(path)) from failure
    check_letterhead(content, str(path))
    return content


def check_letterhead(content: bytes, place: str) -> None:
    """Raises ``UsageError`` ``letterhead-unreadable`` for all that is no Word document; ``place``: where it stands."""
    try:
        Document(io.BytesIO(content))
    except (ValueError, KeyError, BadZipFile, PackageNotFoundError, SyntaxError) as failure:
        raise UsageError("letterhead-unreadable", place=place) from failure


class Word:
    """One document under construction."""

    def __init__(
        self,
        lang: str,
        title: str,
        subject: str,
        author: str,
        keywords: str,
        day: datetime.date,
        letterhead: bytes | None = None,
    ) -> None:
        self.lang = lang
        self.own = letterhead is not None
        self.document: Any = Document(io.BytesIO(letterhead) if letterhead is not None else None)
        self._properties(title, subject, author, keywords, day)
        self._known = {style.name for style in self.document.styles}
        if not self.own:
            self._page()
            self._look()
        self._needed()

    def _properties(self, title: str, subject: str, author: str, keywords: str, day: datetime.date) -> None:
        told = self.document.core_properties
        told.title, told.subject, told.author, told.keywords = (
            clean(text)[:255] for text in (title, subject, author, keywords)
        )
        told.last_modified_by, told.comments, told.language = told.author, "", _LOCALES[self.lang]
        told.created = told.modified = datetime.datetime.combine(day, datetime.time())
        told.revision = 1

    def _look(self) -> None:
        """Fonts and colours of a paper without a letterhead."""
        styles = self.document.styles
        normal = styles["Normal"]
        normal.font.name, normal.font.size = "Calibri", _BODY
        normal.paragraph_format.space_after = Pt(4)
        for language in styles.element.iter(qn("w:lang")):
            language.set(qn("w:val"), _LOCALES[self.lang])
        for name, size, before in (("Title", 18, 0), ("Heading 1", 12, 9), ("Heading 2", 10.5, 6)):
            style = styles[name]
            style.font.name, style.font.size, style.font.color.rgb = "Calibri", Pt(size), RGBColor(0x1F, 0x4E, 0x5F)
            style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(3)
            # The template names a font of its theme for headings, which would win over the name given here.
            fonts = style.element.rPr.rFonts
            for theme in [name for name in fonts.attrib if "Theme" in name]:
                del fonts.attrib[theme]

    def _needed(self) -> None:
        """The styles that the paper asks for, made plain where a letterhead has none of that name."""
        styles = self.document.styles
        for name in ("Title", "Heading 1", "Heading 2", _BULLET, _NUMBER):
            if name not in self._known:
                style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
                style.font.bold = name not in (_BULLET, _NUMBER)
        if TO_FILL not in self._known:
            styles.add_style(TO_FILL, WD_STYLE_TYPE.CHARACTER)

    def _page(self) -> None:
        section = self.document.sections[0]
        section.page_width, section.page_height = _SHORT, _LONG
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = _MARGIN

    def footer(self, text: str) -> None:
        """A line at the foot of every page, with its number; under a letterhead it ends the text instead."""
        if self.own:
            self.small(text)
            return
        line = self.document.sections[0].footer.paragraphs[0]
        line.text = _set(f"{text}   ·   ")
        _field(line, "PAGE")
        line.add_run(" / ")
        _field(line, "NUMPAGES")
        for run in line.runs:
            run.font.size = Pt(8)

    def title(self, text: str) -> None:
        """The title of the document."""
        self.document.add_paragraph(_set(text), style="Title")

    def heading(self, text: str, level: int = 1) -> None:
        """A heading that Word lists in its navigation."""
        self.document.add_paragraph(_set(text), style=f"Heading {level}").paragraph_format.keep_with_next = True

    def text(self, *sentences: str) -> None:
        """One paragraph per sentence."""
        for sentence in sentences:
            self.document.add_paragraph(_set(sentence))

    def small(self, *sentences: str) -> None:
        """What is said beside the matter, in smaller letters."""
        for sentence in sentences:
            run = self.document.add_paragraph().add_run(_set(sentence))
            run.font.size, run.italic = _SMALL, True

    def numbered(self, *sentences: str) -> None:
        """A list with numbers that are text, so that a resolution can be quoted by them."""
        for number, sentence in enumerate(sentences, 1):
            paragraph = self.document.add_paragraph(_set(f"{number}.\t{sentence}"))
            form = paragraph.paragraph_format
            form.left_indent, form.first_line_indent, form.space_after = Cm(0.7), Cm(-0.7), Pt(2)
            form.tab_stops.add_tab_stop(Cm(0.7))

    def bullets(self, *sentences: str) -> None:
        """A list; where a letterhead has no style for it, with dashes."""
        for sentence in sentences:
            text = sentence if _BULLET in self._known else f"– {sentence}"
            self.document.add_paragraph(_set(text), style=_BULLET).paragraph_format.space_after = Pt(2)

    def to_fill(self, text: str) -> None:
        """A place that people have to fill in, marked so that it cannot be overlooked."""
        _marked(self.document.add_paragraph().add_run(_set(f"[{text}]"), style=TO_FILL))

    def fields(self, rows: Sequence[tuple[str, str, bool]], *, beside: bool = False) -> None:
        """A table of names and values; True marks a value that people have to fill in. ``beside``: two pairs a row."""
        pairs = 2 if beside else 1
        lines = -(-len(rows) // pairs)
        table = self._table(lines, 2 * pairs, (_NAME, _VALUE) * pairs if beside else (_NAME, 3 * _VALUE))
        for at, (name, value, empty) in enumerate(rows):
            cells = table.rows[at // pairs].cells[2 * (at % pairs) :]
            self._put(cells[0], name, bold=True)
            self._put(cells[1], f"[{value}]" if empty else value, to_fill=empty)
        self._gap()

    def grid(
        self,
        heads: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        weights: Sequence[float] = (),
        right: Sequence[int] = (),
    ) -> None:
        """A table with a head that repeats on every page; ``right``: columns that stand on the right."""
        table = self._table(len(rows) + 1, len(heads), _roomy(heads, weights or [1.0] * len(heads), self._room))
        for number, (line, cells) in enumerate(zip(table.rows, [heads, *rows], strict=True)):
            _keep_whole(line, repeated=number == 0)
            for at, (cell, text) in enumerate(zip(line.cells, cells, strict=True)):
                self._put(cell, text, bold=number == 0, right=at in right)
                if number == 0:
                    _shade(cell)
                # A short table stands whole on one page.
                cell.paragraphs[0].paragraph_format.keep_with_next = len(rows) <= _WHOLE and number < len(rows)
        self._gap()

    def pairs(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A long narrow table in two halves beside each other."""
        half = -(-len(rows) // 2)
        blank = [""] * len(heads)
        lines = [[*rows[at], *(rows[half + at] if half + at < len(rows) else blank)] for at in range(half)]
        count = len(heads)
        right = [at for at in range(2 * count) if at % count]
        self.grid([*heads, *heads], lines, weights=([2.2] + [1.0] * (count - 1)) * 2, right=right)

    def _table(self, rows: int, columns: int, weights: Sequence[float]) -> Any:
        table = self.document.add_table(rows=rows, cols=columns)
        if _GRID in self._known:
            table.style = _GRID
        else:
            _lined(table)
        table.autofit = False
        widths = [int(self._room * weight / sum(weights)) for weight in weights]
        for at, width in enumerate(widths):
            table.columns[at].width = width  # LibreOffice looks here, Word at the cells
        for row in table.rows:
            for cell, width in zip(row.cells, widths, strict=True):
                cell.width = width
        return table

    def _put(self, cell: Any, text: str, *, bold: bool = False, right: bool = False, to_fill: bool = False) -> None:
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(0)
        run = paragraph.add_run(_set(text), style=TO_FILL if to_fill else None)
        run.font.size, run.bold = _CELL, bold or None
        if to_fill:
            _marked(run)
        if right:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT

    def _gap(self) -> None:
        """A little room beneath a table; two tables would grow together without a paragraph between them."""
        form = self.document.add_paragraph().paragraph_format
        form.space_after, form.line_spacing = Pt(0), Pt(6)

    @property
    def _room(self) -> int:
        """The width between the margins."""
        section = self.document.sections[-1]
        return int(section.page_width - section.left_margin - section.right_margin)

    def bytes(self) -> bytes:
        """The finished file; the same content gives the same bytes."""
        stream, stamped = io.BytesIO(), io.BytesIO()
        self.document.save(stream)
        with ZipFile(stream) as made, ZipFile(stamped, "w", ZIP_DEFLATED) as file:
            for entry in made.infolist():
                info = ZipInfo(entry.filename, _DAY)
                info.compress_type, info.external_attr = ZIP_DEFLATED, 0o600 << 16
                file.writestr(info, made.read(entry.filename))
        return stamped.getvalue()


def _set(text: str) -> str:
    """Text as a document can hold it, in which no line ends between a number and its unit."""
    return unparted(clean(text))


def _field(paragraph: Any, code: str) -> None:
    """A field that Word fills in, such as the number of the page."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    paragraph._p.append(field)


def _marked(run: Any) -> None:
    """Marked in yellow; Word takes no marking from a style."""
    run.font.highlight_color = WD_COLOR_INDEX.YELLOW


def _keep_whole(row: Any, *, repeated: bool) -> None:
    """A row is not torn apart by the end of a page, and a head stands on every page."""
    settings = row._tr.get_or_add_trPr()
    settings.append(OxmlElement("w:cantSplit"))
    if repeated:
        settings.append(OxmlElement("w:tblHeader"))


def _lined(table: Any) -> None:
    """Thin lines around every cell, for a letterhead without a style of tables that has them."""
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "auto")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    table._tbl.tblPr.append(borders)


def _shade(cell: Any) -> None:
    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:color"), "auto")
    shade.set(qn("w:fill"), _SHADE)
    cell._tc.get_or_add_tcPr().append(shade)


def _roomy(heads: Sequence[str], weights: Sequence[float], room: float) -> list[float]:
    """The weights of columns, none so small that the longest word of its head is broken; ``room`` in EMU."""
    least = [sum(weights) * (_LETTER * max(map(len, head.split()), default=0) + _AROUND) / room for head in heads]
    short = [max(0.0, need - weight) for need, weight in zip(least, weights, strict=True)]
    spare = [max(0.0, weight - need) for need, weight in zip(least, weights, strict=True)]
    given = min(1.0, sum(short) / sum(spare)) if sum(spare) else 0.0
    return [weight + lack - given * rest for weight, lack, rest in zip(weights, short, spare, strict=True)]
