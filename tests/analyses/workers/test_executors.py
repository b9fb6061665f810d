"""Executors: whoever does the work, every piece comes back once with the same answer."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from allocate.analyses.workers.executors import WORKER_LOST, Executor, Failure, Processes, executor_named
from allocate.errors import UsageError


def squared(number: int) -> int:
    if number == 13:
        raise ValueError("thirteen")
    return number * number


def fatal(job: tuple[int, str]) -> int:
    """Ends its process: always for 3, and for 1 the first time, which a file remembers."""
    number, folder = job
    marker = Path(folder) / str(number)
    if number == 3 or (number == 1 and not marker.exists()):
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return -number


@pytest.mark.parametrize("name", ["serial", "threads:3", "processes:2"])
def test_every_job_comes_back_once_and_a_fault_ends_nothing_else(name: str) -> None:
    executor: Executor = executor_named(name)
    assert executor.name == name
    found = list(executor.run(squared, range(20)))
    assert sorted(executor.run(squared, [2])) == [(0, 4)]
    assert sorted(number for number, _ in found) == list(range(20))
    assert dict(found) == {n: Failure("ValueError: thirteen") if n == 13 else n * n for n in range(20)}
    assert list(executor.run(squared, [])) == []
    executor.close()


def test_who_reads_no_further_leaves_no_work_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, done = threading.Event(), []

    class Pool(ThreadPoolExecutor):
        def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
            if wait:
                go_on.set()
            super().shutdown(wait, cancel_futures=cancel_futures)

    def work(number: int) -> None:
        if number:
            go_on.wait()
        done.append(number)

    monkeypatch.setattr("allocate.analyses.workers.executors.ThreadPoolExecutor", Pool)
    answers = executor_named("threads:2").run(work, range(50))
    assert next(answers) == (0, None)
    answers.close()
    # The second piece and the third were under way; the fourth waited at the threads.
    assert 0 in done and 3 not in done


def test_a_worker_that_dies_costs_its_job_another_try_and_the_guilty_one_is_named(tmp_path: Path) -> None:
    jobs = [(number, str(tmp_path)) for number in range(5)]
    found = list(Processes("processes:2", 2).run(fatal, jobs))
    assert sorted(number for number, _ in found) == list(range(5))
    assert dict(found) == {0: 0, 1: -1, 2: -2, 3: Failure(WORKER_LOST), 4: -4}


@pytest.mark.parametrize(
    "name", ["", "thread:2", "threads", "processes:0", "processes:-1", "processes:2000", "ray://x"]
)
def test_a_name_that_means_nobody_is_refused(name: str) -> None:
    with pytest.raises(UsageError) as refused:
        executor_named(name)
    assert refused.value.id == "executor-unknown"
