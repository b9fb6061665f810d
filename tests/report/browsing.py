"""Open a page in a real browser and ask it what a reader would see."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDE, PHONE = 1280, 390
# The text of an A4 page in pixels: 210 mm less two margins of 15 mm; 297 mm less 18 and 20 mm.
PAPER = (680, 979)

# Everything that reaches beyond the window and does not lie in a box that scrolls by itself.
_BEYOND = """() => {
  const width = document.documentElement.clientWidth, found = [];
  const visit = element => {
    for (const one of element.children) {
      if (one.matches('.skip, svg')) continue;
      const place = one.getBoundingClientRect();
      if (place.width && place.right > width + 1)
        found.push(`${one.tagName}#${one.id}.${one.className}: ${Math.round(place.right)} > ${width}`);
      if (!['auto', 'scroll', 'hidden'].includes(getComputedStyle(one).overflowX)) visit(one);
    }
  };
  visit(document.body);
  return found;
}"""
_TABLES = """() => Object.fromEntries([...document.querySelectorAll('main table')].map(table => [
  table.id, [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.textContent.trim()))]))"""


@dataclass
class Opened:
    """A page in the browser, and what it tried to do."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def ask(self, script: str) -> Any:
        """The value of a JavaScript function in the page."""
        return self.page.evaluate(script)

    def unfold(self) -> None:
        """Open everything that can be opened."""
        self.ask("() => document.querySelectorAll('details').forEach(one => { one.open = true; })")

    def beyond(self) -> list[str]:
        """What reaches beyond the window; the window itself must not scroll sideways either."""
        widths = self.ask("() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        return [*self.ask(_BEYOND), *([f"window: {widths}"] if widths[0] > widths[1] else [])]

    def tables(self) -> dict[str, list[list[str]]]:
        """The rows of every table by its id, as text."""
        found: dict[str, list[list[str]]] = self.ask(_TABLES)
        return found


def start() -> Iterator[Browser]:
    """A browser without a window; skips where there is none."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip(f"needs a browser ({', '.join(NAMES)}) on the search path")
    playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright (development dependency)")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, file: Path, width: int, height: int = 900) -> Iterator[Opened]:
    """The file in a window of that size; every other address is refused and remembered."""
    page = browser.new_page(viewport={"width": width, "height": height})
    found = Opened(page)
    here = file.as_uri()

    def route(asked: Any) -> None:
        found.requests.append(asked.request.url)
        if asked.request.url.split("#")[0] == here:
            asked.continue_()
        else:
            asked.abort()

    page.route("**/*", route)
    page.on("console", lambda message: found.complaints.append(f"console {message.type}: {message.text}"))
    page.on("pageerror", lambda error: found.complaints.append(f"error: {error}"))

    def dialog(box: Any) -> None:
        found.complaints.append(f"dialog: {box.message}")
        box.dismiss()

    page.on("dialog", dialog)
    page.goto(here)
    try:
        yield found
    finally:
        page.close()
