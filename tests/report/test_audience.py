"""What a report leaves out, adds and puts first for a council, a department and the public."""

from __future__ import annotations

import csv
import re
from importlib import resources
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from allocate.checking.opening import read_case
from allocate.cli import main
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.language import LANGUAGES, Texts
from allocate.report.audience import CHAPTER, DEPARTMENT, INTERNAL, PICTURE, PUBLIC, TABLE, Audience, readers
from allocate.report.blocks.order import blocks
from allocate.report.content import Content, gather
from allocate.report.papers.masking import mask_providers
from allocate.report.papers.page import page
from allocate.report.pictures.register import CHARTS
from allocate.report.sections.order import CHAPTERS, sections
from allocate.results.columns import columns
from allocate.session import Session
from tests.report.conftest import DAY, TODAY, Town
from tests.report.hostiletown import hostile_town
from tests.report.reading import Page

PARTS = (CHAPTER, TABLE, PICTURE)
# A few people or places as a sentence may say them, in both languages.
_FEW = re.compile(r"(?<![\d.,])[1-4] (?:Person|Plätze|Platz|Einheit|Menschen|person|people|place|unit)\w*")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """The hostile town, in which few people of a space have a need, and which has set no threshold of its own."""
    read = read_case(hostile_town(tmp_path_factory.mktemp("readers") / "town"))
    parameters = read["parameters"].copy()
    parameters.loc[parameters["parameter"] == "suppression_threshold", "value"] = "0"
    return read.with_tables(parameters=parameters)


@pytest.fixture(scope="module")
def public(case: Case) -> Content:
    return gather(Session(mask_providers(case, "en")), ["S0", "S1"], today=TODAY, audience=Audience(PUBLIC))


def numbers_of(document: Any) -> list[tuple[str, float]]:
    """All numbers of a JSON document by the name of their field."""
    if isinstance(document, dict):
        return [
            pair
            for name, value in document.items()
            for pair in ([(name, value)] if isinstance(value, int | float) else numbers_of(value))
        ]
    return [pair for one in document for pair in numbers_of(one)] if isinstance(document, list) else []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_public_is_told_no_number_of_people_or_places_below_the_threshold(public: Content, lang: str) -> None:
    assert public.mask.threshold == 5
    counted = {name for name, row in columns().items() if row["kind"].startswith("units")}
    parts = (*blocks(public, lang, pictures=False), *sections(public, lang, pictures=False))
    sheets = [sheet for part in parts for sheet in part.sheets]
    seen = 0
    for sheet in sheets:
        for column in sheet.columns(lang):
            if column.kind.startswith("units"):
                values = sheet.frame[column.name].astype(float).abs()
                seen += len(values)
                assert not values.between(1e-9, 5 - 1e-9).any(), (sheet.key, column.name)
    assert seen > 20
    shown = Page(page(public, lang, masked=True))
    assert not _FEW.findall(shown.text)
    few = [(name, value) for name, value in numbers_of(shown.record["scenarios"]) if name in counted]
    assert few and not [pair for pair in few if 1e-9 < abs(pair[1]) < 5]


def test_the_public_is_told_nothing_of_the_affairs_of_a_single_provider(public: Content, case: Case) -> None:
    text = page(public, "en", masked=True)
    names = [name for name in case["providers"]["name"].tolist() if len(name) > 3]
    assert names and not [name for name in names if name in text]
    internal = {part: {key for at, key in readers() if at == part and readers()[at, key] == INTERNAL} for part in PARTS}
    assert all(internal.values())
    assert not {one.key for one in sections(public, "en", pictures=False)} & internal[CHAPTER]
    shown = Page(text)
    assert not {f"t-{key}" for key in internal[TABLE]} & set(shown.tables)
    assert not internal[PICTURE] & set(shown.ids)
    assert "Version for the public" in text
    council = page(gather(Session(case), ["S0", "S1"], today=TODAY), "en")
    assert {"reasons", "timing"} <= {one.get("id") for one in Page(council).all("details")}


def test_of_every_chapter_table_and_picture_it_is_said_whether_the_public_may_see_it() -> None:
    with resources.files("allocate.report").joinpath("readers.csv").open(encoding="utf-8") as stream:
        rows = [(row["part"], row["key"], row["readers"]) for row in csv.DictReader(stream)]
    said = {part: [key for at, key, _ in rows if at == part] for part in PARTS}
    assert {(part, readers) for part, _, readers in rows} == set(product(PARTS, (PUBLIC, INTERNAL)))
    assert all(len(set(keys)) == len(keys) for keys in said.values()), "said twice"
    keys = {key for file in ("texts.csv", "texts_blocks.csv") for key in Texts("allocate.report", file).sentences}
    titles = {key.removeprefix("title.") for key in keys if key.startswith("title.") and "@" not in key}
    assert {*said[CHAPTER]} == {chapter.__name__ for chapter in CHAPTERS} | titles
    # Two tables have another title where there is no proposal, and one is drawn a second time with fewer rows.
    tables = {key.removeprefix("sheet.") for key in keys if key.startswith("sheet.") and "@" not in key}
    assert {*said[TABLE]} == tables - {"duplication_totals_today", "main_options_now"} | {"main_suggestions"}
    assert all(any(key.startswith(f"p-{chart.key}") for key in said[PICTURE]) for chart in CHARTS)


def test_what_nobody_has_said_is_not_shown_to_the_public() -> None:
    for part in PARTS:
        assert not Audience(PUBLIC).shows(part, "newcomer")
        assert Audience().shows(part, "newcomer") and Audience(DEPARTMENT).shows(part, "newcomer")


def test_a_department_sees_all_of_its_own_offers_first_and_every_row(small: Town) -> None:
    case = read_case(small.folder)
    department = str(case["offers"]["department_id"].iloc[0])
    own = case["offers"].loc[case["offers"]["department_id"] == department]
    content = gather(Session(case), today=DAY, audience=Audience(DEPARTMENT, department))
    first = blocks(content, "de", pictures=False)[0]
    assert first.key == "own"
    table = first.sheets[0]
    assert set(table.frame["offer_id"]) == set(own["offer_id"])
    assert {"provider", "notice_months", "contract_end", "keeping_eur"} <= set(table.shown)
    assert {card.key for card in first.cards} == set(own["offer_id"])
    chapters = sections(content, "de", pictures=False)
    repeated = [card.key for one in chapters for card in one.cards if card.key in set(own["offer_id"])]
    assert not repeated
    assert all(sheet.most >= len(sheet.frame) for one in chapters for sheet in one.sheets)
    council = {sheet.key for one in sections(small.content, "de", pictures=False) for sheet in one.sheets}
    assert council <= {sheet.key for one in chapters for sheet in one.sheets}
    assert Page(page(content, "de", annex=True)).ids.index("own") < Page(page(content, "de")).ids.index("changes")


def test_a_department_without_offers_is_refused(small: Town) -> None:
    with pytest.raises(UsageError):
        gather(Session(read_case(small.folder)), ["S0"], audience=Audience(DEPARTMENT, "nobody"))


def test_the_department_goes_with_its_audience(small: Town, tmp_path: Path) -> None:
    for words in (["--audience", "department"], ["--department", "D1"]):
        assert main(["report", str(small.folder), *words, "-o", str(tmp_path / "r.html"), "--quiet"]) == 2
