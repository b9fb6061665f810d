"""Change the program in hundreds of small ways, one at a time, and see which changes no test notices.

    uv run --with mutmut==3.8.1 python -m tests.mutate solve/certify.py --tests tests/solve/test_certify.py
    uv run --with mutmut==3.8.1 python -m tests.mutate "model/*" "solve/*" --tests tests/model tests/solve --sample 99

mutmut makes the changes and runs the tests, in a copy of the project that is thrown away. A change that no test notices
(a survivor) is printed with its lines; docs/mutation.md says what became of those that were looked at. The tests named
should be quick: each change runs those of them that reach it (``tests/mutating.py``). A sample is drawn at random, from
every room in proportion to the root of its number of changes; the same seed draws the same changes of the same program.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from tests.mutating import NOTES, SECONDS

ROOT = Path(__file__).parents[1]
COPIED = (
    "src",
    "tests",
    "benchmarks",
    "scenarios",
    "docs",
    "pyproject.toml",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
)
# What mutmut says of a change that was not noticed, or that no test reaches.
UNNOTICED = ("survived", "no tests")
# As many changes at a time: what is known is printed after each batch.
BATCH = 50
SETTINGS = """
[tool.mutmut]
source_paths = ["src"]
only_mutate = {files}
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = ["-n", "0", "-p", "no:cacheprovider", "-p", "tests.mutating"]
also_copy = ["benchmarks", "scenarios", "docs", "README.md", "CHANGELOG.md", "CONTRIBUTING.md"]
# Every change begins in a process that has run no test yet: what a module keeps is not that of the unchanged program.
process_isolation = "forkserver"
# The limit is set in tests/mutating.py, in seconds of the processor.
timeout_multiplier = 1.0
timeout_constant = 900.0
"""


def copied(folder: Path, files: list[str], tests: list[str]) -> None:
    """The project in a folder, told which files to change and which tests to run."""
    for name in COPIED:
        source, target = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    patterns = [f"src/allocate/{file}" for file in files]
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as project:
        project.write(SETTINGS.format(files=patterns, tests=tests).replace("'", '"'))


class Mutmut:
    """mutmut in a folder, and what it knows there."""

    def __init__(self, folder: Path, processes: int, seconds: float) -> None:
        self.folder, self.processes = folder, processes
        self.surroundings = {**os.environ, SECONDS: str(seconds)}
        # Each change is a process of its own, which would compile every changed file again.
        self.surroundings.pop("PYTHONDONTWRITEBYTECODE", None)

    def told(self, *words: str, quiet: bool = False) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "mutmut", *words]
        return subprocess.run(
            command, cwd=self.folder, env=self.surroundings, check=False, text=True, capture_output=quiet
        )

    def prepare(self) -> None:
        """Make all changes and note which tests reach them, but try none: mutmut says that nothing has this name."""
        told = self.told("run", "--max-children", str(self.processes), "no.such.change", quiet=True)
        if "nothing matches" not in told.stderr:
            raise SystemExit(told.stdout + told.stderr)
        noted = json.loads((self.folder / "mutants" / NOTES).read_text(encoding="utf-8"))
        print(f"{len(noted['took'])} tests, {sum(noted['took'].values()):.0f} seconds.", flush=True)
        for name in noted["failing"]:
            print(f"fails without any change, so it is not asked: {name}", flush=True)

    def run(self, names: list[str]) -> None:
        told = self.told("run", "--max-children", str(self.processes), *names, quiet=True)
        if told.returncode:
            raise SystemExit(told.stdout + told.stderr)

    def states(self) -> dict[str, str]:
        """What became of every change, by its name."""
        told = self.told("results", "--all", "true", quiet=True)
        found = [line.strip().rpartition(": ") for line in told.stdout.splitlines() if ": " in line]
        return {name: state for name, _, state in found}


def room(name: str) -> str:
    """The room of a change: ``allocate.solve.certify.x_bound__mutmut_3`` is one of ``solve``."""
    return name.split(".")[1]


def file_of(name: str) -> str:
    """The file of a change, below src/allocate: ``solve/certify.py``."""
    path = "/".join(name.split(".")[1:-1])
    return f"{path}.py" if (ROOT / "src" / "allocate" / f"{path}.py").exists() else f"{path}/__init__.py"


def drawn(names: list[str], size: int, seed: int) -> list[str]:
    """A sample of changes: rooms by the root of their number, within a room every so many, beginning anywhere."""
    rooms: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        rooms[room(name)].append(name)
    roots = {at: math.sqrt(len(inside)) for at, inside in rooms.items()}
    chance = random.Random(seed)
    sample: list[str] = []
    for at, inside in sorted(rooms.items()):
        wanted = min(len(inside), round(size * roots[at] / sum(roots.values())))
        begin = chance.random()
        sample += [inside[int((begin + number) * len(inside) / wanted)] for number in range(wanted)]
    chance.shuffle(sample)
    return sample


def interval(unnoticed: int, tried: int) -> str:
    """The share of changes that nothing notices, with Wilson's interval of 95 percent."""
    if not tried:
        return "-"
    z, share = 1.96, unnoticed / tried
    middle = (share + z * z / (2 * tried)) / (1 + z * z / tried)
    half = z / (1 + z * z / tried) * math.sqrt(share * (1 - share) / tried + z * z / (4 * tried * tried))
    return f"{share:.1%} ({max(middle - half, 0):.1%} to {middle + half:.1%})"


