"""Residents: a space with more or fewer people has more or less demand, at the needs per resident that it has today.

    demand[s,n] after = demand[s,n] before * population[s] after / population[s] before

A demand that the same scenario states or changes itself stays as it says.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from allocate.inputs.numerals import write_numeral
from allocate.inputs.scenario.keys import KEY_SEPARATOR


def demand_of_residents(
    tables: Mapping[str, pd.DataFrame], log: pd.DataFrame, told: set[int]
) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """The table of demand after the changes of population in a log, and their log; None where there are none.

    ``told``: positions of the rows of demand that the step says something of.
    """
    people = log[log["table"].eq("spaces") & log["column"].eq("population")]
    old, new = (people[name].astype(float).to_numpy() for name in ("old", "new"))
    people = people[(old > 0) & np.isfinite(new)]
    if people.empty:
        return None
    ratio = people["new"].astype(float) / people["old"].astype(float)
    ratios = dict(zip(people["key"], ratio, strict=True))
    frame = tables["demand"]
    at = np.flatnonzero(frame["space_id"].isin(list(ratios)).to_numpy(dtype=bool))
    at = at[~np.isin(at, sorted(told))]
    spaces = frame["space_id"].to_numpy(dtype=object)[at]
    before = frame["demand"].to_numpy(dtype=float)
    factor = np.array([ratios[space] for space in spaces], dtype=float)
    after = before.copy()
    after[at] = before[at] * factor
    source = people.drop_duplicates("key").set_index("key").loc[spaces]
    added = source.assign(
        table="demand",
        column="demand",
        how="multiply",
        value=[write_numeral(one) for one in factor],
        key=(frame["space_id"] + KEY_SEPARATOR + frame["need_id"]).to_numpy(dtype=object)[at],
        old=before[at].astype(object),
        new=after[at].astype(object),
        at=at,
    ).reset_index(drop=True)
    return frame.assign(demand=after), added[[name for name in log.columns if name in added]]
