"""Change the program in hundreds of small ways, one at a time, and see which changes no test notices.

    uv run --with mutmut==3.8.1 python -m tests.mutate solve/certify.py --tests tests/solve/test_certify.py
    uv run --with mutmut==3.8.1 python -m tests.mutate "model/*" "solve/*" --tests tests/model tests/solve --sample 99

mutmut makes the changes and runs the tests, in a copy of the project that is thrown away. A change that no test
notices (a survivor) is printed with its lines; docs/mutation.md says what became of those that were looked at.
``tests/mutating.py`` says in which order the tests come and when it is enough. A sample is drawn at random, from
every room in proportion to the root of its number of changes; the same seed draws the same changes of the same
program, and its beginning is a sample as well. Of the test files named, a change of a sample runs those that import
its module and those of the folder that is called as its room.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from contextlib import redirect_stdout
from pathlib import Path

from mutmut.__main__ import create_mutants
from mutmut.configuration import reset_config
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import copy_also_copy_files, copy_src_dir, setup_source_paths, walk_mutatable_files
from mutmut.workers.isolation import get_mutant_runner

from tests.mutating import NOTES, SECONDS

ROOT = Path(__file__).parents[1]
BESIDE = ("benchmarks", "scenarios", "docs", "README.md", "CHANGELOG.md", "CONTRIBUTING.md")
# Longer than any change takes, in seconds; the limit of a change is set in tests/mutating.py.
FOREVER = 3600
SETTINGS = """
[tool.mutmut]
source_paths = ["src"]
only_mutate = {files}
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = ["-n", "0", "-p", "no:cacheprovider", "-p", "tests.mutating"]
also_copy = {beside}
# Every change begins in a process that has run no test yet: what a module keeps is not that of the unchanged program.
process_isolation = "forkserver"
"""


def copied(folder: Path, files: list[str], tests: list[str]) -> None:
    """The project in a folder, told which files to change and which tests to know."""
    for name in ("src", "tests", "pyproject.toml", *BESIDE):
        source, target = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    patterns = [f"src/allocate/{file}" for file in files]
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as project:
        project.write(SETTINGS.format(files=patterns, tests=tests, beside=list(BESIDE)).replace("'", '"'))


def changes(processes: int) -> dict[str, Path]:
    """Make all changes in the folder ``mutants``: their names, and the file of each."""
    set_mutant_under_test("mutant_generation")
    Path("mutants").mkdir(exist_ok=True)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        copy_src_dir()
        copy_also_copy_files()
        setup_source_paths()
        create_mutants(processes)
    set_mutant_under_test("")
    found = {}
    for path in walk_mutatable_files():
        made = SourceFileMutationData(path=path)
        made.load()
        found |= dict.fromkeys(made.exit_code_by_key, path)
    return found


class Tests:
    """The test files that are asked, and which of them for a change in a file of the program."""

    def __init__(self, asked: list[str], *, near: bool) -> None:
        self.only_near = near
        files = [
            file for one in map(Path, asked) for file in (sorted(one.rglob("test_*.py")) if one.is_dir() else [one])
        ]
        self.texts = {file: file.read_text(encoding="utf-8") for file in files}

    def of(self, changed: Path) -> list[str]:
        """All, or of a sample those that import the module and those of the folder that is called as its room."""
        module = ".".join(changed.with_suffix("").parts[1:]).removesuffix(".__init__")
        package, _, name = module.rpartition(".")
        asking = [f"from {module} import", f"import {module}\n", f"from {package} import {name}"]
        known = [file for file, text in self.texts.items() if any(one in text for one in asking)]
        room = Path("tests", *changed.parts[2:-1])
        while not room.is_dir():
            room = room.parent
        known += [file for file in self.texts if file.is_relative_to(room) and file not in known]
        return [str(file) for file in (known if known and self.only_near else self.texts)]


def forget_the_original() -> None:
    """From now on ``tests`` are those of the copy."""
    sys.path[:] = [one for one in sys.path if Path(one).resolve() != ROOT]
    for name in [name for name in sys.modules if name.split(".")[0] == "tests"]:
        del sys.modules[name]


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
    z, share = 1.96, unnoticed / tried
    middle = (share + z * z / (2 * tried)) / (1 + z * z / tried)
    half = z / (1 + z * z / tried) * math.sqrt(share * (1 - share) / tried + z * z / (4 * tried * tried))
    return f"{share:.1%} ({max(middle - half, 0):.1%} to {middle + half:.1%})"


def summed_up(states: dict[str, str], names: list[str]) -> str:
    """One line a room: how many changes there are, how many were tried, and what became of them."""
    there, lines = Counter(room(name) for name in names), []
    for at in sorted({room(name) for name in states}):
        counted = Counter(state for name, state in states.items() if room(name) == at)
        tried = sum(counted.values())
        said = ", ".join(f"{state} {number}" for state, number in counted.most_common())
        share = interval(counted["survived"] + counted["no tests"], tried)
        lines.append(f"{at}: {there[at]} changes, {tried} tried: {said}; unnoticed {share}")
    return "\n".join(lines)


def try_all(sample: list[str], found: dict[str, Path], tests: Tests, processes: int) -> dict[str, str]:
    """What became of each change, which is printed as soon as it is known, and kept in the folder."""
    made = {path: SourceFileMutationData(path=path) for path in {found[name] for name in sample}}
    for one in made.values():
        one.load()
    states: dict[str, str] = {}
    for name in sample:
        if (known := made[found[name]].exit_code_by_key[name]) is not None:
            states[name] = status_by_exit_code[known]
    runner = get_mutant_runner(processes)
    runner.startup()

    def take_one() -> None:
        ended = runner.wait_for_result()
        name, state = ended.mutant_name, status_by_exit_code[ended.exit_code]
        states[name] = state
        made[found[name]].exit_code_by_key[name] = ended.exit_code
        made[found[name]].save()
        if state != "killed":
            print(f"\n{state}: {name}\n{get_diff_for_mutant(name, path=found[name])}", flush=True)
        if len(states) % 10 == 0:
            print(f"\nAfter {len(states)} changes:\n{summed_up(states, list(found))}", flush=True)

    for name in [name for name in sample if name not in states]:
        while not runner.has_capacity():
            take_one()
        runner.submit(name, tests.of(found[name]), 2 * FOREVER, FOREVER)
    runner.signal_work_complete()
    while runner.pending_count():
        take_one()
    runner.shutdown()
    return states


def without_any_change(processes: int) -> None:
    """Run every test that noticed a change once more without any: what fails even then has noticed nothing."""
    notes = [json.loads(line) for line in Path("mutants", NOTES).read_text(encoding="utf-8").splitlines()]
    noticed = sorted({one["test"] for one in notes if one["noticed"] and one["change"]})
    ended = get_mutant_runner(processes).run_clean_tests(noticed) if noticed else 0
    print(f"\n{len(noticed)} tests noticed something. Without any change they {'fail' if ended else 'pass'}.")


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
    os.environ[SECONDS] = str(chosen.seconds)
    # Each change is a process of its own, which would compile every changed file again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    with tempfile.TemporaryDirectory(prefix="allocate-mutate-") as scratch:
        folder = chosen.folder or Path(scratch)
        if not (folder / "pyproject.toml").exists():
            copied(folder, files, chosen.tests)
        forget_the_original()
        os.chdir(folder)
        reset_config()
        found = changes(chosen.processes)
        names = sorted(found)
        sample = chosen.only or (drawn(names, chosen.sample, chosen.seed) if chosen.sample else names)
        states = try_all(sample, found, Tests(chosen.tests, near=chosen.sample > 0), chosen.processes)
        print(f"\n{summed_up(states, names)}")
        without_any_change(chosen.processes)
        os.chdir(ROOT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
