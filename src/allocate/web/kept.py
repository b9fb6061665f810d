"""Kept: the things used last, for all threads of a server."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable


class Kept[Key, Thing]:
    """The things used last."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, threading.Lock()
        self._things: OrderedDict[Key, Thing] = OrderedDict()

    def get(self, key: Key) -> Thing | None:
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
            return self._things.get(key)

    def put(self, key: Key, make: Callable[[], Thing]) -> Thing:
        """The thing there is, or else the new one."""
        with self._lock:
            if key not in self._things:
                self._things[key] = make()
            self._things.move_to_end(key)
            while len(self._things) > self._most:
                self._things.popitem(last=False)
            return self._things[key]
