"""Nobody sees a traceback: every failure becomes a line ``[id] place: rule; next step`` and an exit code.

Also here: standard output kept for the answer alone, whatever a solver prints while it works.
"""

from __future__ import annotations

import ctypes
import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

import click

from allocate import __version__
from allocate.cli.harmless import harmless
from allocate.cli.speech import lang, say
from allocate.cli.towns import spoken_of
from allocate.errors import AllocateError, InputError
from allocate.files import descriptor_moved

OK, NO_PLAN, BAD_INPUT, LIMIT, UNEXPECTED, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 3, 70, 130, 141
"""70 is EX_SOFTWARE of sysexits.h: the fault is ours; 130 and 141 are what a shell reports of SIGINT and SIGPIPE."""

# So many groups of findings are told where a case is refused; ``allocate check`` has all.
_SHOWN_GROUPS = 5
_USAGE_IDS = {
    click.NoSuchOption: "option-unknown",
    click.NoSuchCommand: "command-unknown",
    click.MissingParameter: "argument-missing",
    click.BadParameter: "value-invalid",
}


class ReaderLeftError(Exception):
    """The reader of a pipe has left. Click takes a ``BrokenPipeError`` for its own and ends with 1, "no plan" here."""


def guarded(root: click.Command, words: Sequence[str]) -> int:  # noqa: PLR0911  (one return per ending)
    """Run a command line; every way it can end becomes an exit code and one line (a refused case: its findings too)."""
    try:
        return int(root.main(args=list(words), prog_name="allocate", standalone_mode=False) or OK)
    except SystemExit as stop:
        # Only the shell's completion leaves this way.
        return stop.code if isinstance(stop.code, int) else OK
    except (click.Abort, KeyboardInterrupt):
        return _say(say("stop.interrupted"), INTERRUPTED)
    except click.UsageError as error:
        return _say(_usage_line(error), BAD_INPUT)
    except click.ClickException as error:
        return _say(f"[usage] {error.format_message()}", BAD_INPUT)
    except AllocateError as error:
        _say(error.text(lang()), error.exit_code)
        for line in _findings_of(error):
            tell(line)
        return error.exit_code
    except (BrokenPipeError, ReaderLeftError):
        # The reader of a pipe has left (`allocate run ... | head`); there is nobody to tell.
        _silence_stdout()
        return PIPE_CLOSED
    except MemoryError:
        return _say(say("stop.memory"), LIMIT)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return _say(say("stop.file", place=place, reason=error.strerror or str(error)), BAD_INPUT)
    except Exception as error:  # the last resort: a planner gets one line, we get a log
        return _say(say("stop.unexpected", kind=type(error).__name__, log=_log(error, words)), UNEXPECTED)


def tell(sentence: str) -> None:
    """One line on standard error, where somebody reads it."""
    with suppress(BrokenPipeError):
        print(" ".join(harmless(sentence).split()), file=sys.stderr)


def _findings_of(error: AllocateError) -> list[str]:
    """The worst groups of findings of a case that cannot be used, one line each."""
    if not isinstance(error, InputError) or error.findings is None or error.id != "case-findings":
        return []
    from allocate.cli.check import places_of
    from allocate.inputs.finding_groups import grouped
    from allocate.inputs.findings import errors, render

    groups = grouped(render(errors(error.findings), lang()), lang())
    shown = groups.head(_SHOWN_GROUPS)
    rows = zip(places_of(shown), shown["message"], shown["fix"], shown["rule"], strict=True)
    return [f"[{rule}] {place}: {message} {fix}" for place, message, fix, rule in rows]


def _say(sentence: str, code: int) -> int:
    tell(sentence)
    return code


def _usage_line(error: click.UsageError) -> str:
    id = next((id for kind, id in _USAGE_IDS.items() if isinstance(error, kind)), "usage")
    command = error.ctx.command_path if error.ctx else "allocate"
    line = say("stop.usage", id=id, command=command, message=error.format_message())
    case = error.ctx.params.get("case") if error.ctx else None
    asked = isinstance(error, click.MissingParameter) and error.param is not None and error.param.name == "scenario"
    return f"{line} {say('stop.scenarios', case=spoken_of(case))}" if asked and case else line


def _log(error: Exception, words: Sequence[str]) -> Path:
    """Write what a developer needs into a file of its own and return its path."""
    handle, path = tempfile.mkstemp(prefix="allocate-", suffix=".log", text=True)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(f"allocate {__version__}, Python {platform.python_version()}, {platform.platform()}\n")
        stream.write(f"allocate {' '.join(words)}\n\n")
        stream.writelines(traceback.format_exception(error))
    return Path(path)


def _silence_stdout() -> None:
    """Point standard output at nothing, so that the interpreter's last flush does not fail once more."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return


@contextmanager
def reserved_stdout() -> Iterator[TextIO]:
    """Standard output for the answer alone: gives its stream; what libraries print goes nowhere.

    Solvers write banners from C to file descriptor 1 even when told to be silent; one such line would spoil
    ``--format json``. Where standard output is no file (captured in a test or a notebook) it is handed on as
    it is.
    """
    try:
        sys.stdout.flush()
        descriptor = sys.stdout.fileno()
    except (OSError, ValueError):
        yield sys.stdout
        return
    kept = os.dup(descriptor)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    before = sys.stdout
    os.dup2(nowhere, descriptor)
    answer = os.fdopen(kept, "w", encoding=_encoding(before), errors="replace")
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123  (closed below, after the command)
    try:
        with descriptor_moved(descriptor, kept):
            yield answer
        answer.flush()
    finally:
        sys.stdout.close()
        sys.stdout = before
        _flush_c_buffers()
        # The duplicate is pointed back only now, when nothing of a library's is left in C's own buffers.
        os.dup2(kept, descriptor)
        os.close(nowhere)
        _close(answer)


def _encoding(stream: TextIO) -> str:
    """A terminal's own encoding; UTF-8 for files and pipes, the same on every machine."""
    return stream.encoding if stream.isatty() else "utf-8"


def _close(stream: TextIO) -> None:
    try:
        stream.close()
    except BrokenPipeError:
        return


def _flush_c_buffers() -> None:
    if os.name == "posix":
        ctypes.CDLL(None).fflush(None)
