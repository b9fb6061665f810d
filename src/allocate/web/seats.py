"""Seats: one place at the solver for each working copy, where a newer question ends the older one's answer.

Where several working copies ask at once, previews go first: somebody still has a hand on the slider. Certified plans
follow, a few at a time, and one that nobody waits for any more is never begun.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from allocate.bench.siblings import Siblings
from allocate.errors import AllocateError
from allocate.session import Session
from allocate.solve.solution import Limits

# One question may take this long, seconds; a larger town than that is one for the command line.
SECONDS = 120.0
# So many certified plans are made at once, so that a core is left for previews.
PLANS_AT_ONCE = max(1, (os.cpu_count() or 1) - 1)
# A certified plan lets previews go first for so long, seconds; then it is made, however many there are.
PATIENCE = 3.0
# So often a plan that waits looks whether anybody still waits for it, seconds.
_LOOKING = 0.2


class Gone(Exception):
    """Nobody waits for the answer any more: a newer question took its place, or the one who asked has left."""


class Queue:
    """Previews before certified plans, for all working copies of a server."""

    def __init__(self, plans_at_once: int = PLANS_AT_ONCE, patience: float = PATIENCE) -> None:
        self._changed = threading.Condition()
        self._previews, self._plans = 0, 0
        self._at_once, self._patience = plans_at_once, patience

    @contextmanager
    def preview(self) -> Iterator[None]:
        """The block answers at once, and holds up the plans that have not begun."""
        with self._changed:
            self._previews += 1
        try:
            yield
        finally:
            with self._changed:
                self._previews -= 1
                self._changed.notify_all()

    @contextmanager
    def plan(self, is_wanted: Callable[[], bool]) -> Iterator[None]:
        """The block makes a plan once it is its turn. Raises ``Gone`` where it is not wanted any more by then."""
        patient_until = time.monotonic() + self._patience
        with self._changed:
            while self._plans >= self._at_once or (self._previews and time.monotonic() < patient_until):
                if not is_wanted():
                    raise Gone
                self._changed.wait(_LOOKING)
            self._plans += 1
        try:
            yield
        finally:
            with self._changed:
                self._plans -= 1
                self._changed.notify_all()


class Seat:
    """The newest question of a working copy, and the basis that its next preview begins from.

    Answers are made one after the other; as soon as a newer question is there, the one in the making ends.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._newest: object = None
        self._running: object = None
        self.limits = Limits(seconds=SECONDS, stopped=self.is_left)
        self.siblings = Siblings(self.limits)

    def is_left(self) -> bool:
        """Whether nobody waits for the answer in the making."""
        return self._running != self._newest

    def ask(self, question: object) -> None:
        """A question that is newer than all others."""
        self._newest = question

    def wants(self, question: object) -> bool:
        """Whether it is still the newest one."""
        return self._newest == question

    def leave(self, question: object) -> None:
        """Nobody waits for this question any more."""
        if self._newest == question:
            self._newest = None

    @contextmanager
    def answering(self, question: object) -> Iterator[None]:
        """The block makes the answer to a question that has been asked.

        Raises ``Gone`` where it is not wanted any more, before or after the work.
        """
        with self._turn:
            if not self.wants(question):
                raise Gone
            self._running = question
            try:
                yield
            except AllocateError as error:
                # A solve that was ended leaves an error behind that tells the reader nothing.
                if self.is_left():
                    raise Gone from error
                raise
            if self.is_left():
                raise Gone


class Asked:
    """The session of the questions to one working copy, one after the other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left = threading.Event()
        self._session: Session | None = None

    def _is_left(self) -> bool:
        return self._left.is_set()

    @contextmanager
    def answering(self, left: threading.Event, make: Callable[[Limits], Session]) -> Iterator[Session]:
        """The block asks the session, which ``make`` makes for the first question. Raises ``Gone`` once ``left``."""
        with self._lock:
            self._left = left
            if left.is_set():
                raise Gone
            if self._session is None:
                self._session = make(Limits(seconds=SECONDS, stopped=self._is_left))
            try:
                yield self._session
            except AllocateError as error:
                if left.is_set():
                    raise Gone from error
                raise
            finally:
                if left.is_set():
                    # What was ended half-way is not to be taken for an answer later.
                    self._session = None
