"""Options: every plan beside today in the figures a council judges by, each with its difference.

Between which values a figure lies when the plan is kept and needs and costs turn out otherwise is said here as well.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from allocate.analyses.comparison.compare import Comparison
from allocate.analyses.robustness.draw_runs import KEPT
from allocate.analyses.robustness.robust import Robustness
from allocate.results.columns import Columns
from allocate.results.floor_kinds import minima, missed

PROMISED = Columns("figure", "promised", "low", "high", "runs")


@dataclass(frozen=True, eq=False)
class Promises:
    """``ranges`` (``PROMISED``): 5 and 95 per cent quantiles of every figure of the kept proposal over the runs.

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
        return Promises(PROMISED.of())
    own = found.quantiles[found.quantiles["plan"] == KEPT]
    ranges = own.rename(columns={"p05": "low", "p95": "high", "draws": "runs"})[list(PROMISED)].reset_index(drop=True)
    drawn = found.draws
    return Promises(
        ranges,
        len(drawn),
        int(drawn["kept_floors_missed"].gt(0).sum()),
        int(drawn["kept_overspending_eur"].ge(1.0).sum()),
    )


def promises_of(draws: pd.DataFrame) -> Promises:
    """The same of another proposal, from its draws alone (``robustness.kept_draws.PROMISED``)."""
    rows = [
        (figure, math.nan, *draws[figure].astype(float).quantile([0.05, 0.95]).tolist(), len(draws))
        for figure in ("weighted_coverage", "lowest_space_coverage")
        if len(draws)
    ]
    return Promises(PROMISED.of(rows), len(draws), int(draws["floors_missed"].gt(0).sum()))


COLUMNS = Columns(
    "scenario_id", "weighted_coverage", "coverage_gain", "lowest_space_coverage", "lowest_gain", "missed_count",
    "duplication_eur", "moved_eur", "short_next_eur", "sure_low", "sure_high", "missed_runs", "runs",
)  # fmt: skip
# The years after the one that is planned.
NEXT = 3


def options(comparison: Comparison, tested: Mapping[str, Promises] | None = None) -> pd.DataFrame:
    """One row per plan of a comparison, today first (``COLUMNS``).

    Shares 0..1 and EUR/year; ``coverage_gain`` and ``lowest_gain`` against today; ``missed_count``: statutory and
    political floors that are missed; ``short_next_eur``: what is lacking in the three years after in all.
    ``tested``: by scenario what becomes of its kept plan by chance: coverage from ``sure_low`` to ``sure_high`` in nine
    of ten ``runs``, a floor missed in ``missed_runs`` (NaN and 0 where it was not tested).
    """
    measures = {str(row["scenario_id"]): row for row in comparison.measures.to_dict("records")}
    today = measures[comparison.status_quo]
    order = [comparison.status_quo, *(id for id in comparison.plans if id != comparison.status_quo)]
    rows = []
    for id in order:
        plan, own = comparison.plans[id], measures[id]
        if not plan.has_plan:
            continue
        years = comparison.years[comparison.years["scenario_id"] == id]["short_eur"].iloc[1 : NEXT + 1]
        promised = (tested or {}).get(id)
        low, high = (promised and promised.of("weighted_coverage")) or (math.nan, math.nan)
        rows.append(
            {
                "scenario_id": id,
                "weighted_coverage": own["weighted_coverage"],
                "coverage_gain": own["weighted_coverage"] - today["weighted_coverage"],
                "lowest_space_coverage": own["lowest_space_coverage"],
                "lowest_gain": own["lowest_space_coverage"] - today["lowest_space_coverage"],
                "missed_count": missed(minima(plan)),
                "duplication_eur": own["duplication_eur"],
                "moved_eur": own["moved_eur"],
                "short_next_eur": years.sum(min_count=1),
                "sure_low": low,
                "sure_high": high,
                "missed_runs": promised.missing if promised else 0,
                "runs": promised.runs if promised else 0,
            }
        )
    return COLUMNS.of(rows)
