"""The answer of a command: one JSON document or a few tables, shown, printed as CSV, or written to a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from allocate.cli.guard import tell
from allocate.cli.harmless import harmless_json
from allocate.cli.inert import inert
from allocate.cli.options import Request
from allocate.cli.render import FILE_WIDTH, draw
from allocate.errors import UsageError
from allocate.files import write_whole
from allocate.results.plain import plain


@dataclass(frozen=True)
class Display:
    """One titled table of an answer.

    ``frame`` is unrounded and in the units of the contract. ``shown`` names the columns of the drawn table
    from the most to the least important (default: all in their order); what a narrow terminal has no room for
    is left out from the end, and said. Column labels and kinds (euro, share ...) stand in ``columns.csv``.
    ``notes`` are sentences beneath the drawn table. CSV prints ``tidy`` where the drawn table is only a part
    of it, else ``frame``.
    """

    name: str
    title: str
    frame: pd.DataFrame
    shown: Sequence[str] | None = None
    notes: Sequence[str] = ()
    tidy: pd.DataFrame | None = None


def emit(
    request: Request, document: Mapping[str, Any] | Callable[[], Mapping[str, Any]], displays: Sequence[Display]
) -> None:
    """Give the answer as the request wants it.

    ``document`` is the JSON form (or what makes it, where that takes long), ``displays`` the tables. CSV is the table
    ``request.table`` (default: the first); a drawn answer holds all tables, or only that one. Raises ``UsageError`` for
    a table the answer does not have and for a file that cannot be written.
    """
    chosen = _choose(request, displays)
    if request.format == "json":
        answer = as_json(document() if callable(document) else document)
    elif request.format == "csv":
        tidy = chosen[0].tidy
        answer = as_csv(chosen[0].frame if tidy is None else tidy)
    elif request.out:
        answer = draw(chosen, request.lang, width=FILE_WIDTH)
    else:
        draw(chosen, request.lang, stream=request.stream)
        return
    if request.out:
        write_whole(request.out, answer.encode("utf-8"))
    else:
        request.stream.write(answer)


def ended(request: Request, code: int, why: Sequence[str]) -> int:
    """The exit code of an answer that was given; ``why``: what the answer says of its not being 0.

    Where the answer went into a file, whoever waits at the terminal is told.
    """
    if request.out and code:
        for sentence in why:
            tell(sentence)
    return code


def _choose(request: Request, displays: Sequence[Display]) -> Sequence[Display]:
    if not request.table:
        return displays
    chosen = [display for display in displays if display.name == request.table]
    if not chosen:
        known = ", ".join(display.name for display in displays)
        raise UsageError("table-unknown", table=request.table, known=known)
    return chosen


def as_json(document: Mapping[str, Any]) -> str:
    """The document as JSON text in UTF-8: unrounded numbers, ``null`` for what is not a number."""
    return harmless_json(json.dumps(plain(document), ensure_ascii=False, indent=2, allow_nan=False)) + "\n"


def as_csv(frame: pd.DataFrame) -> str:
    """The frame as CSV: comma, decimal point, unrounded, LF, in every language the same; no cell is a formula."""
    return inert(frame).to_csv(index=False, lineterminator="\n")
