"""The workbook says exactly what the report says: every figure unrounded, every text as text, nothing that computes."""

from __future__ import annotations

import dataclasses
import datetime
import html
import io
import math
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.workbook.workbook import Workbook

from allocate.checking.opening import read_case
from allocate.language import LANGUAGES
from allocate.report.columns import Column
from allocate.report.content import Content, gather
from allocate.report.papers.workbook import workbook
from allocate.report.papers.worksheets import HEAD_ROW, Names, code_of, head_of
from allocate.report.sections.order import sections
from allocate.report.sections.plan_tables import plan_tables
from allocate.report.sections.section import WITHHELD, Sheet
from allocate.report.sections.tables import Tables
from allocate.report.wording import Voice
from allocate.session import Session
from tests.report.conftest import TODAY
from tests.report.hostiletown import SENTINEL, TELLING, WORDS, edit, hostile_town

both_languages = pytest.mark.parametrize("lang", LANGUAGES)


def opened(content: Content, lang: str) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(workbook(content, lang)))


@pytest.fixture(scope="module")
def books(hostile: Content) -> dict[str, Workbook]:
    return {lang: opened(hostile, lang) for lang in LANGUAGES}


def tables_of(content: Content, lang: str) -> list[Sheet]:
    """All tables in the order of the workbook."""
    chapters = [table for chapter in sections(content, lang, pictures=False) for table in chapter.sheets]
    return chapters + plan_tables(Tables(content, Voice(content, lang)))


@both_languages
def test_every_number_is_the_one_of_the_report_unrounded(
    hostile: Content, books: dict[str, Workbook], lang: str
) -> None:
    tables = tables_of(hostile, lang)
    sheets = books[lang].worksheets[2:]
    assert len(sheets) == len(tables) >= 30
    compared = 0
    for sheet, table in zip(sheets, tables, strict=True):
        assert sheet.cell(1, 1).value == table.title
        for at, column in enumerate(table.columns(lang), 1):
            assert sheet.cell(HEAD_ROW + 1, at).value == head_of(column, lang)
            for row, value in enumerate(table.frame[column.name].tolist(), HEAD_ROW + 2):
                cell = sheet.cell(row, at)
                if isinstance(value, float) and math.isfinite(value) and column.is_number:
                    expected = value * 1e6 if column.kind == "slope" else value
                    assert cell.value == pytest.approx(expected, rel=1e-15, abs=0), (table.key, column.name, row)
                    assert cell.number_format == code_of(column.kind, lang)
                    compared += 1
        assert sheet.max_row <= HEAD_ROW + 1 + max(1, len(table.frame))
    assert compared > 500


@both_languages
def test_nothing_computes_and_every_link_stays_inside(books: dict[str, Workbook], lang: str) -> None:
    book = books[lang]
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in ("s", "n"), cell.coordinate
                if cell.data_type == "s" and cell.value and str(cell.value)[0] in "=+-@\t\r" and cell.hyperlink is None:
                    assert cell.number_format == "@", "edited, it stays text"
                if cell.hyperlink is not None:
                    assert cell.hyperlink.target is None and cell.hyperlink.location is not None
                    name = cell.hyperlink.location.rpartition("!")[0][1:-1].replace("''", "'")
                    assert name in book.sheetnames
    assert not book.defined_names
    for sheet in book.worksheets:
        assert len(sheet.title) <= 31 and not set(sheet.title) & set("[]:*?/\\")
    assert len({name.casefold() for name in book.sheetnames}) == len(book.sheetnames)


@both_languages
def test_hostile_names_are_shown_as_they_are(books: dict[str, Workbook], lang: str) -> None:
    texts = " ".join(
        str(cell.value) for sheet in books[lang].worksheets for row in sheet.iter_rows() for cell in row if cell.value
    )
    for word in WORDS:
        assert word in texts, word


