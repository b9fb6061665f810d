"""Application: the doors of the page, and behind them everything that needs a town.

The first page must be there at once, so what reads and solves is imported behind the first answer, in one place here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from anyio import to_thread
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from allocate import __version__
from allocate.language import LANGUAGES, unparted_html
from allocate.report.columns import column
from allocate.web.gate import Gate
from allocate.web.keeping import Keeper
from allocate.web.pressed import pressed
from allocate.web.speech import COOKIE, TEXTS, language

_HERE = Path(__file__).parent
# So many requests are worked on, or wait for their turn, at once.
_THREADS = 200


@dataclass(frozen=True)
class House:
    """What all pages of one server share: the folder it keeps things in, the language it begins with, its templates.

    ``example`` is the folder of the example town, ``case`` the one the server was started with (None: none).
    ``token`` is blank where only this machine may ask; ``address`` is where others of the network find the page.
    """

    keeper: Keeper
    lang: str
    example: Path | None = None
    case: Path | None = None
    token: str = ""
    address: str = ""
    templates: Environment = field(
        default_factory=lambda: Environment(
            loader=PackageLoader("allocate.web", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
    )

    def page(self, request: Request, name: str, status: int = 200, **values: object) -> HTMLResponse:
        """A page in the reader's language."""
        return HTMLResponse(self.drawn(request, name, **values), status)

    def drawn(self, request: Request, name: str, **values: object) -> str:
        """A template filled in; templates speak with ``say``, and call a column as everybody does with ``head``."""
        lang = language(request, self.lang)
        html = self.templates.get_template(name).render(
            say=TEXTS.spoken(lang),
            head=lambda name: column(name, lang).label,
            pressed=lambda sheet: pressed(sheet, lang),
            lang=lang,
            other="en" if lang == "de" else "de",
            path=request.url.path,
            version=__version__,
            **values,
        )
        return unparted_html(html)


def application(house: House) -> Starlette:
    """The page as an ASGI application."""
    behind = _Behind(house)

    async def start(request: Request) -> Response:
        recent = await run_in_threadpool(house.keeper.recent)
        return house.page(request, "start.html", recent=recent, example=house.example, folder=house.keeper.folder)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        # Answers that wait for their turn keep a thread each; none of them may hold up a step of somebody else.
        to_thread.current_default_thread_limiter().total_tokens = _THREADS
        loading = asyncio.create_task(run_in_threadpool(lambda: behind.app))
        yield
        await loading
        behind.close()

    return Starlette(
        routes=[
            Route("/", start),
            Route("/language/{lang}", _speak),
            Mount("/static", StaticFiles(directory=_HERE / "static"), name="static"),
            Mount("/", behind),
        ],
        middleware=[Middleware(Gate, token=house.token)],
        lifespan=lifespan,
    )


async def _speak(request: Request) -> Response:
    """Choose a language and go back to where one came from."""
    lang = request.path_params["lang"]
    back = request.query_params.get("back", "/")
    onward = RedirectResponse(back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/", 303)
    if lang in LANGUAGES:
        onward.set_cookie(COOKIE, lang, max_age=365 * 24 * 3600, samesite="lax")
    return onward


@dataclass(frozen=True)
class _Behind:
    """What stands behind the doors, imported when it is needed or when the server has nothing else to do."""

    house: House

    @cached_property
    def app(self) -> ASGIApp:
        from allocate.web.rooms import rooms  # noqa: PLC0415

        return rooms(self.house)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = await run_in_threadpool(lambda: self.app)
        await app(scope, receive, send)

    def close(self) -> None:
        """Stop what still runs in the background."""
        from allocate.web.rooms import close  # noqa: PLC0415

        close(self.app)
