"""The council paper says what the report says, in the order of a council paper, and can be finished in Word."""

from __future__ import annotations

import dataclasses
import datetime
import html
import io
import re
from typing import Any
from zipfile import ZipFile

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Cm

from allocate.errors import UsageError
from allocate.language import LANGUAGES, euro
from allocate.report.content import Content
from allocate.report.papers.council_paper import paper
from allocate.report.papers.word import TO_FILL
from allocate.report.pictures.illustrations import illustrations
from allocate.report.sections.order import sections
from allocate.report.sections.section import WITHHELD
from allocate.report.wording import Voice
from allocate.results.disclosure import Mask
from tests.report.conftest import TODAY
from tests.report.hostiletown import SENTINEL, TELLING, WORDS

both_languages = pytest.mark.parametrize("lang", LANGUAGES)
HEADINGS = {
    "de": ["Betreff", "Beschlussvorschlag", "Begründung", "Alternativen", "Finanzielle Auswirkungen"],
    "en": ["Subject", "Proposed decision", "Reasons", "Alternatives", "Financial effects"],
}


@pytest.fixture(scope="module")
def papers(hostile: Content) -> dict[str, Any]:
    return {lang: docx.Document(io.BytesIO(paper(hostile, lang))) for lang in LANGUAGES}


def texts_of(document: Any) -> list[str]:
    """All paragraphs, and those of all tables."""
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [paragraph.text for paragraph in document.paragraphs] + cells


@both_languages
def test_the_parts_of_a_council_paper_stand_in_order_as_real_headings(papers: dict[str, Any], lang: str) -> None:
    styled = [(p.style.name, p.text) for p in papers[lang].paragraphs]
    first = [text for style, text in styled if style == "Heading 1"]
    assert first[: len(HEADINGS[lang])] == HEADINGS[lang]
    annexes = [text for text in first if re.match(r"(Anlage|Annex) \d", text)]
    assert len(annexes) == 8 and [int(re.findall(r"\d", text)[0]) for text in annexes] == list(range(1, 9))
    assert first[-8:] == annexes
    assert styled[0][0] == "Title"
    said = " ".join(texts_of(papers[lang]))
    for number in {int(found) for found in re.findall(r"(?:Anlage|annex) (\d)", said)}:
        assert 1 <= number <= len(annexes), "an annex that is referred to exists"


@both_languages
def test_it_says_what_the_report_says(hostile: Content, papers: dict[str, Any], lang: str) -> None:
    texts = texts_of(papers[lang])
    chapters = {section.key: section for section in sections(hostile, lang, pictures=False)}
    for key in ("proposal", "options", "people", "law", "money"):
        assert set(chapters[key].sentences) <= set(texts), key
    for card in chapters["reasons"].cards:
        assert card.title in texts and set(card.sentences) <= set(texts)
    options = next(sheet for sheet in chapters["options"].sheets if sheet.key == "options")
    for row in options.cells(lang):
        assert row[0] in texts, "doing nothing is among the alternatives"
    measures = hostile.comparison.measures.set_index("scenario_id").loc[hostile.proposal]
    resolved = next(text for text in texts if euro(float(measures["moved_eur"]), lang) in text)
    assert euro(float(measures["spent_eur"]), lang) in resolved


@both_languages
def test_numbers_of_tables_are_those_of_the_report(hostile: Content, papers: dict[str, Any], lang: str) -> None:
    wanted = [
        sheet for chapter in sections(hostile, lang, pictures=False) for sheet in chapter.sheets
        if sheet.key in ("floors", "notice", "coverage", "releases", "indicators_needs")
    ]  # fmt: skip
    grids = [[[cell.text for cell in row.cells] for row in table.rows[1:]] for table in papers[lang].tables]
    assert len(wanted) == 5
    for sheet in wanted:
        assert sheet.cells(lang) in grids, sheet.key


@both_languages
def test_an_amount_of_the_csv_file_reaches_the_paper(papers: dict[str, Any], lang: str) -> None:
    assert any(euro(SENTINEL, lang) in text for text in texts_of(papers[lang]))


@both_languages
def test_pictures_fit_the_page_and_are_told_in_words(hostile: Content, papers: dict[str, Any], lang: str) -> None:
    document = papers[lang]
    told = {
        picture.title: picture for key in ("people", "places") for picture in illustrations(Voice(hostile, lang), key)
    }
    shapes = list(document.inline_shapes)
    assert len(shapes) == 3
    for shape in shapes:
        about = shape._inline.docPr
        assert about.get("descr") == told[about.get("title")].text
        assert Cm(8) < shape.width <= Cm(25.7) and shape.height < Cm(23)


@both_languages
def test_heads_of_tables_repeat_and_rows_stay_whole(papers: dict[str, Any], lang: str) -> None:
    tables = [table for table in papers[lang].tables if len(table.columns) > 2]
    assert len(tables) > 15
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
    assert len(texts) >= 12 and all(text.startswith("[") and text.endswith("]") for text in texts)
    words = {"de": ("Geschlechter", "Behinderung", "Klima"), "en": ("genders", "disabilities", "climate")}[lang]
    for word in words:
        assert any(word in text for text in texts), "gender, accessibility, climate"
    unmarked = [p.text for p in document.paragraphs if p.text.startswith("[") and p.runs[0].style.name != TO_FILL]
    assert not unmarked


@both_languages
def test_years_that_the_inputs_know_are_shown(hostile: Content, papers: dict[str, Any], lang: str) -> None:
    years = sorted(hostile.case["pot_years"]["year"].astype(int).unique())
    assert years
    heads = [" ".join(cell.text for cell in table.rows[0].cells) for table in papers[lang].tables]
    assert any(all(str(year) in head for year in years) for head in heads)


def test_years_that_nobody_knows_are_said_to_be_unknown(hostile: Content) -> None:
    variant = hostile.plan.variant
    unknown = {name: variant.case[name].iloc[:0] for name in ("pot_years", "commitments")}
    plan = dataclasses.replace(
        hostile.plan, variant=dataclasses.replace(variant, case=variant.case._unchecked(**unknown))
    )
    plans = {**hostile.plans, hostile.proposal: plan}
    content = dataclasses.replace(hostile, comparison=dataclasses.replace(hostile.comparison, plans=plans))
    for lang, words in (("de", "kennen keine Beträge späterer Jahre"), ("en", "know no amounts of later years")):
        assert any(words in text for text in texts_of(docx.Document(io.BytesIO(paper(content, lang)))))


def test_hostile_names_are_text(papers: dict[str, Any]) -> None:
    texts = " ".join(texts_of(papers["en"])).replace("\t", " ")
    for word in WORDS:
        assert word.replace("\t", " ") in texts, word


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
    assert any("X01" in text for text in texts_of(docx.Document(io.BytesIO(content))))


def test_small_numbers_are_withheld(hostile: Content) -> None:
    cell = ("02", "B3")
    withheld = dataclasses.replace(hostile, mask=Mask(5, frozenset({cell}), frozenset()))
    texts = texts_of(docx.Document(io.BytesIO(paper(withheld, "de"))))
    assert WITHHELD in texts and WITHHELD not in texts_of(docx.Document(io.BytesIO(paper(hostile, "de"))))


def test_there_is_no_paper_without_a_proposal(hostile: Content) -> None:
    with pytest.raises(UsageError) as failure:
        paper(dataclasses.replace(hostile, proposal=""), "de")
    assert failure.value.id == "no-proposal"
