"""Ctrl-C ends a run at once, even while a solver computes.

Python hands an interrupt to the program only between two of its own steps, and a solver's run is one single step that
may take minutes. So a thread waits beside it: if the program has not ended by itself shortly after Ctrl-C, it does.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from allocate.cli.guard import INTERRUPTED, tell
from allocate.cli.speech import say

GRACE = 1.0
"""Seconds the program has to end by itself."""

_SHOW_CURSOR = "\x1b[?25h"


@contextmanager
def prompt_interrupt(grace: float = GRACE) -> Iterator[None]:
    """Inside the block Ctrl-C ends the process within ``grace`` seconds with one line and exit code 130."""
    if threading.current_thread() is not threading.main_thread():
        # Signals belong to the main thread; elsewhere (a notebook, a service) somebody else looks after them.
        yield
        return
    heard, rung = socket.socketpair()
    rung.setblocking(False)
    ended = threading.Event()
    sentence = say("stop.interrupted")
    watcher = threading.Thread(target=_watch, args=(heard, ended, grace, sentence), daemon=True)
    before = signal.set_wakeup_fd(rung.fileno(), warn_on_full_buffer=False)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        signal.set_wakeup_fd(before)
        rung.close()
        watcher.join()
        heard.close()


def _watch(heard: socket.socket, ended: threading.Event, grace: float, sentence: str) -> None:
    while signals := heard.recv(64):
        if signal.SIGINT in signals and not ended.wait(grace):
            if sys.stderr.isatty():
                # A progress bar hides the cursor and has no chance to bring it back.
                sys.stderr.write(_SHOW_CURSOR)
            tell(sentence)
            sys.stderr.flush()
            os._exit(INTERRUPTED)
