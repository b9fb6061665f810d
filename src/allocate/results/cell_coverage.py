"""Cells: how far each need is covered in each space, before and after, as shares of its demand."""

from __future__ import annotations

from typing import Protocol

import pandas as pd

from allocate.results.columns import Columns

KEY = ["space_id", "need_id"]
COLUMNS = Columns("space_id", "need_id", "demand", "coverage_before", "coverage", "change")


class Covering(Protocol):
    """What covers needs: a plan, or the sketch of one."""

    @property
    def coverage(self) -> pd.DataFrame:
        """One row per space and need, with its demand and what of it is covered."""
        ...


def cell_coverage(before: Covering, after: Covering) -> pd.DataFrame:
    """One row per space and need of either plan, columns ``COLUMNS``.

    ``demand`` in need units/year under the inputs of ``after``; coverages are shares 0..1 of each plan's own demand,
    NaN where there is none; ``change`` is their difference.
    """
    old, new = (plan.coverage.set_index(KEY)[["demand", "covered"]] for plan in (before, after))
    table = new.join(old.add_suffix("_before"), how="outer")
    covered = table["covered"] / table["demand"].where(table["demand"] > 0)
    earlier = table["covered_before"] / table["demand_before"].where(table["demand_before"] > 0)
    table = table.assign(coverage=covered, coverage_before=earlier, change=covered - earlier)
    return COLUMNS.of(table.reset_index())
