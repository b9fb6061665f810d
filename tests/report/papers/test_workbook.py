"""The workbook says exactly what the report says: every figure unrounded, every text as text, nothing that computes."""

from __future__ import annotations

import dataclasses
import datetime
import html
import io
import math
import shlex
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import click
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.workbook.workbook import Workbook

from allocate.checking.opening import read_case
from allocate.cli.root import root
from allocate.inputs.scenario.changes import WHAT_IF
from allocate.language import LANGUAGES
from allocate.report.columns import WITHHELD, Column
from allocate.report.content import Content, gather
from allocate.report.front.building import front_page
from allocate.report.papers.theme_sheets import joined_head
from allocate.report.papers.themes import FURTHER, MOST_SHEETS, THEMES, Part, command, themes
from allocate.report.papers.workbook import workbook
from allocate.report.papers.worksheets import HEAD_ROW, TEXTS, Names, head_of, lines_of
from allocate.report.sections.order import sections
from allocate.report.sections.plan_tables import plan_tables
from allocate.report.sections.section import Sheet
from allocate.report.sections.tables import Tables
from allocate.report.wording import Voice
from allocate.session import Session
from allocate.units import UNITS
from tests.report.conftest import TODAY
from tests.report.hostiletown import SENTINEL, TELLING, WORDS, edit, hostile_town

both_languages = pytest.mark.parametrize("lang", LANGUAGES)


def opened(content: Content, lang: str) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(workbook(content, lang)))


@pytest.fixture(scope="module")
def books(hostile: Content) -> dict[str, Workbook]:
    return {lang: opened(hostile, lang) for lang in LANGUAGES}


def parts_of(content: Content, lang: str) -> dict[str, tuple[str, Part]]:
    """All tables by key, each with the name of its sheet."""
    chapters = sections(content, lang, pictures=False)
    plans = plan_tables(Tables(content, Voice(content, lang)))
    listed = themes(content, chapters, plans, "plans")
    found = {part.table.key: (TEXTS.say(f"theme.{one.key}", lang), part) for one in listed for part in one.parts}
    assert set(found) == {table.key for chapter in chapters for table in chapter.sheets} | {one.key for one in plans}
    return found


def cells_of(sheet: Any, beside: list[Sheet], table: Sheet, lang: str) -> list[list[Any]]:
    """The cells of a table that stands with those ``beside`` it on a sheet, its columns in their order."""
    head, *rows = sheet.iter_rows(min_row=HEAD_ROW + 1)
    names = list(dict.fromkeys(name for one in beside for name in one.shown))
    at = [names.index(name) + 1 for name in table.shown]
    for number, one in zip(at, table.columns(lang), strict=True):
        assert head_of(one, lang).partition("\n")[0] in str(head[number].value)
    return [[row[number] for number in at] for row in rows if row[0].value == table.title]


# Values per million euros, and changes of shares in percentage points.
SHOWN_IN = {"slope": 1e6, "share_change": 100}


def is_told(value: object, column: Column) -> bool:
    """Whether a value is a number that stands in a cell."""
    return isinstance(value, float | int) and math.isfinite(value) and column.is_number


