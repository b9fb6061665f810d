"""The council paper says what page one says, in the order of a council paper, and can be finished in Word."""

from __future__ import annotations

import dataclasses
import datetime
import html
import io
import re
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import docx
import pytest
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml.ns import qn
from docx.shared import Cm

from allocate.errors import UsageError
from allocate.language import LANGUAGES, euro
from allocate.report.blocks.order import blocks
from allocate.report.content import Content
from allocate.report.front.building import front_page
from allocate.report.papers.council_paper import paper
from allocate.report.papers.themes import THEMES
from allocate.report.papers.word import TO_FILL, letterhead_of
from allocate.report.papers.worksheets import TEXTS as BOOK
from tests.report.conftest import TODAY
from tests.report.hostiletown import TELLING

both_languages = pytest.mark.parametrize("lang", LANGUAGES)
HEADINGS = {
    "de": [
        "Betreff", "Beschlussvorschlag", "Auf einen Blick", "Begründung", "Alternativen", "Finanzielle Auswirkungen",
        "Auswirkungen auf Gruppen und Sozialräume", "Anlagen",
    ],
    "en": [
        "Subject", "Proposed decision", "At a glance", "Reasons", "Alternatives", "Financial effects",
        "Effects on groups and social spaces", "Annexes",
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def papers(hostile: Content) -> dict[str, Any]:
    return {lang: docx.Document(io.BytesIO(paper(hostile, lang))) for lang in LANGUAGES}


def seen(one: Any) -> str:
    """What a reader sees of a paragraph or a cell, to whom all blanks are alike."""
    return str(one.text).replace("\u00a0", " ")


def texts_of(document: Any) -> list[str]:
    """All paragraphs, and those of all tables."""
    cells = [seen(cell) for table in document.tables for row in table.rows for cell in row.cells]
    return [seen(paragraph) for paragraph in document.paragraphs] + cells


def rows_of(document: Any) -> list[tuple[str, ...]]:
    """The rows of all tables."""
    return [tuple(seen(cell) for cell in row.cells) for table in document.tables for row in table.rows]


@both_languages
def test_the_parts_of_a_council_paper_stand_in_order_as_real_headings(papers: dict[str, Any], lang: str) -> None:
    styled = [(p.style.name, p.text) for p in papers[lang].paragraphs]
    assert [text for style, text in styled if style == "Heading 1"] == HEADINGS[lang]
    assert styled[0][0] == "Title"


@both_languages
def test_no_line_ends_between_a_number_and_its_unit(papers: dict[str, Any], lang: str) -> None:
    document = papers[lang]
    cells = [cell for table in document.tables for row in table.rows for cell in row.cells]
    texts = [one.text for one in (*document.paragraphs, *cells)]
    parted = r"\d (?:%|€|EUR|Tsd\.|thousand|million|Plätze|places|Punkte|points)|(?:Tsd\.|Mio\.) €"
    assert [text for text in texts if re.search(parted, text)] == []
    assert any("\u00a0" in text for text in texts)


@both_languages
def test_page_one_is_its_core(hostile: Content, papers: dict[str, Any], lang: str) -> None:
    texts, rows, front = texts_of(papers[lang]), rows_of(papers[lang]), front_page(hostile, lang)
    assert {front.lead, *front.turning} <= set(texts) and front.turning
    assert any(front.decided in text for text in texts)
    for tile in front.tiles:
        assert (tile.label.replace("\u00a0", " "), tile.before or "–", tile.after, tile.note) in rows
    for change in (*front.gains, *front.losses):
        own = next(row for row in rows if row[0].startswith(change.name) and change.instead in row[0])
        assert own[1:] == (change.places, change.euros, change.price, change.sure_label)
    for option in front.options:
        own = next(row for row in rows if row[0].startswith(option.title) and option.note in row[0])
        assert own[1:] == (option.coverage, option.lowest, option.missed, option.moved)
    assert front.options[0].id == hostile.status_quo, "doing nothing is among the alternatives"
    said = " ".join(texts)
    for block in blocks(hostile, lang, pictures=False):
        assert block.finding in said or block.key in ("side_by_side", "changes", "why_here"), block.key
    measures = hostile.comparison.measures.set_index("scenario_id").loc[hostile.proposal]
    resolved = next(text for text in texts if euro(float(measures["moved_eur"]), lang) in text)
    assert euro(float(measures["spent_eur"]), lang) in resolved


@both_languages
def test_years_stand_with_what_is_lacking_in_each(hostile: Content, papers: dict[str, Any], lang: str) -> None:
    rows, years = rows_of(papers[lang]), front_page(hostile, lang).years
    assert len(years) == 4
    for year in years:
        assert (year.year, year.cost, year.money, year.lacking) in rows


@both_languages
def test_annexes_that_are_referred_to_are_listed_and_their_sheets_exist(papers: dict[str, Any], lang: str) -> None:
    texts = [p.text for p in papers[lang].paragraphs]
    start = next(at for at, p in enumerate(papers[lang].paragraphs) if p.text == HEADINGS[lang][-1])
    listed = [text for text in texts[start:] if re.match(r"\d\.\t", text)]
    assert [int(text[0]) for text in listed] == list(range(1, 7))
    referred = {int(found) for text in texts for found in re.findall(r"(?:Anlage|[Aa]nnex) (\d)", text)}
    assert referred == {1, 2, 3, 5}
    sheets = {BOOK.say(f"theme.{key}", lang) for key in THEMES}
    named = [found for text in listed for found in re.findall(r"[„'](.+?)[“']\)", text)]
    assert len(named) == 4 and set(named) <= sheets
    assert any(text.endswith("-o report.html --xlsx results.xlsx") for text in texts[start:])


@both_languages
def test_heads_of_tables_repeat_and_rows_stay_whole(papers: dict[str, Any], lang: str) -> None:
    tables = [table for table in papers[lang].tables if table.rows[0]._tr.trPr is not None]
    assert len(tables) == 5
    for table in tables:
        first, *others = [row._tr.trPr for row in table.rows]
        assert first.find(qn("w:tblHeader")) is not None
        assert all(settings.find(qn("w:tblHeader")) is None for settings in others)
        assert all(settings.find(qn("w:cantSplit")) is not None for settings in [first, *others])
        assert all(run.bold for cell in table.rows[0].cells for run in cell.paragraphs[0].runs)


@both_languages
def test_what_people_must_fill_in_is_marked(papers: dict[str, Any], lang: str) -> None:
    document = papers[lang]
    inside = [p for table in document.tables for row in table.rows for cell in row.cells for p in cell.paragraphs]
    runs = [run for p in [*document.paragraphs, *inside] for run in p.runs if run.style.name == TO_FILL]
    texts = [run.text for run in runs]
    assert len(texts) == 16 and all(text.startswith("[") and text.endswith("]") for text in texts)
    assert all(run.font.highlight_color == WD_COLOR_INDEX.YELLOW for run in runs)
    words = {"de": ("Geschlechter", "Behinderung", "Klima"), "en": ("genders", "disabilities", "climate")}[lang]
    for word in words:
        assert any(word in text for text in texts), "gender, accessibility, climate"
    assert not [text for text in texts_of(document) if text.startswith("[") and text not in texts]


@both_languages
def test_the_file_speaks_its_language_and_names_its_inputs(hostile: Content, papers: dict[str, Any], lang: str) -> None:
    told = papers[lang].core_properties
    assert told.author == told.last_modified_by == f"allocate {hostile.version}"
    assert told.keywords == hostile.fingerprint and told.language == {"de": "de-DE", "en": "en-GB"}[lang]
    assert told.created.date() == told.modified.date() == TODAY
    assert "python-docx" not in told.comments
    languages = {one.get(qn("w:val")) for one in papers[lang].styles.element.iter(qn("w:lang"))}
    assert languages == {told.language}
    assert "PAGE" in papers[lang].sections[0].footer._element.xml


def test_the_same_content_gives_the_same_bytes(hostile: Content) -> None:
    first = paper(hostile, "de")
    assert paper(hostile, "de") == first
    assert paper(dataclasses.replace(hostile, date=TODAY + datetime.timedelta(days=1)), "de") != first


@both_languages
def test_a_masked_paper_names_no_provider_anywhere(masked: Content, lang: str) -> None:
    content = paper(masked, lang, masked=True)
    with ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}
    assert {"docProps/core.xml", "docProps/app.xml", "word/document.xml"} <= set(parts)
    for name, text in parts.items():
        for word in TELLING:
            assert word.casefold() not in html.unescape(text).casefold(), (name, word)
    said = {"de": "Kennungen statt Namen", "en": "labels instead of names"}[lang]
    texts = texts_of(docx.Document(io.BytesIO(content)))
    assert any(said in text for text in texts)
    assert texts and any(text.endswith("--xlsx results.xlsx --mask-providers") for text in texts), (
        "annexes are masked, too"
    )


def test_a_space_that_is_withheld_has_no_figure(hostile: Content) -> None:
    space = hostile.case["spaces"]["space_id"].iloc[0]
    mask = dataclasses.replace(hostile.mask, totals={**hostile.mask.totals, "space": frozenset({space})})
    withheld = dataclasses.replace(hostile, mask=mask)
    (place,) = [one for one in front_page(withheld, "de").places if one.withheld]
    document = docx.Document(io.BytesIO(paper(withheld, "de")))
    halves = [half for row in rows_of(document) if len(row) == 6 for half in (row[:3], row[3:])]
    assert (place.name, "•", "") in halves


def test_a_letterhead_keeps_its_head_its_page_and_its_styles(hostile: Content, tmp_path: Path) -> None:
    own = docx.Document()
    own.sections[0].header.paragraphs[0].text = "Stadt Musterhausen"
    own.sections[0].footer.paragraphs[0].text = "Postfach 1"
    own.sections[0].left_margin = Cm(4)
    own.styles["Heading 1"].font.name = "Fraktur"
    own.add_paragraph("Der Oberbürgermeister")
    for name in ("List Bullet", "Table Grid"):
        own.styles.element.remove(own.styles[name].element)
    own.save(str(tmp_path / "head.docx"))
    content = paper(hostile, "de", letterhead=letterhead_of(tmp_path / "head.docx"))
    assert content == paper(hostile, "de", letterhead=letterhead_of(tmp_path / "head.docx"))
    made = docx.Document(io.BytesIO(content))
    (section,) = made.sections
    assert section.header.paragraphs[0].text == "Stadt Musterhausen"
    assert abs(section.left_margin - Cm(4)) < Cm(0.01)
    assert [p.text for p in section.footer.paragraphs] == ["Postfach 1"]
    assert made.styles["Heading 1"].font.name == "Fraktur"
    texts = [seen(p) for p in made.paragraphs]
    assert texts[:2] == ["Der Oberbürgermeister", "Beschlussvorlage (Entwurf)"]
    assert f"– {front_page(hostile, 'de').turning[0]}" in texts
    room = section.page_width - section.left_margin - section.right_margin
    for table in made.tables:
        assert table._tbl.tblPr.find(qn("w:tblBorders")) is not None
        assert abs(sum(column.width for column in table.columns) - room) < Cm(0.1)


def test_what_is_no_document_is_no_letterhead(tmp_path: Path) -> None:
    made = tmp_path / "made.docx"
    docx.Document().save(str(made))
    with ZipFile(made) as archive, ZipFile(tmp_path / "template.docx", "w") as other:
        for name in archive.namelist():
            kind = b"wordprocessingml.document.main", b"wordprocessingml.template.main"
            other.writestr(name, archive.read(name).replace(*kind))
    (tmp_path / "text.docx").write_text("no document")
    with ZipFile(tmp_path / "empty.docx", "w") as archive:
        archive.writestr("a", "b")
    for name in ("template.docx", "text.docx", "empty.docx", "missing.docx"):
        with pytest.raises(UsageError) as failure:
            letterhead_of(tmp_path / name)
        assert failure.value.id == "letterhead-unreadable"


def test_there_is_no_paper_without_a_proposal(hostile: Content) -> None:
    with pytest.raises(UsageError) as failure:
        paper(dataclasses.replace(hostile, proposal=""), "de")
    assert failure.value.id == "no-proposal"
