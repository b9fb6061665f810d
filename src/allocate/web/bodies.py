"""Bodies: what requests hold and answers are made of."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from allocate.errors import AllocateError, InputError, UsageError
from allocate.inputs.findings import errors, render
from allocate.inputs.scenario.cells import HOWS
from allocate.inputs.scenario.row_changes import ROW_HOWS
from allocate.plain import Record, plain
from allocate.web.desk import SETTINGS_TABLE, Desk, Step

# So often one looks whether somebody still waits for a slow answer, seconds.
_LOOKING = 0.5
_HOW = (*HOWS, *ROW_HOWS)
# So many findings are told where they refuse a step.
_TOLD = 3


def state_of(desk: Desk) -> Record:
    steps = [vars(one) for one in desk.steps]
    return {"version": desk.version, "base": desk.base, "steps": steps, "undone": len(desk.undone)}


def as_json(document: object) -> Response:
    """As ``--format json`` writes it: unrounded, null for what is no number."""
    text = json.dumps(plain(document), ensure_ascii=False, allow_nan=False)
    return Response(text, media_type="application/json")


async def body_of(request: Request) -> Record:
    """The JSON object of a request. Raises ``UsageError`` where there is none."""
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise UsageError("body-odd")
    return body


def text_of(body: Record, name: str) -> str:
    value = body.get(name, "")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UsageError("body-odd")
    if isinstance(value, float) and not math.isfinite(value):
        raise UsageError("body-odd")
    return str(value).strip()


def steps_of(body: Record) -> list[Step]:
    """One step, or several that are made at once (``steps``)."""
    several = body.get("steps")
    if several is None:
        return [_step_of(body)]
    if not isinstance(several, list) or not several or not all(isinstance(one, dict) for one in several):
        raise UsageError("body-odd")
    return [_step_of(one) for one in several]


def _step_of(body: Record) -> Step:
    how = text_of(body, "how") or "set"
    if how not in _HOW:
        raise UsageError("body-odd")
    names = ("table", "key", "column", "value", "reason")
    given = {name: text_of(body, name) for name in names}
    if given["table"] == SETTINGS_TABLE and (how != "set" or given["key"]):
        raise UsageError("body-odd")
    return Step(given["table"], given["key"], given["column"], how, given["value"], given["reason"])


def refusal(error: AllocateError, lang: str) -> str:
    """What is wrong and what to do, as the page says it: of findings the first ones themselves, without their ids."""
    found = error.findings if isinstance(error, InputError) else None
    wrong = None if found is None else errors(found)
    if wrong is None or wrong.empty:
        return f"{error.place}: {error.sentence(lang)}" if error.place else error.sentence(lang)
    told = [f"{one['message']} {one['fix']}" for one in render(wrong.head(_TOLD), lang).to_dict("records")]
    return " ".join([*told, *(["…"] if len(wrong) > len(told) else [])])


async def threaded(answer: Callable[[], Response]) -> Response:
    return await run_in_threadpool(answer)


async def while_wanted(request: Request, answer: Callable[[], Response], left: Callable[[], None]) -> Response:
    """The answer of a thread; ``left`` is called once the one who asked has gone."""
    working = asyncio.ensure_future(run_in_threadpool(answer))
    told = False
    while True:
        done, _ = await asyncio.wait({working}, timeout=_LOOKING)
        if done:
            return working.result()
        if not told and await request.is_disconnected():
            told = True
            left()
