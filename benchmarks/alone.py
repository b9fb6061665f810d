"""One way on one town in a process of its own: ``python -m benchmarks.alone WAY SIZE``; prints what it cost as JSON.

CPU seconds count from the town in memory to the objective; peak memory is that of the whole process, Python, tables and
libraries included.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from allocate.session import Session
from benchmarks.covering import Covering
from benchmarks.peers import SCENARIO, WAYS
from benchmarks.towns import invent

ROOT = Path(__file__).parents[1]
COVERING = ("covering: textbook", "covering: spopt", "covering: allocate")


@dataclass(frozen=True)
class Cost:
    """What a way took: objective, CPU seconds, peak memory in MB; why not, where it gave no answer."""

    objective: float
    cpu: float
    peak: float
    failed: str = ""


def alone(way: str, size: str, patience: float) -> Cost:
    """Run a way in a fresh process with one thread."""
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    command = [sys.executable, "-m", "benchmarks.alone", way, size]
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=os.environ | single, capture_output=True, text=True, timeout=patience, check=False
        )
    except subprocess.TimeoutExpired:
        return Cost(float("nan"), float("nan"), float("nan"), f"no answer within {patience:.0f} s")
    if done.returncode:
        return Cost(float("nan"), float("nan"), float("nan"), (done.stderr.strip().splitlines() or ["?"])[-1][:120])
    return Cost(**json.loads(done.stdout.strip().splitlines()[-1]))


def main() -> None:
    """Ask one way and print its cost."""
    way, size = sys.argv[1:]
    if way in COVERING:
        work = _covering(way, size)
    else:
        session = Session(invent(size).case())
        session.variant(SCENARIO)

        def work() -> float:
            return WAYS[way][0](session)

    started = time.process_time()
    objective = work()
    spent = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"objective": objective, "cpu": spent, "peak": peak}))


def _covering(way: str, size: str) -> Callable[[], float]:
    """Another way to the same answer, with what it starts from in memory."""
    sites, pairs, most = (int(number) for number in size.split("x"))
    given = Covering.invented(sites, pairs, most)
    if way == "covering: allocate":
        return partial(given.as_town, given.read())
    return given.textbook if way == "covering: textbook" else given.by_spopt


if __name__ == "__main__":
    main()
