"""Release: what a cut sets free at average cost, as plans reckon, and at variable cost as long as the site stays open.

A plan pays every place at its average cost. Rent and posts of a site that stays open do not go with single places:
what becomes free at once is the variable cost of the places that are given up.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from allocate.results.allocation import Allocation
from allocate.results.columns import Columns

COLUMNS = Columns("offer_id", "average_eur", "variable_eur", "staying_eur")
_TRACE = 1e-6


@dataclass(frozen=True, eq=False)
class Release:
    """The lowered offers whose site stays open and whose variable cost is known, and their sums, EUR/year.

    ``offers`` (``COLUMNS``): ``average_eur`` is what the plan reckons as released, ``variable_eur`` what becomes free
    while the site stays open, ``staying_eur`` the difference.
    """

    offers: pd.DataFrame
    average_eur: float = 0.0
    variable_eur: float = 0.0
    staying_eur: float = 0.0


def released(plan: Allocation) -> Release:
    """What cuts set free; nothing in indivisible scenarios, which reckon with fixed and variable cost already."""
    if not plan.has_plan or plan.scenario.indivisible:
        return Release(COLUMNS.of())
    about = plan.variant.case["offers"][["offer_id", "baseline_capacity", "variable_unit_cost", "unit_cost"]]
    table = plan.offers[["offer_id", "capacity", "change_eur"]].merge(about, on="offer_id", validate="one_to_one")
    known = table["variable_unit_cost"].gt(0) & table["variable_unit_cost"].lt(table["unit_cost"])
    table = table[known & table["capacity"].gt(_TRACE) & table["change_eur"].lt(-1.0)]
    fewer = (table["baseline_capacity"] - table["capacity"]).clip(lower=0.0)
    table = table.assign(average_eur=-table["change_eur"], variable_eur=fewer * table["variable_unit_cost"])
    table["staying_eur"] = table["average_eur"] - table["variable_eur"]
    table = table[list(COLUMNS)].sort_values("average_eur", ascending=False, kind="stable").reset_index(drop=True)
    return Release(table, *(float(table[name].sum()) for name in COLUMNS[1:]))