@both_languages
def test_every_number_is_the_one_of_the_report_unrounded(
    hostile: Content, books: dict[str, Workbook], lang: str
) -> None:
    book, compared = books[lang], 0
    further = [row[:5] for row in book[TEXTS.say(f"theme.{FURTHER}", lang)].iter_rows(min_row=HEAD_ROW + 2)]
    parts = parts_of(hostile, lang)
    for name, part in parts.values():
        table = part.table
        if name == TEXTS.say(f"theme.{FURTHER}", lang):
            own = [row for row in further if row[1].value == table.title]
            numbers = [row[4].value for row in own if isinstance(row[4].value, float | int)]
            wanted = [
                value * SHOWN_IN.get(one.kind, 1)
                for one in table.columns(lang)[1:] for value in table.frame[one.name].tolist()
                if is_told(value, one) or (one.kind == "text" and type(value) in (int, float) and math.isfinite(value))
            ]  # fmt: skip
            assert sorted(numbers) == pytest.approx(sorted(wanted), rel=1e-15, abs=0), table.key
            names = {(row[2].value, row[3].value) for row in own}
            assert len(names) == len(own), (table.key, "each figure has a name of its own")
            compared += len(wanted)
            continue
        beside = [other.table for sheet, other in parts.values() if sheet == name]
        rows_of = cells_of(book[name], beside, table, lang)
        assert len(rows_of) == len(table.frame), table.key
        for at, one in enumerate(table.columns(lang)):
            for row, value in zip(rows_of, table.frame[one.name].tolist(), strict=True):
                if is_told(value, one):
                    expected = value * SHOWN_IN.get(one.kind, 1)
                    assert row[at].value == pytest.approx(expected, rel=1e-15, abs=0), (table.key, one.name)
                    assert row[at].number_format == one.unit.pattern_in(lang)
                    compared += 1
    assert compared > 500


@both_languages
def test_there_are_few_sheets_each_with_one_head(books: dict[str, Workbook], lang: str) -> None:
    book = books[lang]
    assert 12 <= len(book.sheetnames) <= MOST_SHEETS and len(THEMES) + 3 <= MOST_SHEETS
    first, last = (TEXTS.say(f"head.{key}", lang) for key in ("table", "command"))
    for sheet in book.worksheets[2:-1]:
        heads = [cell.value for cell in sheet[HEAD_ROW + 1]]
        assert heads[0] == first and heads[-1] == last and len(heads) <= 18
        assert all(row[0].value and row[len(heads) - 1].value for row in sheet.iter_rows(min_row=HEAD_ROW + 2))


@both_languages
def test_the_command_beside_every_figure_is_one_that_exists(
    hostile: Content, books: dict[str, Workbook], lang: str
) -> None:
    said = {
        row[-1]
        for sheet in books[lang].worksheets[2:]
        for row in sheet.iter_rows(min_row=HEAD_ROW + 2, values_only=True)
    }
    assert command(hostile, "plan_offers", "") in said and len(said) >= 10
    for words in (shlex.split(line) for line in said):
        assert words[0] == "allocate" and words[2] == hostile.case.name
        made = root.get_command(click.Context(root), words[1])
        assert made is not None
        known = {option for parameter in made.params for option in parameter.opts}
        assert {word for word in words[3:] if word.startswith("-")} <= known, words


def test_commands_name_the_proposal_first_and_say_where_a_what_if_is_found(hostile: Content) -> None:
    other = dataclasses.replace(hostile, proposal="S2")
    assert command(hostile, "plan_pots", "").endswith(" -s S1 -s S2") and command(other, "plan_pots", "").endswith(
        " -s S2 -s S1"
    )
    plans = {**hostile.plans, WHAT_IF: hostile.plan}
    asked = dataclasses.replace(hostile, comparison=dataclasses.replace(hostile.comparison, plans=plans))
    for content, wanted in ((hostile, False), (asked, True)):
        texts = [str(cell.value) for row in opened(content, "en").worksheets[0].iter_rows() for cell in row]
        assert any(f"--save-as {WHAT_IF}" in text for text in texts) == wanted


@both_languages
def test_excel_draws_charts_from_cells_that_hold_what_they_say(
    hostile: Content, books: dict[str, Workbook], lang: str
) -> None:
    book = books[lang]
    charts = book.worksheets[0]._charts
    assert len(charts) >= 4 and not any(sheet._charts for sheet in book.worksheets[1:])
    gains = next(part for _, part in parts_of(hostile, lang).values() if part.table.key == "gains_space").table
    series = {one.tx.v: one for one in charts[0].series}
    for key, column in (("today", "coverage_before"), ("proposal", "coverage")):
        name, cells = range_boundaries_of(series[TEXTS.say(f"series.{key}", lang)].val.numRef.f)
        values = [cell.value for (cell,) in book[name][cells]]
        assert values == pytest.approx(gains.frame[column].tolist())
        name, cells = range_boundaries_of(series[TEXTS.say(f"series.{key}", lang)].cat.strRef.f)
        assert [cell.value for (cell,) in book[name][cells]] == gains.frame["name_label"].tolist()


