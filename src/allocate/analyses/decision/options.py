"""Options: every plan beside today in the figures a council judges by, each with its difference."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from allocate.analyses.comparison.compare import Comparison
from allocate.analyses.decision.promises import Promises
from allocate.results.columns import Columns
from allocate.results.floor_kinds import minima, missed

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
