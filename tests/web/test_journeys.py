"""The page as it is used, in a real browser: a planner with her workbook, a decision-maker with two scenarios."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd
import pytest
from docs.pictures import page_served

from allocate.checking.opening import read_case
from allocate.session import Session
from allocate.web.application import House
from allocate.web.keeping import Keeper
from tests.conftest import TINY
from tests.report.browsing import PHONE, WIDE, Opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
PATIENCE = 40_000
# axe-core as ``npm pack axe-core`` unpacks it; the rules are looked at only where somebody has put it there.
AXE = Path(os.environ.get("AXE_CORE", "/usr/share/javascript/axe-core/axe.min.js"))
ROOMS = ("data", "check", "play", "play?view=projector", "compare?and=need&of=covered", "voices", "take")


@pytest.fixture(scope="module")
def address(auenfurt: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own, in a thread."""
    with page_served(House(Keeper(tmp_path_factory.mktemp("page")), "de", auenfurt, TINY)) as address:
        yield address


@contextmanager
def visiting(browser: Browser, address: str, width: int = WIDE) -> Iterator[Opened]:
    """A visitor of the page; what the browser complains of, or asks of others, is remembered."""
    context = browser.new_context(viewport={"width": width, "height": 900}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    seen = Opened(page)
    page.on("console", lambda message: seen.complaints.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith(address) else seen.requests.append(asked.url))
    page.goto(address)
    try:
        yield seen
    finally:
        context.close()


def certified(page: Page) -> None:
    page.wait_for_selector("#answer:not([aria-busy]) .note.certain, #answer:not([aria-busy]) .clash")


def workbooks(folder: Path) -> tuple[Path, Path]:
    """The town solved by hand as a workbook with one cell that is no number, and the mended one."""
    (folder / "broken").mkdir()
    mended = folder / "town.xlsx"
    with pd.ExcelWriter(mended) as book:
        for file in sorted(TINY.glob("*.csv")):
            pd.read_csv(file, keep_default_na=False, na_values=[""]).to_excel(book, sheet_name=file.stem, index=False)
    wrong = openpyxl.load_workbook(mended)
    row = next(cell.row for cell in wrong["pots"]["A"] if cell.value == "P2")
    next(cell for cell in wrong["pots"][row] if cell.value == 3000).value = "viel"
    broken = folder / "broken" / "town.xlsx"
    wrong.save(broken)
    return broken, mended


def taken_home(page: Page, folder: Path) -> Path:
    """Save the scenario K1, take home report and workbook; the workbook."""
    page.get_by_role("link", name="Als Szenario sichern").click()
    page.fill("[name=scenario_id]", "K1")
    page.fill("[name=title]", "Kürzung mit Ausgleich")
    page.fill("[name=reason]", "Haushaltslage")
    page.get_by_role("button", name="Sichern").click()
    page.locator("#saved", has_text="K1").wait_for()
    with page.expect_download() as report:
        page.get_by_role("button", name="Bericht (HTML)").click()
    assert "<html" in Path(report.value.path()).read_text(encoding="utf-8")[:400]
    with page.expect_download() as book:
        page.get_by_role("link", name="Daten mit dem Szenario laden").click()
    saved = folder / "saved.xlsx"
    book.value.save_as(saved)
    assert Session(read_case(saved)).run("K1").has_plan
    return saved


def test_a_planner_goes_from_her_workbook_to_a_saved_scenario(browser: Browser, address: str, tmp_path: Path) -> None:
    broken, mended = workbooks(tmp_path)
    with visiting(browser, address) as seen:
        page = seen.page
        page.set_input_files("#file", broken)
        page.get_by_role("button", name="Öffnen", exact=True).click()
        # She sees what is wrong, where, and mends it in her file.
        page.wait_for_selector(".findings .error")
        error = page.locator(".findings .error").first.inner_text()
        assert "viel" in error and "Zeile" in error
        page.set_input_files("#file", mended)
        page.get_by_role("button", name="Ersetzen").click()
        certified(page)
        before = page.locator("#figures").inner_text()
        # A pot is cut by a tenth: who loses?
        exact = page.locator(".control[data-key='P1'] .exact input")
        exact.fill("1.800")
        exact.press("Enter")
        page.wait_for_selector("ol.steps")
        certified(page)
        assert page.locator("#figures").inner_text() != before
        losers = page.locator("#answer td.worse").all_inner_texts()
        assert losers and all(text.lstrip().startswith(("-", "−")) for text in losers)
        # The slider tells how far the pot could be cut at all.
        page.locator(".control[data-key='P1'] [data-look]").click()
        page.locator(".control[data-key='P1'] [data-range]", has_text="Unter 200 € gibt es keinen Plan").wait_for()
        page.fill("[data-reason='1']", "Kürzung um zehn Prozent")
        page.locator("[data-reason='1']").press("Tab")
        # Much less is a clash; a repair is accepted by its button.
        exact.fill("100")
        exact.press("Enter")
        page.locator("[data-repair]").first.click()
        page.wait_for_selector("#answer .note")
        certified(page)
        assert page.locator("#answer .clash").count() == 0
        spoken = page.locator("#spoken").text_content() or ""
        saved = taken_home(page, tmp_path)
        assert read_case(mended).fingerprint != read_case(saved).fingerprint
        # The saved workbook is opened again: the scenario gives the same figures.
        page.goto(address)
        page.set_input_files("#file", saved)
        page.get_by_role("button", name="Öffnen", exact=True).click()
        certified(page)
        page.select_option("#base", "K1")
        page.locator("#spoken", has_text=re.compile(f"^{re.escape(spoken)}$")).wait_for(state="attached")
        assert seen.complaints == [] and seen.requests == []


def test_a_decision_maker_compares_clicks_along_the_curve_and_prints(browser: Browser, address: str) -> None:
    with visiting(browser, address) as seen:
        page = seen.page
        page.get_by_role("button", name="Auenfurt öffnen").click()
        certified(page)
        page.get_by_role("link", name="Vergleichen").click()
        for id in ("SZ1", "SZ2"):
            page.check(f"[name=with][value={id}]")
        page.get_by_role("button", name="Vergleichen").click()
        heads = page.locator("table.sides").first.locator("thead th").all_inner_texts()
        assert [head.split()[0] for head in heads][1:] == ["SZ1", "SZ2"]
        assert "%" in page.locator("table.sides").nth(1).inner_text()
        # What is behind a number of the second scenario? It is closed with a key, and the place is not lost.
        number = page.locator("table.sides").nth(1).locator("button[data-with=SZ2]").first
        number.press("Enter")
        page.locator("#behind .origins a").first.wait_for()
        assert "SZ2" in page.locator("#behind-head").inner_text()
        assert barriers(page) == []
        page.locator("#behind-told td button").first.click()
        page.locator("#behind [data-back]").click()
        assert "SZ2" in page.locator("#behind-head").inner_text()
        page.keyboard.press("Escape")
        assert number.evaluate("one => one === document.activeElement")
        page.get_by_role("link", name="Was wäre, wenn").click()
        certified(page)
        page.get_by_role("button", name="Zielkonflikt: Umsteuern").click()
        page.wait_for_selector("#reply svg a")
        points = page.locator("#reply svg a")
        shown = []
        for number in (0, points.count() - 1):
            points.nth(number).click()
            shown.append(page.locator("#reply [data-point]:not([hidden])").inner_text())
        assert shown[0] != shown[1]
        assert all("Umgesteuert" in text for text in shown)
        page.locator("#reply [data-point]:not([hidden]) dd button").first.click()
        page.locator("#behind-told", has_text="zum Plan dieses Punktes der Kurve").wait_for()
        page.locator("[data-close]").click()
        # Why does an offer change?
        page.locator("#answer [data-ask=offer]").first.click()
        page.locator("#reply > p").nth(1).wait_for()
        assert page.locator("#reply .origins a").first.get_attribute("href").startswith("data?table=offers&row=")
        page.emulate_media(media="print")
        assert page.locator("#controls").is_hidden()
        assert page.locator("#figures").is_visible()
        assert len(page.pdf(format="A4")) > 10_000
        assert seen.complaints == [] and seen.requests == []


def test_a_change_is_made_with_the_keyboard_alone(browser: Browser, address: str) -> None:
    with visiting(browser, address) as seen:
        page = seen.page
        page.get_by_role("button", name="Auenfurt öffnen").focus()
        page.keyboard.press("Enter")
        certified(page)
        page.locator("[data-about=weighted_coverage]").press("Enter")
        page.locator("#reply table").wait_for()
        page.locator("#kind").focus()
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.type") == "range":
                break
        page.keyboard.press("Home")
        page.wait_for_selector("ol.steps")
        certified(page)
        # Nobody loses the place where they were.
        assert page.evaluate("document.activeElement.type") == "range"
        # What was answered before says that it is about the state before.
        assert page.locator("#reply [data-again]").count() == 1
        page.locator("[data-do=undo]").press("Enter")
        page.locator("#steps li").wait_for(state="detached")
        assert page.evaluate("document.activeElement.id") == "answer"


@pytest.mark.parametrize("lang", ["de", "en"])
def test_every_view_fits_and_has_no_barrier(browser: Browser, address: str, lang: str) -> None:
    """No sideways scrolling on a phone, a desk or at 400 %; no violation of axe-core's rules, where it is installed."""
    with visiting(browser, address) as seen:
        page = seen.page
        assert barriers(page) == []
        page.get_by_role("button", name="Auenfurt öffnen").click()
        certified(page)
        found = re.search(r"/t/([^/]+)/", page.url)
        assert found
        for room in ROOMS:
            page.set_viewport_size({"width": WIDE, "height": 900})
            page.goto(f"{address}/t/{found[1]}/{room}{'&' if '?' in room else '?'}lang={lang}")
            page.wait_for_load_state("networkidle")
            assert page.locator("html").get_attribute("lang") == lang
            looked_at(seen, room)
        assert seen.complaints == []


@pytest.mark.parametrize("lang", ["de", "en"])
def test_what_opens_on_demand_fits_and_has_no_barrier(browser: Browser, address: str, lang: str) -> None:
    """Ranges, reasons with their cells, a clash with its repairs, a round of weighing and its ballot."""
    with visiting(browser, address) as seen:
        page = seen.page
        desk = page.request.post(f"{address}/open/case").url.split("/t/")[1].split("/")[0]
        page.goto(f"{address}/t/{desk}/play?lang={lang}")
        certified(page)
        for kind in ("rules", "floors", "hand", "places", "demand", "pots"):
            with page.expect_response(f"**/controls?kind={kind}*"):
                page.select_option("#kind", kind)
            page.locator("#controls select" if kind in ("rules", "places") else "[data-look]").first.wait_for()
            if kind not in ("rules", "places"):
                page.locator("[data-look]").first.click()
                page.locator("[data-range] p").first.wait_for()
            assert barriers(page) == [], kind
        # A setting of the scenario is a step like any other.
        page.select_option("#kind", "rules")
        page.locator("#controls select").first.select_option("integrated")
        page.locator("#steps li").wait_for()
        certified(page)
        page.locator("[data-do=undo]").click()
        page.locator("#steps li").wait_for(state="detached")
        certified(page)
        for question in ("[data-about=weighted_coverage]", "[data-ask=cell]", "[data-ask=curve]", "[data-ask=robust]"):
            page.locator(question).first.click()
            page.locator("#reply p, #reply table").first.wait_for()
            page.wait_for_load_state("networkidle")
            looked_at(seen, question)
        page.request.post(f"{address}/api/t/{desk}/base", data={"scenario_id": "strict"})
        page.goto(f"{address}/t/{desk}/play?lang={lang}")
        page.locator("[data-repair]").first.wait_for()
        looked_at(seen, "clash")
        code = page.request.post(f"{address}/api/t/{desk}/voices", data={"groups": "A"}).json()["code"]
        for view in (f"/t/{desk}/voices", "/join", f"/join/{code}", f"/join/{code}/plans"):
            page.goto(f"{address}{view}?lang={lang}")
            looked_at(seen, view)
        assert seen.complaints == []


def looked_at(seen: Opened, what: str) -> None:
    """The view as it is now, by axe-core's rules and at every width."""
    page = seen.page
    assert barriers(page) == [], what
    for width in (WIDE, PHONE, WIDE // 4):
        page.set_viewport_size({"width": width, "height": 900})
        assert seen.beyond() == [], (what, width)
    page.set_viewport_size({"width": WIDE, "height": 900})


def barriers(page: Page) -> list[Any]:
    """What axe-core finds: rule and the elements; nothing where it is not installed."""
    if not AXE.exists():
        return []
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations")
    return [(one["id"], [node["html"][:120] for node in one["nodes"]][:3]) for one in found]
