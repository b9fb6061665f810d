"""Every figure of page one and of the main report leads to the cells it rests on and to a command that prints it."""

from __future__ import annotations

import csv
import re
import shlex
from dataclasses import replace

import click
import pytest

from allocate.cli.root import root
from allocate.language import LANGUAGES
from allocate.report.blocks.order import blocks
from allocate.report.blocks.origins import origins
from allocate.report.front.building import front_page
from allocate.report.papers.page import page
from allocate.report.sources import origin, register, rows_of
from tests.report.conftest import Town
from tests.report.reading import Page

_PLACE = re.compile(r"(\S+\.csv), (?:Zeilen?|rows?) (\d+)(?:–(\d+))?(?:, (?:Spalte|column) (\w+))?")


@pytest.fixture(scope="module", params=LANGUAGES)
def shown(request: pytest.FixtureRequest, example: Town) -> Page:
    return Page(page(example.content, request.param))


def test_every_number_of_page_one_and_of_the_main_report_leads_to_its_source(shown: Page) -> None:
    links = {one["href"]: one["title"] for one in shown.all("a") if one.get("class") == "from"}
    html = shown.html[: shown.html.index('id="annex"')]
    figures = 0
    for table in re.findall(r"<table.*?</table>", html, re.DOTALL):
        numbers = re.findall(r'<td class="n[^>]*>', table)
        figures += len(numbers)
        assert not numbers or 'class="from"' in table.partition("</caption>")[0], table[:120]
    for tile in re.findall(r'<div class="tile">.*?</div>', html, re.DOTALL):
        assert re.search(r'<dt><a class="from" href="#from-tile-\w+" title="[^"]+', tile)
    assert figures > 200
    assert set(links) <= {f"#{id}" for id in shown.ids}
    assert all("allocate " in title for title in links.values())
    listed = {row[0]: row[1:] for row in shown.tables["t-origins"].rows[1:]}
    assert len(listed) == len(links)
    assert all(command and cells for command, cells in listed.values())


def test_sources_name_cells_that_are_there_and_commands_that_exist(example: Town) -> None:
    content = example.content
    for key in register():
        found = origin(content, key, "de")
        for cell in found.cells:
            parts = _PLACE.fullmatch(cell)
            assert parts is not None, cell
            with (example.folder / parts[1]).open(encoding="utf-8-sig", newline="") as stream:
                rows = list(csv.reader(stream))
            assert parts[4] in rows[0], cell
            assert (int(parts[2]), int(parts[3] or parts[2])) == (2, len(rows)), cell
        for line in found.commands:
            words = shlex.split(line)
            made = root.get_command(click.Context(root), words[1])
            assert made is not None and words[2] == content.case.name, line
            options = {option for parameter in made.params for option in parameter.opts}
            assert {word for word in words[3:] if word.startswith("-")} <= options, line


def test_each_row_of_an_offer_names_its_own_row_of_the_table_of_offers(example: Town) -> None:
    sheets = [sheet for block in blocks(example.content, "en") for sheet in block.sheets]
    sheet = next(sheet for sheet in sheets if sheet.key == "main_changes")
    with (example.folder / "offers.csv").open(encoding="utf-8-sig", newline="") as stream:
        lines = [row[0] for row in csv.reader(stream)]
    told = dict(zip(sheet.frame["offer_id"], rows_of(example.content, sheet.frame, "en"), strict=True))
    assert len(told) > 10
    for id, text in told.items():
        if id in example.content.mask.offers:
            assert not text
        else:
            assert text == f"allocate explain auenfurt -s SZ2 --offer {id} · offers.csv, row {lines.index(id) + 1}"


def test_what_was_not_asked_is_no_source_and_today_alone_has_sources_too(small: Town) -> None:
    content = replace(small.content, robustness=None, proposal="", decision=None)
    assert not any("robust" in line for line in origin(content, "tile-coverage", "en").commands)
    front = front_page(content, "en")
    found = origins(content, front, [], "en").sheets[0]
    assert len(found.frame) >= len(front.tiles) > 0
    assert found.frame["command"].str.startswith("allocate ").all()
