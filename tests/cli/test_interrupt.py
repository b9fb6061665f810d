"""Ctrl-C, also while a computation in C does not let Python look."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from allocate.cli.interrupt import prompt_interrupt

# One call that computes in C for minutes without holding Python's lock, as a solver's run does.
DEAF = 'hashlib.pbkdf2_hmac("sha256", b"x", b"y", 2_000_000_000)'
AWAKE = "time.sleep(60)"

PROGRAM = """
import hashlib, signal, sys, time
import click
from allocate.cli.guard import guarded
from allocate.cli.interrupt import prompt_interrupt

@click.command("work")
def work():
    with prompt_interrupt(grace=0.3):
        print("begun", flush=True)
        {work}

# A shell starts programs in the background deaf to Ctrl-C, and so would be what they start.
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(guarded(work, []))
"""


@pytest.mark.skipif(os.name != "posix", reason="sends a signal to another process")
@pytest.mark.parametrize("work", [DEAF, AWAKE], ids=["deaf", "awake"])
def test_ctrl_c_ends_at_once_with_one_line(work: str) -> None:
    program = [sys.executable, "-c", PROGRAM.format(work=work)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            assert process.stdout.readline() == "begun\n"
            begin = time.monotonic()
            process.send_signal(signal.SIGINT)
            code = process.wait(timeout=20)
        finally:
            process.kill()
        assert code == 130
        assert time.monotonic() - begin < 10
        assert process.stderr.read().strip() == "[interrupted] Stopped; nothing was left half written."


def test_nothing_stays_behind() -> None:
    threads = threading.active_count()
    with prompt_interrupt():
        assert threading.active_count() == threads + 1
    assert threading.active_count() == threads
    before = signal.set_wakeup_fd(-1)
    assert before == -1


def test_elsewhere_than_in_the_main_thread_it_does_nothing() -> None:
    seen: list[int] = []

    def work() -> None:
        before = threading.active_count()
        with prompt_interrupt():
            seen.append(threading.active_count() - before)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [0]
