"""Progress: what a question that takes long says while it works, and the forms in which one is asked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count

from allocate.inputs.months import typed_years
from allocate.questions.limits import Years

type Step = Callable[[str], None]
type Progress = bool | Step | None


@contextmanager
def told(progress: Progress) -> Iterator[Step]:
    """Called with the name of every step that begins: by whom was given, or written to standard error (``True``)."""
    if progress is True:
        numbers = count(1)
        try:
            yield lambda name: print(f"\r{next(numbers)}: {name:<60.60}", end="", file=sys.stderr, flush=True)
        finally:
            print(file=sys.stderr)
    else:
        yield progress or (lambda _name: None)


def several(given: str | Sequence[str]) -> tuple[str, ...]:
    """One text or several as several."""
    return (given,) if isinstance(given, str) else tuple(given)


def span_of(years: Years | None) -> tuple[int, int] | None:
    """The first and the last year of ``2027-2030``, of one year or of two; None where nothing is asked.

    Raises ``UsageError`` ``years-unread``.
    """
    if years is None:
        return None
    return typed_years("-".join(map(str, years)) if isinstance(years, tuple | list) else str(years))
