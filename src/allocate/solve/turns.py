"""Turns: methods of one object that several threads may call, one thread at a time.

A program inside HiGHS is one object; two threads that work on it at once end the process. Objects that work together
share one lock, so that no two threads can wait for each other.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from threading import RLock
from typing import Concatenate, Protocol


class Locked(Protocol):
    """An object whose methods take turns."""

    _lock: RLock


def in_turn[Owner: Locked, **Given, Answer](
    method: Callable[Concatenate[Owner, Given], Answer],
) -> Callable[Concatenate[Owner, Given], Answer]:
    """Let a method wait until no other thread is inside one of the object's; the same thread goes on at once."""

    def waiting(self: Owner, /, *given: Given.args, **named: Given.kwargs) -> Answer:
        with self._lock:
            return method(self, *given, **named)

    return update_wrapper(waiting, method)
