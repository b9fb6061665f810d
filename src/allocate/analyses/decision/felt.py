"""Felt: the cells of space and need that are worst off in a proposal, and the one that loses most."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from allocate.results.allocation import Allocation
from allocate.results.cell_coverage import cell_coverage
from allocate.results.disclosure import Mask

# A share below this is no fall.
_TRACE = 5e-4


@dataclass(frozen=True)
class Cell:
    """One space and need: shares 0..1 today and in the proposal."""

    space_id: str
    need_id: str
    before: float
    after: float


@dataclass(frozen=True)
class Felt:
    """``worst``: the least covered cell of the proposal; ``falls``: the one that falls most (None: no such)."""

    worst: Cell | None = None
    falls: Cell | None = None


def felt(before: Allocation, after: Allocation, mask: Mask) -> Felt:
    """The two cells that must be named, among those that may be shown; of several the one with the larger need."""
    cells = cell_coverage(before, after)
    cells = cells[~mask.rows(cells) & cells["coverage"].notna()].sort_values("demand", ascending=False, kind="stable")
    falling = cells[cells["change"] < -_TRACE].sort_values("change", kind="stable")
    return Felt(_first(cells.sort_values("coverage", kind="stable")), _first(falling))


def _first(cells: pd.DataFrame) -> Cell | None:
    for row in cells.head(1).to_dict("records"):
        return Cell(str(row["space_id"]), str(row["need_id"]), float(row["coverage_before"]), float(row["coverage"]))
    return None
