"""The answer of a command: one JSON document or a few tables, shown, printed as CSV, or written to a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allocate import __version__
from allocate.cli.drawn import tables_of
from allocate.cli.guard import tell
from allocate.cli.harmless import harmless_json
from allocate.cli.options import Request
from allocate.errors import UsageError
from allocate.files import write_whole

if TYPE_CHECKING:
    import pandas as pd

    from allocate.inputs.case import Case
    from allocate.questions.document import Answer
    from allocate.session import Session


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


def named_display(
    request: Request,
    case: Case,
    name: str,
    title: str,
    frame: pd.DataFrame,
    notes: Sequence[str] = (),
    tidy: pd.DataFrame | None = None,
    shown: Sequence[str] = (),
) -> Display:
    """A table of the command (or ``shown`` of its columns) with names beside the ids; CSV prints it without them."""
    from allocate.inputs.names import named

    drawn, columns = named(case, frame, shown or request.columns(name) or tuple(frame.columns), request.lang)
    return Display(name, title, drawn, columns, notes, frame if tidy is None else tidy)


def respond(request: Request, session: Session, answer: Answer, displays: Sequence[Display]) -> None:
    """Give the answer of a session as the request wants it; its JSON says which program answered about which case."""
    from allocate.questions.document import document

    emit(request, lambda: document(session, answer, request.lang), displays)


def respond_of_many(request: Request, answer: Answer, into: Path | None, displays: Sequence[Display]) -> None:
    """Give an answer about many towns; its JSON says which program answered, and where the towns' answers are kept."""
    head = {"allocate": __version__, "results": None if into is None else str(into)}
    emit(request, lambda: {**head, **answer.to_json(request.lang)}, displays)


def emit(
    request: Request, document: Mapping[str, Any] | Callable[[], Mapping[str, Any]], displays: Sequence[Display]
) -> None:
    """Give the answer as the request wants it.

    ``document`` is the JSON form (or what makes it, where that takes long), ``displays`` the tables. CSV is the table
    ``request.table`` (default: the first); a drawn answer holds the tables that ``tables.csv`` says are drawn at once
    (all where it has none of these), or only that one. Raises ``UsageError`` for
    a table the answer does not have and for a file that cannot be written.
    """
    from allocate.cli.render import FILE_WIDTH, draw

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
        known = tables_of(request.command)
        return [one for one in displays if one.name not in known or known[one.name].at_once] or displays
    chosen = [display for display in displays if display.name == request.table]
    if not chosen:
        raise UsageError("table-unknown", table=request.table, known=", ".join(one.name for one in displays))
    return chosen


def as_json(document: Mapping[str, Any]) -> str:
    """The document as JSON text in UTF-8: unrounded numbers, ``null`` for what is not a number."""
    from allocate.plain import plain

    return harmless_json(json.dumps(plain(document), ensure_ascii=False, indent=2, allow_nan=False)) + "\n"


def as_csv(frame: pd.DataFrame) -> str:
    """The frame as CSV: comma, decimal point, unrounded, LF, in every language the same; no cell is a formula."""
    from allocate.cli.inert import inert

    return inert(frame).to_csv(index=False, lineterminator="\n")
