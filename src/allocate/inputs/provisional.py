"""Provisional budget management: the budget of the year comes late, and until then voluntary offers run on a share.

Until ``provisional_until`` a voluntary offer has at most ``provisional_share`` of today's capacity, though never less
than it is bound to; what is no duty and does not exist today cannot begin before. A month counts where its 15th is
before that day. An offer is voluntary by its own ``duty``, and where it says nothing, if every need that it serves is.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from allocate.inputs.case import Case
from allocate.inputs.dates import iso_dates
from allocate.inputs.months import last_month, months_in
from allocate.inputs.years import months_of

type Bools = NDArray[np.bool_]

UNTIL, SHARE = "provisional_until", "provisional_share"


def with_late_budget(case: Case, year: int | None) -> Case:
    """The case with what voluntary offers may have on the average of a year in which the budget comes late."""
    until = case.parameter(UNTIL)
    if year is None or not until:
        return case
    late = months_in(year) <= last_month(iso_dates(pd.Series([until], dtype="str"), partial=True))[0]
    held = voluntary(case)
    if not late.any() or not held.any():
        return case
    offers = case["offers"]
    most, today, bound = (
        offers[name].to_numpy(np.float64) for name in ("max_capacity", "baseline_capacity", "committed_capacity")
    )
    there = months_of(case, year)
    part = there.mean(axis=1)
    level = np.divide(most, part, out=most.copy(), where=(part > 0) & (part < 1))[:, None]
    least = np.maximum(case.number(SHARE, otherwise=1.0) * today, bound)[:, None]
    months = np.where(there, np.where(late & held[:, None], np.minimum(level, least), level), 0.0)
    return case._unchecked(offers=offers.assign(max_capacity=np.where(held, months.mean(axis=1), most)))


def voluntary(case: Case) -> Bools:
    """Which offers are no duty, in the order of ``offers``."""
    offers, needs, effects = case["offers"], case["needs"], case["effects"]
    free = set(needs.loc[needs["duty"].eq("voluntary"), "need_id"])
    serves = effects[effects["effect"].gt(0)]
    bound = set(serves.loc[~serves["need_id"].isin(free), "offer_id"])
    ids = offers["offer_id"]
    by_needs = ids.isin(set(serves["offer_id"])) & ~ids.isin(bound)
    found: Bools = (offers["duty"].eq("voluntary") | (offers["duty"].eq("") & by_needs)).to_numpy(dtype=bool)
    return found
