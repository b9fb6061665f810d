"""Rooms: the pages and documents of an open town."""

from __future__ import annotations

import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from allocate.analyses.comparison.crossed import MEASURES
from allocate.analyses.comparison.gains import DIMENSIONS
from allocate.errors import AllocateError
from allocate.inputs.case import currency_of
from allocate.inputs.finding_groups import grouped
from allocate.inputs.findings import render
from allocate.inputs.scenario.variant import scenario_ids
from allocate.inputs.workbook.marking import write_marked
from allocate.inputs.workbook.template import write_template_workbook
from allocate.language import reckon_in
from allocate.web.application import House
from allocate.web.asking import Asking
from allocate.web.bodies import refusal
from allocate.web.causes import of_each
from allocate.web.circle import Circles
from allocate.web.compared import compared, coverage_maps, crossed_tables
from allocate.web.controls import kinds_of
from allocate.web.desk import Desk
from allocate.web.documents import Documents
from allocate.web.files import Files
from allocate.web.intake import take_in
from allocate.web.jobs import Jobs
from allocate.web.open_town import MOST_COMPARED, OpenTown
from allocate.web.questions import buttons_of
from allocate.web.seats import Gone
from allocate.web.speech import language, say
from allocate.web.step_names import change_name, step_names
from allocate.web.table_read import around, marked_cells, written_rows
from allocate.web.taking import packed, pasted
from allocate.web.towns import Towns
from allocate.web.voices import Voices

_BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Rooms:
    """Endpoints that need a town; each is an ordinary function and runs in a thread of its own."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.keeper = house.keeper
        self.towns = Towns()
        self.jobs = Jobs()
        self.circles = Circles()
        self._desks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def desk(self, request: Request) -> Desk:
        """The desk of an address. Raises 404."""
        found = self.keeper.get(request.path_params["desk"])
        if found is None or not Path(found.path).exists():
            raise HTTPException(404)
        return found

    def town(self, desk: Desk) -> OpenTown:
        """The open town of a desk, in whose currency this thread then writes money."""
        found = self.towns.get(Path(desk.path))
        reckon_in(currency_of(found.case))
        return found

    def changed(self, request: Request, change: Callable[[Desk], Desk]) -> Desk:
        """Change a desk, one change after the other also where two tabs ask at once."""
        with self._desks[request.path_params["desk"]]:
            return self.keeper.keep(change(self.desk(request)))

    def lang(self, request: Request) -> str:
        """The reader's language."""
        return language(request, self.house.lang)

    def reason(self, request: Request) -> str:
        """What stands for the reason of a step that has none yet."""
        return say("step.no-reason", self.lang(request))

    def open_case(self, path: Path, name: str = "") -> Desk:
        """A new desk on a case, which may have errors: then it can be looked at, not run."""
        town = self.towns.get(path)
        base = town.first_scenario() if town.can_run else ""
        return self.keeper.begin(path, name or town.case.name, base)

    def begin(self, request: Request) -> Response:
        """Open the case the server was started with, or the example town."""
        path = self.house.case if request.path_params["door"] == "case" else self.house.example
        if path is None:
            raise HTTPException(404)
        return self._to(self.open_case(path))

    async def upload(self, request: Request) -> Response:
        """Take in a workbook or an archive; ``desk``: in the place of that desk's case."""
        async with request.form(max_files=1, max_fields=4) as form:
            file, old = form.get("file"), form.get("desk", "")
            if isinstance(file, str) or file is None or not file.filename:
                return RedirectResponse("/", 303)
            path = await run_in_threadpool(take_in, self.keeper.folder, file.filename, file.file)
        desk = await run_in_threadpool(self._taken_in, path, str(old))
        return self._to(desk)

    def _taken_in(self, path: Path, old: str) -> Desk:
        known = self.keeper.get(old) if old else None
        fresh = self.open_case(path)
        if known is None:
            return fresh
        ids = scenario_ids(self.towns.get(path).case)
        base = known.base if known.base in ids or not fresh.base else fresh.base
        return self.keeper.keep(replace(known, path=str(path), name=fresh.name, base=base, version=known.version + 1))

    def _to(self, desk: Desk) -> Response:
        room = "play" if self.town(desk).can_run else "check"
        return RedirectResponse(f"/t/{desk.id}/{room}", 303)

    def check(self, request: Request) -> Response:
        """Findings, worst first."""
        desk = self.desk(request)
        town, lang = self.town(desk), self.lang(request)
        found = grouped(render(town.read.findings, lang), lang)
        tables = {(one.file, one.sheet): name for name, one in town.case.sources.items()}
        return self.page(request, desk, "check.html", town=town, findings=found.to_dict("records"), tables=tables)

    def data(self, request: Request) -> Response:
        """One table with its findings in their cells."""
        desk = self.desk(request)
        town = self.town(desk)
        known = [name for name, table in town.case.tables.items() if len(table)]
        name = request.query_params.get("table", known[0] if known else "")
        table = town.case.tables.get(name)
        if table is None:
            raise HTTPException(404)
        source = town.case.sources.get(name)
        lang, wanted = self.lang(request), request.query_params.get("row", "")
        marks = marked_cells(render(town.read.findings, lang), source) if source else {}
        frame = around(table, wanted)
        return self.page(
            request, desk, "data.html", town=town, tables=known, table=name, columns=list(frame.columns),
            rows=written_rows(name, frame, lang), all=len(table), marks=marks, source=source,
            wanted=(wanted, request.query_params.get("column", "")),
        )  # fmt: skip

    def play(self, request: Request) -> Response:
        """What if: the controls, the steps and the answer."""
        desk = self.desk(request)
        if not self.town(desk).can_run:
            return RedirectResponse(f"/t/{desk.id}/check", 303)
        scenarios = [self.town(desk).session.variant(id).scenario for id in self.town(desk).session.scenario_ids]
        projector = request.query_params.get("view") == "projector"
        return self.page(
            request, desk, "play.html", town=self.town(desk), scenarios=scenarios, projector=projector,
            kinds=kinds_of(self.town(desk).case), questions=buttons_of(self.town(desk).case),
        )  # fmt: skip

    def compare(self, request: Request) -> Response:
        """Scenarios and the working copy side by side."""
        desk = self.desk(request)
        town, lang = self.town(desk), self.lang(request)
        if not town.can_run:
            return RedirectResponse(f"/t/{desk.id}/check", 303)
        wanted = request.query_params.getlist("with")
        asked = wanted[:MOST_COMPARED] or [desk.base, *(["working"] if desk.steps else [])]
        others = self.keeper.beside(desk)
        found = town.compared(desk, self.reason(request), asked, threading.Event(), others)
        seen = compared(found, request.query_params.get("by", ""), lang)
        cross = seen.by, request.query_params.get("and", ""), request.query_params.get("of", "")
        tables = []
        if cross[1] in DIMENSIONS and cross[1] != cross[0] and cross[2] in MEASURES:
            sums = town.crossed(desk, self.reason(request), asked, cross, threading.Event(), others)
            tables = crossed_tables(sums, cross, lang)
        why = None
        if "causes" in request.query_params:
            why = town.beside(
                lambda session, own: of_each(session, own, lang), desk, self.reason(request), asked, threading.Event(),
                others,
            )  # fmt: skip
        scenarios = [town.session.variant(id).scenario for id in town.session.scenario_ids]
        return self.page(
            request, desk, "compare.html", town=town, asked=asked, why=why, scenarios=scenarios, dimensions=DIMENSIONS,
            seen=seen, cross=cross, tables=tables, measures=MEASURES,
            too_many=len(wanted) > MOST_COMPARED, copies=[self._copy(one, lang) for one in others],
            maps=coverage_maps(found, town.places, lang) if town.places else [],
        )  # fmt: skip

    def _copy(self, desk: Desk, lang: str) -> str:
        """What a further working copy is called: its scenario and what was changed there."""
        steps = change_name(self.town(desk).case, desk.steps, lang) if desk.steps else say("play.no-steps", lang)
        return f"{desk.base}: {steps}"

    def branch(self, request: Request) -> Response:
        """A second working copy, to go on from in another direction."""
        return self._to(self.keeper.branch(self.desk(request)))

    def take(self, request: Request) -> Response:
        """Save and take home."""
        desk = self.desk(request)
        names = step_names(self.town(desk).case, desk, self.lang(request))
        rows = pasted(desk, self.lang(request))
        return self.page(request, desk, "take.html", town=self.town(desk), names=names, rows=rows)

    def marked(self, request: Request) -> Response:
        """The workbook with the findings marked."""
        desk = self.desk(request)
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "marked.xlsx"
            write_marked(self.town(desk).read, target, self.lang(request))
            return _download(target.read_bytes(), f"{desk.name}-{say('marked', self.lang(request))}.xlsx", _BOOK)

    def template(self, request: Request) -> Response:
        """A new workbook to fill in."""
        with tempfile.TemporaryDirectory() as folder:
            name = say("template.file", self.lang(request))
            target = write_template_workbook(Path(folder) / name, self.lang(request))
            return _download(target.read_bytes(), name, _BOOK)

    def case_file(self, request: Request) -> Response:
        """The case as it is now, to take home."""
        name, content = packed(Path(self.desk(request).path))
        return _download(content, name)

    def page(self, request: Request, desk: Desk, name: str, **values: Any) -> Response:
        """A page of an open town."""
        called = self.town(desk).case.town_name
        return self.house.page(request, name, desk=desk, called=called, room=name.removesuffix(".html"), **values)


