"""One HiGHS instance: quiet, on a single thread, and ready to be let go.

A single thread, so that results do not depend on the machine.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import highspy
import numpy as np

from allocate.solve.quiet import quiet_stdout
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
