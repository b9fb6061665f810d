"""Between two commits: ``python -m benchmarks compare A B``, CPU seconds side by side, and instructions.

Each commit is checked out aside and run by this environment, in turns, so that both meet the same noise; the least of
some runs counts. Instructions are counted by callgrind where valgrind is there: they hardly know noise.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.alone import ROOT

CHECK = "from allocate.cli import main; raise SystemExit(main(['check', CASE, '--quiet']) > 1)"
RUN = "from allocate.cli import main; raise SystemExit(main(['run', CASE, '--quiet']) > 1)"
COMPILE = (
    "from allocate.checking.opening import read_case; from allocate.inputs.scenario.variant import apply; "
    "from allocate.model.compile import compile_variant; v = apply(read_case(CASE), 'SZ2'); "
    # A town of its own each time: of the same one most is made once.
    "import pickle; kept = pickle.dumps(v); [compile_variant(pickle.loads(kept)) for _ in range(20)]"
)
PHASES = {"check": CHECK, "run": RUN, "read and compile 20 times": COMPILE}
COUNTED = ("check", "read and compile 20 times")


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """The files of a commit in a folder of their own."""
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(
            ["git", "archive", commit, "src", "scenarios"], cwd=ROOT, capture_output=True, check=True
        )
        subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
        subprocess.run([sys.executable, "-m", "compileall", "-q", f"{folder}/src"], check=True, capture_output=True)
        yield Path(folder)


def _command(folder: Path, phase: str) -> tuple[list[str], dict[str, str]]:
    work = f"CASE = {str(folder / 'scenarios' / 'auenfurt')!r}; {PHASES[phase]}"
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return [sys.executable, "-c", work], os.environ | single | {
        "PYTHONPATH": str(folder / "src"),
        "PYTHONHASHSEED": "0",
    }


def seconds(folder: Path, phase: str) -> float:
    """CPU seconds of a phase in a process of its own."""
    command, environment = _command(folder, phase)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        # An older commit may need packages that this environment no longer has.
        raise SystemExit(f"{phase} does not run: {(done.stderr.strip().splitlines() or ['no word'])[-1]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def instructions(folder: Path, phase: str) -> int | None:
    """Instructions of a phase; None where there is no valgrind."""
    if shutil.which("valgrind") is None:
        return None
    command, environment = _command(folder, phase)
    counting = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command]
    done = subprocess.run(counting, env=environment, cwd=folder, capture_output=True, text=True, check=True)
    collected = next(line for line in done.stderr.splitlines() if "Collected" in line)
    return int(collected.split(":")[1].split()[0])


def compare(first: str, second: str, runs: int, *, count: bool) -> Iterator[str]:
    """One line for each phase: both commits and their ratio (above 1: the second is quicker)."""
    with checked_out(first) as old, checked_out(second) as new:
        for phase in PHASES:
            pairs = [(seconds(old, phase), seconds(new, phase)) for _ in range(runs)]
            before, after = (min(found) for found in zip(*pairs, strict=True))
            yield f"{phase:28} {before:8.2f} s {after:8.2f} s   ratio {before / after:.2f}"
            if count and phase in COUNTED:
                was, now = instructions(old, phase), instructions(new, phase)
                if was is None or now is None:
                    yield f"{'':28} no valgrind here: instructions are not counted"
                else:
                    yield f"{'':28} {was / 1e6:8.0f} M {now / 1e6:8.0f} M   ratio {was / now:.2f} (instructions)"
