"""What changes in every cell of space and need between two plans: the share of demand that is covered."""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.analyses.comparison.glance import Seen

_KEY = ["space_id", "need_id"]


def place_changes(before: Seen, after: Seen) -> pd.DataFrame:
    """One row per cell with demand in either plan.

    Columns ``space_id, need_id, coverage_before, coverage, coverage_change``: shares 0..1 of the plan's own demand, NaN
    where a plan has no demand; the change is NaN where either has none.
    """
    old, new = (_coverage(plan) for plan in (before, after))
    cells = old.index.union(new.index)
    table = pd.DataFrame({"coverage_before": old.reindex(cells), "coverage": new.reindex(cells)})
    table["coverage_change"] = table["coverage"] - table["coverage_before"]
    return table.reset_index(names=_KEY)


def _coverage(plan: Seen) -> pd.Series:
    cells = plan.coverage.set_index(_KEY)
    demand = cells["demand"].to_numpy(dtype=float)
    covered = cells["covered"].to_numpy(dtype=float)
    share = np.divide(covered, demand, out=np.full(len(demand), np.nan), where=demand > 0)
    return pd.Series(share, index=cells.index)[demand > 0]
