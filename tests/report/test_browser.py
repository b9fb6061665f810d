"""The report in a real browser: what is seen on a wide screen, on a phone and on paper."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import pytest
import shapely

from allocate.checking.opening import read_case
from allocate.inputs.case import Case
from allocate.report.columns import WITHHELD, column
from allocate.report.content import gather
from allocate.report.papers.page import page
from allocate.report.pictures.style import clean
from allocate.report.sections.order import sections
from allocate.results.columns import columns
from allocate.session import Session
from tests.real.sources import write_case
from tests.real.test_berlin import tables as berlin_tables
from tests.report.browsing import PAPER, PHONE, WIDE, Opened, opened
from tests.report.conftest import DAY, Town
from tests.report.pictures.test_maps import berlin_areas, squares
from tests.report.svg import HOSTILE

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

AXE = Path(os.environ.get("AXE_CORE", "/usr/share/javascript/axe-core/axe.min.js"))

# By what a number of the record is multiplied when it is shown: share as per cent, slope per million euros.
FACTORS = {"share": 100.0, "share_change": 100.0, "slope": 1e6}
NUMBER = re.compile(r"[+-]?[€]?\d[\d.,]*")


@pytest.fixture(scope="session")
def report(small: Town, example: Town, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """The file of a report, by town and language."""
    folder = tmp_path_factory.mktemp("reports")

    @cache
    def written(town: str, lang: str) -> Path:
        content = {
            "example": lambda: example.content,
            "small": lambda: small.content,
            "hostile": lambda: gather(Session(hostile_case(read_case(small.folder), folder)), today=DAY),
        }[town]()
        file = folder / f"{town}-{lang}.html"
        file.write_text(page(content, lang), encoding="utf-8")
        return file

    return written


def hostile_case(case: Case, folder: Path) -> Case:
    """The small town with boundaries, and every name and free text one that means to do harm."""
    tables = {}
    for name, original in case.tables.items():
        table = original.copy()
        for field in ("name", "name_en", "title", "title_en", "reason", "source", "region_name", "unit", "note"):
            if field in table.columns and len(table):
                table[field] = [HOSTILE[(at + len(name)) % len(HOSTILE)] for at in range(len(table))]
        tables[name] = table
    ids = tables["spaces"]["space_id"].tolist()
    features = [
        {"type": "Feature", "properties": {"space_id": id}, "geometry": json.loads(shapely.to_geojson(shape))}
        for id, shape in zip(ids, squares(len(ids)), strict=True)
    ]
    file = folder / "spaces.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return replace(case, tables=tables, geometry=file)


PAGES = [("example", "de"), ("example", "en"), ("small", "en"), ("hostile", "de")]


@pytest.mark.parametrize(("town", "lang"), PAGES)
def test_nothing_reaches_beyond_the_window(
    browser: Browser, report: Callable[[str, str], Path], town: str, lang: str
) -> None:
    for width in (WIDE, PHONE):
        with opened(browser, report(town, lang), width) as seen:
            seen.unfold()
            assert seen.beyond() == []


@pytest.mark.parametrize(("town", "lang"), PAGES)
def test_the_page_asks_nobody_and_says_nothing_unasked(
    browser: Browser, report: Callable[[str, str], Path], town: str, lang: str
) -> None:
    """No request but the file itself, no dialog, no script that runs or is kept from running, no complaint."""
    file = report(town, lang)
    with opened(browser, file, WIDE) as seen:
        seen.page.mouse.wheel(0, 5000)
        assert seen.requests == [file.as_uri()]
        assert seen.complaints == []
        assert seen.ask("() => document.scripts.length") == 1
        assert seen.ask("() => document.querySelectorAll('img, iframe, object, link, form').length") == 0


def test_hostile_names_are_text(browser: Browser, report: Callable[[str, str], Path]) -> None:
    with opened(browser, report("hostile", "de"), WIDE) as seen:
        text = " ".join(str(seen.ask("() => document.body.textContent")).split())
        for name in HOSTILE[:4]:
            assert clean(name) in clean(text), name
        assert "{{ 7*7 }}" in text
        assert "\u202e" not in str(
            seen.ask("() => [...document.querySelectorAll('svg')].map(one => one.outerHTML).join()")
        )


# --- numbers ---------------------------------------------------------------------------------------------------------


def read(text: str, lang: str) -> tuple[float, int] | None:
    """A number as it is written in a language, and its decimals; None where there is none."""
    found = NUMBER.search(text.replace("\u00a0", " ").replace("−", "-"))
    if found is None or (re.fullmatch(r"\d+(?:\.\d+){2}", found[0]) and lang == "en"):  # a version
        return None
    written = found[0].replace("€", "")
    thousands, decimal = (".", ",") if lang == "de" else (",", ".")
    whole, _, fraction = written.replace(thousands, "").partition(decimal)
    return float(f"{whole}.{fraction or 0}"), len(fraction)


def agrees(text: str, raw: object, name: str, head: str, lang: str) -> bool:
    """Whether a cell says what the record says, to the last shown decimal."""
    number = read(text, lang)
    if raw is None:
        return number is None
    if number is None or not isinstance(raw, int | float):
        return False
    kind = columns().get(name, {"kind": ""})["kind"]
    if "%" in text or re.search(r"\((?:Punkte|points)", head):
        factors = [100.0]
    elif "€" in text:
        factors = [1.0]
    else:
        # A column that a chapter names itself may be written another way than its namesake elsewhere.
        own = head != column(name, lang).label
        factors = [1.0, 100.0, 1e6] if own or not kind else [FACTORS.get(kind, 1.0)]
    shown, digits = number
    return any(abs(shown - raw * factor) <= 0.5 * 10.0**-digits + 1e-9 * abs(raw * factor) for factor in factors)


def records(seen: Opened) -> dict[str, dict[str, Any]]:
    """The tables of the embedded record by key."""
    document = json.loads(str(seen.ask("() => document.getElementById('record').textContent")))
    return {table["key"]: table for section in document["sections"] for table in section["tables"]}


@pytest.mark.parametrize(("town", "lang"), [("example", "de"), ("example", "en"), ("small", "de")])
def test_every_number_of_every_table_is_the_records(
    browser: Browser, report: Callable[[str, str], Path], town: str, lang: str
) -> None:
    with opened(browser, report(town, lang), WIDE) as seen:
        shown, kept = seen.tables(), records(seen)
        heads = seen.ask(
            "() => Object.fromEntries([...document.querySelectorAll('main table')].map(table => "
            "[table.id, [...table.tHead.rows[0].cells].map(cell => [cell.classList.contains('n'), cell.textContent])]))"
        )
    shown = {key: rows for key, rows in shown.items() if key.startswith("t-")}
    assert {key.removeprefix("t-") for key in shown} == set(kept)
    compared, wrong = 0, []
    for id, rows in shown.items():
        table = kept[id.removeprefix("t-")]
        if not table["rows"]:
            continue
        for row, raw in zip(rows, table["rows"], strict=False):
            for name, (is_number, head), text, value in zip(table["columns"], heads[id], row, raw, strict=True):
                if is_number:
                    compared += 1
                    if not agrees(text, value, str(name), head, lang):
                        wrong.append((id, name, text, value))
    assert wrong == []
    assert compared > (1000 if town == "example" else 100)


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_numbers_of_the_plans_are_on_the_page(
    browser: Browser, report: Callable[[str, str], Path], example: Town, lang: str
) -> None:
    """Measures of every scenario and amounts of every pot and changed offer, from the plans themselves."""
    with opened(browser, report("example", lang), WIDE) as seen:
        seen.unfold()
        text = str(seen.ask("() => document.querySelector('main').innerText"))
    written = re.findall(r"[+-]?€?\d[\d.,]*\d(?:\s?[%€])?|\d", text.replace("\u00a0", " ").replace("−", "-"))
    numbers = {(number[0], one[-1] == "%") for one in written if (number := read(one, lang))}
    plans = [plan for plan in example.content.plans.values() if plan.measures is not None]
    assert len(plans) >= 3
    for plan in plans:
        assert plan.measures is not None
        assert (round(plan.measures.weighted_coverage * 100, 1), True) in numbers
        assert (round(plan.measures.moved_eur), False) in numbers
    proposal = example.content.plan
    changed = proposal.offers[proposal.offers["change_eur"].abs() > 1]
    for amount in [*proposal.pots["amount_eur"], *changed["cost_eur"], *changed["change_eur"]]:
        assert (round(amount), False) in numbers


def test_the_numbers_of_the_pictures_are_the_plans(
    browser: Browser, report: Callable[[str, str], Path], example: Town
) -> None:
    chapters = sections(example.content, "de", pictures=False)
    (sheet,) = [sheet for chapter in chapters for sheet in chapter.sheets if sheet.key == "gains_provider"]
    hidden = sheet.withheld["change_eur"] if sheet.withheld is not None else pd.Series(False, sheet.frame.index)
    with opened(browser, report("example", "de"), WIDE) as seen:
        svg = "() => [...document.querySelectorAll('#p-gains-provider text')].map(one => one.textContent)"
        texts = seen.ask(svg)
    shown = [number[0] for text in texts if "€" in text and (number := read(text, "de"))]
    assert not hidden.all()
    for change in sheet.frame.loc[~hidden.astype(bool), "change_eur"]:
        assert round(change) in shown


@pytest.mark.parametrize(("town", "lang"), PAGES)
def test_no_number_is_a_word_of_the_program(
    browser: Browser, report: Callable[[str, str], Path], town: str, lang: str
) -> None:
    with opened(browser, report(town, lang), WIDE) as seen:
        text = str(seen.ask("() => document.querySelector('main').textContent")).replace("\xad", "")
    assert re.findall(r".{0,40}\b(?:nan|NaN|None(?! of)|inf|NaT|undefined|null|<NA>)\b.{0,40}", text) == []


# --- structure and keyboard ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("town", "lang"), PAGES)
def test_headings_go_down_one_by_one(
    browser: Browser, report: Callable[[str, str], Path], town: str, lang: str
) -> None:
    with opened(browser, report(town, lang), WIDE) as seen:
        levels = seen.ask("() => [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(one => +one.tagName[1])")
        assert seen.ask("() => document.documentElement.lang") == lang
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))


def test_the_keyboard_reaches_the_proposal_first(browser: Browser, report: Callable[[str, str], Path]) -> None:
    with opened(browser, report("example", "de"), WIDE) as seen:
        seen.page.keyboard.press("Tab")
        assert seen.ask("() => document.activeElement.className") == "skip"
        box = seen.ask("() => { const b = document.activeElement.getBoundingClientRect(); return [b.left, b.top]; }")
        assert min(box) >= 0
        seen.page.keyboard.press("Enter")
        assert seen.ask("() => document.activeElement.id") == "front"
        assert seen.ask("() => Math.abs(document.getElementById('front').getBoundingClientRect().top)") < 900


def test_the_words_of_a_picture_open_by_keyboard(browser: Browser, report: Callable[[str, str], Path]) -> None:
    with opened(browser, report("example", "en"), WIDE) as seen:
        seen.ask("() => document.querySelectorAll('details[id]').forEach(one => { one.open = true; })")
        summary = seen.page.locator("details.words summary").first
        summary.focus()
        seen.page.keyboard.press("Enter")
        assert seen.page.locator("details.words p").first.is_visible()


def test_the_texts_of_pictures_can_be_selected(browser: Browser, report: Callable[[str, str], Path]) -> None:
    with opened(browser, report("example", "de"), WIDE) as seen:
        selected = seen.ask(
            "() => { document.querySelectorAll('details').forEach(one => { one.open = true; });"
            " const texts = [...document.querySelectorAll('#p-gains-need text')];"
            " const text = texts.find(one => one.textContent.length > 3); const range = document.createRange();"
            " range.selectNodeContents(text); getSelection().removeAllRanges(); getSelection().addRange(range);"
            " return getSelection().toString(); }"
        )
    assert len(str(selected)) > 3


def test_no_text_of_a_picture_lies_outside_it(browser: Browser, report: Callable[[str, str], Path]) -> None:
    outside = """() => [...document.querySelectorAll('svg')].flatMap(svg => {
      const frame = svg.getBoundingClientRect();
      return [...svg.querySelectorAll('text')].filter(text => {
        const box = text.getBoundingClientRect();
        return box.left < frame.left - 2 || box.right > frame.right + 2 || box.top < frame.top - 2
          || box.bottom > frame.bottom + 2;
      }).map(text => `${svg.id}: ${text.textContent}`);
    })"""
    for town, lang in PAGES:
        with opened(browser, report(town, lang), WIDE) as seen:
            seen.unfold()
            assert seen.ask(outside) == [], (town, lang)


@pytest.mark.skipif(not AXE.exists(), reason="needs axe-core (AXE_CORE names its file)")
@pytest.mark.parametrize(("width", "scheme"), [(WIDE, "light"), (PHONE, "light"), (WIDE, "dark")])
def test_axe_finds_nothing(
    browser: Browser, report: Callable[[str, str], Path], width: int, scheme: Literal["light", "dark"]
) -> None:
    """Folded and unfolded, on a wide screen, on a phone and in the dark; no box scrolls by itself."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(report("example", "de").as_uri())
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for open_first in ("", "document.querySelectorAll('details').forEach(one => { one.open = true; });"):
        asked = f"() => {{ {open_first} return axe.run(document).then(found => found.violations.map(one => one.id)); }}"
        assert page.evaluate(asked) == []
    ground = page.evaluate("() => getComputedStyle(document.documentElement).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
    scrolling = "() => [...document.querySelectorAll('*')].filter(one => ['auto', 'scroll'].includes(getComputedStyle(one).overflowX)).length"  # noqa: E501
    assert page.evaluate(scrolling) == 0
    context.close()


# --- paper -----------------------------------------------------------------------------------------------------------


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_report_is_six_pages_and_page_one_is_one(
    browser: Browser, report: Callable[[str, str], Path], lang: str
) -> None:
    """Without the annex at most six printed pages; page one ends where its paper does."""
    with opened(browser, report("example", lang), PAPER[0]) as seen:
        pdf = seen.page.pdf(format="A4", prefer_css_page_size=True)
        assert 2 <= pages_of(pdf) <= 6
        seen.page.emulate_media(media="print")
        assert seen.ask("() => document.getElementById('front').getBoundingClientRect().height") < PAPER[1]


@pytest.mark.parametrize("lang", ["de", "en"])
def test_page_one_has_at_most_350_words(browser: Browser, report: Callable[[str, str], Path], lang: str) -> None:
    """Words and numbers as a word processor counts them; arrows and dots are none."""
    with opened(browser, report("example", lang), WIDE) as seen:
        text = str(seen.ask("() => document.getElementById('front').innerText"))
        whole = str(seen.ask("() => document.querySelector('main').innerText"))
    words = [word for word in re.split(r"[ \t\n]+", text) if re.search(r"\w", word)]
    assert 150 < len(words) <= 350
    assert len(whole.split()) < 2500, "what is seen before anything is unfolded"


@pytest.mark.parametrize(("town", "lang"), [("example", "de"), ("hostile", "de")])
def test_paper_cuts_nothing(
    browser: Browser, example: Town, report: Callable[[str, str], Path], tmp_path: Path, town: str, lang: str
) -> None:
    """Rows and pictures stay whole, with the annex: none may break, none is higher or wider than a page."""
    file = report(town, lang)
    if town == "example":
        file = tmp_path / "annex.html"
        file.write_text(page(example.content, lang, annex=True), encoding="utf-8")
    with opened(browser, file, PAPER[0]) as seen:
        seen.page.emulate_media(media="print")
        assert seen.beyond() == []
        whole = seen.ask(
            "() => [...document.querySelectorAll('main tr, main figure svg')].map(one => ["
            " getComputedStyle(one.closest('tr, figure')).breakInside, one.getBoundingClientRect().height])"
        )
        assert {rule for rule, _ in whole} == {"avoid"}
        assert max(height for _, height in whole) < PAPER[1]
        heads = seen.ask("() => [...document.querySelectorAll('thead')].map(one => getComputedStyle(one).display)")
        assert set(heads) == {"table-header-group"}
        pdf = seen.page.pdf(format="A4", prefer_css_page_size=True)
    sizes = {tuple(map(float, box.split())) for box in re.findall(rb"/MediaBox\s*\[([^\]]+)\]", pdf)}
    assert all(abs(size[2] - 595) < 2 and abs(size[3] - 842) < 2 for size in sizes)
    assert (10 <= pages_of(pdf) <= 80) == (town == "example")


# --- a large town ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def berlin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """541 areas with boundaries, 2,893 facilities, each open to its own area only."""
    middles, shapes = berlin_areas()
    folder = write_case(tmp_path_factory.mktemp("berlin") / "town", berlin_tables("same area"))
    features = [
        {"type": "Feature", "properties": {"space_id": id}, "geometry": json.loads(shapely.to_geojson(shape))}
        for id, shape in zip(middles["plr"], shapes, strict=True)
    ]
    collection = {"type": "FeatureCollection", "features": features}
    (folder / "spaces.geojson").write_text(json.dumps(collection), encoding="utf-8")
    return folder


def test_the_report_of_541_areas(browser: Browser, berlin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("allocate.report.asking.LARGE", 0)
    file = berlin / "report.html"
    content = gather(Session(read_case(berlin)), today=DAY)
    file.write_text(page(content, "de"), encoding="utf-8")
    assert file.stat().st_size < 8_000_000
    covered = pd.Series(content.today.coverage["covered"]).sum()
    with opened(browser, file, PHONE) as seen:
        assert seen.beyond() == []
        assert seen.requests == [file.as_uri()]
        assert seen.complaints == []
        maps = seen.ask(
            "() => [...document.querySelectorAll('svg')].map(one => one.querySelectorAll('path > title').length)"
        )
        assert max(maps) == 541
        document = json.loads(str(seen.ask("() => document.getElementById('record').textContent")))
    today = next(one for one in document["scenarios"] if one["scenario_id"] == content.status_quo)
    known = [cell["covered"] for cell in today["coverage"] if cell["covered"] is not None]
    hidden = sum(cell["covered"] is None for cell in today["coverage"])
    assert hidden == len(content.mask.hidden)
    assert sum(known) <= covered
    assert WITHHELD in file.read_text(encoding="utf-8") or not hidden
