"""Gate: who may ask the page, and what every answer carries.

The page belongs to one machine. A page of somebody else, opened in the same browser, may neither read it (the host is
checked, against names that are bent to this address) nor make it do anything (the origin of every request that changes
something is checked). Where it is shared on purpose, a token is asked for once and kept in a cookie; only the ballot of
a round of participation is open to whoever knows its code.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOKEN = "allocate_token"
# The largest body, bytes: a workbook of a large city has 10 MB.
LARGEST = 60 * 1024 * 1024
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
# What a phone may see without the token: the ballot of a round whose code it knows, and what the page is drawn with.
_FOR_ALL = ("/join/", "/static/", "/language/")
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_CARRIED = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class TooLarge(Exception):
    """A body that goes past ``LARGEST``."""


@dataclass(frozen=True)
class Gate:
    """Middleware: refuses strangers, bounds bodies, adds the headers.

    ``token`` blank: only this machine may ask. Otherwise any host may, with the token.
    """

    app: ASGIApp
    token: str = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refusal = self._refused(Request(scope))
        if refusal is not None:
            await refusal(scope, receive, _with_headers(send))
            return
        try:
            await self.app(scope, _bounded(receive), _with_headers(send))
        except TooLarge:
            too_large = PlainTextResponse("The file is larger than this page takes (60 MB).", 413)
            await too_large(scope, receive, _with_headers(send))

    def _refused(self, request: Request) -> Response | None:
        headers = Headers(scope=request.scope)
        host = headers.get("host", "")
        if not self.token and _name(host) not in _LOOPBACK:
            return PlainTextResponse("This page is only for the machine it runs on.", 421)
        origin = headers.get("origin")
        site = headers.get("sec-fetch-site", "same-origin")
        if request.method not in _READING and (
            (origin is not None and urlsplit(origin).netloc != host) or site not in ("same-origin", "none")
        ):
            return PlainTextResponse("This request comes from another page.", 403)
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > LARGEST:
            return PlainTextResponse("The file is larger than this page takes (60 MB).", 413)
        return self._without_token(request) if self.token else None

    def _without_token(self, request: Request) -> Response | None:
        """Refused, or sent on with the cookie, where the token comes in the address for the first time."""
        if _same(request.cookies.get(TOKEN, ""), self.token) or _for_all(request.url.path):
            return None
        if request.method == "GET" and _same(request.query_params.get("token", ""), self.token):
            onward = RedirectResponse(request.url.path, 303)
            onward.set_cookie(TOKEN, self.token, httponly=True, samesite="strict")
            return onward
        return PlainTextResponse("This page is shared by a link with a token. Please ask for the whole link.", 401)


def _for_all(path: str) -> bool:
    return path == "/join" or path.startswith(_FOR_ALL)


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode(), token.encode())


def _name(host: str) -> str:
    """The host without its port."""
    return host if host.endswith("]") else host.rpartition(":")[0] or host


def _bounded(receive: Receive) -> Receive:
    """The body, which may say less than it holds (chunks have no length)."""
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST:
            raise TooLarge
        return message

    return bounded


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _CARRIED.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
