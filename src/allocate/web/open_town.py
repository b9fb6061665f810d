"""Open town: a case that is read and checked, and the answers to working copies of it.

A step is answered twice: at once from the basis of the answer before (a preview, certified but not canonical), then by
the session's own plan, which is the same as that of ``allocate run``. Both come from the one calculator.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from allocate.analyses.comparison.compare import Comparison, compare, status_quo_of
from allocate.analyses.comparison.crossed import crossed
from allocate.analyses.conflicts.drawn import Drawn, drawn
from allocate.analyses.conflicts.why_no_plan import INDIVISIBLE_SECONDS
from allocate.analyses.margins.plan_range import PlanRange, plan_range
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.inputs.findings import errors
from allocate.inputs.numerals import write_numeral
from allocate.inputs.reading.package import ReadResult
from allocate.inputs.scenario.changes import with_what_if
from allocate.inputs.scenario.offshoots import Offshoots
from allocate.inputs.scenario.settings import with_settings
from allocate.inputs.scenario.variant import Change, Variant
from allocate.model.compile import Compiled, compile_near, compile_variant
from allocate.report.pictures.maps import Places, places_of
from allocate.results.allocation import Allocation, without_plan
from allocate.results.sketch import Sketch, sketched
from allocate.session import MEASURE_TOLERANCE, Session
from allocate.solve.solution import Limits, Status
from allocate.web.desk import WORKING, Desk, Step
from allocate.web.kept import Kept
from allocate.web.seats import SECONDS, Asked, Gone, Queue, Seat

# Answers, ranges and seats that are kept, so that undoing a step or looking again costs nothing.
_KEPT = 64
# Towns as working copies see them that are kept: a step is checked, shown and drawn with the same one.
_VARIANTS = 8
# So many scenarios are compared at once.
MOST_COMPARED = 4
# Sessions of questions that are kept; each holds the plans of one working copy.
_SESSIONS = 4


@dataclass(frozen=True)
class Answer:
    """A plan of a working copy beside today and beside the scenario it began with.

    A sketch is a preview: it is optimal, but not judged, and of several equally good plans the one shown may be
    replaced. Of rules that clash ``plan`` has no figures; ``drawn`` are those of a plan drawn by hand that breaks some.
    """

    version: int
    today: Allocation
    base: Allocation
    plan: Allocation | Sketch
    seconds: float
    drawn: Drawn | None = None

    @property
    def preview(self) -> bool:
        """Whether the certified plan is still to come."""
        return isinstance(self.plan, Sketch)


@dataclass
class OpenTown:
    """One case and its answers. Every working copy has a seat at the solver and a session of questions of its own, and
    every scenario of the town one, so that a slow question holds up nobody else's.
    """

    read: ReadResult
    queue: Queue = field(default_factory=Queue)
    _variants: Kept[object, Variant] = field(init=False, default_factory=lambda: Kept(_VARIANTS))
    _offshoots: Kept[str, Offshoots] = field(init=False, default_factory=lambda: Kept(_KEPT))
    _sessions: Kept[str, Session] = field(init=False, default_factory=lambda: Kept(_KEPT))
    _seats: Kept[str, Seat] = field(init=False, default_factory=lambda: Kept(_KEPT))
    _asked: Kept[object, Asked] = field(init=False, default_factory=lambda: Kept(_SESSIONS))
    _answers: Kept[object, Answer] = field(init=False, default_factory=lambda: Kept(_KEPT))
    _ranges: Kept[object, PlanRange] = field(init=False, default_factory=lambda: Kept(_KEPT))

    @cached_property
    def session(self) -> Session:
        """What knows the town's scenarios; it plans none. Raises ``InputError`` where a finding is an error."""
        return Session(self.read.case)

    @cached_property
    def today(self) -> Allocation:
        """Today's provision, judged."""
        session = Session(self.read.case)
        return session.run(status_quo_of(session))

    @cached_property
    def places(self) -> Places | None:
        """Where the spaces lie on the map; None where the case has no boundaries."""
        found = places_of(self.case)
        return found if found.has_boundaries else None

    @property
    def case(self) -> Case:
        """The town."""
        return self.read.case

    @property
    def can_run(self) -> bool:
        """Whether no finding is an error."""
        return not len(errors(self.read.findings))

    def first_scenario(self) -> str:
        """The scenario a working copy begins with: the first that optimises, else the first."""
        ids = self.session.scenario_ids
        return next((id for id in ids if not self.session.variant(id).scenario.evaluate), ids[0])

    def variant(self, desk: Desk, reason: str) -> Variant:
        """The town as the working copy sees it. Raises ``UsageError`` or ``InputError`` where a step cannot be."""
        key = desk.base, desk.steps, reason
        known = self._variants.get(key)
        if known is not None:
            return known
        seen = self._grown(desk.base).variant(changes_of(desk, reason))
        if desk.settings:
            seen = replace(seen, scenario=with_settings(seen.scenario, desk.settings))
        return self._variants.put(key, lambda: seen)

    def preview(self, desk: Desk, reason: str) -> Answer | None:
        """The optimal plan of the steps, from the basis of the last answer; None where only the plan itself can say.

        That is so of whole offers. Raises as ``variant``, ``CertificateError``, and ``Gone``.
        """
        known, seat = self._answers.get(_key(desk)), self._seat(desk)
        seat.ask(_key(desk))
        if known is not None:
            return replace(known, version=desk.version)
        with self.queue.preview():
            return self._preview(desk, reason, seat)

    def _preview(self, desk: Desk, reason: str, seat: Seat) -> Answer | None:
        started = time.perf_counter()
        compiled = self._compiled(desk, self.variant(desk, reason))
        if compiled.program.is_mixed_integer or compiled.variant.scenario.evaluate:
            return None
        today, base = self._beside(desk)
        plan: Allocation | Sketch = without_plan(compiled.variant, Status.INFEASIBLE)
        with seat.answering(_key(desk)):
            found = seat.siblings.solve(compiled.program, scenario=desk.base)
            if found is not None:
                plan = sketched(compiled, found.x)
                if abs(plan.objective - found.value) > MEASURE_TOLERANCE:
                    return None
            by_hand = self._drawn(desk, plan, seat.limits)
        return Answer(desk.version, today, base, plan, time.perf_counter() - started, by_hand)

    def plan(self, desk: Desk, reason: str) -> Answer:
        """The certified canonical plan of the steps. Raises as ``preview``."""
        known = self._answers.get(_key(desk))
        if known is not None:
            return replace(known, version=desk.version)
        started = time.perf_counter()
        today, base = self._beside(desk)
        plan, by_hand = base, None
        if desk.steps:
            seat, key = self._seat(desk), _key(desk)
            seat.ask(key)
            with self.queue.plan(lambda: seat.wants(key)), seat.answering(key):
                session = Session(self.case, limits=seat.limits)
                plan = session.run(session.add(self._named(desk, reason)))
                by_hand = self._drawn(desk, plan, seat.limits)
        answer = Answer(desk.version, today, base, plan, time.perf_counter() - started, by_hand)
        return self._answers.put(_key(desk), lambda: answer)

    def known(self, desk: Desk) -> Allocation | None:
        """The plan of the steps where it has been made already."""
        found = self._answers.get(_key(desk))
        return found.plan if found is not None and isinstance(found.plan, Allocation) and found.plan.has_plan else None

    def leave(self, desk: Desk) -> None:
        """Nobody waits for the answer to this state of the working copy any more."""
        self._seat(desk).leave(_key(desk))

    def working(self, desk: Desk, reason: str, limits: Limits) -> Session:
        """A session in which the working copy is the scenario ``WORKING``, a child of its base."""
        return Session(widened(self.case, desk, reason), limits=limits)

    def compared(
        self, desk: Desk, reason: str, ids: list[str], left: threading.Event, others: Sequence[Desk] = ()
    ) -> Comparison:
        """Scenarios beside the status quo; ``working`` among the ids is the working copy (``beside``)."""
        return self.beside(compare, desk, reason, ids, left, others)

    def crossed(
        self,
        desk: Desk,
        reason: str,
        ids: list[str],
        cross: tuple[str, str, str],
        left: threading.Event,
        others: Sequence[Desk] = (),
    ) -> pd.DataFrame:
        """The same scenarios by two dimensions at once: rows, columns and the measure (``crossed``)."""

        def asked(session: Session, own: list[str]) -> pd.DataFrame:
            return crossed(session, [status_quo_of(session, own), *own], *cross)

        return self.beside(asked, desk, reason, ids, left, others)

    def beside[T](
        self,
        question: Callable[[Session, list[str]], T],
        desk: Desk,
        reason: str,
        ids: list[str],
        left: threading.Event,
        others: Sequence[Desk] = (),
    ) -> T:
        """A question about scenarios that stand side by side; ``working`` among the ids is the working copy.

        ``others`` are further working copies, known as ``working 2``, ``working 3`` ...
        """
        copies = {f"working {number}": one for number, one in enumerate(others, 2)}
        own = _asked_for(desk, ids)
        wanted = {id.replace("working", WORKING, 1): copies[id] for id in ids[:MOST_COMPARED] if id in copies}
        if not wanted:
            return self.ask(lambda session, _id: question(session, own), desk, reason, left)
        case = widened(self.case, desk, reason) if desk.steps else self.case
        for id, one in wanted.items():
            case = widened(case, one, reason, new_id=id)
        with Asked().answering(left, lambda limits: Session(case, limits=limits)) as session:
            return question(session, [id.replace("working", WORKING, 1) if id in copies else id for id in own])

    def range(self, desk: Desk, reason: str, cell: Cell, left: threading.Event) -> PlanRange:
        """Between which values of a number the working copy has a plan, all else as it is. Raises as ``variant``."""
        key = _key(desk), cell
        known = self._ranges.get(key)
        if known is not None:
            return known
        limits = Limits(seconds=SECONDS, stopped=left.is_set)

        def at(value: float) -> Variant:
            if left.is_set():
                raise Gone
            return self.variant(desk.with_steps(*cell.steps(value)), reason)

        found = plan_range(at, cell.inside, cell.lowest, cell.highest, cell.own, limits)
        return self._ranges.put(key, lambda: found)

    def ask[T](self, question: Callable[[Session, str], T], desk: Desk, reason: str, left: threading.Event) -> T:
        """A question to the working copy, or to its base where there are no steps; it ends once ``left`` is set.

        Raises what the question raises, and ``Gone``.
        """

        def make(limits: Limits) -> Session:
            return self.working(desk, reason, limits) if desk.steps else Session(self.case, limits=limits)

        # Reasons stand in some answers, so that a session is that of its words.
        with self._asked.put((_key(desk), changes_of(desk, reason)), Asked).answering(left, make) as session:
            return question(session, WORKING if desk.steps else desk.base)

    def _named(self, desk: Desk, reason: str) -> Variant:
        """The working copy as the scenario ``WORKING``, as ``widened`` makes it."""
        seen = self.variant(desk, reason)
        own = replace(seen.scenario, scenario_id=WORKING, parent_id=desk.base, expected="", question="")
        return replace(seen, scenario=own)

    def _drawn(self, desk: Desk, plan: Allocation | Sketch, limits: Limits) -> Drawn | None:
        """The figures of a plan drawn by hand where rules clash; None where there is a plan, or nothing was drawn."""
        held = desk.by_hand
        if not held or plan.status is not Status.INFEASIBLE:
            return None
        if plan.variant.scenario.indivisible:
            limits = replace(limits, seconds=INDIVISIBLE_SECONDS)
        return drawn(compile_variant(plan.variant), held, limits)

    def _beside(self, desk: Desk) -> tuple[Allocation, Allocation]:
        """Today's plan and that of the scenario which the working copy began with."""
        return self.today, self._session(desk.base).run(desk.base)

    def _compiled(self, desk: Desk, seen: Variant) -> Compiled:
        """The program of the working copy, from that of its scenario where only numbers in it differ."""
        if desk.settings:
            return compile_variant(seen)
        return compile_near(seen, self._session(desk.base).compiled(desk.base), self._grown(desk.base).moved(seen))

    def _grown(self, base: str) -> Offshoots:
        return self._offshoots.put(base, lambda: Offshoots(self.case, base))

    def _session(self, base: str) -> Session:
        return self._sessions.put(base, lambda: Session(self.case, limits=Limits(seconds=SECONDS)))

    def _seat(self, desk: Desk) -> Seat:
        return self._seats.put(desk.id, Seat)


