"""The command line: parse -> call -> show.

Only this room talks to the terminal. Nothing heavy is imported before a command runs, so that help appears at
once.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence

from allocate.cli import speech


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    ``argv`` are the words after ``allocate`` (default: those of the process). 0: done; 1: no feasible plan;
    2: bad input or usage; 3: stopped by a limit; 70: a fault of this program; 130: interrupted; 141: the reader of
    the output has left. Messages go to standard error, one line each.
    """
    if argv is None:
        # The process is our own. What a command loads stays until its end, and to look for garbage in it again and
        # again is a twentieth of a short command's time.
        gc.set_threshold(100_000)
    words = list(sys.argv[1:] if argv is None else argv)
    with speech.speaking(speech.decide(words)):
        # The language is decided before click is imported by any command, because click looks up its own
        # words then.
        from allocate.cli.guard import guarded
        from allocate.cli.root import root

        return guarded(root, words)