@both_languages
def test_tables_can_be_worked_with(books: dict[str, Workbook], lang: str) -> None:
    """Filters, frozen and repeated heads, widths, units in heads, A4 across."""
    for sheet in books[lang].worksheets[2:]:
        assert sheet.auto_filter.ref is not None and sheet.auto_filter.ref.startswith(f"A{HEAD_ROW + 1}:")
        assert sheet.freeze_panes in (f"A{HEAD_ROW + 2}", f"B{HEAD_ROW + 2}")
        assert sheet.print_title_rows == f"${HEAD_ROW + 1}:${HEAD_ROW + 1}"
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert all(8 < one.width < 50 for one in sheet.column_dimensions.values())
    heads = {str(cell.value) for sheet in books[lang].worksheets[2:] for cell in sheet[HEAD_ROW + 1]}
    unit = {"de": "€/Jahr", "en": "€/year"}[lang]
    assert any(head.endswith(f"[{unit}]") for head in heads) and any(head.endswith("[%]") for head in heads)


@both_languages
def test_the_cover_says_what_is_proposed_and_what_it_rests_on(
    hostile: Content, books: dict[str, Workbook], lang: str
) -> None:
    content = hostile
    cover, words = books[lang].worksheets[:2]
    texts = [str(cell.value) for row in cover.iter_rows() for cell in row if cell.value is not None]
    chapters = sections(content, lang, pictures=False)
    assert all(sentence in texts for sentence in chapters[0].sentences) and len(chapters[0].sentences) == 3
    assert content.fingerprint in texts and f"allocate {content.version}" in texts
    assert {"de": "01.03.2027", "en": "2027-03-01"}[lang] in texts
    listed = [cell.value for row in cover.iter_rows() for cell in row if cell.hyperlink is not None]
    assert len(listed) == len(books[lang].worksheets) - 1
    said = {cell.value for row in words.iter_rows() for cell in row}
    for chapter in chapters:
        assert set(chapter.sentences) <= said
        for card in chapter.cards:
            assert card.title in said and set(card.sentences) <= said


def test_the_same_content_gives_the_same_bytes_and_the_date_stands_where_it_is_said(hostile: Content) -> None:
    first, again = workbook(hostile, "en"), workbook(hostile, "en")
    assert first == again
    later = workbook(dataclasses.replace(hostile, date=TODAY + datetime.timedelta(days=1)), "en")
    with ZipFile(io.BytesIO(first)) as one, ZipFile(io.BytesIO(later)) as other:
        changed = {name for name in one.namelist() if one.read(name) != other.read(name)}
    assert changed == {"docProps/core.xml", "xl/sharedStrings.xml"}


def test_an_amount_of_the_csv_file_reaches_the_workbook(books: dict[str, Workbook]) -> None:
    pots = books["en"]["P2 Pots in all plans"]
    amounts = [cell.value for cell in pots["C"] if isinstance(cell.value, int | float)]
    assert amounts.count(SENTINEL) == 3
    elsewhere = [
        sheet.title for sheet in books["en"].worksheets for row in sheet.iter_rows() for cell in row
        if cell.value == SENTINEL
    ]  # fmt: skip
    assert len(set(elsewhere)) >= 2, "a chapter of the report shows it as well"


