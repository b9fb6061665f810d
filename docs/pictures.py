"""The pictures of docs/page.md, made from the running page: ``uv run python -m docs.pictures``.

A server is started in this process on a free port, with a home of its own, and the example town is looked at in the
browser of Playwright (or else that of the system). ``--all FOLDER`` writes every view in both languages, at 390, 1280
px, at 400 % zoom, in print and for the projector, to be looked at; nothing of that is kept.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from allocate.web.application import House, application
from allocate.web.keeping import Keeper

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

_ROOT = Path(__file__).parents[1]
_TOWN = _ROOT / "scenarios" / "auenfurt"
_FOLDER = _ROOT / "docs" / "pictures"
_WIDE, _HIGH, _PHONE = 1280, 860, 390
_KEPT: ViewportSize = {"width": 1280, "height": 800}
# The plans of groups stand beneath their ballots.
_TALL = 1150
# Where the browser of the system lies, for machines without Playwright's own.
_BROWSERS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
_CUT = {"table": "pots", "key": "P2", "column": "amount", "how": "set", "value": "949500", "reason": "10 % less"}
_CLASH = {**_CUT, "value": "800000"}


@contextmanager
def page_served(house: House) -> Iterator[str]:
    """The address of a server of the page in a thread of this process."""
    server = uvicorn.Server(uvicorn.Config(application(house), port=0, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=30)


@contextmanager
def browser() -> Iterator[Browser]:
    """The browser of Playwright, or else of the system."""
    from playwright.sync_api import Error, sync_playwright  # noqa: PLC0415

    with sync_playwright() as playwright:
        try:
            found = playwright.chromium.launch()
        except Error:
            path = next(one for one in _BROWSERS if Path(one).exists())
            found = playwright.chromium.launch(executable_path=path)
        yield found
        found.close()


class Walk:
    """The way through the page, one view after the other."""

    def __init__(self, page: Page, address: str, lang: str) -> None:
        self.page, self.address, self.lang = page, address, lang
        opened = page.request.post(f"{address}/open/example")
        self.desk = opened.url.split("/t/")[1].split("/")[0]

    def post(self, path: str, **body: str) -> None:
        self.page.request.post(f"{self.address}/api/t/{self.desk}/{path}", data=json.dumps(body))

    def at(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}{'&' if '?' in path else '?'}lang={self.lang}")
        self.page.wait_for_load_state("networkidle")

    def room(self, name: str) -> None:
        self.at(f"/t/{self.desk}/{name}")
        if name.startswith("play"):
            self.page.wait_for_selector("#answer:not([aria-busy]) .note.certain, #answer:not([aria-busy]) .clash")

    def views(self) -> Iterator[str]:
        """Every view in turn, by name."""
        page = self.page
        self.at("/")
        yield "start"
        self.room("check")
        yield "check"
        self.post("steps", **_CUT)
        self.room("play")
        page.locator(".control[data-key=P2] [data-look]").click()
        page.locator(".control[data-key=P2] [data-range] p").first.wait_for()
        yield "play"
        for name, button in (("reason", "#answer [data-ask=offer]"), ("behind", ".figures [data-ask=figure]")):
            page.locator(button).first.click()
            page.locator("#reply .origins").wait_for()
            yield name
        page.locator("[data-ask=curve]").first.click()
        page.locator("#reply svg a").first.wait_for()
        yield "curve"
        self.room("play?view=projector")
        yield "projector"
        self.room("compare?with=SZ1&with=SZ2&with=working&by=space")
        yield "compare"
        self.room("take")
        yield "take"
        self.post("steps", **_CLASH)
        self.room("play")
        page.locator("[data-repair]").first.wait_for()
        yield "clash"
        self.post("undo")
        yield from self.voices()
        self.room("data?table=pots&row=3&column=amount")
        yield "data"

    def voices(self) -> Iterator[str]:
        """A round of weighing."""
        groups = ("Jugend", "Eltern") if self.lang == "de" else ("Young people", "Parents")
        self.post("voices", groups="\n".join(groups))
        self.room("voices")
        code = (self.page.locator(".join span b").text_content() or "").strip()
        for number in range(24):
            points = {f"need-N{need:02d}": str((need * (3 + number % 2 * 4)) % 11) for need in range(1, 13)}
            form = {"ballot": str(number), "group": groups[number % 2], **points}
            self.page.request.post(f"{self.address}/join/{code}", form=form)
        self.page.locator("#plans").click()
        self.page.locator("#found table").first.wait_for()
        self.page.wait_for_timeout(3200)
        yield "voices"
        self.at(f"/join/{code}")
        yield "ballot"


def kept(found: Browser, address: str) -> None:
    """The pictures that docs/page.md shows."""
    _FOLDER.mkdir(exist_ok=True)
    page = found.new_page(viewport=_KEPT)
    for name in Walk(page, address, "en").views():
        page.set_viewport_size({**_KEPT, "height": _TALL if name == "voices" else _KEPT["height"]})
        if name in ("play", "voices"):
            # A click scrolls; the picture begins at the top.
            page.evaluate("scrollTo(0, 0)")
        if name in ("start", "play", "clash", "compare", "projector", "voices"):
            page.screenshot(path=_FOLDER / f"{name}.png")
        if name == "ballot":
            page.set_viewport_size({"width": _PHONE, "height": 760})
            page.screenshot(path=_FOLDER / "ballot.png")
            page.set_viewport_size(_KEPT)


def everything(found: Browser, address: str, folder: Path) -> None:
    """Every view in every form, to be looked at."""
    folder.mkdir(parents=True, exist_ok=True)
    for lang in ("de", "en"):
        page = found.new_page(viewport={"width": _WIDE, "height": _HIGH})
        for name in Walk(page, address, lang).views():
            for width in (_WIDE, _PHONE, _WIDE // 4):
                page.set_viewport_size({"width": width, "height": _HIGH})
                page.screenshot(path=folder / f"{lang}-{name}-{width}.png", full_page=True)
            page.set_viewport_size({"width": _WIDE, "height": _HIGH})
            page.emulate_media(media="print")
            page.screenshot(path=folder / f"{lang}-{name}-print.png", full_page=True)
            page.emulate_media(media="screen")
        page.close()


def main() -> None:
    """Make the pictures."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--all", type=Path, metavar="FOLDER", help="every view in every form, to be looked at")
    folder = asked.parse_args().all
    with tempfile.TemporaryDirectory() as home:
        house = House(Keeper(Path(home)), "en", _TOWN, address="http://192.0.2.7:8765/")
        with page_served(house) as address, browser() as found:
            if folder is None:
                kept(found, address)
            else:
                everything(found, address, folder)


if __name__ == "__main__":
    main()
