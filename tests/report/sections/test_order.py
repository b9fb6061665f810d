"""The chapters: complete and equal in both languages, in the words of planning, with every number from a table."""

from __future__ import annotations

import csv
import re
import string
from dataclasses import replace
from importlib import resources

import pandas as pd
import pytest

from allocate.language import LANGUAGES
from allocate.report.columns import WITHHELD
from allocate.report.sections.order import CHAPTERS, sections
from allocate.report.sections.path import path
from allocate.report.sections.proposal import proposal
from allocate.report.sections.reasons import published
from allocate.report.sections.section import Section
from allocate.results.cell_coverage import cell_coverage
from allocate.results.columns import columns
from tests.report.conftest import Town

TEXTS = ("texts.csv", "texts_page.csv")
# A plan is a proposal, never a result; money is re-steered, never saved.
FORBIDDEN = {
    "de": re.compile(r"ergebnis|spar(en|t|ung)|eingespart|optimal gelöst", re.I),
    "en": re.compile(r"saving", re.I),
}


@pytest.fixture(scope="module")
def chapters(example: Town) -> dict[str, list[Section]]:
    return {lang: sections(example.content, lang, pictures=False) for lang in LANGUAGES}


def rows_of(file: str) -> list[dict[str, str]]:
    source = resources.files("allocate.report").joinpath(file)
    return list(csv.DictReader(source.read_text(encoding="utf-8").splitlines()))


