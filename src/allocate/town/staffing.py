"""Staffing: which offers take the posts of a group, and how many of them a plan fills.

A row of ``staff`` names offers, departments or both; blank lists name all. Of a group that is stated for several years
the last row up to the year planned holds; without a year planned only rows without a year hold.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocate.inputs.case import Case, split_list
from allocate.inputs.kept import kept
from allocate.inputs.years import plan_year
from allocate.town.arrays import Bools, Floats, Ids, Ints

TABLE = "staff"
# Each list of a group and the column of ``offers`` that it is compared with.
_LISTS = {"offers": "offer_id", "departments": "department_id"}


@dataclass(frozen=True)
class Staffing:
    """Groups of posts in the year planned: ``row`` in the table, ``posts`` there are, which offers take them.

    ``takes``: groups x offers; ``per_unit``: posts per capacity unit of every offer, 0 where nobody has said.
    """

    ids: Ids
    row: Ints
    posts: Floats
    takes: Bools
    per_unit: Floats

    def each(self, capacity: Floats) -> Floats:
        """Posts that every offer takes in every group (groups x offers), from capacity units/year per offer."""
        posts: Floats = self.takes * (self.per_unit * capacity)[None, :]
        return posts

    def used(self, capacity: Floats) -> Floats:
        """Posts that are filled in every group."""
        filled: Floats = self.each(capacity).sum(axis=1)
        return filled


@kept
def staffing_of(case: Case) -> Staffing:
    """The groups of posts that hold in the year that a case plans."""
    table, offers = case[TABLE], case._made_of[0].columns("offers", *_LISTS.values(), "posts_per_unit")
    row = np.flatnonzero(holds(case)).astype(np.int64)
    lists = {name: table[name].to_numpy(dtype=object)[row] for name in _LISTS}
    takes = np.ones((len(row), len(offers)), dtype=bool)
    for name, column in _LISTS.items():
        for group, cell in enumerate(lists[name].tolist()):
            if wanted := split_list(str(cell)):
                takes[group] &= offers[column].isin(wanted).to_numpy(dtype=bool)
    return Staffing(
        ids=table["staff_id"].to_numpy(dtype=object)[row],
        row=row,
        posts=table["posts"].to_numpy(dtype=np.float64)[row],
        takes=takes,
        per_unit=np.nan_to_num(offers["posts_per_unit"].to_numpy(dtype=np.float64)),
    )


def holds(case: Case) -> Bools:
    """Which rows of ``staff`` hold in the year planned."""
    table, year = case[TABLE], plan_year(case)
    since = pd.Series(table["year"].to_numpy(dtype=np.float64)).fillna(-math.inf)
    known = since[since <= (-math.inf if year is None else year)].sort_values(kind="stable").index
    last = known[~table["staff_id"].reset_index(drop=True).reindex(known).duplicated(keep="last")]
    held: Bools = np.isin(np.arange(len(table)), last.to_numpy())
    return held
