"""The two kinds of path on a command line: what is read and what is written, and what an output's ending says.

Every path of every command is one of the two, so that one place can see to it that nothing written names what is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from allocate.errors import UsageError
from allocate.files import is_stream

ELSEWHERE = Path("-")
"""What an output option holds that was given without a file: ``--out`` names it."""


class Reads(click.Path):
    """A file or folder that the command reads."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)


class Writes(click.Path):
    """A file that the command writes.

    ``folder``: whether it may be a folder, which the command itself looks after; ``endings``: those it may have beside
    none (empty: the command itself looks after them); ``always``: it must have one of them.
    """

    def __init__(self, *, folder: bool = False, endings: Sequence[str] = (), always: bool = False) -> None:
        super().__init__(path_type=Path)
        self.folder = folder
        self.endings = endings
        self.always = always


WORKBOOK = Writes(endings=(".xlsx",), always=True)
"""A workbook that is written."""


def read_and_written(ctx: click.Context) -> tuple[list[Path], list[Path]]:
    """The paths of a command line that are read, and the files that are written."""
    read: list[Path] = []
    written: list[Path] = []
    for parameter in ctx.command.params:
        value = ctx.params.get(parameter.name or "")
        paths = [path for path in (value if isinstance(value, tuple) else [value]) if isinstance(path, Path)]
        if isinstance(parameter.type, Reads):
            read += paths
        elif isinstance(parameter.type, Writes) and not parameter.type.folder:
            written += [path for path in paths if path != ELSEWHERE]
    return read, written


def refuse_endings(ctx: click.Context) -> None:
    """Raise ``UsageError`` for a file to be written whose ending stands for something else, or that lacks its own.

    ``file-ending`` where it may have none, else ``file-suffix``; pipes and devices have no ending.
    """
    for parameter in ctx.command.params:
        if isinstance(parameter.type, Writes) and parameter.type.endings:
            path = ctx.params.get(parameter.name or "")
            if path is not None and path != ELSEWHERE and not is_stream(path):
                refuse_ending(path, parameter.type, parameter.opts[-1])


def refuse_ending(path: Path, kind: Writes, option: str) -> None:
    """Raise ``UsageError`` (``file-ending``, ``file-suffix``) for a file of an option that ends otherwise."""
    known = ", ".join(kind.endings)
    if path.suffix.lower() in kind.endings or not (path.suffix or kind.always):
        return
    if kind.always:
        raise UsageError(
            "file-suffix", place=f"{option} {path}", suffix=known, named=path.with_suffix(kind.endings[0]).name
        )
    raise UsageError("file-ending", place=f"{option} {path}", ending=path.suffix, known=known)


def form_of(format: str | None, out: Path | None, endings: Mapping[str, str] | None) -> str:
    """The form of the answer: what the ending of ``out`` says, else ``format``, else a drawn table.

    A pipe or device, and a file without an ending, take any form. Raises ``UsageError``: ``out-ending`` for an ending
    the command does not write, ``out-format`` where it contradicts ``format``.
    """
    if out is None or endings is None or not out.suffix or is_stream(out):
        return format or "table"
    said = endings.get(out.suffix.lower())
    if said is None:
        raise UsageError("out-ending", place=str(out), ending=out.suffix, known=", ".join(endings))
    if format is not None and format != said:
        raise UsageError("out-format", place=str(out), ending=out.suffix, format=format)
    return said
