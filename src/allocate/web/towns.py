"""Towns: the cases that are open, each read once for all who look at it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

from allocate.checking.opening import read_checked
from allocate.web.open_town import OpenTown
from allocate.web.seats import Queue


class Towns:
    """Open towns by their path; one that has changed on disk is read again."""

    def __init__(self, most: int = 6) -> None:
        self._most, self._queue = most, Queue()
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
            town = OpenTown(read_checked(path), self._queue)
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
