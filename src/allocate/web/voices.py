"""Voices: the room in which a round of weighing is opened, and the pages that phones see of it."""

from __future__ import annotations

import math
import secrets
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from allocate.analyses.participation.group_answers import Participation, participation
from allocate.analyses.participation.group_words import label_of
from allocate.analyses.participation.stakes import stakes_of
from allocate.errors import UsageError
from allocate.inputs.names import names_of
from allocate.inputs.numerals import typed_number
from allocate.inputs.voices.ballot_rules import MOST_POINTS
from allocate.language import percent
from allocate.report.sections.section import Sheet
from allocate.results.told import heading
from allocate.session import Session
from allocate.web.bodies import as_json, body_of, text_of, threaded
from allocate.web.circle import Circle
from allocate.web.desk import Desk
from allocate.web.speech import say

if TYPE_CHECKING:
    from allocate.web.asking import Asking
    from allocate.web.open_town import OpenTown
    from allocate.web.rooms import Rooms

# Fields of a ballot: one for each need, the group, and the number of the ballot.
_MOST_FIELDS = 500
_PLANS = ("plan_name", "weighted_coverage", "lowest_space_coverage", "differs_eur", "moved_eur", "regret_least")


class Voices:
    """The endpoints of participation: those of the desk, and those of everybody who knows the code."""

    def __init__(self, rooms: Rooms, asking: Asking) -> None:
        self._rooms = rooms
        self._asking = asking

    def routes(self) -> Sequence[BaseRoute]:
        """Their addresses."""
        at = "/api/t/{desk}/voices"
        return [
            Route("/t/{desk}/voices", self.room),
            Route(at, self.state, methods=["GET"]),
            Route(at, self.begin, methods=["POST"]),
            Route(at, self.end, methods=["DELETE"]),
            Route(f"{at}/plans", self._asking.while_wanted(self.plans)),
            Route("/join", self.door),
            Route("/join/{code}", self.form, methods=["GET"]),
            Route("/join/{code}", self.send, methods=["POST"]),
            Route("/join/{code}/plans", self.shown),
        ]

    def room(self, request: Request) -> Response:
        """Open a round, watch the ballots come in, and ask for the plans."""
        desk = self._rooms.desk(request)
        if not self._rooms.town(desk).can_run:
            return RedirectResponse(f"/t/{desk.id}/check", 303)
        circle, address = self._rooms.circles.of(desk.id), self._rooms.house.address or str(request.base_url)
        return self._rooms.page(
            request, desk, "voices.html", circle=circle, shared=bool(self._rooms.house.token), address=address,
        )  # fmt: skip

    def state(self, request: Request) -> Response:
        """Whether a round is open, its code, and how many ballots there are."""
        circle = self._rooms.circles.of(self._rooms.desk(request).id)
        if circle is None:
            return JSONResponse({"open": False})
        counts = circle.counts()
        html = self._rooms.house.drawn(request, "counts.html", counts=counts)
        return JSONResponse({"open": True, "code": circle.code, "ballots": counts, "html": html})

    async def begin(self, request: Request) -> Response:
        """Open a round for groups, one a line."""
        body = await body_of(request)

        def opened() -> Response:
            desk = self._rooms.desk(request)
            circle = self._rooms.circles.begin(desk.id, text_of(body, "groups").replace(",", "\n").splitlines())
            return JSONResponse({"open": True, "code": circle.code, "ballots": circle.counts()})

        return await threaded(opened)

    def end(self, request: Request) -> Response:
        """Close the round and forget its ballots."""
        self._rooms.circles.end(self._rooms.desk(request).id)
        return JSONResponse({"open": False})

    def plans(self, request: Request, desk: Desk, town: OpenTown, left: threading.Event) -> Response:
        """The document of ``allocate participation`` for the ballots so far, and a fragment."""
        lang, circle = self._rooms.lang(request), self._rooms.circles.of(desk.id)
        if circle is None:
            raise UsageError("vote-none")
        ballots = circle.ballots([str(one) for one in town.case["needs"]["need_id"]])

        def asked(session: Session, id: str) -> Participation:
            return participation(session, id, ballots=ballots)

        circle.found = found = town.ask(asked, desk, self._rooms.reason(request), left)
        return as_json({"document": {**heading(town.case), **found.to_json(lang)}, "html": self._drawn(request, found)})

    def door(self, request: Request) -> Response:
        """Where the code is typed."""
        code = request.query_params.get("code", "").strip()
        if code:
            return RedirectResponse(f"/join/{self._circle(code).code}", 303)
        return self._rooms.house.page(request, "join.html")

    def form(self, request: Request) -> Response:
        """The ballot."""
        circle = self._circle(request.path_params["code"])
        (desk, town), lang = self._town(circle), self._rooms.lang(request)
        needs = [
            (one.need_id, one.name, "" if math.isnan(one.coverage_today) else percent(one.coverage_today, lang, 0))
            for one in stakes_of(town.session, desk.base, lang)
        ]
        return self._rooms.house.page(
            request, "ballot.html", circle=circle, town_name=town.case.town_name, needs=needs,
            ballot=secrets.token_urlsafe(12),
        )  # fmt: skip

    async def send(self, request: Request) -> Response:
        """Take a ballot."""
        circle = self._circle(request.path_params["code"])
        async with request.form(max_files=0, max_fields=_MOST_FIELDS) as form:
            sent = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        await run_in_threadpool(self._take, circle, sent, self._rooms.lang(request))
        return self._rooms.house.page(request, "sent.html", circle=circle)

    def _take(self, circle: Circle, sent: dict[str, str], lang: str) -> None:
        needs = names_of(self._town(circle)[1].case, "need_id", lang)
        values = {}
        for need, name in needs.items():
            text = sent.get(f"need-{need}", "").strip()
            value = typed_number(text).value if text else 0.0
            if not 0 <= value <= MOST_POINTS:
                raise UsageError("vote-odd", need=name, value=text[:20])
            values[need] = value
        circle.send(sent.get("ballot", "")[:40] or secrets.token_urlsafe(12), sent.get("group", ""), values)

    def shown(self, request: Request) -> Response:
        """The plans, once the one who leads the round has asked for them."""
        circle = self._circle(request.path_params["code"])
        self._town(circle)
        # What is drawn is drawn by a template, which escapes what people have written.
        html = Markup("" if circle.found is None else self._drawn(request, circle.found))
        return self._rooms.house.page(request, "group_plans.html", circle=circle, html=html)

    def _circle(self, code: str) -> Circle:
        found = self._rooms.circles.joined(code)
        if found is None:
            raise UsageError("vote-code", code=code[:20])
        return found

    def _town(self, circle: Circle) -> tuple[Desk, OpenTown]:
        """The working copy of a round and its town."""
        desk = self._rooms.keeper.get(circle.desk)
        if desk is None:
            raise HTTPException(404)
        return desk, self._rooms.town(desk)

    def _drawn(self, request: Request, found: Participation) -> str:
        """Sentences and tables: what every group would plan, and the plan that costs all of them least."""
        lang = self._rooms.lang(request)
        plans = found.plans.assign(plan_name=[label_of(str(one), lang) for one in found.plans["plan"]])
        needs = found.needs.pivot_table(index="need_id", columns="weight_set", values="weight", sort=False)
        names = names_of(found.case, "need_id", lang)
        weights = [(names[str(need)], [percent(one, lang, 0) for one in row]) for need, *row in needs.itertuples()]
        table = Sheet("plans", say("voices.plans", lang), plans, _PLANS)
        return self._rooms.house.drawn(
            request, "voices_plans.html", told=found.sentences(lang), sheet=table, weights=weights,
            sets=[label_of(str(one), lang) for one in needs.columns],
        )  # fmt: skip
