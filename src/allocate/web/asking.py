"""Asking: the questions to a working copy, as documents of the commands and fragments of the page.

Each ends when the one who asked has left.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from allocate import __version__
from allocate.analyses.comparison.compare import status_quo_of
from allocate.analyses.comparison.crossed import MEASURES
from allocate.analyses.conflicts.repair_rows import repair_rows
from allocate.analyses.conflicts.why_no_plan import Conflict, conflicts
from allocate.analyses.margins.plan_range import TEXTS as RANGE_TEXTS
from allocate.analyses.margins.plan_range import PlanRange
from allocate.plain import Record
from allocate.results.told import heading
from allocate.session import Session
from allocate.web.bodies import as_json, while_wanted
from allocate.web.controls import Control, control
from allocate.web.desk import Desk
from allocate.web.questions import reply
from allocate.web.reply import Reply
from allocate.web.seats import Gone

if TYPE_CHECKING:
    from allocate.web.open_town import OpenTown
    from allocate.web.rooms import Rooms

type Endpoint = Callable[[Request], Awaitable[Response]]
type Answering = Callable[[Request, Desk, OpenTown, threading.Event], Response]


class Asking:
    """The endpoints of what is opened on demand."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def routes(self) -> Sequence[BaseRoute]:
        """Their addresses."""
        at = "/api/t/{desk}"
        return [
            Route(f"{at}/range", self.while_wanted(self.range)),
            Route(f"{at}/run", self.while_wanted(self.run)),
            Route(f"{at}/compare", self.while_wanted(self.compare)),
            Route(f"{at}/crossed", self.while_wanted(self.crossed)),
            Route(f"{at}/conflicts", self.while_wanted(self.conflicts)),
            Route(f"{at}/ask/{{question}}", self.while_wanted(self.ask)),
        ]

    def while_wanted(self, answering: Answering) -> Endpoint:
        """The endpoint of an answer that ends when nobody waits for it."""

        async def endpoint(request: Request) -> Response:
            left = threading.Event()

            def answer() -> Response:
                desk = self._rooms.desk(request)
                return answering(request, desk, self._rooms.town(desk), left)

            return await while_wanted(request, answer, left.set)

        return endpoint

    def range(self, request: Request, desk: Desk, town: OpenTown, left: threading.Event) -> Response:
        """Between which values of a number a plan exists, all else as it is, and why not beyond."""
        lang, reason = self._rooms.lang(request), self._rooms.reason(request)
        kind, key = request.query_params.get("kind", ""), request.query_params.get("key", "")
        one = control(town, desk, kind, key, reason, lang)
        found = town.range(desk, reason, one.cell, left)
        html = self._rooms.house.drawn(
            request, "range.html", control=one, found=found, texts=range_texts(one, found, lang)
        )
        ends = {
            name: None if end is None else {"value": end.value, "open": end.open, "why": end.why(lang)}
            for name, end in (("lowest", found.lowest), ("highest", found.highest))
        }
        return as_json({"table": one.table, "key": one.key, **ends, "divisible": found.divisible, "html": html})

    def run(self, request: Request, desk: Desk, town: OpenTown, left: threading.Event) -> Response:
        """The document of ``allocate run`` for the working copy."""

        def asked(session: Session, id: str) -> Record:
            return {**heading(session.case), "scenarios": [session.run(id).to_json(self._rooms.lang(request))]}

        return as_json(town.ask(asked, desk, self._rooms.reason(request), left))

    def compare(self, request: Request, desk: Desk, town: OpenTown, left: threading.Event) -> Response:
        """The document of ``allocate compare`` for up to four scenarios; ``working`` is the working copy."""
        asked = request.query_params.getlist("with") or (["working"] if desk.steps else [desk.base])
        found = town.compared(desk, self._rooms.reason(request), asked, left, self._rooms.keeper.beside(desk))
        return as_json({"allocate": __version__, **found.to_json(self._rooms.lang(request))})

    def crossed(self, request: Request, desk: Desk, town: OpenTown, left: threading.Event) -> Response:
        """Up to four scenarios and today by two dimensions at once, one record for every pair of groups."""
        given = request.query_params
        asked = given.getlist("with") or (["working"] if desk.steps else [desk.base])
        cross = given.get("rows", "space"), given.get("columns", "need"), given.get("of", MEASURES[0])
        found = town.crossed(desk, self._rooms.reason(request), asked, cross, left, self._rooms.keeper.beside(desk))
        head = {"rows": cross[0], "columns": cross[1], "of": cross[2]}
        return as_json({"allocate": __version__, "case": town.case.name, **head, "cells": found.to_dict("records")})

    def conflicts(self, request: Request, desk: Desk, town: OpenTown, left: threading.Event) -> Response:
        """Why there is no plan and what would help: the document of ``allocate conflicts``, and a fragment."""
        lang = self._rooms.lang(request)
        found = town.ask(conflicts, desk, self._rooms.reason(request), left)
        repairs = [
            {**one, "rows": _rows_of(found, str(one["repair_id"]))}
            for one in found.short_repairs(lang).to_dict("records")
            if one["status"] == "found"
        ]
        members = found.short_members(lang).to_dict("records")
        html = self._rooms.house.drawn(
            request, "clash.html", messages=found.message(lang), members=members, repairs=repairs
        )
        return as_json({**found.to_json(lang), "html": html})

    def ask(self, request: Request, desk: Desk, town: OpenTown, left: threading.Event) -> Response:
        """One of the questions that are opened on demand: document and fragment; ``with``: of which scenario."""
        lang, question = self._rooms.lang(request), request.path_params["question"]
        given, reason = request.query_params, self._rooms.reason(request)
        about, of, side = (given.get(name, "") for name in ("about", "of", "with"))
        if side in ("", "working") and given.get("version", str(desk.version)) != str(desk.version):
            # The numbers that are looked at are those before a change in another tab.
            raise Gone

        def asked(session: Session, id: str) -> Reply:
            return reply(session, id, question, about, lang, of)

        def asked_beside(session: Session, own: list[str]) -> Reply:
            # A case that judges no day has one made for it.
            status_quo_of(session)
            return asked(session, own[0])

        if side:
            found = town.beside(asked_beside, desk, reason, [side], left, self._rooms.keeper.beside(desk))
        else:
            found = town.ask(asked, desk, reason, left)
        html = self._rooms.house.drawn(request, "reply.html", reply=found)
        return as_json({"document": found.document, "html": html})


def range_texts(one: Control, found: PlanRange, lang: str) -> list[str]:
    """What closes each end, and how it was reckoned."""
    if found.lowest is None or found.highest is None:
        return [RANGE_TEXTS.say("none", lang)]
    ends = (("low", found.lowest), ("high", found.highest))
    told = [end.sentence(side, one.written(end.value, lang), lang) for side, end in ends]
    return told if found.divisible else [*told, RANGE_TEXTS.say("divisible", lang)]


def _rows_of(found: Conflict, repair_id: str) -> str:
    """The steps that a repair is, as the body of ``steps``; blank where it is no matter of single cells."""
    cells = repair_rows(found, repair_id)
    return json.dumps({"steps": [one._asdict() for one in cells]}) if cells else ""
