"""Audience: who reads a report, and what it leaves out, adds and puts first for them.

``docs/report.md`` has the table. A council decides, a department works with its own offers, and what is written for the
public may be read by anybody, beside anything else that was ever published.
"""

from __future__ import annotations

from dataclasses import dataclass

COUNCIL, DEPARTMENT, PUBLIC = "council", "department", "public"
AUDIENCES = (COUNCIL, DEPARTMENT, PUBLIC)
# Below so many persons nothing is told to the public, even where the town has set a lower threshold.
LEAST_THRESHOLD = 5
# What tells the affairs of a single provider: its costs, contracts and money, and suspicions nobody has looked at yet.
INTERNAL_CHAPTERS = frozenset({"reasons", "timing", "path"})
INTERNAL_TABLES = frozenset({"gains_provider", "rates", "bound", "notice", "pairs", "duplication_cells"})
INTERNAL_PICTURES = frozenset({"p-dates", "p-gains-provider", "p-path"})
INTERNAL_COLUMNS = frozenset({"earliest", "contract_end", "notice_months", "unit_cost", "variable_unit_cost"})


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

    def shows(self, chapter: str) -> bool:
        """Whether a chapter of the annex is shown."""
        return not self.is_public or chapter not in INTERNAL_CHAPTERS

    def shows_table(self, key: str) -> bool:
        """Whether a table is shown."""
        return not self.is_public or key not in INTERNAL_TABLES

    def shows_picture(self, key: str) -> bool:
        """Whether a picture is shown."""
        return not self.is_public or key not in INTERNAL_PICTURES

    def shows_column(self, name: str) -> bool:
        """Whether a column of any table is shown."""
        return not self.is_public or name not in INTERNAL_COLUMNS
