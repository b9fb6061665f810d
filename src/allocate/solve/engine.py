"""One HiGHS instance: quiet, on a single thread, and ready to be let go.

A single thread, so that results do not depend on the machine.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import highspy
import numpy as np

from allocate.town.arrays import Ints

type Numbers = np.ndarray[tuple[int], np.dtype[np.int32]]

NAME = "highs"
_DEVEX = 1


def new_instance(stopped: Callable[[], bool] | None = None) -> Any:
    """A HiGHS instance (the binding's type stubs lack half of its methods).

    Its constructor writes a banner to the standard output, which would break JSON there. ``stopped`` is asked now and
    then whether to go on.
    """
    with quiet_stdout():
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    # Steepest-edge weights are computed anew after every change of basis, which costs more than a handful of pivots;
    # HiGHS heeds this only before an instance's first run.
    solver.setOptionValue("simplex_dual_edge_weight_strategy", _DEVEX)
    if stopped is not None:
        _let_go(solver, stopped)
    return solver


def _let_go(solver: Any, stopped: Callable[[], bool]) -> None:
    """Let the solver ask now and then whether to go on; it ends as if a limit had been reached."""

    def asked(event: Any) -> None:
        if stopped():
            event.interrupt()

    for moment in (solver.cbSimplexInterrupt, solver.cbIpmInterrupt, solver.cbMipInterrupt):
        moment.subscribe(asked)


def int32(numbers: Ints) -> Numbers:
    """Numbers of columns or rows as HiGHS takes them."""
    return np.asarray(numbers, dtype=np.int32)


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
