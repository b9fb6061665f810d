"""File descriptor 1 belongs to the command's answer."""

from __future__ import annotations

import os
import threading

import pytest

from allocate.solve.engine import quiet_stdout


def shout(text: str) -> None:
    os.write(1, text.encode())


def test_only_the_block_is_silent(capfd: pytest.CaptureFixture[str]) -> None:
    shout("before ")
    with quiet_stdout():
        shout("banner ")
    shout("after")
    assert capfd.readouterr().out == "before after"


def test_door_opens_again_after_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="broke"), quiet_stdout():
        raise ValueError("broke")
    shout("heard")
    assert capfd.readouterr().out == "heard"


def test_overlapping_threads_open_the_door_once_at_the_end(capfd: pytest.CaptureFixture[str]) -> None:
    first_in, second_in, first_out = threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        with quiet_stdout():
            first_in.set()
            second_in.wait(5)
        first_out.set()

    def second() -> None:
        first_in.wait(5)
        with quiet_stdout():
            second_in.set()
            first_out.wait(5)
            shout("banner of the second")

    threads = [threading.Thread(target=target) for target in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    shout("heard")
    assert capfd.readouterr().out == "heard"
