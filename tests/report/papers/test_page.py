"""The page: one file, offline, in order for a screen reader, with its numbers inside, safe against hostile names."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from allocate.checking.opening import read_case
from allocate.inputs.vocabulary import table_of
from allocate.language import LANGUAGES, euro, percent
from allocate.report.columns import written_date
from allocate.report.content import gather
from allocate.report.papers.page import breakable, page
from allocate.session import Session
from tests.report.conftest import DAY, Town
from tests.report.reading import Page

SVG = "http://www.w3.org/2000/svg"
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "end": "</script><img src=x onerror=alert(1)>",
    "formula": "=cmd|' /C calc'!A0",
    "arabic": "مركز الشباب \u202eevil\u202c",
    "long": "Ä" * 200,
    "umlauts": "Straße „Größe“ & Söhne {{ 7 * 7 }}",
}


@pytest.fixture(scope="module", params=LANGUAGES)
def whole(request: pytest.FixtureRequest, example: Town) -> tuple[str, Page]:
    """The report of the example town in each language."""
    return request.param, Page(page(example.content, request.param))


@pytest.fixture(scope="module", params=LANGUAGES)
def drawn(request: pytest.FixtureRequest, small: Town) -> tuple[str, Page]:
    """The report of the small town in each language."""
    return request.param, Page(page(small.content, request.param))


def test_the_title_names_the_town(whole: tuple[str, Page], drawn: tuple[str, Page]) -> None:
    for (lang, read), town in ((whole, "Auenfurt"), (drawn, "Musterstadt")):
        assert f"<bdi>{'Abwägungsbericht' if lang == 'de' else 'Trade-off report'}: {town}</bdi>" in read.html
        assert town in read.title


def test_the_example_is_small_and_complete(whole: tuple[str, Page]) -> None:
    _, read = whole
    assert len(read.html.encode()) < 3_000_000
    assert len(read.tables) > 40
    assert len(read.all("figure")) >= 10


def test_nothing_is_loaded_from_anywhere(whole: tuple[str, Page]) -> None:
    _, read = whole
    addresses = set(re.findall(r"(?:https?:|ftp:|//)[^\s\"'<>)]+", read.html.replace(SVG, "")))
    assert {one for one in addresses if not one.startswith("//") or "." in one} == set()
    assert not read.all("link")
    assert not read.all("img")
    assert not read.all("iframe")
    assert all("src" not in one for one in read.all("script"))
    assert all(one["href"].startswith("#") for one in read.all("a"))
    assert "url(" not in read.html.replace("url(#", "")
    assert "@import" not in read.html


def test_the_language_is_declared(whole: tuple[str, Page]) -> None:
    lang, read = whole
    assert read.all("html") == [{"lang": lang}]
    assert read.record["language"] == lang


def test_headings_are_in_order(whole: tuple[str, Page]) -> None:
    _, read = whole
    levels = [level for level, text in read.headings if text.strip()]
    assert len(levels) == len(read.headings)
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_ids_are_unique_and_every_link_leads_somewhere(whole: tuple[str, Page]) -> None:
    _, read = whole
    assert len(read.ids) == len(set(read.ids))
    for link in read.all("a"):
        assert link["href"][1:] in read.ids
    for name in ("aria-labelledby", "aria-describedby"):
        for _, attributes in read.tags:
            for id in attributes.get(name, "").split():
                assert id in read.ids
    assert read.all("a")[0]["href"] == "#front"


def test_tables_have_captions_and_scoped_heads(whole: tuple[str, Page]) -> None:
    _, read = whole
    assert all(one.get("scope") in ("col", "row") for one in read.all("th"))
    for table in read.tables.values():
        assert table.caption.strip()
        assert len({len(row) for row in table.rows}) == 1, table.key


def test_heads_stand_upright_only_above_needs(whole: tuple[str, Page]) -> None:
    _, read = whole
    assert [table["id"] for table in read.all("table") if table.get("class") == "matrix"] == ["t-change", "t-coverage"]


def test_no_table_stands_twice(whole: tuple[str, Page]) -> None:
    """What the main report shows, the annex does not repeat."""
    _, read = whole
    captions = [table.caption for table in read.tables.values()]
    assert len(captions) == len(set(captions))


def test_every_picture_has_a_title_and_words(whole: tuple[str, Page]) -> None:
    _, read = whole
    for figure in re.findall(r"<figure.*?</figure>", read.html, re.S):
        assert re.search(r"<figcaption>[^<]+</figcaption>", figure)
        assert re.search(r"<svg[^>]* role=\"img\"", figure)
        words = re.search(r"<p dir=\"auto\">(.*?)</p>", figure, re.S)
        assert words is not None
        assert len(words.group(1)) > 40
        assert re.search(r"<text[ >]", figure), "the letters of a chart are text, not outlines"


def test_the_keyboard_stops_only_where_something_can_be_done(whole: tuple[str, Page]) -> None:
    _, read = whole
    stops = [(tag, one["tabindex"]) for tag, one in read.tags if "tabindex" in one]
    assert stops == [("section", "-1")]
    assert not any(one.get("role") == "region" for _, one in read.tags)


def test_page_one_comes_before_the_contents_and_the_annex_is_folded(whole: tuple[str, Page]) -> None:
    _, read = whole
    places = [
        read.html.index(mark) for mark in ('id="front"', "<nav", 'id="side_by_side"', 'id="annex"', "<details id=")
    ]
    assert places == sorted(places)
    chapters = [one for one in read.all("details") if "id" in one]
    assert len(chapters) >= 15
    assert not any("open" in one for one in chapters)


def test_every_block_begins_with_its_finding_and_ends_with_its_detail(whole: tuple[str, Page]) -> None:
    _, read = whole
    blocks = re.findall(r'<section id="(\w+)" class="block".*?</section>', read.html, re.S)
    assert blocks == ["side_by_side", "changes", "felt", "from_to", "why_here", "lawful", "said", "unknown"]
    for block in re.findall(r'<section id="\w+" class="block".*?</section>', read.html, re.S):
        assert re.search(r"</h2>\s*<p class=\"finding\"[^>]*>[^<]+[.:]</p>", block)
        assert re.search(r'<p class="detail">.*<a href="#\w+">.*</p>\s*</section>', block, re.S)


def test_the_annex_is_open_where_it_was_asked_for(small: Town) -> None:
    read = Page(page(small.content, "de", annex=True))
    assert all("open" in one for one in read.all("details") if "id" in one)
    assert "annex printed" in read.html


def contrast(first: str, second: str) -> float:
    """The contrast of two colours as the accessibility guidelines define it."""

    def light(colour: str) -> float:
        colour = colour if len(colour) == 6 else "".join(sign * 2 for sign in colour)
        parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(first), light(second)))
    return (high + 0.05) / (low + 0.05)


def test_letters_stand_out_from_their_ground(drawn: tuple[str, Page]) -> None:
    """In the light and in the dark, on paper, on fields and on the tiles of change."""
    schemes = [
        dict(re.findall(r"--(\w+): #([0-9a-f]{3,6})", root))
        for root in re.findall(r":root \{(.*?)\}", drawn[1].html, re.S)
    ]
    assert len(schemes) == 2
    for colours in schemes:
        for ink in ("ink", "soft", "mark", "better", "worse"):
            for ground in ("paper", "field"):
                assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
        for ground in ("up1", "up2", "up3", "down1", "down2", "down3"):
            assert contrast(colours["ink"], colours[ground]) >= 4.5, ground


def test_the_tables_show_the_plans_numbers(whole: tuple[str, Page], example: Town) -> None:
    lang, read = whole
    head, *rows = read.tables["t-options"].rows
    assert len(head) == 8
    for row, id in zip(rows, ("SZ2", "SZ0", "SZ1", "SZ3b", "SZ4a"), strict=True):
        measures = example.content.plans[id].measures
        if measures is None:
            assert row[2:] == ["–"] * 6
            continue
        assert row[2] == percent(measures.weighted_coverage, lang)
        assert row[3] == percent(measures.lowest_space_coverage, lang)
        assert row[5:] == [euro(v, lang) for v in (measures.duplication_eur, measures.moved_eur, measures.spent_eur)]


def test_the_record_holds_every_table_that_is_shown(whole: tuple[str, Page]) -> None:
    _, read = whole
    kept = {f"t-{table['key']}": table for section in read.record["sections"] for table in section["tables"]}
    tables = {key: table for key, table in read.tables.items() if key.startswith("t-")}
    assert set(kept) == set(tables)
    for key, table in tables.items():
        shown = len(table.rows) - 1
        assert shown == min(len(kept[key]["rows"]), shown) or table.rows[1:] == [[table.rows[1][0]]]
        assert len(kept[key]["columns"]) == len(table.rows[0])


def test_the_record_holds_the_plans_as_run_writes_them(whole: tuple[str, Page], example: Town) -> None:
    lang, read = whole
    record = read.record
    assert record["fingerprint"] == example.content.fingerprint
    assert record["date"] == DAY.isoformat()
    plans = {one["scenario_id"]: one for one in record["scenarios"]}
    assert list(plans) == list(example.content.plans)
    expected = example.content.plan.to_json(lang)
    assert plans["SZ2"]["measures"] == expected["measures"]
    assert plans["SZ2"]["offers"] == expected["offers"]
    assert plans["SZ4a"]["status"] == "infeasible"
    hidden = example.content.mask.hidden
    for cell in plans["SZ2"]["coverage"]:
        secret = (cell["space_id"], cell["need_id"]) in hidden
        assert (cell["demand"] is None) == secret
        assert (cell["covered"] is None) == secret


def test_a_withheld_cell_cannot_be_computed_from_deliveries(whole: tuple[str, Page], example: Town) -> None:
    deliveries = next(one for one in whole[1].record["scenarios"] if one["scenario_id"] == "SZ2")["delivery"]
    assert deliveries
    effects = example.content.case["effects"]
    for space, need in example.content.mask.hidden:
        serving = set(effects.loc[effects["need_id"] == need, "offer_id"])
        assert not any(row["space_id"] == space and row["offer_id"] in serving for row in deliveries)


def test_no_line_of_a_sentence_ends_between_a_number_and_its_unit(whole: tuple[str, Page]) -> None:
    lang, read = whole
    sentences = re.findall(r"<(?:p|li|dd)\b[^>]*>(.*?)</(?:p|li|dd)>", read.html, re.S)
    assert [
        one for one in sentences if re.search(r"\d (?:%|€|EUR|Tsd\.|million|Plätze|places|Punkte|points)", one)
    ] == []
    assert any("\u00a0€" in one for one in sentences) == (lang == "de")


def test_version_fingerprint_and_date_are_said(drawn: tuple[str, Page], small: Town) -> None:
    lang, read = drawn
    for text in (small.content.fingerprint, small.content.version, written_date(DAY.isoformat(), lang)):
        assert text in read.text


@pytest.fixture(scope="module")
def hostile(small: Town, tmp_path_factory: pytest.TempPathFactory) -> Page:
    """The small town with names that try to break the page."""
    folder = tmp_path_factory.mktemp("hostile") / "town"
    case = read_case(small.folder)
    new = {
        "spaces": ("name", ["script", "arabic", "long"]),
        "needs": ("name", ["formula", "umlauts", "end"]),
        "offers": ("name", ["end", "formula", "long", "arabic", "script"]),
        "providers": ("name", ["arabic", "script", "umlauts"]),
        "pots": ("name", ["long", "end", "umlauts"]),
        "scenarios": ("title", ["umlauts", "script", "arabic", "long"]),
    }
    folder.mkdir()
    for file in small.folder.glob("*.csv"):
        name = table_of(file.stem)
        table = case[name].copy()
        if name in new:
            column, words = new[name]
            table[column] = [HOSTILE[words[at % len(words)]] for at in range(len(table))]
            if "name_en" in table.columns:
                table["name_en"] = ""
            if "title_en" in table.columns:
                table["title_en"] = ""
        table.to_csv(folder / file.name, index=False)
    return Page(page(gather(Session(read_case(folder)), ["S1", "S2"], today=DAY), "de"))


def test_hostile_names_are_text(hostile: Page) -> None:
    assert len(hostile.all("script")) == 1
    assert not hostile.all("img")
    assert all(not name.startswith("on") for _, attributes in hostile.tags for name in attributes)
    for name in ("script", "formula", "long", "end"):
        assert HOSTILE[name] in hostile.text
    assert "{{ 7 * 7 }}" in hostile.text
    assert "مركز" in hostile.text
    assert hostile.record["proposal"] == "S1"
    assert "<" not in hostile.script


def test_words_that_no_line_holds_may_be_broken(hostile: Page) -> None:
    assert "<wbr>" in hostile.html


def test_a_town_without_boundaries_has_tiles(drawn: tuple[str, Page]) -> None:
    assert "f-p-map-coverage" in drawn[1].ids


def test_the_same_content_gives_the_same_page(small: Town) -> None:
    assert page(small.content, "de") == page(small.content, "de")


def test_only_today(small: Town) -> None:
    read = Page(page(gather(Session(read_case(small.folder)), ["S0"], today=DAY), "de"))
    assert "Heutiger Stand" in [text for _, text in read.headings]
    assert "Wie es heute steht" in read.text
    assert "t-options" in read.tables
    assert "t-moves" not in read.tables
    for text in ("im Vorschlag", "Vorschlag zur Beratung", "sind 1 Möglichkeiten"):
        assert text not in read.text


def test_only_today_in_a_town_without_floors(small: Town, tmp_path: Path) -> None:
    folder = shutil.copytree(small.folder, tmp_path / "town")
    (folder / "Mindestdeckungen.csv").unlink()
    read = Page(page(gather(Session(read_case(folder)), ["S0"], today=DAY), "de"))
    assert "Mindeststandards sind nicht eingetragen." in read.text
    assert "Alle 0" not in read.text


def test_german_figures_and_days_have_german_signs(small: Town) -> None:
    read = Page(page(gather(Session(read_case(small.folder)), ["S0"], today=DAY), "de"))
    settings = {row[0]: row[1] for row in read.tables["t-settings"].rows}
    assert settings["equity_weight"] == "0,02" and settings["plan_year"] == "2027"
    assert f"{DAY:%d.%m.%Y}" in read.text and DAY.isoformat() not in read.text
    assert "31.12.2028" in read.text and "2028-12-31" not in read.text


def test_an_infeasible_proposal_shows_its_clash(tight: Callable[[], Path]) -> None:
    read = Page(page(gather(Session(read_case(tight())), ["S1"], today=DAY), "en"))
    assert "t-clash" in read.tables
    assert "t-repairs" in read.tables
    assert "No proposal is possible" in [text for _, text in read.headings]
    assert read.record["scenarios"][1]["status"] == "infeasible"


@pytest.fixture
def tight(small: Town, tmp_path: Path) -> Callable[[], Path]:
    """The small town with too little money for its floors and contracts."""

    def write() -> Path:
        folder = tmp_path / "tight"
        folder.mkdir()
        case = read_case(small.folder)
        for file in small.folder.glob("*.csv"):
            table = case[table_of(file.stem)].copy()
            if table_of(file.stem) == "pots":
                table["amount"] = 1.0
            if table_of(file.stem) in ("baseline_funding", "pot_years"):
                continue
            table.to_csv(folder / file.name, index=False)
        return folder

    return write


def test_the_documentation_says_where_each_question_is_answered(whole: tuple[str, Page]) -> None:
    text = (Path(__file__).parents[3] / "docs" / "report.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| .+ \| (.+) \|$", text, re.M)
    assert [int(number) for number, _ in rows] == list(range(1, 18))
    for number, anchors in rows:
        found = re.findall(r"`#([\w-]+)`", anchors)
        assert found, number
        for anchor in found:
            assert anchor in whole[1].ids, f"{number}: {anchor}"
    for anchor in re.findall(r"`#([\w-]+)`", text):
        assert anchor in whole[1].ids, anchor


def test_very_many_deliveries_stay_out_of_the_page(small: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """``run`` writes them all; a page of a large town must still fit into an e-mail."""
    whole = Page(page(small.content, "de"))
    monkeypatch.setattr("allocate.report.papers.record.MOST_DELIVERIES", 1)
    light = Page(page(small.content, "de"))
    assert any(one["delivery"] for one in whole.record["scenarios"])
    assert not any(one["delivery"] for one in light.record["scenarios"])
    assert light.tables.keys() == whole.tables.keys()


def test_long_words_may_be_parted_by_syllables_and_stay_the_same() -> None:
    for text in ("Erziehungsberatungsstelle der Stadt", "W" * 60, "Eltern-Kind-Zentrum am Südvorstadtbahnhof"):
        pieces = str(breakable(text)).replace("&shy;", "<wbr>").split("<wbr>")
        assert "".join(pieces) == text and max(map(len, pieces)) < 35
    assert "tungs&shy;stelle" in breakable("Erziehungsberatungsstelle")
    assert "Kind-<wbr>Zent" in breakable("Eltern-Kind-Zentrum")
    assert breakable("<b>kurz") == "&lt;b&gt;kurz"
