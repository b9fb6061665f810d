"""Change the program in hundreds of small ways, one at a time, and see which changes no test notices.

    uv run --with mutmut python -m tests.mutate solve/certify.py --tests tests/solve/test_certify.py

mutmut makes the changes and runs the tests, in a copy of the project that is thrown away. A change that no test notices
(a survivor) is printed with its lines; docs/mutation.md says what became of those that were looked at. The tests named
should be quick: each change runs those of them that reach it.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPIED = ("src", "tests", "scenarios", "docs", "pyproject.toml", "README.md", "CHANGELOG.md", "CONTRIBUTING.md")
# What mutmut says of a change that was not noticed, or that no test reaches.
UNNOTICED = ("survived", "no tests")
SETTINGS = """
[tool.mutmut]
source_paths = ["src"]
only_mutate = {files}
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = ["-n", "0", "-p", "no:cacheprovider"]
also_copy = ["scenarios", "docs", "README.md", "CHANGELOG.md", "CONTRIBUTING.md"]
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


def survivors(folder: Path) -> list[tuple[str, str]]:
    """The names of the changes that no test noticed, and what is known of each."""
    told = subprocess.run(mutmut("results", "--all", "true"), cwd=folder, capture_output=True, text=True, check=True)
    found = [line.strip().rpartition(": ") for line in told.stdout.splitlines() if ": " in line]
    return [(name, state) for name, _, state in found if state in UNNOTICED]


def mutmut(*words: str) -> list[str]:
    return [sys.executable, "-m", "mutmut", *words]


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("files", nargs="+", help="below src/allocate, such as solve/certify.py or results/*")
    asked.add_argument("--tests", nargs="+", required=True, help="such as tests/solve/test_certify.py")
    asked.add_argument("--processes", type=int, default=2)
    chosen = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="allocate-mutate-") as scratch:
        folder = Path(scratch)
        copied(folder, chosen.files, chosen.tests)
        run = subprocess.run(mutmut("run", "--max-children", str(chosen.processes)), cwd=folder, check=False)
        if run.returncode:
            return run.returncode
        found = survivors(folder)
        for name, state in found:
            print(f"\n{state}: {name}")
            print(subprocess.run(mutmut("show", name), cwd=folder, capture_output=True, text=True, check=True).stdout)
        print(f"{len(found)} changes that no test noticed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
