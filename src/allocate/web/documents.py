"""Documents: what the page's own JavaScript, and anybody else on this machine, asks for as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from allocate import __version__
from allocate.analyses.conflicts.conflicts import Conflict, conflicts
from allocate.analyses.conflicts.repair_rows import repair_rows
from allocate.analyses.margins.least_pot import least_pot
from allocate.errors import UsageError
from allocate.language import euro
from allocate.results.plain import plain
from allocate.web.controls import KINDS, controls
from allocate.web.desk import SETTINGS_TABLE, Desk, Step
from allocate.web.open_town import Answer
from allocate.web.openapi import described
from allocate.web.questions import reply
from allocate.web.rule_controls import rule_controls
from allocate.web.shown import shown
from allocate.web.speech import say
from allocate.web.step_names import step_names
from allocate.web.taking import KINDS as FILES
from allocate.web.taking import file_of, saved

if TYPE_CHECKING:
    from allocate.web.rooms import Rooms

_HOW = ("set", "multiply", "add")


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
            Route(f"{at}/save", self.save, methods=["POST"]),
            Route(f"{at}/files/{{kind}}", self.begin_file, methods=["POST"]),
            Route("/api/files/{job}", self.file_state, methods=["GET"]),
            Route("/api/files/{job}", self.stop_file, methods=["DELETE"]),
            Route("/api/files/{job}/content", self.file),
        ]

    def openapi(self, _request: Request) -> Response:
        """The description of all this."""
        return JSONResponse(described(__version__))

    def state(self, request: Request) -> Response:
        """The working copy: its base, its steps in their order, what can be done again."""
        return JSONResponse(_state(self._rooms.desk(request)))

    async def step(self, request: Request) -> Response:
        """One step more; the answer is the preview."""
        steps = _steps_of(await _body(request))
        return await _threaded(lambda: self._changed(request, lambda desk: desk.with_steps(*steps)))

    async def reason(self, request: Request) -> Response:
        """Another reason for one of the steps."""
        body = await _body(request)

        def reasoned(desk: Desk) -> Desk:
            try:
                return desk.with_reason(int(_text(body, "number")), _text(body, "reason"))
            except (ValueError, IndexError) as unknown:
                raise UsageError("step-unknown") from unknown

        return await _threaded(lambda: JSONResponse(_state(self._rooms.changed(request, reasoned))))

    def undo(self, request: Request) -> Response:
        """Take the last step back."""
        return self._changed(request, Desk.without_last)

    def redo(self, request: Request) -> Response:
        """Do the step undone last again."""
        return self._changed(request, Desk.with_last_again)

    async def base(self, request: Request) -> Response:
        """Back to a scenario: no steps on it."""
        body = await _body(request)

        def back() -> Response:
            id = _text(body, "scenario_id")
            town = self._rooms.town(self._rooms.desk(request))
            town.session.variant(id)  # refuses an unknown one, with the nearest
            return self._changed(request, lambda desk: desk.back_to(id))

        return await _threaded(back)

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
        return _json({**head, "scenarios": [plan.to_json(lang)]})

    def compare(self, request: Request) -> Response:
        """The document of ``allocate compare`` for up to four scenarios; ``working`` is the working copy."""
        desk, lang = self._rooms.desk(request), self._rooms.lang(request)
        asked = request.query_params.getlist("with") or (["working"] if desk.steps else [desk.base])
        found = self._rooms.town(desk).compared(desk, self._rooms.reason(request), asked)
        return _json({"allocate": __version__, **found.to_json(lang)})

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
        return _json({**found.to_json(lang), "html": html})

    def ask(self, request: Request) -> Response:
        """One of the questions that are opened on demand: document and fragment."""
        desk, lang = self._rooms.desk(request), self._rooms.lang(request)
        question, about = request.path_params["question"], request.query_params.get("about", "")
        found = self._rooms.town(desk).ask(
            lambda session, id: reply(session, id, question, about, lang), desk, self._rooms.reason(request)
        )
        html = self._rooms.house.drawn(request, "reply.html", reply=found)
        return _json({"document": found.document, "html": html})

    async def save(self, request: Request) -> Response:
        """Save the steps as a scenario in a new copy of the case; the desk goes on there."""
        body = await _body(request)

        def keep() -> Response:
            names = {name: _text(body, name) for name in ("scenario_id", "title", "reason")}
            desk = self._rooms.desk(request)
            after = self._rooms.changed(request, lambda now: saved(now, self._rooms.keeper.folder, **names))
            text = say("saved", self._rooms.lang(request), scenario=names["scenario_id"], path=after.path)
            return JSONResponse({**_state(after), "text": text, "download": f"/t/{desk.id}/case"})

        return await _threaded(keep)

    def begin_file(self, request: Request) -> Response:
        """Begin making a report, a paper or a workbook of results."""
        desk, kind = self._rooms.desk(request), request.path_params["kind"]
        if kind not in FILES:
            raise UsageError("question-unknown", question=kind, known=", ".join(FILES))
        made = file_of(self._rooms.town(desk), desk, kind, self._rooms.reason(request), self._rooms.lang(request))
        return JSONResponse({"job": self._rooms.jobs.begin(*made).id})

    def file_state(self, request: Request) -> Response:
        """How far it is."""
        job = self._job(request)
        error = job.error.text(self._rooms.lang(request)) if job.error else ""
        error = say("odd", self._rooms.lang(request)) if job.failed else error
        share = 1.0 if job.content is not None else job.done / max(job.total, 1)
        ready = job.content is not None
        return JSONResponse({"share": share, "doing": job.doing, "ready": ready, "over": job.over, "error": error})

    def stop_file(self, request: Request) -> Response:
        """Stop it at its next step."""
        self._job(request).stopped.set()
        return JSONResponse({"over": True})

    def file(self, request: Request) -> Response:
        """The file."""
        job = self._job(request)
        if job.content is None:
            raise HTTPException(404)
        disposition = f"attachment; filename*=UTF-8''{quote(job.filename)}"
        kind = "application/octet-stream"
        return Response(job.content, media_type=kind, headers={"content-disposition": disposition})

    def _job(self, request: Request) -> Any:
        job = self._rooms.jobs.get(request.path_params["job"])
        if job is None:
            raise HTTPException(404)
        return job

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
                {**_state(desk), "plan": False, "html": {"answer": clash, **self._steps(request, desk)}}
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
                **_state(desk),
                "plan": True,
                "preview": answer.preview,
                "spoken": view.spoken,
                "html": {"answer": html, "figures": figures, **self._steps(request, desk)},
            }
        )

    def _without_plan(self, request: Request, desk: Desk) -> Response:
        html = {"answer": self._rooms.house.drawn(request, "no_plan.html"), **self._steps(request, desk)}
        return JSONResponse({**_state(desk), "plan": False, "html": html})

    def _steps(self, request: Request, desk: Desk) -> dict[str, str]:
        names = step_names(self._rooms.town(desk).case, desk, self._rooms.lang(request))
        return {"steps": self._rooms.house.drawn(request, "steps.html", desk=desk, names=names)}


def _rows_of(found: Conflict, repair_id: str) -> str:
    """The steps that a repair is, as the body of ``steps``; blank where it is no matter of single cells."""
    cells = repair_rows(found, repair_id)
    return json.dumps({"steps": [one._asdict() for one in cells]}) if cells else ""


def _state(desk: Desk) -> dict[str, object]:
    steps = [vars(one) for one in desk.steps]
    return {"version": desk.version, "base": desk.base, "steps": steps, "undone": len(desk.undone)}


def _json(document: object) -> Response:
    """As ``--format json`` writes it: unrounded, null for what is no number."""
    text = json.dumps(plain(document), ensure_ascii=False, allow_nan=False)
    return Response(text, media_type="application/json")


async def _body(request: Request) -> dict[str, object]:
    """The JSON object of a request. Raises ``UsageError`` where there is none."""
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise UsageError("body-odd")
    return body


def _text(body: dict[str, object], name: str) -> str:
    value = body.get(name, "")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UsageError("body-odd")
    if isinstance(value, float) and not math.isfinite(value):
        raise UsageError("body-odd")
    return str(value).strip()


def _steps_of(body: dict[str, object]) -> list[Step]:
    """One step, or several that are made at once (``steps``)."""
    several = body.get("steps")
    if several is None:
        return [_step_of(body)]
    if not isinstance(several, list) or not several or not all(isinstance(one, dict) for one in several):
        raise UsageError("body-odd")
    return [_step_of(one) for one in several]


def _step_of(body: dict[str, object]) -> Step:
    how = _text(body, "how") or "set"
    if how not in _HOW:
        raise UsageError("body-odd")
    names = ("table", "key", "column", "value", "reason")
    given = {name: _text(body, name) for name in names}
    if given["table"] == SETTINGS_TABLE and (how != "set" or given["key"]):
        raise UsageError("body-odd")
    return Step(given["table"], given["key"], given["column"], how, given["value"], given["reason"])


async def _threaded(answer: Callable[[], Response]) -> Response:
    return await run_in_threadpool(answer)
