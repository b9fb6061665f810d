"""Promises: between which values a proposal's figures lie when it is kept and needs and costs turn out otherwise."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from allocate.analyses.robustness.draw_runs import KEPT
from allocate.analyses.robustness.robust import Robustness
from allocate.results.columns import Columns

COLUMNS = Columns("figure", "promised", "low", "high", "runs")


@dataclass(frozen=True, eq=False)
class Promises:
    """``ranges`` (``COLUMNS``): 5 and 95 per cent quantiles of every figure of the kept proposal over the runs.

    ``runs``: how many there were; in ``missing`` of them it misses a floor, in ``overspending`` pots are not enough.
    """

    ranges: pd.DataFrame
    runs: int = 0
    missing: int = 0
    overspending: int = 0

    def of(self, figure: str) -> tuple[float, float] | None:
        """Low and high of a figure; None where it was not drawn."""
        rows = self.ranges[self.ranges["figure"] == figure]
        return None if rows.empty else (float(rows["low"].iloc[0]), float(rows["high"].iloc[0]))


def promises(found: Robustness | None) -> Promises:
    """What becomes of the figures, from the draws of chance; empty where none were made."""
    if found is None or found.draws.empty:
        return Promises(COLUMNS.of())
    own = found.quantiles[found.quantiles["plan"] == KEPT]
    ranges = own.rename(columns={"p05": "low", "p95": "high", "draws": "runs"})[list(COLUMNS)].reset_index(drop=True)
    drawn = found.draws
    return Promises(
        ranges,
        len(drawn),
        int(drawn["kept_floors_missed"].gt(0).sum()),
        int(drawn["kept_overspending_eur"].ge(1.0).sum()),
    )


def promises_of(draws: pd.DataFrame) -> Promises:
    """The same of another proposal, from its draws alone (``robustness.kept_draws.COLUMNS``)."""
    rows = [
        (figure, math.nan, *draws[figure].astype(float).quantile([0.05, 0.95]).tolist(), len(draws))
        for figure in ("weighted_coverage", "lowest_space_coverage")
        if len(draws)
    ]
    return Promises(COLUMNS.of(rows), len(draws), int(draws["floors_missed"].gt(0).sum()))
