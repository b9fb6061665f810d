"""Executors: one way to have pieces of work done by this process, its threads, other processes, or a cluster.

    serial                  one after the other, in this process
    threads:N               N threads of this process
    processes:N             N processes of this machine
    dask://host:port        the workers of a Dask scheduler (extra ``allocate[cluster]``)

A piece of work is a function of a module and one argument, both of which can be pickled. Answers come as they are
ready; what they are may not depend on who gives them. A worker that dies costs its piece another try and nothing else.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.process import BaseProcess
from typing import Protocol

from allocate.errors import UsageError

SERIAL, THREADS, PROCESSES, DASK = "serial", "threads", "processes", "dask"
KINDS = f"{SERIAL}, {THREADS}:N, {PROCESSES}:N, {DASK}://host:port"
# Pieces that wait at the workers, per worker: enough that none is idle, few enough to need little memory.
AHEAD = 2
MOST_WORKERS = 1024
WORKER_LOST = "worker-lost"
TRIES_ALONE = 2
_COUNTED = re.compile(rf"({THREADS}|{PROCESSES}):(\d{{1,6}})")


@dataclass(frozen=True)
class Failure:
    """A piece that nobody could do: its workers died, or the program has a fault. ``reason`` is for developers."""

    reason: str


type Done[Answer] = tuple[int, Answer | Failure]


class Executor(Protocol):
    """Does pieces of work; ``name`` is what it was asked for by."""

    @property
    def name(self) -> str:
        """As in ``--executor``."""
        ...

    def run[Job, Answer](self, work: Callable[[Job], Answer], jobs: Sequence[Job]) -> Iterator[Done[Answer]]:
        """The number of each job and its answer, in the order in which they are ready. Every job comes once."""
        ...

    def close(self) -> None:
        """Let go of the workers; the executor is not used again."""
        ...


@dataclass(frozen=True)
class Serial:
    """Everything in this process, one after the other."""

    name: str = SERIAL

    def run[Job, Answer](self, work: Callable[[Job], Answer], jobs: Sequence[Job]) -> Iterator[Done[Answer]]:
        """In the order of the jobs."""
        for number, job in enumerate(jobs):
            yield number, tried(work, job)

    def close(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True)
class Threads:
    """Threads of this process. Each has programs of its own; while the solver computes, the others go on."""

    name: str
    workers: int

    def run[Job, Answer](self, work: Callable[[Job], Answer], jobs: Sequence[Job]) -> Iterator[Done[Answer]]:
        """As they are ready."""
        with ThreadPoolExecutor(self.workers, thread_name_prefix="allocate") as pool:
            waiting: dict[Future[Answer | Failure], int] = {}
            left = iter(range(len(jobs)))
            try:
                while _topped_up(waiting, left, AHEAD * self.workers, lambda at: pool.submit(tried, work, jobs[at])):
                    for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                        yield waiting.pop(future), future.result()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """Threads end with the run that began them."""


class Processes:
    """Processes of this machine, kept from one ``run`` to the next.

    Where one dies, what was under way is done again, one at a time, so that the guilty shows.
    """

    def __init__(self, name: str, workers: int) -> None:
        self.name = name
        self.workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def run[Job, Answer](self, work: Callable[[Job], Answer], jobs: Sequence[Job]) -> Iterator[Done[Answer]]:
        """As they are ready."""
        done: set[int] = set()
        while left := [number for number in range(len(jobs)) if number not in done]:
            suspects = yield from self._until_one_dies(work, jobs, left, done)
            for number in suspects:
                # Alone with its process, a job that ends it again and again is the cause.
                for _ in range(TRIES_ALONE):
                    if number not in done:
                        yield from self._until_one_dies(work, jobs, [number], done)
                if number not in done:
                    done.add(number)
                    yield number, Failure(WORKER_LOST)

    def close(self) -> None:
        """End the processes; what is under way is given up."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _until_one_dies[Job, Answer](
        self, work: Callable[[Job], Answer], jobs: Sequence[Job], numbers: list[int], done: set[int]
    ) -> Generator[Done[Answer], None, list[int]]:
        """Answers until all are there or a process dies; gives what was under way then (none: all are there)."""
        if self._pool is None:
            # A fresh interpreter inherits neither threads nor locks of this one.
            fresh = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self.workers, mp_context=fresh, initializer=_begin_worker)
        pool = self._pool
        waiting: dict[Future[Answer | Failure], int] = {}
        left = iter(numbers)
        ended = False
        try:
            while _topped_up(waiting, left, AHEAD * self.workers, lambda at: pool.submit(tried, work, jobs[at])):
                for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                    answer = future.result()
                    number = waiting.pop(future)
                    done.add(number)
                    yield number, answer
            ended = True
        except BrokenProcessPool:
            return list(waiting.values()) or [number for number in numbers if number not in done][:1]
        finally:
            if not ended:
                self.close()
        return []


def executor_named(text: str) -> Executor:
    """The executor of that name.

    Raises ``UsageError``: executor-unknown; executor-unreachable where no scheduler answers; cluster-missing where the
    extra is not installed.
    """
    if text == SERIAL:
        return Serial()
    counted = _COUNTED.fullmatch(text)
    if counted and 1 <= int(counted[2]) <= MOST_WORKERS:
        kind = Threads if counted[1] == THREADS else Processes
        return kind(text, int(counted[2]))
    if text.startswith(f"{DASK}://"):
        try:
            # Distributed takes half a second to load and is an extra.
            cluster = import_module("allocate.analyses.workers.cluster")
        except ModuleNotFoundError as missing:
            raise UsageError("cluster-missing", given=text) from missing
        executor: Executor = cluster.connected(text)
        return executor
    raise UsageError("executor-unknown", given=text, known=KINDS)


def _topped_up[Answer](
    waiting: dict[Future[Answer | Failure], int],
    left: Iterator[int],
    most: int,
    submit: Callable[[int], Future[Answer | Failure]],
) -> bool:
    """Hand out jobs until enough wait; whether any is still to come."""
    while len(waiting) < most:
        at = next(left, None)
        if at is None:
            break
        waiting[submit(at)] = at
    return bool(waiting)


def tried[Job, Answer](work: Callable[[Job], Answer], job: Job) -> Answer | Failure:
    """The answer, or the fault of the program: one piece with a fault must not end the others."""
    try:
        return work(job)
    except Exception as fault:
        return Failure(f"{type(fault).__name__}: {fault}")


def _begin_worker() -> None:
    """A worker hears no Ctrl-C, which is for the process that commands it, and ends when that one has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
