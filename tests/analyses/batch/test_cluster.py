"""The cluster: a scheduler and two workers as processes of their own, one of which is killed while it works."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("distributed")

from allocate.analyses.batch.grid import grid_of
from allocate.analyses.batch.many_questions import Town, batch
from allocate.analyses.batch.results_file import results_file
from allocate.analyses.workers.executors import Serial, executor_named
from allocate.checking.opening import read_case
from allocate.errors import UsageError
from tests.conftest import ROOT, TINY

GRID = grid_of(["pots:P2:amount*{x}"], ["1:1.4:0.05"])


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """The name of the executor, and its workers."""
    known = tmp_path / "scheduler.json"
    common = ["--scheduler-file", str(known), "--no-dashboard"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": ROOT}
    scheduler = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny"]
    started = [subprocess.Popen([*scheduler, *common], **quiet)]
    started += [subprocess.Popen([*worker, *common, "--local-directory", str(tmp_path)], **quiet) for _ in range(2)]
    try:
        yield f"dask://{address_in(known)}", started[1:]
    finally:
        for process in started:
            process.kill()
            process.wait()


def address_in(known: Path) -> str:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            return str(json.loads(known.read_text())["address"]).removeprefix("tcp://")
        except (OSError, ValueError):
            time.sleep(0.05)
    raise TimeoutError("no scheduler")


@pytest.mark.filterwarnings("ignore")
def test_a_worker_killed_in_mid_run_changes_no_result(
    cluster: tuple[str, list[subprocess.Popen[bytes]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("allocate.analyses.batch.piece.SIZE", 1)
    name, workers = cluster
    town = Town("tiny", read_case(TINY))
    killed: list[int] = []

    def step(_name: str) -> None:
        if not killed:
            killed.append(workers[0].pid)
            os.kill(killed[0], signal.SIGKILL)

    executor = executor_named(name)
    executor.client.wait_for_workers(2, timeout=60)
    with results_file(None, "1") as results:
        found = batch([town], ["silo"], GRID, executor=executor, results=results, step=step)
    executor.close()
    with results_file(None, "1") as results:
        alone = batch([town], ["silo"], GRID, executor=Serial(), results=results)
    assert killed and workers[0].wait(10) == -signal.SIGKILL
    assert len(found.runs) == 9 and set(found.runs["status"]) == {"optimal"}
    assert found.runs.equals(alone.runs)


@pytest.mark.filterwarnings("ignore")
def test_nobody_at_the_address_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("allocate.analyses.workers.cluster.PATIENCE", 0.2)
    with pytest.raises(UsageError) as refused:
        executor_named("dask://127.0.0.1:9")
    assert refused.value.id == "executor-unreachable"
