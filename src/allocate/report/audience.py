"""Audience: who reads a report, and what it leaves out, adds and puts first for them.

``docs/report.md`` has the table. A council decides, a department works with its own offers, and what is written for the
public may be read by anybody, beside anything else that was ever published. ``readers.csv`` says of every chapter,
table and picture whether the public may read it; what is not said to be public is not shown to it.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

COUNCIL, DEPARTMENT, PUBLIC = "council", "department", "public"
AUDIENCES = (COUNCIL, DEPARTMENT, PUBLIC)
# Below so many persons nothing is told to the public, even where the town has set a lower threshold.
LEAST_THRESHOLD = 5
CHAPTER, TABLE, PICTURE = "chapter", "table", "picture"
INTERNAL = "internal"
# What tells the affairs of a single provider, its costs and contracts. Chapters, tables and pictures that do (also its
# money, and suspicions that nobody has looked at yet) are internal in ``readers.csv``.
INTERNAL_COLUMNS = frozenset({"earliest", "contract_end", "notice_months", "unit_cost", "variable_unit_cost"})


@cache
def readers() -> dict[tuple[str, str], str]:
    """Who may read each chapter (or block), table and picture of a report: part and key -> public or internal."""
    source = resources.files("allocate.report").joinpath("readers.csv")
    with source.open(encoding="utf-8") as stream:
        return {(row["part"], row["key"]): row["readers"] for row in csv.DictReader(stream)}


@dataclass(frozen=True)
class Audience:
    """Who reads a report; ``department``: whose offers come first (id; only where ``kind`` is ``department``)."""

    kind: str = COUNCIL
    department: str = ""

    @property
    def is_public(self) -> bool:
        """Whether anybody may read it."""
        return self.kind == PUBLIC

    def threshold(self, own: float) -> float:
        """Below which number of persons nothing is told; ``own``: the threshold of the town."""
        return max(own, float(LEAST_THRESHOLD)) if self.is_public else own

    @property
    def is_whole(self) -> bool:
        """Whether every row is drawn and every change has a card."""
        return self.kind == DEPARTMENT

    def shows(self, part: str, key: str) -> bool:
        """Whether a chapter (or block), table or picture is shown: to the public only what is said to be public."""
        return not self.is_public or readers().get((part, key)) == PUBLIC

    def shows_column(self, name: str) -> bool:
        """Whether a column of any table is shown."""
        return not self.is_public or name not in INTERNAL_COLUMNS