def holes(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("file", TEXTS)
def test_every_text_has_both_languages_and_the_same_values(file: str) -> None:
    rows = rows_of(file)
    keys = [row["key"] for row in rows]
    assert len(keys) == len(set(keys))
    for row in rows:
        assert row["de"].strip(), row["key"]
        assert row["en"].strip(), row["key"]
        assert holes(row["de"]) == holes(row["en"]), row["key"]
        assert None not in row, row["key"]


def test_chapters_stand_in_a_readers_order(chapters: dict[str, list[Section]]) -> None:
    """All of them: but the one for a town without a proposal, and the path, which has to be asked for."""
    order = [chapter.__name__ for chapter in CHAPTERS if chapter not in (proposal, path)]
    for lang in LANGUAGES:
        assert [section.key for section in chapters[lang]] == order


def test_both_languages_show_the_same(chapters: dict[str, list[Section]]) -> None:
    for german, english in zip(chapters["de"], chapters["en"], strict=True):
        assert german.title != english.title
        assert len(german.sentences) == len(english.sentences)
        assert [card.key for card in german.cards] == [card.key for card in english.cards]
        assert [sheet.key for sheet in german.sheets] == [sheet.key for sheet in english.sheets]
        for one, other in zip(german.sheets, english.sheets, strict=True):
            assert one.shown == other.shown
            assert len(one.frame) == len(other.frame)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_column_is_labelled_and_every_cell_can_be_said(chapters: dict[str, list[Section]], lang: str) -> None:
    for section in chapters[lang]:
        for sheet in section.sheets:
            for one in sheet.columns(lang):
                assert one.name in sheet.own or one.name in columns(), f"{sheet.key}: {one.name}"
                assert one.label.strip(), f"{sheet.key}: {one.name}"
            assert all(len(row) == len(sheet.shown) for row in sheet.cells(lang)), sheet.key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_words_of_planning(chapters: dict[str, list[Section]], lang: str) -> None:
    for section in chapters[lang]:
        said = [section.title, section.note, *section.sentences]
        said += [text for sheet in section.sheets for text in (sheet.title, sheet.note)]
        said += [one.label for sheet in section.sheets for one in sheet.columns(lang)]
        said += [text for card in section.cards for text in (card.title, *card.sentences)]
        for text in said:
            assert not FORBIDDEN[lang].search(text), text


def test_a_proposal_has_no_chapter_that_page_one_and_the_main_report_say_already(
    example: Town, chapters: dict[str, list[Section]]
) -> None:
    assert "proposal" not in {one.key for one in chapters["en"]}
    assert "proposal" in {one.key for one in sections(replace(example.content, proposal="SZ4a", decision=None), "en")}


def test_doing_nothing_is_among_the_options(chapters: dict[str, list[Section]]) -> None:
    options = chapters["en"][0].sheets[0]
    labels = options.frame["option"].tolist()
    assert labels[0].startswith("Proposal: ")
    assert labels[1].startswith("Change nothing: ")
    assert options.frame["status"].tolist().count("infeasible") == 1


def test_every_offer_that_changes_or_was_asked_for_has_a_card(
    example: Town, chapters: dict[str, list[Section]]
) -> None:
    offers = example.content.comparison.offers
    own = offers[(offers["scenario_id"] == "SZ2") & (offers["kind"] != "same")]
    cards = [card.key for section in chapters["de"] for card in section.cards]
    # An offer whose figures would tell a withheld cell is named with its kind of change, without reasons.
    withheld = example.content.mask.offers
    assert set(cards) == {*own["offer_id"], "O03"} - withheld
    assert cards[0] == "O03"
    assert example.content.without_card == 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_withheld_cells_show_a_sign_and_no_number(example: Town, chapters: dict[str, list[Section]], lang: str) -> None:
    hidden = example.content.mask.hidden
    assert hidden
    seen = 0
    for section in chapters[lang]:
        for sheet in section.sheets:
            if not {"space_id", "need_id"} <= set(sheet.frame.columns):
                continue
            numbers = [one.name for one in sheet.columns(lang) if one.is_number]
            rows = [pair in hidden for pair in zip(sheet.frame["space_id"], sheet.frame["need_id"], strict=True)]
            assert sheet.frame.loc[rows, numbers].isna().all().all(), sheet.key
            seen += sum(rows)
    matrix = next(sheet for section in chapters[lang] for sheet in section.sheets if sheet.key == "coverage")
    cells = matrix.cells(lang)
    place = {
        (row["space_id"], need): (at, matrix.shown.index(need))
        for at, row in enumerate(matrix.frame.to_dict("records"))
        for need in matrix.shown[1:]
    }
    for pair in hidden:
        row, column = place[pair]
        assert cells[row][column] == WITHHELD
        seen += 1
    assert sum(text == WITHHELD for row in cells for text in row) == len(hidden)
    assert seen > len(hidden)


def test_no_card_names_a_withheld_cell(example: Town, chapters: dict[str, list[Section]]) -> None:
    content = example.content
    needs = dict(zip(content.case["floors"]["floor_id"], content.case["floors"]["need_id"], strict=True))
    told = 0
    for card in content.cards:
        shown = published(card, content.mask, needs)
        for before, after in ((card.held, shown.held), (card.closed, shown.closed)):
            if before is None or after is None:
                continue
            told += int(content.mask.rows(before.cells).sum()) if len(before.cells) else 0
            assert not len(after.cells) or not content.mask.rows(after.cells).any()
    assert told > 0, "no card has anything to withhold, so this test would not notice"
    sentences = [text for section in chapters["de"] for card in section.cards for text in card.sentences]
    for space, need in content.mask.hidden:
        assert not any(
            f"({need}) in " in text and f"({space}):" in text.split(f"({need}) in ")[1].split(";")[0]
            for text in sentences
        )


def test_the_matrix_is_the_plans_coverage(example: Town, chapters: dict[str, list[Section]]) -> None:
    plan = example.content.plan.coverage.set_index(["space_id", "need_id"])
    matrix = next(sheet for section in chapters["de"] for sheet in section.sheets if sheet.key == "coverage")
    for row in matrix.frame.to_dict("records"):
        for need in matrix.shown[1:]:
            cell = plan.loc[(row["space_id"], need)]
            if (row["space_id"], need) not in example.content.mask.hidden:
                assert row[need] == pytest.approx(cell["covered"] / cell["demand"], abs=1e-12)


def test_cell_coverage_of_two_plans(example: Town) -> None:
    table = cell_coverage(example.content.today, example.content.plan)
    assert len(table) == len(example.content.plan.coverage)
    assert ((table["coverage"] - table["coverage_before"]) - table["change"]).abs().max() < 1e-12
    assert table["coverage"].between(0, 1).all()
    assert isinstance(table, pd.DataFrame)


def test_the_dearest_rule_is_only_called_so_where_it_is_known(example: Town) -> None:
    margins = example.content.margins
    assert margins is not None and margins.settled >= {"rules"} and len(margins.rules)
    unsettled = replace(margins, settled=margins.settled - {"rules"})
    worthless = replace(margins, rules=margins.rules.assign(lifted_worth_eur=float("nan")))
    told = {}
    for name, one in (("known", margins), ("computed", unsettled), ("worthless", worthless)):
        found = sections(replace(example.content, margins=one), "en", pictures=False)
        chapter = next(chapter for chapter in found if chapter.key == "rules")
        told[name] = [sentence for sentence in chapter.sentences if "dearest of the other rules" in sentence]
    assert "The dearest of the other rules:" in told["known"][0]
    assert "The dearest of the other rules that were computed:" in told["computed"][0]
    assert not told["worthless"]