def summed_up(states: dict[str, str], all_names: list[str]) -> str:
    """One line a room: how many changes there are, how many were tried, and what became of them."""
    there, lines = Counter(room(name) for name in all_names), []
    for at in sorted({room(name) for name in states}):
        counted = Counter(state for name, state in states.items() if room(name) == at)
        tried = sum(counted.values())
        unnoticed = sum(counted[state] for state in UNNOTICED)
        said = ", ".join(f"{state} {number}" for state, number in counted.most_common())
        lines.append(f"{at}: {there[at]} changes, {tried} tried: {said}; unnoticed {interval(unnoticed, tried)}")
    return "\n".join(lines)


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("files", nargs="*", help="below src/allocate, such as solve/certify.py or results/*")
    asked.add_argument("--tests", nargs="+", required=True, help="such as tests/solve/test_certify.py")
    asked.add_argument("--sample", type=int, default=0, help="so many changes drawn at random; 0: all")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--only", nargs="+", default=[], help="the names of changes, to try just them")
    asked.add_argument("--seconds", type=float, default=20.0, help="of tests that a change may cost")
    asked.add_argument("--processes", type=int, default=2)
    asked.add_argument("--folder", type=Path, help="work there and leave it, to go on later; otherwise a temporary one")
    chosen = asked.parse_args()
    files = chosen.files or sorted({file_of(name) for name in chosen.only})
    with tempfile.TemporaryDirectory(prefix="allocate-mutate-") as scratch:
        folder = chosen.folder or Path(scratch)
        if not (folder / "pyproject.toml").exists():
            copied(folder, files, chosen.tests)
        mutmut = Mutmut(folder, chosen.processes, chosen.seconds)
        mutmut.prepare()
        names = list(mutmut.states())
        sample = chosen.only or (drawn(names, chosen.sample, chosen.seed) if chosen.sample else names)
        states: dict[str, str] = {}
        for begin in range(0, len(sample), BATCH):
            batch = sample[begin : begin + BATCH]
            mutmut.run(batch)
            now = mutmut.states()
            states |= {name: now[name] for name in batch}
            for name in batch:
                if now[name] != "killed":
                    print(mutmut.told("show", name, quiet=True).stdout, flush=True)
            print(f"After {len(states)} changes:\n{summed_up(states, names)}\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