def range_boundaries_of(formula: str) -> tuple[str, str]:
    """Sheet and cells of a reference."""
    sheet, _, cells = formula.rpartition("!")
    return sheet.strip("'").replace("''", "'"), cells.replace("$", "")


def test_no_chart_draws_a_figure_that_is_withheld(hostile: Content) -> None:
    space = hostile.case["spaces"]["space_id"].iloc[0]
    mask = dataclasses.replace(hostile.mask, totals={**hostile.mask.totals, "space": frozenset({space})})
    book = opened(dataclasses.replace(hostile, mask=mask), "en")
    _, part = parts_of(dataclasses.replace(hostile, mask=mask), "en")["gains_space"]
    assert part.table.withheld is not None and part.table.withheld["coverage"].tolist()[-1]
    told = int((~part.table.withheld["coverage"]).sum())
    name, cells = range_boundaries_of(book.worksheets[0]._charts[0].series[1].val.numRef.f)
    assert [cell.value for (cell,) in book[name][cells]] == pytest.approx(part.table.frame["coverage"].tolist()[:told])


def test_a_column_that_tables_share_says_what_it_is_in_each_and_wrapped_texts_have_their_lines() -> None:
    same = [Column("x", "euro", "Money"), Column("x", "share", "Lowest"), Column("x", "euro", "Money")]
    assert joined_head(same, "en") == "Money / Lowest\n[€/year] [%]"
    assert [lines_of(text, 10) for text in ("", "ten chars.", "more than ten", "a\nb", "a" * 25)] == [1, 1, 2, 2, 3]


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
    """Filters, frozen and repeated heads, widths, heights for what is wrapped, units in heads, A4 across."""
    for sheet in books[lang].worksheets[2:]:
        assert sheet.auto_filter.ref is not None and sheet.auto_filter.ref.startswith(f"A{HEAD_ROW + 1}:")
        assert sheet.freeze_panes in (f"A{HEAD_ROW + 2}", f"C{HEAD_ROW + 2}")
        assert sheet.print_title_rows == f"${HEAD_ROW + 1}:${HEAD_ROW + 1}"
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        widths = {
            at: one.width for one in sheet.column_dimensions.values() for at in range(one.min, one.max + 1)
        }  # fmt: skip
        assert all(8 < width < 50 for width in widths.values())
        for cell in (cell for row in sheet.iter_rows(min_row=HEAD_ROW + 1) for cell in row if cell.alignment.wrap_text):
            word = max((len(part) for part in str(cell.value or "").split()), default=0)
            width = widths[cell.column]
            assert cell.row != HEAD_ROW + 1 or word < width or width > 48, (sheet.title, cell.value)
            height = sheet.row_dimensions[cell.row].height or 15
            assert height >= min(400, 15 * lines_of(str(cell.value or ""), width)), (sheet.title, cell.coordinate)
    heads = {str(cell.value) for sheet in books[lang].worksheets[2:] for cell in sheet[HEAD_ROW + 1]}
    unit = {"de": "€/Jahr", "en": "€/year"}[lang]
    assert any(head.endswith(f"[{unit}]") for head in heads) and any(head.endswith("[%]") for head in heads)


