"""Documents: what the page's own JavaScript, and anybody else on this machine, asks for as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from allocate import __version__
from allocate.analyses.conflicts.drawn import Drawn
from allocate.errors import UsageError
from allocate.inputs.numerals import write_numeral
from allocate.inputs.scenario.moving import moved, places
from allocate.plain import Record
from allocate.solve.solution import Status
from allocate.web.bodies import body_of, state_of, steps_of, text_of, threaded, while_wanted
from allocate.web.controls import KINDS, controls, movable
from allocate.web.desk import BY_HAND, Desk, Step
from allocate.web.open_town import Answer
from allocate.web.openapi import described
from allocate.web.rule_controls import rule_controls
from allocate.web.seats import Gone
from allocate.web.shown import shown
from allocate.web.speech import say
from allocate.web.step_names import change_name, step_names

if TYPE_CHECKING:
    from allocate.web.rooms import Rooms

# So many broken rules are named; the rest are counted.
_MOST_BROKEN = 20


class Documents:
    """The working copy: its steps and its answers, with the fragments of the page that show them."""

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
            Route(f"{at}/move", self.move, methods=["POST"]),
            Route(f"{at}/hand", self.hand, methods=["POST"]),
            Route(f"{at}/answer", self.answer),
            Route(f"{at}/controls", self.controls),
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

    async def answer(self, request: Request) -> Response:
        """The certified plan of version ``version``; ``stale`` where the working copy has gone on."""
        desk = await run_in_threadpool(self._rooms.desk, request)
        if request.query_params.get("version", "") not in ("", str(desk.version)):
            raise Gone
        town = await run_in_threadpool(self._rooms.town, desk)

        def answered() -> Response:
            # Asked for again, because this thread writes its money.
            return self._answered(request, desk, self._rooms.town(desk).plan(desk, self._rooms.reason(request)))

        return await while_wanted(request, answered, lambda: town.leave(desk))

    def controls(self, request: Request) -> Response:
        """The sliders of one kind, as a fragment of the page."""
        desk, kind = self._rooms.desk(request), request.query_params.get("kind", KINDS[0])
        if kind not in KINDS:
            raise UsageError("question-unknown", question=kind, known=", ".join(KINDS))
        town, lang, reason = self._rooms.town(desk), self._rooms.lang(request), self._rooms.reason(request)
        if kind == "rules":
            html = self._rooms.house.drawn(request, "rules.html", controls=rule_controls(town, desk, reason, lang))
        elif kind == "places":
            html = self._rooms.house.drawn(request, "places.html", controls=movable(town, desk, reason, lang))
        else:
            words = request.query_params.get("words", "")
            found = controls(town, desk, kind, reason, lang, words)
            html = self._rooms.house.drawn(
                request, "controls.html", controls=found.shown, more=found.more, kind=kind, words=words
            )
        return JSONResponse({"html": html})

    async def move(self, request: Request) -> Response:
        """Move an offer to another space: one change of several steps; the answer is the preview."""
        body = await body_of(request)
        offer, space = text_of(body, "offer_id"), text_of(body, "space_id")

        def there(desk: Desk) -> Desk:
            case = self._rooms.town(desk).variant(desk, self._rooms.reason(request)).case
            if space not in places(case, offer):
                raise UsageError("control-unknown", kind="places", named=f"{offer} | {space}")
            cells = moved(case, offer, space)
            return desk.with_steps(*(Step(table, key, column, "set", value) for table, key, column, value in cells))

        return await threaded(lambda: self._changed(request, there))

    def hand(self, request: Request) -> Response:
        """Set every offer to its capacity in the plan shown, to go on by hand from there."""

        def held(desk: Desk) -> Desk:
            plan = self._rooms.town(desk).plan(desk, self._rooms.reason(request)).plan
            if not plan.has_plan:
                raise UsageError("no-feasible-plan", scenario=desk.base)
            capacities = zip(plan.offers["offer_id"], plan.offers["capacity"], strict=True)
            steps = [
                Step("offers", str(id), column, "set", write_numeral(float(f"{capacity:.12g}")))
                for id, capacity in capacities
                for column in BY_HAND
            ]
            return desk.with_steps(*steps)

        return self._changed(request, held)

    def _changed(self, request: Request, change: Callable[[Desk], Desk]) -> Response:
        """Change the desk and answer at once; steps that cannot be carried out are refused and change nothing."""
        reason = self._rooms.reason(request)

        def checked(now: Desk) -> Desk:
            after = change(now)
            self._rooms.town(after).variant(after, reason)
            return after

        desk = self._rooms.changed(request, checked)
        found = self._rooms.town(desk).preview(desk, reason)
        return self._later(request, desk) if found is None else self._answered(request, desk, found)

    def _answered(self, request: Request, desk: Desk, answer: Answer) -> Response:
        state = {**state_of(desk), "preview": answer.preview, "certain": not answer.preview}
        if answer.drawn is not None:
            return self._drawn_by_hand(request, desk, state, answer, answer.drawn)
        if not answer.plan.has_plan:
            stopped = answer.plan.status is not Status.INFEASIBLE
            texts = [note.text(self._rooms.lang(request)) for note in answer.plan.notes] if stopped else []
            html = {
                "answer": self._rooms.house.drawn(request, "no_plan.html", texts=texts),
                **self._steps(request, desk),
            }
            return JSONResponse({**state, "plan": False, "html": html})
        view = shown(answer, self._rooms.lang(request), self._rooms.town(desk).places)
        drawn = {name: self._rooms.house.drawn(request, f"{name}.html", answer=view) for name in ("answer", "figures")}
        html = {**drawn, **self._steps(request, desk)}
        return JSONResponse({**state, "plan": True, "spoken": view.spoken, "html": html})

    def _drawn_by_hand(self, request: Request, desk: Desk, state: Record, answer: Answer, drawn: Drawn) -> Response:
        """The figures of a plan that breaks rules, and each of these rules in words."""
        lang, draw = self._rooms.lang(request), self._rooms.house.drawn
        view = shown(replace(answer, plan=drawn.sketch), lang, self._rooms.town(desk).places)
        broken = drawn.broken(lang).to_dict("records")
        html = {
            "answer": draw(request, "drawn.html", answer=view, broken=broken, most=_MOST_BROKEN),
            "figures": draw(request, "figures.html", answer=view),
            **self._steps(request, desk),
        }
        spoken = f"{say('drawn.title', lang)}. {view.spoken}"
        rules = [{"name": one["name"], "missed": one["missed"]} for one in broken]
        return JSONResponse({**state, "plan": False, "broken": rules, "spoken": spoken, "html": html})

    def _later(self, request: Request, desk: Desk) -> Response:
        """The steps are made; what they mean only the plan itself can say, which takes its time."""
        html = {"answer": self._rooms.house.drawn(request, "later.html"), **self._steps(request, desk)}
        return JSONResponse({**state_of(desk), "plan": None, "preview": False, "certain": False, "html": html})

    def _steps(self, request: Request, desk: Desk) -> dict[str, str]:
        case, lang = self._rooms.town(desk).case, self._rooms.lang(request)
        names = step_names(case, desk, lang)
        back = change_name(case, desk.made[-1], lang) if desk.made else ""
        again = change_name(case, desk.undone[-1], lang) if desk.undone else ""
        drawn = self._rooms.house.drawn
        return {
            "steps": drawn(request, "steps.html", desk=desk, names=names, back=back, again=again),
            "where": drawn(request, "where.html", desk=desk),
        }
