"""``allocate serve`` as a process of its own: its address, its end, and what a killed one leaves."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from allocate.cli.root import entries


@contextmanager
def served(home: Path, *words: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A server on a free port, and its address."""
    command = [sys.executable, "-c", "import sys; from allocate.cli import main; sys.exit(main())", *words]
    process = subprocess.Popen(
        [*command, "--port", "0", "--lang", "en"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "ALLOCATE_HOME": str(home)},
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip(), process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        if process.stderr is not None:
            process.stderr.close()


@pytest.mark.parametrize("example", entries()["serve"].examples)
def test_the_example_serves_the_page_and_ends_when_it_is_interrupted(tmp_path: Path, example: str) -> None:
    with served(tmp_path, *example.split()[1:]) as (address, process):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address)
        assert "Open Auenfurt" in httpx2.get(address, timeout=60).text
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) in (0, 130)
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


def test_a_killed_server_loses_no_step(tmp_path: Path) -> None:
    with served(tmp_path, "serve", "--no-browser") as (address, process):
        with httpx2.Client(base_url=address, follow_redirects=True, timeout=120) as visitor:
            desk = str(visitor.post("/open/example").url).split("/t/")[1].split("/")[0]
            step = {"table": "pots", "key": "P1", "column": "amount", "how": "set", "value": "1000000"}
            before = visitor.post(f"/api/t/{desk}/steps", json=step).json()
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=60)
    with served(tmp_path, "serve", "--no-browser") as (address, _):
        again = httpx2.get(f"{address}api/t/{desk}/answer", timeout=120).json()
    assert again["steps"] == before["steps"]
    assert again["spoken"].split("Re-steered")[0] == before["spoken"].split("Re-steered")[0]


def test_a_case_that_is_not_there_is_said_before_a_server_starts(tmp_path: Path) -> None:
    with served(tmp_path, "serve", "nowhere", "--no-browser") as (address, process):
        assert address == ""
        assert process.wait(timeout=60) == 2
