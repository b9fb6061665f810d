"""One way on one town in a process of its own: ``python -m benchmarks.alone WAY SIZE``; prints what it cost as JSON.

CPU seconds count from the town in memory to the objective; peak memory is that of the whole process, Python, tables and
libraries included.
"""

from __future__ import annotations

import json
import math
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from allocate.session import Session
from benchmarks.covering import Covering
from benchmarks.peers import SCENARIO, WAYS
from benchmarks.towns import invent

ROOT = Path(__file__).parents[1]
TEXTBOOK, SPOPT, COVERED = COVERING = ("covering: textbook", "covering: spopt", "covering: allocate")
# spopt asks for an older PuLP than we do, so it gets an environment of its own, made by uv.
SPOPT_VERSION, SETTING_UP = "0.8.0", 600
WITH_SPOPT = ("uv", "run", "--no-project", "--with", f"spopt=={SPOPT_VERSION}", "--with", "highspy", "python")


@dataclass(frozen=True)
class Cost:
    """What a way took: objective, CPU seconds, peak memory in MB; why not, where it gave no answer."""

    objective: float
    cpu: float
    peak: float
    failed: str = ""


def alone(way: str, size: str, patience: float) -> Cost:
    """Run a way in a fresh process with one thread; why not, where it fails, says nonsense or takes too long."""
    if way != SPOPT:
        return _asked([sys.executable, "-m", "benchmarks.alone", way, size], patience)
    _asked([*WITH_SPOPT, "-c", ""], SETTING_UP)
    with tempfile.TemporaryDirectory() as folder:
        arrays = Path(folder) / "covering.npz"
        _covering_of(size).save(arrays)
        return _asked([*WITH_SPOPT, str(ROOT / "benchmarks" / "by_spopt.py"), str(arrays)], patience)


def _asked(command: Sequence[str], patience: float) -> Cost:
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    try:
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | single, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        return none(str(error))
    try:
        said, wrong = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        # What it has started ends with it.
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return none(f"no answer within {patience:.0f} s")
    answers = [line for line in said.splitlines() if line.startswith("{")]
    if process.returncode or not answers:
        return none((wrong.strip().splitlines() or [f"exit code {process.returncode}"])[-1][:120])
    return Cost(**json.loads(answers[-1]))


def none(why: str) -> Cost:
    """No answer, and why."""
    return Cost(math.nan, math.nan, math.nan, why)


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
    given = _covering_of(size)
    return given.textbook if way == TEXTBOOK else partial(given.as_town, given.read())


def _covering_of(size: str) -> Covering:
    sites, pairs, most = (int(number) for number in size.split("x"))
    return Covering.invented(sites, pairs, most)


if __name__ == "__main__":
    main()
