"""Files: saving a working copy as a scenario, and what is made in the background to be taken home."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from allocate.errors import UsageError
from allocate.web.bodies import body_of, refusal, state_of, text_of, threaded
from allocate.web.jobs import Job
from allocate.web.speech import say
from allocate.web.taking import KINDS, file_of, saved

if TYPE_CHECKING:
    from allocate.web.rooms import Rooms


class Files:
    """The endpoints of what is taken home."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def routes(self) -> Sequence[BaseRoute]:
        """Their addresses."""
        at = "/api/t/{desk}"
        return [
            Route(f"{at}/save", self.save, methods=["POST"]),
            Route(f"{at}/files/{{kind}}", self.begin_file, methods=["POST"]),
            Route("/api/files/{job}", self.file_state, methods=["GET"]),
            Route("/api/files/{job}", self.stop_file, methods=["DELETE"]),
            Route("/api/files/{job}/content", self.file),
        ]

    async def save(self, request: Request) -> Response:
        """Save the steps as a scenario in a new copy of the case; the desk goes on there."""
        body = await body_of(request)

        def keep() -> Response:
            names = {name: text_of(body, name) for name in ("scenario_id", "title", "reason")}
            desk = self._rooms.desk(request)
            after = self._rooms.changed(request, lambda now: saved(now, self._rooms.keeper.folder, **names))
            text = say("saved", self._rooms.lang(request), scenario=names["scenario_id"], path=after.path)
            return JSONResponse({**state_of(after), "text": text, "download": f"/t/{desk.id}/case"})

        return await threaded(keep)

    async def begin_file(self, request: Request) -> Response:
        """Begin making a report, a paper (on a ``letterhead``, where the form brings one) or a workbook of results."""
        letterhead = await _letterhead(request)

        def begin() -> Response:
            desk, kind = self._rooms.desk(request), request.path_params["kind"]
            if kind not in KINDS:
                raise UsageError("question-unknown", question=kind, known=", ".join(KINDS))
            lang, reason = self._rooms.lang(request), self._rooms.reason(request)
            made = file_of(self._rooms.town(desk), desk, kind, reason, lang, letterhead)
            return JSONResponse({"job": self._rooms.jobs.begin(*made).id})

        return await threaded(begin)

    def file_state(self, request: Request) -> Response:
        """How far it is."""
        job = self._job(request)
        error = refusal(job.error, self._rooms.lang(request)) if job.error else ""
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

    def _job(self, request: Request) -> Job:
        job = self._rooms.jobs.get(request.path_params["job"])
        if job is None:
            raise HTTPException(404)
        return job


async def _letterhead(request: Request) -> bytes | None:
    """The Word document that a form brings along; None where there is none."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return None
    async with request.form(max_files=1, max_fields=1) as form:
        file = form.get("letterhead")
        return None if file is None or isinstance(file, str) or not file.filename else await file.read()
