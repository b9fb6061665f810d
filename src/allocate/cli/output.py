"""The answer of a command: one JSON document or a few tables, shown, printed as CSV, or written to a file."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from allocate.cli.options import Request
from allocate.cli.render import FILE_WIDTH, draw
from allocate.errors import UsageError
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


def emit(request: Request, document: Mapping[str, Any], displays: Sequence[Display]) -> None:
    """Give the answer as the request wants it.

    ``document`` is the JSON form, ``displays`` the tables. CSV is the table ``request.table`` (default: the
    first); a drawn answer holds all tables, or only that one. Raises ``UsageError`` for a table the answer
    does not have and for a file that cannot be written.
    """
    chosen = _choose(request, displays)
    if request.format == "json":
        answer = as_json(document)
    elif request.format == "csv":
        tidy = chosen[0].tidy
        answer = as_csv(chosen[0].frame if tidy is None else tidy)
    elif request.out:
        answer = draw(chosen, request.lang, width=FILE_WIDTH)
    else:
        draw(chosen, request.lang, stream=request.stream)
        return
    if request.out:
        write_safely(request.out, answer.encode("utf-8"))
    else:
        request.stream.write(answer)


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
    return json.dumps(plain(document), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def as_csv(frame: pd.DataFrame) -> str:
    """The frame as CSV: comma, decimal point, unrounded, LF, in every language the same."""
    return frame.to_csv(index=False, lineterminator="\n")


def write_safely(path: Path, content: bytes) -> None:
    """Write a file so that it is either there completely or not at all.

    The content goes to a temporary file in the same folder, which is then renamed. Raises ``UsageError`` if
    the folder is missing, ``path`` is a folder, or it cannot be written.
    """
    temporary = reserve(path)
    try:
        with in_writable_folder(path):
            temporary.write_bytes(content)
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def reserve(path: Path) -> Path:
    """An empty temporary file beside ``path``, for writers that need a path; rename it when it is complete.

    Raises ``UsageError`` as ``write_safely`` does.
    """
    if path.is_dir():
        raise UsageError("out-is-folder", place=str(path))
    with in_writable_folder(path):
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    if os.name == "posix":
        # mkstemp makes files for the owner alone; an answer gets the rights every other new file gets.
        Path(name).chmod(0o666 & ~_umask())
    return Path(name)


def make_folder(path: Path) -> None:
    """Make a folder inside one that exists; one that is already there is fine. Raises ``UsageError``."""
    with in_writable_folder(path):
        path.mkdir(exist_ok=True)


@contextmanager
def in_writable_folder(path: Path) -> Iterator[None]:
    """Whatever keeps ``path`` from being written inside the block is said as ``UsageError``."""
    if not path.parent.is_dir():
        raise UsageError("out-folder-missing", place=str(path), folder=str(path.parent))
    try:
        yield
    except OSError as error:
        raise UsageError("out-unwritable", place=str(path), reason=error.strerror or str(error)) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
