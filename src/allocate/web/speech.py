"""Speech: the page's own sentences and the language of a request."""

from __future__ import annotations

from starlette.requests import Request

from allocate.language import LANGUAGES, Texts

TEXTS = Texts("allocate.web")
say = TEXTS.say
COOKIE = "allocate_lang"


def language(request: Request, default: str) -> str:
    """The reader's language: asked for in the address, chosen before, or that of the server."""
    for chosen in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if chosen in LANGUAGES:
            return chosen
    return default
