"""Drawn: which tables a command has, which of them it draws unasked, and of each the columns (``tables.csv``).

The most important column comes first: where a terminal is too narrow, those at the end are the first to go.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

BY_YEARS = " --years"


@dataclass(frozen=True)
class Drawn:
    """A table of a command: whether it is drawn where none is asked for, and its columns (none: all of them)."""

    at_once: bool
    columns: tuple[str, ...]


@cache
def _all() -> dict[str, dict[str, Drawn]]:
    found: dict[str, dict[str, Drawn]] = {}
    with resources.files("allocate.cli").joinpath("tables.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            table = Drawn(row["at_once"] == "yes", tuple(row["columns"].split()))
            found.setdefault(row["command"], {})[row["table"]] = table
    return found


def tables_of(command: str) -> dict[str, Drawn]:
    """The tables of a command by name, in the order in which they are offered; with ``BY_YEARS`` those of its paths."""
    return _all().get(command, {})
