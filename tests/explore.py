"""Laws with fresh draws, round after round: ``uv run python -m tests.explore --minutes 60``.

The ordinary tests draw the same towns every time; here every round has a seed of its own. Each round that fails prints
its seed and what failed; the same round again: ``--seed N --rounds 1``. The exit code is 1 where a round failed.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from pathlib import Path

from tests.conftest import ROOT

_LAWS = re.compile(r"^@given\(", re.MULTILINE)


def files_with_laws() -> list[Path]:
    """All test files that draw their inputs."""
    return [path for path in sorted((ROOT / "tests").rglob("test_*.py")) if _LAWS.search(path.read_text("utf-8"))]


def one_round(files: list[Path], seed: int, workers: str) -> bool:
    """Run the laws once with a seed and say what failed; True where nothing did."""
    options = ["-q", "-n", workers, "--no-header", "--tb=short", "-k", "not browser"]
    fresh = ["--hypothesis-profile=explore", f"--hypothesis-seed={seed}"]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *fresh, *map(str, files)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    print(f"seed {seed}: {ended.stdout.strip().splitlines()[-1]}", flush=True)
    if ended.returncode:
        print(ended.stdout, ended.stderr, flush=True)
    return ended.returncode == 0


def main() -> int:
    """Read the options and go round until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0, help="begin no round after this time")
    parser.add_argument("--rounds", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="seed of the first round")
    parser.add_argument("--workers", default="auto", help="processes, as in pytest -n")
    parser.add_argument("files", nargs="*", type=Path, help="test files; default: all that draw their inputs")
    wanted = parser.parse_args()
    files = wanted.files or files_with_laws()
    end = time.monotonic() + 60.0 * wanted.minutes
    failed = 0
    for seed in range(wanted.seed, wanted.seed + wanted.rounds):
        if time.monotonic() > end:
            break
        failed += not one_round(files, seed, wanted.workers)
    print(f"{failed} rounds failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
