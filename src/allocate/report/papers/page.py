"""Page: the trade-off report as one HTML file that opens offline, prints on A4 and can be read without seeing it."""

from __future__ import annotations

import re
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from allocate.language import Texts, number
from allocate.report.columns import written_date
from allocate.report.content import Content
from allocate.report.papers.record import as_script, record
from allocate.report.sections.order import sections
from allocate.report.sections.section import Section, Sheet
from allocate.report.wording import Voice

TEXTS = Texts("allocate.report", "texts_page.csv")
# Tables for those who look closer; on the screen they are opened by a click, on paper they are there.
CLOSER = frozenset(
    {
        "agreement", "gains_department", "gains_target_group", "moves", "curve_moved", "curve_equity", "curve_budget",
        "order", "floor_effects", "cooperation_needs", "rates", "bound", "pot_years", "commitments", "changes",
        "sources", "scenarios", "fair_spaces", "next_where", "floor_points",
        "steps_moved", "steps_equity", "steps_budget", "group_weights",
    }
)  # fmt: skip
# So many sentences of a card are seen at once; the rest is opened by a click.
FIRST_SENTENCES = 3
# From so many columns on a matrix has upright heads, and any other table small letters.
UPRIGHT_FROM, WIDE_FROM = 6, 8
# After so many letters in a row a word may be broken.
_LONG = re.compile(r"(?<=\S{24})(?=\S)")


def page(content: Content, lang: str, *, masked: bool = False) -> str:
    """The report of a content as HTML text.

    ``masked``: say that providers have labels instead of names (the content itself is that of a masked case,
    ``masking.mask_providers``).
    """
    chapters = sections(content, lang)
    return draw(content, chapters, lang, masked=masked)


def draw(content: Content, chapters: list[Section], lang: str, *, masked: bool = False) -> str:
    """The page of chapters that are already written."""
    document = record(content, chapters, lang)
    return (
        _environment()
        .get_template("page.html")
        .render(
            lang=lang,
            say=lambda key, **values: TEXTS.say(key, lang, **values),
            content=content,
            chapters=chapters,
            masked=masked,
            date=written_date(content.date.isoformat(), lang),
            title=TEXTS.say("title", lang, case=content.case.town_name),
            scenario=Voice(content, lang).scenario(content.proposal) if content.proposal else "",
            css=Markup(_source("page.css")),
            record=Markup(as_script(document)),
            rows=lambda sheet: sheet.cells(lang)[: sheet.most],
            rest=lambda sheet: _rest(sheet, lang),
            closer=CLOSER,
            first=FIRST_SENTENCES,
            svg=Markup,
            heads_of=_heads,
            breakable=breakable,
        )
    )


def breakable(text: str) -> Markup:
    """The text with places at which a browser may break words that no line holds; what is copied stays the same."""
    return Markup("<wbr>").join(_LONG.split(text)) if _LONG.search(text) else Markup.escape(text)


def _rest(sheet: Sheet, lang: str) -> str:
    """How many rows are left out of the page."""
    left = len(sheet.frame) - sheet.most
    return TEXTS.say("table.rest", lang, rows=number(left, lang)) if left > 0 else ""


def _heads(sheet: Sheet) -> str:
    """The class of a table: many needs across have upright heads, many other columns small letters."""
    if "space_label" in sheet.own and len(sheet.own) == len(sheet.shown) > UPRIGHT_FROM:
        return "matrix"
    return "wide" if len(sheet.shown) >= WIDE_FROM else ""


@cache
def _environment() -> Environment:
    loader = PackageLoader("allocate.report", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@cache
def _source(name: str) -> str:
    environment = _environment()
    if environment.loader is None:
        raise LookupError(name)
    return environment.loader.get_source(environment, name)[0]
