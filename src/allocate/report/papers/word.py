"""Word: a document that can be edited in Word, with real headings, tables whose heads repeat, and page numbers.

The technique of the council paper: what stands in it is decided in ``paper``. Needs the extra ``paper`` (python-docx).
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Sequence
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import vl_convert
from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_COLOR_INDEX
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from allocate.report.papers.worksheets import clean, head_of
from allocate.report.pictures.picture import Picture
from allocate.report.sections.section import Sheet

TO_FILL = "To be filled"
_LOCALES = {"de": "de-DE", "en": "en-GB"}
_MARGIN, _SHORT, _LONG = Cm(2), Cm(21), Cm(29.7)
_SHADE = "D9E6EA"
_FIRST_WEIGHT = 2.2  # how much wider the first column of a table is than a column of numbers
_TEXT_WEIGHT = 1.6
_SHARPNESS = 2  # pixels per unit of a drawing; enough for print
# Zip files cannot hold an earlier date; one for all parts makes the same document the same bytes.
_DAY = (1980, 1, 1, 0, 0, 0)


class Word:
    """One document under construction."""

    def __init__(self, lang: str, title: str, subject: str, author: str, keywords: str, day: datetime.date) -> None:
        self.lang = lang
        self.document: Any = Document()
        self._properties(title, subject, author, keywords, day)
        self._styles()
        self._page(self.document.sections[0], upright=True)

    def _properties(self, title: str, subject: str, author: str, keywords: str, day: datetime.date) -> None:
        told = self.document.core_properties
        told.title, told.subject, told.author, told.keywords = (
            clean(text)[:255] for text in (title, subject, author, keywords)
        )
        told.last_modified_by, told.comments, told.language = told.author, "", _LOCALES[self.lang]
        told.created = told.modified = datetime.datetime.combine(day, datetime.time())
        told.revision = 1

    def _styles(self) -> None:
        styles = self.document.styles
        normal = styles["Normal"]
        normal.font.name, normal.font.size = "Calibri", Pt(10.5)
        normal.paragraph_format.space_after = Pt(6)
        for language in styles.element.iter(qn("w:lang")):
            language.set(qn("w:val"), _LOCALES[self.lang])
        for level, size in ((1, 14), (2, 12), (3, 10.5)):
            heading = styles[f"Heading {level}"]
            heading.font.name, heading.font.size, heading.font.color.rgb = (
                "Calibri",
                Pt(size),
                RGBColor(0x1F, 0x4E, 0x5F),
            )
            # The template names a font of its theme for headings, which would win over the name given here.
            fonts = heading.element.rPr.rFonts
            for name in [name for name in fonts.attrib if "Theme" in name]:
                del fonts.attrib[name]
        styles["Caption"].font.color.rgb = RGBColor(0x33, 0x33, 0x33)
        to_fill = styles.add_style(TO_FILL, WD_STYLE_TYPE.CHARACTER)
        to_fill.font.highlight_color = WD_COLOR_INDEX.YELLOW

    def _page(self, section: Any, *, upright: bool) -> None:
        section.orientation = WD_ORIENT.PORTRAIT if upright else WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = (_SHORT, _LONG) if upright else (_LONG, _SHORT)
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = _MARGIN

    def footer(self, text: str) -> None:
        """The same line at the foot of every page, with the number of the page."""
        line = self.document.sections[0].footer.paragraphs[0]
        line.text = clean(f"{text}   ·   ")
        _field(line, "PAGE")
        line.add_run(" / ")
        _field(line, "NUMPAGES")
        for run in line.runs:
            run.font.size = Pt(8)

    def title(self, text: str) -> None:
        """The title of the document."""
        self.document.add_paragraph(clean(text), style="Title")

    def heading(self, text: str, level: int = 1) -> None:
        """A heading that Word lists in its navigation."""
        self.document.add_heading(clean(text), level)

    def text(self, *sentences: str, style: str | None = None) -> None:
        """One paragraph per sentence."""
        for sentence in sentences:
            self.document.add_paragraph(clean(sentence), style=style)

    def numbered(self, *sentences: str) -> None:
        """A numbered list."""
        self.text(*sentences, style="List Number")

    def to_fill(self, text: str, style: str | None = None) -> None:
        """A place that people have to fill in, marked so that it cannot be overlooked."""
        self.document.add_paragraph(style=style).add_run(clean(f"[{text}]"), style=TO_FILL)

    def fields(self, rows: Sequence[tuple[str, str, bool]]) -> None:
        """A table of names and values; True marks a value that people have to fill in."""
        table = self.document.add_table(rows=len(rows), cols=2, style="Table Grid")
        for row, (name, value, empty) in zip(table.rows, rows, strict=True):
            first, second = row.cells
            first.width, second.width = Cm(4.5), Cm(12.5)
            first.paragraphs[0].add_run(clean(name)).bold = True
            second.paragraphs[0].add_run(clean(f"[{value}]" if empty else value), style=TO_FILL if empty else None)
        self.document.add_paragraph()

    def table(self, sheet: Sheet, *, most: int, rest: str, shown: Sequence[str] = ()) -> None:
        """A table of the report (the columns ``shown``, or all); beyond ``most`` rows the sentence ``rest`` follows."""
        columns = sheet.columns(self.lang)
        chosen = [at for at, column in enumerate(columns) if not shown or column.name in shown]
        rows = [[cells[at] for at in chosen] for cells in sheet.cells(self.lang)[:most]]
        caption = self.document.add_paragraph(clean(sheet.title), style="Caption")
        caption.paragraph_format.keep_with_next = True
        self._grid([head_of(columns[at], self.lang) for at in chosen], rows, [columns[at].is_number for at in chosen])
        if len(sheet.frame) > most:
            self.text(rest)
        if sheet.note:
            self.document.add_paragraph().add_run(clean(sheet.note)).italic = True
        self.document.add_paragraph()

    def _grid(self, heads: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> None:
        table = self.document.add_table(rows=len(rows) + 1, cols=len(heads), style="Table Grid")
        size = Pt(8.5 if len(heads) <= 9 else 7.5)
        widths = self._widths(right)
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width  # LibreOffice looks here, Word at the cells
        for number, (line, cells) in enumerate(zip(table.rows, [heads, *rows], strict=True)):
            _keep_whole(line, repeated=number == 0)
            for cell, text, to_right, width in zip(line.cells, cells, right, widths, strict=True):
                cell.width = width
                paragraph = cell.paragraphs[0]
                paragraph.paragraph_format.space_after = Pt(0)
                run = paragraph.add_run(clean(text))
                run.font.size, run.bold = size, number == 0
                if to_right:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
                if number == 0:
                    _shade(cell)

    def _widths(self, right: Sequence[bool]) -> list[int]:
        """The width of every column, so that together they are as wide as the page."""
        weights = [1.0 if number else _TEXT_WEIGHT for number in right]
        weights[0] = max(weights[0], _FIRST_WEIGHT)
        return [int(self._room * weight / sum(weights)) for weight in weights]

    def picture(self, picture: Picture) -> None:
        """A chart or map with its title; what it shows stands as text beside it for those who do not see it."""
        caption = self.document.add_paragraph(clean(picture.title), style="Caption")
        caption.paragraph_format.keep_with_next = True
        image = io.BytesIO(vl_convert.svg_to_png(picture.svg, scale=_SHARPNESS))
        shape = self.document.add_picture(image, width=self._room)
        page = self.document.sections[-1]
        highest = page.page_height - page.top_margin - page.bottom_margin - Cm(3)
        if shape.height > highest:
            shape.width, shape.height = int(shape.width * highest / shape.height), highest
        about = shape._inline.docPr
        about.set("title", clean(picture.title))
        about.set("descr", clean(picture.text))

    @property
    def _room(self) -> int:
        """The width between the margins."""
        section = self.document.sections[-1]
        return int(section.page_width - section.left_margin - section.right_margin)

    def page(self, *, upright: bool) -> None:
        """Go on with a new page, upright or across."""
        self._page(self.document.add_section(WD_SECTION.NEW_PAGE), upright=upright)

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


def _field(paragraph: Any, code: str) -> None:
    """A field that Word fills in, such as the number of the page."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    paragraph._p.append(field)


def _keep_whole(row: Any, *, repeated: bool) -> None:
    """A row is not torn apart by the end of a page, and a head stands on every page."""
    settings = row._tr.get_or_add_trPr()
    settings.append(OxmlElement("w:cantSplit"))
    if repeated:
        settings.append(OxmlElement("w:tblHeader"))


def _shade(cell: Any) -> None:
    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:color"), "auto")
    shade.set(qn("w:fill"), _SHADE)
    cell._tc.get_or_add_tcPr().append(shade)
