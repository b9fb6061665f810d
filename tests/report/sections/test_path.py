"""The path in a report: a step of the main report, a chapter, a picture, only where it was asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from allocate.analyses.transition.year_by_year import transition
from allocate.language import LANGUAGES
from allocate.report.blocks.order import blocks
from allocate.report.content import Content
from allocate.report.papers.page import page
from allocate.report.sections.order import sections
from allocate.report.sections.path import first_steps
from allocate.report.sources import origin
from allocate.session import Session
from tests.report.conftest import Town


@pytest.fixture(scope="module")
def content(example: Town) -> Content:
    """The example town to the year in which a grant ends."""
    found = transition(Session(example.content.case), "SZ2", (2027, 2029), delays=(6,))
    return replace(example.content, path=found)


def test_nobody_who_did_not_ask_sees_a_path(example: Town) -> None:
    assert not {"path", "years"} & {one.key for one in sections(example.content, "de", pictures=False)}
    assert "years" not in {one.key for one in blocks(example.content, "de", pictures=False)}


def test_the_main_report_tells_the_path_in_sentences(content: Content) -> None:
    found = next(one for one in blocks(content, "de") if one.key == "years")
    told = " ".join([found.finding, *found.sentences])
    assert content.path is not None
    kinds = content.path.steps["path_step"].value_counts()
    assert found.finding.startswith("Von 2027 bis 2029 geht der Weg von ")
    assert f"{kinds['shrinks']} schrumpfen" in told and "1 enden" not in told
    assert "(2029)" in told  # the grant that ends
    assert "Vertrag" in told  # what a contract binds
    assert "In 2027 wird ein Mindeststandard verfehlt" in told
    assert [picture.key for picture in found.pictures] == ["p-path"]
    assert found.sheets[0].frame["year"].tolist() == ["2027", "2028", "2029"]


def test_the_chapter_shows_no_capacity_of_a_single_offer(content: Content) -> None:
    found = next(one for one in sections(content, "en", pictures=False) if one.key == "path")
    sheets = {one.key: one for one in found.sheets}
    assert list(sheets) == ["path_years", "path_steps", "path_pots", "path_delays"]
    assert not {"capacity", "change_eur"} & set(sheets["path_steps"].shown)
    short = sheets["path_years"].frame["short_eur"].tolist()
    assert short[0] == 0 and short[2] > 300_000  # the grant of 220,000 EUR, and dearer offers
    lead = sheets["path_steps"].frame
    assert "2028-01" in lead.loc[lead["held_back"].eq("lead"), "possible_from"].tolist()


def test_the_first_change_of_every_offer_stands_at_its_date(content: Content) -> None:
    assert content.path is not None
    rows = first_steps(content.path).set_index("offer_id")
    assert rows.loc["O36", ["path_step", "earliest"]].tolist() == ["starts", "2028-01-01"]
    assert rows["earliest"].is_monotonic_increasing


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_leads_from_the_years_to_the_command_that_prints_them(content: Content, lang: str) -> None:
    shown = page(content, lang)
    asked = "allocate transition auenfurt -s SZ2 --years 2027-2029 --table years"
    assert origin(content, "path_years", lang).commands == (asked,)
    assert asked in shown and 'id="years"' in shown
