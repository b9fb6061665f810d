"""Documents: what the page's own JavaScript, and anybody else on this machine, asks for as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from allocate import __version__
from allocate.analyses.conflicts.conflicts import Conflict, conflicts
from allocate.analyses.conflicts.repair_rows import repair_rows
from allocate.analyses.margins.least_pot import least_pot
from allocate.errors import UsageError
from allocate.language import euro
from allocate.web.bodies import as_json, body_of, state_of, steps_of, text_of, threaded
from allocate.web.controls import KINDS, controls
from allocate.web.desk import Desk
from allocate.web.open_town import Answer
from allocate.web.openapi import described
from allocate.web.questions import reply
from allocate.web.rule_controls import rule_controls
from allocate.web.shown import shown
from allocate.web.speech import say
from allocate.web.step_names import step_names

if TYPE_CHECKING:
    from allocate.web.rooms import Rooms


class Documents:
    """The JSON endpoints; every answer holds numbers unrounded, and fragments of the page where the page asks."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def routes(self) -> Sequence[BaseRoute]:
        """All addresses below ``/api``."""
        at = "/api/t/{desk}"
        return [
            Route("/api/openapi.json", self.openapi),
            Route(f"{at}/state", self.state),
            Route(f"{at}/steps", self.step, methods=["POST"]),
            Route(f"{at}/reason", self.reason, methods=["POST"]),
            Route(f"{at}/undo", self.undo, methods=["POST"]),
            Route(f"{at}/redo", self.redo, methods=["POST"]),
            Route(f"{at}/base", self.base, methods=["POST"]),
            Route(f"{at}/answer", self.answer),
            Route(f"{at}/controls", self.controls),
            Route(f"{at}/least", self.least),
            Route(f"{at}/run", self.run),
            Route(f"{at}/compare", self.compare),
            Route(f"{at}/conflicts", self.conflicts),
            Route(f"{at}/ask/{{question}}", self.ask),
        ]

    def openapi(self, _request: Request) -> Response:
        """The description of all this."""
        return JSONResponse(described(__version__))

    def state(self, request: Request) -> Response:
        """The working copy: its base, its steps in their order, what can be done again."""
        return JSONResponse(state_of(self._rooms.desk(request)))

    async def step(self, request: Request) -> Response:
        """One step more; the answer is the preview."""
        steps = steps_of(await body_of(request))
        return await threaded(lambda: self._changed(request, lambda desk: desk.with_steps(*steps)))

    async def reason(self, request: Request) -> Response:
        """Another reason for one of the steps."""
        body = await body_of(request)

        def reasoned(desk: Desk) -> Desk:
            try:
                return desk.with_reason(int(text_of(body, "number")), text_of(body, "reason"))
            except (ValueError, IndexError) as unknown:
                raise UsageError("step-unknown") from unknown

        return await threaded(lambda: JSONResponse(state_of(self._rooms.changed(request, reasoned))))

    def undo(self, request: Request) -> Response:
        """Take the last step back."""
        return self._changed(request, Desk.without_last)

    def redo(self, request: Request) -> Response:
        """Do the step undone last again."""
        return self._changed(request, Desk.with_last_again)

    async def base(self, request: Request) -> Response:
        """Back to a scenario: no steps on it."""
        body = await body_of(request)

        def back() -> Response:
            id = text_of(body, "scenario_id")
            town = self._rooms.town(self._rooms.desk(request))
            town.session.variant(id)  # refuses an unknown one, with the nearest
            return self._changed(request, lambda desk: desk.back_to(id))

        return await threaded(back)

    def answer(self, request: Request) -> Response:
        """The certified plan of version ``version``; ``stale`` where the working copy has gone on."""
        desk = self._rooms.desk(request)
        asked = request.query_params.get("version", str(desk.version))

        def wanted() -> bool:
            now = self._rooms.keeper.get(desk.id)
            return now is not None and str(now.version) == asked

        town = self._rooms.town(desk)
        found = town.plan(desk, self._rooms.reason(request), wanted) if wanted() else None
        if found is None:
            return JSONResponse({"version": asked, "stale": True})
        return self._answered(request, desk, found)

    def controls(self, request: Request) -> Response:
        """The sliders of one kind, as a fragment of the page."""
        desk, kind = self._rooms.desk(request), request.query_params.get("kind", KINDS[0])
        if kind not in KINDS:
            raise UsageError("question-unknown", question=kind, known=", ".join(KINDS))
        town, lang = self._rooms.town(desk), self._rooms.lang(request)
        if kind == "rules":
            html = self._rooms.house.drawn(request, "rules.html", controls=rule_controls(town, desk, lang))
        else:
            found = controls(town, desk, kind, self._rooms.reason(request), lang)
            html = self._rooms.house.drawn(request, "controls.html", controls=found, kind=kind)
        return JSONResponse({"html": html})

    def least(self, request: Request) -> Response:
        """Down to which amount of a pot a plan exists, all else as it is."""
        desk, lang = self._rooms.desk(request), self._rooms.lang(request)
        pot = request.query_params.get("pot", "")
        found = self._rooms.town(desk).ask(
            lambda session, id: least_pot(session.compiled(id), pot, session.limits), desk, self._rooms.reason(request)
        )
        text = say("least.none", lang) if found is None else say("least.amount", lang, amount=euro(found, lang))
        return JSONResponse({"pot_id": pot, "least_eur": found, "text": text})

    def run(self, request: Request) -> Response:
        """The document of ``allocate run`` for the working copy."""
        desk, lang = self._rooms.desk(request), self._rooms.lang(request)
        town = self._rooms.town(desk)
        session, plan = town.ask(lambda session, id: (session, session.run(id)), desk, self._rooms.reason(request))
        head = {"allocate": __version__, "case": session.case.name, "fingerprint": session.fingerprint}
        return as_json({**head, "scenarios": [plan.to_json(lang)]})

    def compare(self, request: Request) -> Response:
        """The document of ``allocate compare`` for up to four scenarios; ``working`` is the working copy."""
        desk, lang = self._rooms.desk(request), self._rooms.lang(request)
        asked = request.query_params.getlist("with") or (["working"] if desk.steps else [desk.base])
        found = self._rooms.town(desk).compared(desk, self._rooms.reason(request), asked)
        return as_json({"allocate": __version__, **found.to_json(lang)})

    def conflicts(self, request: Request) -> Response:
        """Why there is no plan and what would help: the document of ``allocate conflicts``, and a fragment."""
        desk, lang = self._rooms.desk(request), self._rooms.lang(request)
        found = self._rooms.town(desk).ask(conflicts, desk, self._rooms.reason(request))
        members = found.short_members(lang).to_dict("records")
        repairs = [
            {**one, "rows": _rows_of(found, str(one["repair_id"]))}
            for one in found.short_repairs(lang).to_dict("records")
            if one["status"] == "found"
        ]
        html = self._rooms.house.drawn(
            request, "clash.html", messages=found.message(lang), members=members, repairs=repairs
        )
        return as_json({**found.to_json(lang), "html": html})

    def ask(self, request: Request) -> Response:
        """One of the questions that are opened on demand: document and fragment."""
        desk, lang = self._rooms.desk(request), self._rooms.lang(request)
        question, about = request.path_params["question"], request.query_params.get("about", "")
        found = self._rooms.town(desk).ask(
            lambda session, id: reply(session, id, question, about, lang), desk, self._rooms.reason(request)
        )
        html = self._rooms.house.drawn(request, "reply.html", reply=found)
        return as_json({"document": found.document, "html": html})

    def _changed(self, request: Request, change: Callable[[Desk], Desk]) -> Response:
        """Change the desk and answer at once; steps that cannot be carried out are refused and change nothing."""
        reason = self._rooms.reason(request)

        def checked(now: Desk) -> Desk:
            after = change(now)
            self._rooms.town(after).check_steps(after, reason)
            return after

        desk = self._rooms.changed(request, checked)
        found = self._rooms.town(desk).preview(desk, reason)
        if found is None:
            clash = self._rooms.house.drawn(request, "no_plan.html")
            return JSONResponse(
                {**state_of(desk), "plan": False, "html": {"answer": clash, **self._steps(request, desk)}}
            )
        return self._answered(request, desk, found)

    def _answered(self, request: Request, desk: Desk, answer: Answer) -> Response:
        if not answer.plan.has_plan:
            return self._without_plan(request, desk)
        view = shown(answer, self._rooms.lang(request))
        html = self._rooms.house.drawn(request, "answer.html", answer=view)
        figures = self._rooms.house.drawn(request, "figures.html", answer=view)
        return JSONResponse(
            {
                **state_of(desk),
                "plan": True,
                "preview": answer.preview,
                "spoken": view.spoken,
                "html": {"answer": html, "figures": figures, **self._steps(request, desk)},
            }
        )

    def _without_plan(self, request: Request, desk: Desk) -> Response:
        html = {"answer": self._rooms.house.drawn(request, "no_plan.html"), **self._steps(request, desk)}
        return JSONResponse({**state_of(desk), "plan": False, "html": html})

    def _steps(self, request: Request, desk: Desk) -> dict[str, str]:
        names = step_names(self._rooms.town(desk).case, desk, self._rooms.lang(request))
        return {"steps": self._rooms.house.drawn(request, "steps.html", desk=desk, names=names)}


def _rows_of(found: Conflict, repair_id: str) -> str:
    """The steps that a repair is, as the body of ``steps``; blank where it is no matter of single cells."""
    cells = repair_rows(found, repair_id)
    return json.dumps({"steps": [one._asdict() for one in cells]}) if cells else ""