@both_languages
def test_the_start_says_what_is_decided_and_what_it_rests_on(
    hostile: Content, books: dict[str, Workbook], lang: str
) -> None:
    content, front = hostile, front_page(hostile, lang)
    start, words = books[lang].worksheets[:2]
    texts = [str(cell.value) for row in start.iter_rows() for cell in row if cell.value is not None]
    assert {front.decided, front.title, front.lead, *front.turning, *front.beside} <= set(texts)
    assert len(front.tiles) == 5
    for tile in front.tiles:
        assert tile.label in texts and any(tile.before in text and tile.after in text for text in texts)
        assert not tile.note or tile.note in texts
    assert content.fingerprint in texts and f"allocate {content.version}" in texts
    assert {"de": "01.03.2027", "en": "2027-03-01"}[lang] in texts
    linked = [cell.value for row in start.iter_rows() for cell in row if cell.hyperlink is not None]
    assert linked == books[lang].sheetnames[1:]
    said = {cell.value for row in words.iter_rows() for cell in row}
    for chapter in sections(content, lang, pictures=False):
        assert set(chapter.sentences) <= said
        assert {f"{table.title}: {table.note}" for table in chapter.sheets if table.note} <= said
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
    pots = books["en"]["Pots"].iter_rows(min_row=HEAD_ROW + 2, values_only=True)
    assert [row[2] for row in pots if row[0] == "Pots in all plans"].count(SENTINEL) == 3
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
    sheet = book["Spaces and needs"]
    rows = list(sheet.iter_rows(min_row=HEAD_ROW + 2, values_only=True))
    cells = [tuple(str(label).rpartition("(")[2].removesuffix(")") for label in row[2:4]) for row in rows]
    frame = pd.concat([plan.coverage for plan in content.plans.values()], ignore_index=True)
    assert sorted(cells) == sorted(zip(frame["space_id"], frame["need_id"], strict=True))
    for row, cell in zip(rows, cells, strict=True):
        shown = set(row[4:10])
        assert (shown == {WITHHELD}) == (cell in content.mask.hidden)
        assert WITHHELD not in shown or len(shown) == 1
    # Where a withheld row stands says nothing: all of them come last.
    withheld = [row[4] == WITHHELD for row in rows]
    assert withheld == sorted(withheld)
    texts = [cell.value for one in book.worksheets for row in one.iter_rows() for cell in row]
    assert 3.0 not in [value for value in texts if isinstance(value, float)]
    logged = [row[2:5] for row in book["Further figures"].iter_rows(values_only=True) if "02|B3" in str(row[2])]
    assert {row[2] for row in logged if row[1] in ("Before", "After")} == {WITHHELD}, logged
    logged = [row[2:5] for row in book["Further figures"].iter_rows(values_only=True) if "01|B1" in str(row[2])]
    assert logged and WITHHELD not in {row[2] for row in logged}
    assert any(WITHHELD in str(text) and "5" in str(text) for text in texts), "the cover says what the sign means"


def test_a_scenario_without_a_plan_is_said_and_has_no_rows(tmp_path: Path) -> None:
    town = hostile_town(tmp_path / "town")
    edit(town, "floors", lambda row: row | {"min_coverage": "1"})
    content = gather(Session(read_case(town)), ["S1"], today=TODAY)
    assert not content.is_proposal and content.conflict is not None
    book = opened(content, "de")
    texts = [str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row if cell.value is not None]
    front = front_page(content, "de")
    assert {front.title, front.lead, *front.turning} <= set(texts) and front.turning
    offers = list(book["Angebote"].iter_rows(min_row=HEAD_ROW + 2, values_only=True))
    assert {row[1] for row in offers if row[0] == "Angebote aller Pläne"} == {content.status_quo}


@settings(max_examples=20)
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
        assert "0" in UNITS[kind].pattern_in(lang)
    for kind in ("euro_change", "units_change", "share_change", "value_change"):
        plus, minus, nothing = UNITS[kind].pattern_in(lang).split(";")
        assert plus[0] == "+" and minus[0] == "-" and nothing[0] not in "+-"
    assert {UNITS[name].pattern_in(lang) for name in ("text", "word", "yesno")} == {"@"}
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
