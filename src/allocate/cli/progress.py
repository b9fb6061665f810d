"""Progress on standard error, only where somebody is looking."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from allocate.cli.harmless import harmless
from allocate.cli.options import Request


@contextmanager
def progress(request: Request, label: str, total: int) -> Iterator[Callable[[str], None]]:
    """Count ``total`` steps; call what it gives with the name of the step that begins.

    Silent with ``--quiet`` and wherever standard error is not a terminal; the bar vanishes when the work is
    done.
    """
    if request.quiet or not sys.stderr.isatty():
        yield lambda _step: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    layout = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*layout, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        begun = 0

        def step(name: str) -> None:
            nonlocal begun
            bar.update(task, completed=begun, description=harmless(f"{label}: {name}"))
            begun += 1

        yield step