@dataclass(frozen=True)
class Cell:
    """A number that is looked at: the cells it stands in (more than one where they move together), where to begin
    (``inside``), how far to look, and the rules that it is itself (kinds, id).
    """

    cells: tuple[tuple[str, str, str], ...]
    inside: tuple[float, ...]
    lowest: float
    highest: float
    own: tuple[tuple[str, ...], str]

    def steps(self, value: float) -> tuple[Step, ...]:
        """What sets it."""
        return tuple(Step(*cell, "set", write_numeral(value)) for cell in self.cells)


def _asked_for(desk: Desk, ids: list[str]) -> list[str]:
    """The scenarios that are to stand side by side. Raises ``UsageError`` where there is no working copy yet."""
    own = list(dict.fromkeys(WORKING if id == "working" else id for id in ids[:MOST_COMPARED]))
    if WORKING in own and not desk.steps:
        raise UsageError("scenario-unknown", scenario=WORKING, nearest=desk.base)
    return own


def changes_of(desk: Desk, reason: str) -> tuple[Change, ...]:
    """The steps of a desk as change rows; ``reason`` stands where a step has none of its own yet."""
    return tuple(
        Change(one.table, one.key, one.column, one.how, one.value, one.reason.strip() or reason) for one in desk.rows
    )


def widened(case: Case, desk: Desk, reason: str, *, new_id: str = WORKING, title: str = "") -> Case:
    """The case with the working copy as one more scenario. Raises as ``with_what_if``."""
    return with_what_if(case, desk.base, changes_of(desk, reason), new_id=new_id, title=title, settings=desk.settings)


def _key(desk: Desk) -> tuple[object, ...]:
    """What an answer depends on: the scenario and what the steps do, not why."""
    return desk.base, tuple((*one.cell, one.how, one.value) for one in desk.steps)
