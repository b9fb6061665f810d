"""Beside peers: one question to every usual way, each in a process of its own; the table in docs/performance.md."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.alone import COVERING, ROOT, Cost, alone
from benchmarks.peers import WAYS, installed

PAGE = ROOT / "docs" / "performance.md"
HEAD = ROOT / "benchmarks" / "performance.head.md"
# How far a peer's objective may lie from ours, in points of the objective (0..1): solvers on numbers as they stand stop
# short of the optimum and call it optimal, and the table says how far.
SAME = 1e-4
PEOPLE = 1e-4  # the textbook's covering model stops where its bound is this close, as a share
COVERINGS = ("1300x18924x25", "1300x18924x60", "1300x18924x130", "4000x81000x80")
NO_PEER = {"covering: spopt": "not installable beside allocate: spopt 0.8 asks for pulp < 4, we for 4.2 or newer"}


@dataclass(frozen=True)
class Row:
    """One line of the table: which town, which way, and what it cost."""

    size: str
    way: str
    cost: Cost


def measured(sizes: Iterable[str], patience: float) -> Iterator[Row]:
    """Every way on every town. Raises ``AssertionError`` where two ways disagree about the optimum."""
    for size in sizes:
        own = math.nan
        for way, (_, package) in WAYS.items():
            if package != "allocate" and not installed(package):
                yield Row(size, way, _none(f"{package} is not installed"))
                continue
            cost = alone(way, size, patience)
            if way == "allocate":
                assert not cost.failed, cost.failed
                own = cost.objective
            distance = abs(cost.objective - own)
            assert cost.failed or distance <= SAME, f"{way} on {size}: {cost.objective}, allocate: {own}"
            yield Row(size, way, cost)


def coverings(sizes: Iterable[str], patience: float) -> Iterator[Row]:
    """Maximal covering by the textbook's model and by ours: as many people reached, within the textbook's tolerance."""
    for size in sizes:
        first = math.nan
        for way in COVERING:
            cost = _none(NO_PEER[way]) if way in NO_PEER else alone(way, size, patience)
            first = cost.objective if way == "covering: textbook" else first
            close = abs(cost.objective - first) <= PEOPLE * abs(first)
            assert cost.failed or math.isnan(first) or close, f"{way} on {size}: {cost.objective}, textbook: {first}"
            yield Row(size, way, cost)


def _none(why: str) -> Cost:
    return Cost(math.nan, math.nan, math.nan, why)


def lines(rows: Iterable[Row]) -> list[str]:
    """The rows as a table in Markdown; a ratio says how many times as long as ours a way took."""
    found = list(rows)
    own = {row.size: row.cost for row in found if row.way in ("allocate", "covering: allocate")}
    said = [
        "| town | way | CPU s | times ours | peak MB | distance from our optimum |",
        "| --- | --- | ---: | ---: | ---: | --- |",
    ]
    for row in found:
        if row.cost.failed:
            said.append(f"| {row.size} | {row.way} | | | | {row.cost.failed} |")
            continue
        ratio, away = row.cost.cpu / own[row.size].cpu, abs(row.cost.objective - own[row.size].objective)
        said.append(f"| {row.size} | {row.way} | {row.cost.cpu:.2f} | {ratio:.1f} | {row.cost.peak:.0f} | {away:.0e} |")
    return said


def machine() -> str:
    """On what the figures were made: processor, Python, versions, day."""
    model = (
        next(
            (
                line.split(":")[1].strip()
                for line in Path("/proc/cpuinfo").read_text().splitlines()
                if "model name" in line
            ),
            platform.processor(),
        )
        if Path("/proc/cpuinfo").is_file()
        else platform.processor()
    )
    packages = ("highspy", "pulp", "linopy", "pyomo", "cvxpy", "scipy", "numpy", "pandas")
    versions = ", ".join(f"{name} {installed(name)}" for name in packages if installed(name))
    return (
        f"{date.today():%Y-%m-%d}; {model}, {os.cpu_count()} cores, one thread each; {platform.system()}, "
        f"Python {platform.python_version()}; {versions}."
    )


def write(rows: Iterable[Row]) -> Path:
    """Write docs/performance.md anew: what stays the same, the machine, the table."""
    PAGE.write_text(
        HEAD.read_text(encoding="utf-8") + "\n## Measured\n\n" + machine() + "\n\n" + "\n".join(lines(rows)) + "\n",
        encoding="utf-8",
    )
    return PAGE
