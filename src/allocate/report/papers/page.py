"""Page: the trade-off report as one HTML file that opens offline, prints on A4 and can be read without seeing it."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from itertools import pairwise

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from allocate.language import Texts, number, unparted_html
from allocate.report.audience import COUNCIL
from allocate.report.blocks.block import Block
from allocate.report.blocks.block_words import TEXTS as BLOCKS
from allocate.report.blocks.order import blocks
from allocate.report.blocks.origins import origins
from allocate.report.content import Content
from allocate.report.front.building import front_page
from allocate.report.front.front_page import Place
from allocate.report.front.saying import TEXTS as FRONT
from allocate.report.papers.record import as_script, record
from allocate.report.sections.order import sections
from allocate.report.sections.section import Section, Sheet
from allocate.report.sources import origin, register, rows_of
from allocate.report.syllables import joints

TEXTS = Texts("allocate.report", "texts_page.csv")
# From so many columns on a matrix has upright heads, and any other table small letters.
UPRIGHT_FROM, WIDE_FROM = 6, 8
# From so many percentage points on a tile has the next darker colour.
STEPS = (0.5, 8.0, 16.0)
# From so many letters on a word may be parted by syllables, and where it has none after so many letters in a row.
_LONG, _ROW = re.compile(r"\S{18,}"), 24


def page(content: Content, lang: str, *, masked: bool = False, annex: bool = False) -> str:
    """The report of a content as HTML text.

    ``masked``: say that providers have labels instead of names (the content itself is that of a masked case,
    ``masking.mask_providers``). ``annex``: the annex is open and printed too.
    """
    chapters = sections(content, lang)
    return draw(content, chapters, lang, masked=masked, annex=annex)


def draw(content: Content, chapters: list[Section], lang: str, *, masked: bool = False, annex: bool = False) -> str:
    """The page of chapters that are already written: page one, the main report, the chapters as its annex."""
    main, front = blocks(content, lang), front_page(content, lang)
    chapters = [*_further(chapters, main), origins(content, front, main, lang)]
    document = record(content, [*(one.as_section() for one in main), *chapters], lang)
    return unparted_html(
        environment()
        .get_template("page.html")
        .render(
            lang=lang,
            say=TEXTS.spoken(lang),
            content=content,
            front=front,
            source=lambda key: origin(content, key, lang).text if key in register() else "",
            sources=lambda sheet: rows_of(content, sheet.frame, lang),
            told=FRONT.spoken(lang),
            blocks=main,
            block=BLOCKS.spoken(lang),
            there=lambda keys: [one for key in keys for one in chapters if one.key == key],
            shade=_shade,
            annex=annex,
            chapters=chapters,
            marked=marked(content, lang, masked=masked),
            title=TEXTS.say("title", lang, case=content.case.town_name),
            css=Markup(source("page.css")),
            record=Markup(as_script(document)),
            rows=lambda sheet: sheet.cells(lang)[: sheet.most],
            rest=lambda sheet: rest_of(sheet, lang),
            svg=Markup,
            tables=_titles(main, chapters),
            heads_of=_heads,
            breakable=breakable,
        )
    )


def _further(chapters: list[Section], main: list[Block]) -> list[Section]:
    """The chapters without the tables that the main report shows already."""
    shown = {sheet.key for block in main for sheet in block.sheets}
    return [replace(one, sheets=tuple(sheet for sheet in one.sheets if sheet.key not in shown)) for one in chapters]


def _titles(main: list[Block], chapters: list[Section]) -> dict[str, str]:
    """The titles of all tables of the page by their keys."""
    sheets = [sheet for block in main for sheet in block.sheets]
    sheets += [sheet for chapter in chapters for sheet in chapter.sheets]
    return {sheet.key: sheet.title for sheet in sheets}


def marked(content: Content, lang: str, *, masked: bool) -> str:
    """For whom a paper is written, or that it is a draft without names of providers; blank for the council's own."""
    kind = content.audience.kind
    if kind != COUNCIL:
        return TEXTS.say(f"for.{kind}", lang, threshold=number(content.mask.threshold, lang))
    return TEXTS.say("masked", lang) if masked else ""


def _shade(one: Place) -> str:
    """The class of a tile: how much coverage rises or falls, in three steps each way."""
    points = abs(one.change) * 100
    if one.withheld or not points >= STEPS[0]:
        return "even"
    return f"{'up' if one.change > 0 else 'down'}{sum(points >= step for step in STEPS)}"


def breakable(text: str) -> Markup:
    """The text with places at which a browser may part words that no line holds, with a hyphen between letters."""
    cuts: list[int] = []
    for found in _LONG.finditer(text):
        word = [0, *joints(found[0]), len(found[0])]
        rows = [at for first, last in pairwise(word) for at in range(first, last, _ROW)]
        cuts += [found.start() + at for at in rows if at]
    if not cuts:
        return Markup.escape(text)
    parted = Markup.escape(text[: cuts[0]])
    for first, last in pairwise([*cuts, len(text)]):
        within = text[first - 1].isalpha() and text[first].isalpha()
        parted += Markup("&shy;" if within else "<wbr>") + Markup.escape(text[first:last])
    return parted


def rest_of(sheet: Sheet, lang: str) -> str:
    """How many rows are left out of the page or the document."""
    left = len(sheet.frame) - sheet.most
    return TEXTS.say("table.rest", lang, rows=number(left, lang)) if left > 0 else ""


def _heads(sheet: Sheet) -> str:
    """The class of a table: many needs across have upright heads, many other columns small letters."""
    if "space_label" in sheet.own and len(sheet.own) == len(sheet.shown) > UPRIGHT_FROM:
        return "matrix"
    return "wide" if len(sheet.shown) >= WIDE_FROM else ""


@cache
def environment() -> Environment:
    """How the templates of pages are filled in."""
    loader = PackageLoader("allocate.report", "templates")
    return Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def source(name: str) -> str:
    """A file of the templates as it stands, such as ``page.css``."""
    own = environment()
    if own.loader is None:
        raise LookupError(name)
    return own.loader.get_source(own, name)[0]
