"""Small numbers: which cells of space and need may not be published, alone or by subtraction.

A cell whose demand lies below the threshold could point to persons and is withheld. A cell is also withheld where it
could be computed from what is published: if a published total (a need in the town or a region, a space) holds exactly
one withheld cell, or withheld cells that together stay below the threshold, the smallest further cell of that total is
withheld too. One mask serves all scenarios of a report, so that two of them side by side reveal nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocate.inputs.case import Case
from allocate.results.allocation import Allocation

KEY = ["space_id", "need_id"]


@dataclass(frozen=True)
class Mask:
    """The withheld cells. ``primary`` for being small, ``secondary`` for protecting others; both (space, need)."""

    threshold: float
    primary: frozenset[tuple[str, str]]
    secondary: frozenset[tuple[str, str]]

    @property
    def hidden(self) -> frozenset[tuple[str, str]]:
        """All withheld cells."""
        return self.primary | self.secondary

    def hides(self, space_id: str, need_id: str) -> bool:
        """Whether numbers of this cell may not be shown."""
        return (space_id, need_id) in self.hidden

    def rows(self, table: pd.DataFrame) -> pd.Series:
        """For a table with ``space_id`` and ``need_id``: True in the rows that must be withheld."""
        cells = zip(table["space_id"], table["need_id"], strict=True)
        return pd.Series([cell in self.hidden for cell in cells], index=table.index, dtype=bool)

    def applied(self, table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
        """The table with the named number columns blank (NaN) in withheld rows."""
        shown = table.copy()
        shown.loc[self.rows(table), list(columns)] = np.nan
        return shown


def mask_for(case: Case, plans: Iterable[Allocation], *, with_spaces: bool = False) -> Mask:
    """The mask of a publication that shows these plans side by side (threshold from the case's parameters).

    ``with_spaces``: the publication also shows the sum over all needs of each space.
    """
    tables = [plan.coverage for plan in plans if plan.has_plan]
    region = case["spaces"].set_index("space_id")["region_id"]
    return mask_of(tables, region, case.number("suppression_threshold"), with_spaces=with_spaces)


def mask_of(tables: Sequence[pd.DataFrame], region: pd.Series, threshold: float, *, with_spaces: bool = False) -> Mask:
    """The mask from coverage tables (columns space_id, need_id, demand) and the region of each space.

    A cell without demand is no cell of persons and is never withheld nor used to protect another.
    """
    if not tables:
        return Mask(threshold, frozenset(), frozenset())
    every = pd.concat([table[[*KEY, "demand"]] for table in tables])
    # The smallest demand over the scenarios decides, because every scenario is shown with the same mask.
    demand = every[every["demand"] > 0].groupby(KEY)["demand"].min().reset_index()
    demand["region_id"] = demand["space_id"].map(region).fillna("").astype(str)
    small = (demand["demand"] < threshold).to_numpy(dtype=bool)
    withheld = small.copy()
    groups = _published_totals(demand, with_spaces)
    changed = True
    while changed:
        changed = False
        for group in groups:
            changed |= _protect(demand["demand"].to_numpy(), withheld, group, threshold)
    cells = np.array(list(zip(demand["space_id"], demand["need_id"], strict=True)), dtype=object).reshape(-1, 2)
    return Mask(threshold, _cells(cells[small]), _cells(cells[withheld & ~small]))


def _published_totals(demand: pd.DataFrame, with_spaces: bool) -> list[np.ndarray]:
    """The sets of cells whose sum is published: each need in the town and, where there are regions, in each region."""
    totals = [np.asarray(rows) for rows in demand.groupby("need_id").indices.values()]
    if with_spaces:
        totals += [np.asarray(rows) for rows in demand.groupby("space_id").indices.values()]
    if demand["region_id"].nunique() < 2:
        return totals
    return totals + [np.asarray(rows) for rows in demand.groupby(["need_id", "region_id"]).indices.values()]


def _protect(demand: np.ndarray, withheld: np.ndarray, group: np.ndarray, threshold: float) -> bool:
    """Withhold one more cell of a published total if what it withholds could be computed; True if it did."""
    inside = group[withheld[group]]
    open_cells = group[~withheld[group]]
    safe = len(inside) == 0 or (len(inside) > 1 and demand[inside].sum() >= threshold)
    if safe or not len(open_cells):
        return False
    withheld[open_cells[np.argmin(demand[open_cells])]] = True
    return True


def _cells(pairs: np.ndarray) -> frozenset[tuple[str, str]]:
    return frozenset((str(space), str(need)) for space, need in pairs)
