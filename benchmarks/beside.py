"""Beside peers: one question to every usual way, each in a process of its own; the table in docs/performance.md."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.alone import COVERED, COVERING, ROOT, SPOPT_VERSION, TEXTBOOK, Cost, alone, none
from benchmarks.peers import WAYS, installed

PAGE = ROOT / "docs" / "performance.md"
# What stands on the page before this line is written by people and stays.
MEASURED = "\n## Measured\n"
# How far an objective may lie from ours, and how far above our proven minimum (in points, 0..1): solvers on numbers as
# they stand stop short of the optimum and call it optimal, and the table says how far.
SAME = 1e-4
SHORT = 1e-2
PEOPLE = 1e-4  # the textbook's covering model stops where its bound is this close, as a share
COVERINGS = ("1300x18924x25", "1300x18924x60", "1300x18924x130", "4000x81000x80")
APART = "another optimum"


@dataclass(frozen=True)
class Row:
    """One line of the table: which town, which way, and what it cost."""

    size: str
    way: str
    cost: Cost


def measured(sizes: Iterable[str], patience: float) -> Iterator[Row]:
    """Every way on every town; one that fails, or finds another optimum, says so and takes no other away."""
    for size in sizes:
        own = math.nan
        for way, (_, package) in WAYS.items():
            if package != "allocate" and not installed(package):
                yield Row(size, way, none(f"{package} is not installed"))
                continue
            cost = alone(way, size, patience)
            own = cost.objective if way == "allocate" else own
            yield Row(size, way, _judged(cost, own, SAME, short=SHORT))


def coverings(sizes: Iterable[str], patience: float) -> Iterator[Row]:
    """Maximal covering by the textbook's model, spopt and ours: as many people reached, to the textbook's tolerance."""
    for size in sizes:
        first = math.nan
        for way in COVERING:
            cost = alone(way, size, patience)
            first = cost.objective if way == TEXTBOOK else first
            yield Row(size, way, _judged(cost, first, PEOPLE * abs(first)))


def _judged(cost: Cost, best: float, within: float, *, short: float | None = None) -> Cost:
    """The cost of a way to the best objective, and only how far away another one is; no verdict where none is known.

    ``short``: how far a way may stop above a minimum that is proven.
    """
    away = cost.objective - best
    same = -within <= away <= (within if short is None else short)
    return cost if cost.failed or math.isnan(best) or same else none(f"{APART}, {abs(away):.1e} away")


def apart(rows: Iterable[Row]) -> list[str]:
    """Which ways found another optimum."""
    return [f"{row.way} on {row.size}: {row.cost.failed}" for row in rows if row.cost.failed.startswith(APART)]


def lines(rows: Iterable[Row]) -> list[str]:
    """The rows as a table in Markdown; a ratio says how many times as long as ours a way took."""
    found = list(rows)
    own = {row.size: row.cost for row in found if row.way in ("allocate", COVERED)}
    said = [
        "| town | way | CPU s | times ours | peak MB | distance from our optimum |",
        "| --- | --- | ---: | ---: | ---: | --- |",
    ]
    for row in found:
        if row.cost.failed:
            said.append(f"| {row.size} | {row.way} | | | | {row.cost.failed} |")
            continue
        ours = own.get(row.size, none("not asked"))
        ratio, away = row.cost.cpu / ours.cpu, row.cost.objective - ours.objective
        beside = " | | " if ours.failed else f" | {ratio:.1f} | "
        stops = " short" if row.way not in COVERING and away > SAME else ""
        distance = "" if ours.failed else f"{abs(away):.0e}{stops}"
        said.append(f"| {row.size} | {row.way} | {row.cost.cpu:.2f}{beside}{row.cost.peak:.0f} | {distance} |")
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
        f"Python {platform.python_version()}; {versions}; spopt {SPOPT_VERSION} in an environment of its own."
    )


def write(rows: Iterable[Row], page: Path = PAGE) -> Path:
    """Write the measured part of a page anew: the machine, the table."""
    kept = page.read_text(encoding="utf-8").partition(MEASURED)[0]
    page.write_text(f"{kept}{MEASURED}\n{machine()}\n\n" + "\n".join(lines(rows)) + "\n", encoding="utf-8")
    return page