def _download(content: bytes, name: str, kind: str = "application/octet-stream") -> Response:
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-._") else "_" for sign in name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=kind, headers={"content-disposition": disposition})


def rooms(house: House) -> Starlette:
    """All rooms as one application."""
    one = Rooms(house)

    def refused(request: Request, error: Exception) -> Response:
        text = refusal(error, one.lang(request)) if isinstance(error, AllocateError) else str(error)
        if request.url.path.startswith("/api/"):
            id = error.id if isinstance(error, AllocateError) else ""
            return JSONResponse({"error": {"id": id, "message": text}}, 422)
        return house.page(request, "refused.html", 422, message=text)

    def gone(_request: Request, _error: Exception) -> Response:
        return JSONResponse({"stale": True})

    def missing(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        text = say("missing", one.lang(request)) if status == 404 else say("odd", one.lang(request))
        if request.url.path.startswith("/api/"):
            return JSONResponse({"error": {"id": str(status), "message": text}}, status)
        return house.page(request, "refused.html", status, message=text)

    pages = [
        Route("/open/{door}", one.begin, methods=["POST"]),
        Route("/upload", one.upload, methods=["POST"]),
        Route("/template.xlsx", one.template),
        Route("/t/{desk}/check", one.check),
        Route("/t/{desk}/data", one.data),
        Route("/t/{desk}/play", one.play),
        Route("/t/{desk}/compare", one.compare),
        Route("/t/{desk}/take", one.take),
        Route("/t/{desk}/branch", one.branch, methods=["POST"]),
        Route("/t/{desk}/marked.xlsx", one.marked),
        Route("/t/{desk}/case", one.case_file),
    ]
    asking = Asking(one)
    behind = (Documents(one), asking, Voices(one, asking), Files(one))
    app = Starlette(
        routes=[*pages, *(route for room in behind for route in room.routes())],
        exception_handlers={AllocateError: refused, HTTPException: missing, Gone: gone},
    )
    app.state.jobs = one.jobs
    return app


def close(app: ASGIApp) -> None:
    """Stop the jobs of the rooms."""
    if isinstance(app, Starlette):
        app.state.jobs.stop_all()
