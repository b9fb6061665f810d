"""Use today: which space uses how much of an offer today, where the table ``reach`` does not say.

An offer with capacity today whose reach rows name no user has an unknown use, not none: it is spread over the spaces
that it reaches in proportion to their demand, as that of an offer without reach rows is.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.inputs.case import Case


def use_unknown(case: Case) -> pd.Series:
    """Which offers have capacity today and reach rows, none of which says who uses it; aligned with ``offers``."""
    offers, reach = case["offers"], case["reach"]
    used = reach.groupby("offer_id", sort=False)["baseline_capacity"].sum()
    unsaid = used.index[used.eq(0)]
    return offers["offer_id"].isin(unsaid) & offers["baseline_capacity"].gt(0)


def with_use_today(case: Case) -> Case:
    """The case with today's use in the reach rows of every offer of which it is unknown."""
    offers, reach = case["offers"], case["reach"]
    unknown = use_unknown(case) if len(reach) else pd.Series(dtype=bool)
    if not unknown.any():
        return case
    capacity = offers[unknown].drop_duplicates("offer_id").set_index("offer_id")["baseline_capacity"]
    rows = reach["offer_id"].isin(capacity.index) & reach["access"].gt(0)
    open_to = reach[rows]
    demand = case["demand"].groupby("space_id", sort=False)["demand"].sum()
    weight = open_to["space_id"].map(demand).fillna(0.0)
    total = weight.groupby(open_to["offer_id"]).transform("sum")
    each = open_to.groupby("offer_id")["space_id"].transform("size")
    share = np.where(total > 0, weight / total.where(total > 0, 1.0), 1.0 / each)
    used = reach["baseline_capacity"].copy()
    used[rows] = open_to["offer_id"].map(capacity) * share
    return case._unchecked(reach=reach.assign(baseline_capacity=used))
