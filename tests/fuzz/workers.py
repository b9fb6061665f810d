"""Running one command line in a forked process of its own: a fault, an endless loop or a crash ends only that one."""

from __future__ import annotations

import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from allocate.checking.opening import read_checked
from allocate.cli import main
from allocate.cli.root import entries
from allocate.inputs.findings import render
from allocate.language import LANGUAGES, euro
from tests.fuzz.files import write_town
from tests.fuzz.towns import base, bases

SECONDS = 20
"""CPU seconds a command may take on a small town; what takes longer counts as hanging."""

_WALL = 30 * SECONDS  # the machine may be busy with something else; what loops is stopped by its CPU seconds
_MEMORY = 4 << 30
_LANGUAGE = ("ALLOCATE_LANG", "LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE", "NO_COLOR", "COLUMNS")


@dataclass(frozen=True)
class Ended:
    """How a command ended: ``code`` (negative: killed by that signal), whether it had to be stopped, what it wrote,
    and the CPU seconds it took. ``logs`` are the protocols of unexpected errors."""

    code: int
    hung: bool
    out: bytes
    err: str
    seconds: float
    logs: tuple[str, ...]


_HEAVY = (
    "analyses.robustness.robust",
    "cli.answers",
    "cli.gathering",
    "report.papers.page",
    "report.papers.council_paper",
    "report.papers.workbook",
)


def warm_up() -> None:
    """Import and read once what every forked process needs: modules, the dictionary, undamaged towns, sentences."""
    for module in _HEAVY:
        import_module(f"allocate.{module}")
    euro(1.0, "de")
    for entry in entries().values():
        entry.load()
    for name in bases():
        with TemporaryDirectory() as folder:
            found = read_checked(write_town(base(name), Path(folder), Random(name), plain=True).case).findings
        for lang in LANGUAGES:
            render(found, lang)


def run(words: list[str], folder: Path, scratch: Path) -> Ended:
    """Run ``allocate`` with ``words`` in ``folder``; temporary files and what it prints go to ``scratch``."""
    out, err = scratch / "stdout", scratch / "stderr"
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        _command(words, folder, scratch, out, err)
    status, used, hung = _await(child)
    code = os.waitstatus_to_exitcode(status)
    logs = tuple(log.read_text(encoding="utf-8", errors="replace") for log in sorted(scratch.glob("allocate-*.log")))
    return Ended(
        code,
        hung or code in (-signal.SIGXCPU, -signal.SIGALRM),
        out.read_bytes() if out.exists() else b"",
        err.read_text(encoding="utf-8", errors="replace") if err.exists() else "",
        used,
        logs,
    )


def _command(words: list[str], folder: Path, scratch: Path, out: Path, err: Path) -> None:
    """The forked process; it never returns."""
    code = 99
    try:
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 2))
        resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        for name in _LANGUAGE:
            os.environ.pop(name, None)
        os.environ["TMPDIR"] = tempfile.tempdir = str(scratch)
        for descriptor, path in ((1, out), (2, err)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), descriptor)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        sys.stdin, sys.stdout, sys.stderr = (
            os.fdopen(0), os.fdopen(1, "w", encoding="utf-8"), os.fdopen(2, "w", encoding="utf-8", errors="replace"),
        )  # fmt: skip
        os.chdir(folder)
        code = main(words)
        sys.stdout.flush()
    except BaseException:  # whatever leaves the command line is what the fuzzer looks for
        traceback.print_exc()
        code = 98
    finally:
        sys.stderr.flush()
        os._exit(code)


def _await(child: int) -> tuple[int, float, bool]:
    """Wait for the process and whatever it started; stop both when the time is over."""
    end = time.monotonic() + _WALL
    hung = False
    pause = 0.002
    while True:
        pid, status, used = os.wait4(child, os.WNOHANG)
        if pid:
            break
        if time.monotonic() > end and not hung:
            hung = True
            os.killpg(child, signal.SIGKILL)
        time.sleep(pause)
        pause = min(0.05, pause * 1.5)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)  # a solver that outlived its command
    return status, used.ru_utime + used.ru_stime, hung
