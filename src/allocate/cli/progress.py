"""Progress on standard error, only where somebody is looking."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Protocol

from allocate.cli.harmless import harmless
from allocate.cli.options import Request


@contextmanager
def progress(request: Request, label: str, total: int) -> Iterator[Callable[[str], None]]:
    """Count ``total`` steps; call what it gives with the name of the step that begins.

    Silent with ``--quiet`` and wherever standard error is not a terminal; the bar vanishes when the work is
    done.
    """
    with counted(request, label) as (begin, step):
        begin(total)
        behind = count()
        yield lambda name: step(name, done=next(behind))


class Step(Protocol):
    """Says what is being done; ``done`` is how many steps are behind us, by default one more than before."""

    def __call__(self, name: str, done: int | None = None) -> None: ...


@contextmanager
def counted(request: Request, label: str) -> Iterator[tuple[Callable[[int], None], Step]]:
    """Two functions: the first is told how many steps there are, the second each one that is done.

    Time so far and time left stand beside the bar.
    """
    if request.quiet or not sys.stderr.isatty():
        yield (lambda _total: None), (lambda _name, done=None: None)  # noqa: ARG005  (nobody is looking)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    words = TextColumn("{task.description}", markup=False)
    layout = (words, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*layout, console=Console(stderr=True), transient=True) as bar:
        task, behind = bar.add_task(label, total=None), 0

        def step(name: str, done: int | None = None) -> None:
            nonlocal behind
            behind = behind + 1 if done is None else done
            bar.update(task, description=harmless(f"{label}: {name}"), completed=behind)

        yield (lambda total: bar.update(task, total=total)), step
