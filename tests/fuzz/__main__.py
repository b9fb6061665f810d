"""Every command on damaged towns: none may crash, hang, change its input or leave half a file behind.

    uv run python -m tests.fuzz --count 500                   five hundred trials, commands in turn
    uv run python -m tests.fuzz --seed 7 --seconds 3600       an hour with other trials
    uv run python -m tests.fuzz --only report --only export   two commands
    uv run python -m tests.fuzz --seed 7 --first 4711 --count 1    one trial again

A trial is made from its seed and number alone. What fails is made smaller and kept (``--keep``): the town as CSV or
workbook, the command line, what was written, the log.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.fuzz.trials import Ground, Trial, carried_out, drawn, shrunk
from tests.fuzz.workers import Ended, warm_up

_KEPT_OF_A_KIND = 2


def main() -> int:
    """Run the trials; exit code 1 where any of them failed."""
    asked = _arguments()
    home = Path(tempfile.mkdtemp(prefix="allocate-fuzz-"))
    ground = Ground(home / "ground")
    keep = asked.keep or home / "kept"
    warm_up()
    begin = time.monotonic()
    codes: dict[str, Counter[int]] = {}
    kinds: Counter[str] = Counter()
    used = 0.0
    number = asked.first
    while number < asked.first + asked.count and time.monotonic() - begin < asked.seconds:
        trial = drawn(asked.seed, number, ground, asked.only)
        ended, found = carried_out(trial, ground)
        used += ended.seconds
        codes.setdefault(trial.words[0], Counter())[ended.code] += 1
        for fault in found:
            kinds[fault] += 1
            if kinds[fault] <= _KEPT_OF_A_KIND:
                print(f"{trial.name}: {fault}", file=sys.stderr, flush=True)
                _keep(trial if asked.whole else shrunk(trial, fault, ground), fault, ground, keep)
        number += 1
        if asked.progress and number % 500 == 0:
            print(f"{number - asked.first} trials, {used:.0f} CPU s, {sum(kinds.values())} faults", flush=True)
    shutil.rmtree(ground.home, ignore_errors=True)
    _report(codes, kinds, used + sum(os.times()[:2]), keep if kinds else None)
    return 1 if kinds else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1, help="other trials for another seed (default 1)")
    parser.add_argument("--first", type=int, default=0, help="number of the first trial (default 0)")
    parser.add_argument("--count", type=int, default=10**9, help="how many trials (default: until --seconds are over)")
    parser.add_argument("--seconds", type=float, default=60.0, help="stop after so many seconds (default 60)")
    parser.add_argument("--only", action="append", default=[], metavar="COMMAND", help="this command only; repeatable")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where to keep what fails (default: a new folder)")
    parser.add_argument("--whole", action="store_true", help="keep what fails as it is, without making it smaller")
    parser.add_argument("--progress", action="store_true", help="a line for every 500 trials")
    asked = parser.parse_args()
    if asked.count < 10**9 and "--seconds" not in sys.argv:
        asked.seconds = float("inf")
    return asked


def _keep(trial: Trial, fault: str, ground: Ground, keep: Path) -> None:
    """Keep the files of a failing trial, its command line and what it said."""
    ended, _ = carried_out(trial, ground)
    folder = keep / trial.name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ground.inputs, folder / "in")
    shutil.copytree(ground.outputs, folder / "out")
    (folder / "trial.txt").write_text(_said(trial, ended, fault, ground), encoding="utf-8")


def _said(trial: Trial, ended: Ended, fault: str, ground: Ground) -> str:
    line = shlex.join(["allocate", *trial.words]).replace(str(ground.home) + "/", "")
    parts = [fault, line, f"damage: {', '.join(trial.damage)}", f"exit code {ended.code}, {ended.seconds:.1f} CPU s"]
    return "\n\n".join([*parts, ended.err, *ended.logs, ended.out[:4000].decode("utf-8", "replace")])


def _report(codes: dict[str, Counter[int]], kinds: Counter[str], used: float, keep: Path | None) -> None:
    total: Counter[int] = sum(codes.values(), Counter())
    for command in sorted(codes):
        print(f"{command:15}{sum(codes[command].values()):7}  {_counts(codes[command])}")
    print(f"{'together':15}{sum(total.values()):7}  {_counts(total)}  {used:.0f} CPU s")
    for fault, count in kinds.most_common():
        print(f"FAULT {count:5}  {fault}")
    if keep is not None:
        print(f"kept in {keep}")
        (keep / "faults.json").write_text(json.dumps(kinds, indent=1, ensure_ascii=False), encoding="utf-8")


def _counts(codes: Counter[int]) -> str:
    return "  ".join(f"{code}: {count}" for code, count in sorted(codes.items()))


if __name__ == "__main__":
    sys.exit(main())