def test_small_numbers_are_withheld_in_every_sheet(tmp_path: Path) -> None:
    town = hostile_town(tmp_path / "town")
    edit(
        town, "demand", lambda row: row | ({"demand": "3"} if (row["space_id"], row["need_id"]) == ("02", "B3") else {})
    )
    with (town / "changes.csv").open("a", encoding="utf-8") as stream:
        stream.write("S1,demand,02|B3,demand,set,4,more of it,,\nS1,demand,01|B1,demand,set,121,more of it,,\n")
    content = gather(Session(read_case(town)), ["S0", "S1"], today=TODAY)
    assert ("02", "B3") in content.mask.primary and content.mask.secondary
    book = opened(content, "en")
    sheet = book["P5 Coverage in all plans"]
    frame = pd.concat([plan.coverage for plan in content.plans.values()], ignore_index=True)
    for row, cell in enumerate(zip(frame["space_id"], frame["need_id"], strict=True), HEAD_ROW + 2):
        shown = {sheet.cell(row, at).value for at in range(4, 10)}
        assert (shown == {WITHHELD}) == (cell in content.mask.hidden)
        assert WITHHELD not in shown or len(shown) == 1
    texts = [cell.value for one in book.worksheets for row in one.iter_rows() for cell in row]
    assert 3.0 not in [value for value in texts if isinstance(value, float)]
    changes = next(one for one in book.worksheets if one.cell(HEAD_ROW + 1, 3).value == "Key")
    logged = {row[2]: row[4:6] for row in changes.iter_rows(min_row=HEAD_ROW + 2, values_only=True)}
    assert logged["02|B3"] == (WITHHELD, WITHHELD) and WITHHELD not in logged["01|B1"]
    assert any(WITHHELD in str(text) and "5" in str(text) for text in texts), "the cover says what the sign means"


def test_a_scenario_without_a_plan_is_said_and_has_no_rows(tmp_path: Path) -> None:
    town = hostile_town(tmp_path / "town")
    edit(town, "floors", lambda row: row | {"min_coverage": "1"})
    content = gather(Session(read_case(town)), ["S1"], today=TODAY)
    assert not content.is_proposal and content.conflict is not None
    book = opened(content, "de")
    texts = [str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row if cell.value is not None]
    assert all(sentence in texts for sentence in sections(content, "de", pictures=False)[0].sentences)
    assert {cell.value for cell in book["P1 Angebote aller Pläne"]["A"][HEAD_ROW + 1 :]} == {content.status_quo}


@settings(max_examples=50)
@given(st.lists(st.text(max_size=60), max_size=20))
def test_sheet_names_are_valid_and_unique_whatever_the_titles(titles: list[str]) -> None:
    names = Names()
    found = [names.new(title) for title in [*titles, *titles, "History", "a" * 40, "a" * 50, "'"]]
    assert len({name.casefold() for name in found}) == len(found)
    for name in found:
        assert 0 < len(name) <= 31 and not set(name) & set("[]:*?/\\")
        assert not name.startswith("'") and not name.endswith("'") and name.casefold() != "history"


@both_languages
def test_every_kind_of_column_has_a_format(lang: str) -> None:
    for kind in ("count", "units", "euro", "share", "value", "slope"):
        assert "0" in code_of(kind, lang)
    for kind in ("euro_change", "units_change", "share_change", "value_change"):
        plus, minus, nothing = code_of(kind, lang).split(";")
        assert plus[0] == "+" and minus[0] == "-" and nothing[0] not in "+-"
    assert code_of("text", lang) == code_of("word", lang) == code_of("yesno", lang) == "@"
    assert head_of(Column("x", "euro", "Verdacht (€)"), lang) == "Verdacht (€)", "no unit twice"


@both_languages
def test_a_masked_workbook_names_no_provider_anywhere(masked: Content, lang: str) -> None:
    content = workbook(masked, lang, masked=True)
    with ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}
    assert "docProps/core.xml" in parts
    for name, text in parts.items():
        for word in TELLING:
            assert word.casefold() not in html.unescape(text).casefold(), (name, word)
    cover = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    said = [str(cell.value) for row in cover.iter_rows() for cell in row if cell.value is not None]
    assert any({"de": "Kennungen statt Namen", "en": "labels instead of names"}[lang] in text for text in said)
    assert any("X01" in text for text in parts["xl/sharedStrings.xml"].split("<si>"))


def test_without_masking_the_names_are_there(books: dict[str, Workbook]) -> None:
    texts = [str(cell.value) for sheet in books["en"].worksheets for row in sheet.iter_rows() for cell in row]
    assert all(any(word in text for text in texts) for word in TELLING)
