"""Keep what solver libraries print off the standard output, which belongs to the command's own answer."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_STDOUT = 1
_lock = threading.Lock()
_open: list[int] = []
_saved: list[int] = []


@contextmanager
def quiet_stdout() -> Iterator[None]:
    """Send file descriptor 1 to nowhere inside the block, whatever the solver's own log switches say.

    Solver libraries write banners past Python, straight to the descriptor, even when told to be silent; one
    such line breaks ``--format json``. The blocks of several threads may overlap: the first one in closes the
    door, the last one out opens it again.
    """
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    with _lock:
        if not _open:
            try:
                sys.stdout.flush()
                saved = os.dup(_STDOUT)
            except (AttributeError, OSError, ValueError):
                # A service without a standard output has nothing to protect.
                _open.append(-1)
                return
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, _STDOUT)
            os.close(nowhere)
            _saved.append(saved)
        _open.append(1)


def _leave() -> None:
    with _lock:
        _open.pop()
        if not _open and _saved:
            saved = _saved.pop()
            os.dup2(saved, _STDOUT)
            os.close(saved)
