"""Open town: a case that is read and checked, and the answers to working copies of it.

A step is answered twice: at once from the basis of the answer before (a preview, certified but not canonical), then by
the session's own plan, which is the same as that of ``allocate run``. Both come from the one calculator.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from allocate.analyses.comparison.compare import Comparison, compare, status_quo_of
from allocate.bench.siblings import Siblings
from allocate.checking.opening import read_checked
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.inputs.findings import errors
from allocate.inputs.reading.package import ReadResult
from allocate.inputs.scenario.changes import with_what_if
from allocate.inputs.scenario.settings import with_settings
from allocate.inputs.scenario.variant import Change, Variant, apply
from allocate.model.compile import compile_variant
from allocate.results.allocation import Allocation, planned
from allocate.session import Session
from allocate.solve.solution import Limits
from allocate.web.desk import WORKING, Desk

# Answers that are kept, so that undoing a step costs nothing.
_KEPT = 32
# So many scenarios are compared at once.
MOST_COMPARED = 4
# Sessions of questions that are kept; each holds the plans of one working copy.
_SESSIONS = 4
# One question may take this long, seconds; a larger town than that is one for the command line.
SECONDS = 120.0


@dataclass(frozen=True)
class Answer:
    """A plan of a working copy beside today and beside the scenario it began with.

    ``preview``: it is optimal, but of several equally good plans the one shown may be replaced.
    """

    version: int
    today: Allocation
    base: Allocation
    plan: Allocation
    preview: bool
    seconds: float


@dataclass
class _Asked:
    """The session of a working copy's questions, one after the other."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    session: Session | None = None


@dataclass
class OpenTown:
    """One case and its solver; questions are answered one after the other, the newest of a desk only."""

    read: ReadResult
    _lock: threading.RLock = field(init=False, default_factory=threading.RLock)
    _siblings: Siblings = field(init=False)
    _asking: threading.Lock = field(init=False, default_factory=threading.Lock)
    _asked: OrderedDict[tuple[object, ...], _Asked] = field(init=False, default_factory=OrderedDict)
    _answers: OrderedDict[tuple[object, ...], Answer] = field(init=False, default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self._siblings = Siblings(Limits(seconds=SECONDS))

    @cached_property
    def session(self) -> Session:
        """The town's own session. Raises ``InputError`` where a finding is an error."""
        return Session(self.read.case, limits=Limits(seconds=SECONDS))

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

    def check_steps(self, desk: Desk, reason: str) -> None:
        """Raise ``UsageError`` or ``InputError`` where the steps of a desk cannot be carried out."""
        self.variant(desk, reason)

    def variant(self, desk: Desk, reason: str) -> Variant:
        """The town as the working copy sees it. Raises as ``check_steps``."""
        seen = apply(self.case, desk.base, changes_of(desk, reason))
        return replace(seen, scenario=with_settings(seen.scenario, desk.settings)) if desk.settings else seen

    def preview(self, desk: Desk, reason: str) -> Answer | None:
        """The optimal plan of the steps, from the basis of the last answer; None where the rules clash.

        An indivisible scenario has no preview but its plan. Raises as ``check_steps``, and ``CertificateError``.
        """
        with self._lock:
            known = self._answers.get(_key(desk))
            if known is not None:
                return known
            started = time.perf_counter()
            compiled = compile_variant(self.variant(desk, reason))
            if compiled.program.is_mixed_integer or compiled.variant.scenario.evaluate:
                return self.plan(desk, reason)
            found = self._siblings.solve(compiled.program, scenario=desk.base)
            if found is None:
                return None
            plan = planned(compiled, found.x, found.certificate, solver=found.solution.solver, unique=False)
            return self._beside(desk, plan, preview=True, started=started)

    def plan(self, desk: Desk, reason: str, wanted: Callable[[], bool] = lambda: True) -> Answer | None:
        """The certified canonical plan of the steps; None where ``wanted`` says that nobody waits for it any more.

        Of a scenario whose rules clash the answer holds a plan without figures.
        """
        with self._lock:
            known = self._answers.get(_key(desk))
            if known is not None or not wanted():
                return known
            started = time.perf_counter()
            if desk.steps:
                session = self.working(desk, reason)
                plan = session.run(WORKING)
            else:
                plan = self.session.run(desk.base)
            answer = self._beside(desk, plan, preview=False, started=started)
            self._answers[_key(desk)] = answer
            while len(self._answers) > _KEPT:
                self._answers.popitem(last=False)
            return answer

    def working(self, desk: Desk, reason: str) -> Session:
        """A session in which the working copy is the scenario ``WORKING``, a child of its base."""
        return Session(widened(self.case, desk, reason), limits=self.session.limits)

    def compared(self, desk: Desk, reason: str, ids: list[str]) -> Comparison:
        """Scenarios beside the status quo; ``working`` among the ids is the working copy."""
        ids = list(dict.fromkeys(WORKING if id == "working" else id for id in ids[:MOST_COMPARED]))
        if WORKING in ids and not desk.steps:
            raise UsageError("scenario-unknown", scenario=WORKING, nearest=desk.base)
        return self.ask(lambda session, _id: compare(session, ids), desk, reason)

    def ask[T](self, question: Callable[[Session, str], T], desk: Desk, reason: str) -> T:
        """A question to the working copy, or to its base where there are no steps.

        Questions have sessions of their own, so that a slow one holds up no step of anybody.
        """
        with self._asking:
            own = self._asked.setdefault(_key(desk), _Asked())
            self._asked.move_to_end(_key(desk))
            while len(self._asked) > _SESSIONS:
                self._asked.popitem(last=False)
        with own.lock:
            if own.session is None:
                own.session = (
                    self.working(desk, reason) if desk.steps else Session(self.case, limits=self.session.limits)
                )
            return question(own.session, WORKING if desk.steps else desk.base)

    def _beside(self, desk: Desk, plan: Allocation, *, preview: bool, started: float) -> Answer:
        today = self.session.run(status_quo_of(self.session))
        base = self.session.run(desk.base)
        return Answer(desk.version, today, base, plan, preview, time.perf_counter() - started)


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


class Towns:
    """Open towns by their path; one that has changed on disk is read again."""

    def __init__(self, most: int = 6) -> None:
        self._most = most
        self._open: OrderedDict[Path, tuple[object, OpenTown]] = OrderedDict()
        self._lock = threading.Lock()
        self._reading: dict[Path, threading.Lock] = {}

    def get(self, path: Path) -> OpenTown:
        """The town at a path; while one is read, the others can be asked. Raises ``InputError``."""
        with self._lock:
            own = self._reading.setdefault(path, threading.Lock())
        with own:
            stamp = _stamp(path)
            with self._lock:
                kept = self._open.get(path)
                if kept is not None and kept[0] == stamp:
                    self._open.move_to_end(path)
                    return kept[1]
            town = OpenTown(read_checked(path))
            with self._lock:
                self._open[path] = (stamp, town)
                self._open.move_to_end(path)
                while len(self._open) > self._most:
                    self._open.popitem(last=False)
            return town


def _stamp(path: Path) -> object:
    """What changes when a case changes on disk."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return tuple((file.name, file.stat().st_mtime_ns, file.stat().st_size) for file in files if file.is_file())
