"""A trial: one town written down and one command line run on it; how it is made from its number, and made smaller."""

from __future__ import annotations

import copy
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from allocate.cli.root import entries
from tests.fuzz.files import write_town
from tests.fuzz.judging import faults, snapshot
from tests.fuzz.lines import Setting, line
from tests.fuzz.towns import Town, base, bases, damaged
from tests.fuzz.workers import Ended, run

# The demo always computes the same town and takes seconds, so it comes up seldom.
SELDOM = {"demo": 40}
# A server runs until it is stopped; it has tests of its own.
ENDLESS = {"serve"}
_SHRINKING_SECONDS = 60.0


@dataclass(frozen=True)
class Ground:
    """Where trials take place: the folders that are emptied before each."""

    home: Path

    @property
    def inputs(self) -> Path:
        return self.home / "in"

    @property
    def outputs(self) -> Path:
        return self.home / "out"

    @property
    def scratch(self) -> Path:
        return self.home / "tmp"

    def clear(self) -> None:
        """Empty all folders."""
        shutil.rmtree(self.home, ignore_errors=True)
        for folder in (self.inputs, self.outputs, self.scratch):
            folder.mkdir(parents=True)


@dataclass(frozen=True)
class Trial:
    """A town, how it is written, further input files, and the parts of the command line."""

    name: str
    town: Town
    plain: bool
    parts: list[list[str]]
    damage: list[str] = field(default_factory=list)
    further: dict[str, bytes] = field(default_factory=dict)

    @property
    def words(self) -> list[str]:
        """The command line."""
        return [word for part in self.parts for word in part]


def command_at(number: int, only: list[str]) -> str:
    """The command whose turn it is."""
    all_names = [name for name in entries() if name not in ENDLESS and number % SELDOM.get(name, 1) == 0]
    names = only or all_names
    return names[number % len(names)]


def drawn(seed: int, number: int, ground: Ground, only: list[str]) -> Trial:
    """The trial of that number: the same for the same seed, on every machine."""
    rng = Random(f"{seed}:{number}")
    ground.clear()
    town = base(rng.choice(bases()))
    gentle = rng.random() < 0.65
    plain = rng.random() < (0.85 if gentle else 0.6)
    damage = damaged(town, rng, rng.choice([0, 1, 1, 2, 2, 3, 5]), gentle=gentle)
    name = f"{seed}-{number}"
    written = write_town(town, ground.inputs, Random(name), plain=plain)
    more = ground.inputs / "more"
    more.mkdir()
    setting = Setting(town, written.case, more, ground.outputs)
    parts = line(command_at(number, only), setting, rng)
    further = {path.name: path.read_bytes() for path in more.iterdir()}
    return Trial(name, town, plain, parts, damage, further)


def carried_out(trial: Trial, ground: Ground) -> tuple[Ended, list[str]]:
    """Write the trial's files anew, run it, and judge it."""
    ground.clear()
    write_town(trial.town, ground.inputs, Random(trial.name), plain=trial.plain)
    more = ground.inputs / "more"
    more.mkdir()
    for name, content in trial.further.items():
        (more / name).write_bytes(content)
    before = snapshot(ground.inputs)
    ended = run(trial.words, ground.outputs, ground.scratch)
    return ended, faults(trial.words, ended, before, ground.inputs, ground.outputs)


def shrunk(trial: Trial, fault: str, ground: Ground) -> Trial:
    """A smaller trial with the same fault: fewer options, tables, rows and columns, as far as a minute gets."""
    end = time.monotonic() + _SHRINKING_SECONDS
    smaller = True
    while smaller and time.monotonic() < end:
        smaller = False
        for candidate in _smaller(trial):
            if time.monotonic() > end:
                break
            if fault in carried_out(candidate, ground)[1]:
                trial, smaller = candidate, True
                break
    return trial


def _smaller(trial: Trial) -> Iterator[Trial]:
    for at in range(1, len(trial.parts)):
        if len(trial.parts[at]) > 1:
            yield replace(trial, parts=trial.parts[:at] + trial.parts[at + 1 :])
    for name in trial.town:
        yield replace(trial, town={other: rows for other, rows in trial.town.items() if other != name})
    for name, rows in trial.town.items():
        half = max(1, len(rows) // 2)
        for cut in _cuts(len(rows), half):
            yield replace(trial, town={**trial.town, name: [row for at, row in enumerate(rows) if not cut(at)]})
    for name, rows in trial.town.items():
        for column in range(len(rows[0]) if rows else 0):
            fewer = copy.deepcopy(rows)
            for row in fewer:
                del row[column : column + 1]
            yield replace(trial, town={**trial.town, name: fewer})


def _cuts(length: int, half: int) -> list[Callable[[int], bool]]:
    """Which rows to leave out: a half, then single ones; the header stays."""
    cuts: list[Callable[[int], bool]] = []
    if length > 3:
        cuts += [lambda at: at >= half, lambda at: 1 <= at < half]
    cuts += [lambda at, one=one: at == one for one in range(1, min(length, 12))]  # type: ignore[misc]
    return cuts
