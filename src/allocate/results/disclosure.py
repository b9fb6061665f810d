"""Small numbers: which cells of space and need, and which of their sums, may not be published.

A number of persons below the threshold could point to somebody and is withheld, be it a cell or a sum (a space, a
region, a need, a target group). Whatever is published beside it must not give it away: a sum minus its other parts, or
several sums together. So further cells and sums are withheld until no small number follows from the open ones
(complementary suppression). One mask serves all scenarios of a publication, so that two of them side by side reveal
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from allocate.inputs.case import Case
from allocate.results.allocation import Allocation
from allocate.results.suppression import Sums
from allocate.town.arrays import Floats
from allocate.town.facts import NeedFacts, SpaceFacts

_DIGITS = 6
KEY = ["space_id", "need_id"]
# The scope of a rule that holds in the whole town.
TOWN = "*"
# What a space and a need belong to; sums over these are published beside the cells.
OF_SPACE, OF_NEED = "region", "target_group"
type Groups = Mapping[str, str] | pd.Series


@dataclass(frozen=True)
class Mask:
    """What is withheld.

    ``primary``: cells (space, need) where fewer persons than ``threshold`` have a need or are served; ``people``: those
    of them where few have it at all; ``secondary``: cells that protect others. ``totals``: by dimension
    (``space``, ``need``, ``region``, ``target_group`` and further groups of spaces) the ids whose sums are withheld.
    ``regional``: sums of one need (region, need). ``offers``: offers whose capacity and money would tell a cell;
    ``prices``: offers of which the price of keeping would; ``parts``: offers of which some figure cannot be told in any
    step; ``lowest``: the step (share 0..1) in which the lowest coverage of a space is told.
    """

    threshold: float
    primary: frozenset[tuple[str, str]]
    secondary: frozenset[tuple[str, str]]
    totals: Mapping[str, frozenset[str]] = field(default_factory=dict)
    regional: frozenset[tuple[str, str]] = frozenset()
    people: frozenset[tuple[str, str]] = frozenset()
    offers: frozenset[str] = frozenset()
    prices: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    lowest: float = 0.0

    @property
    def hidden(self) -> frozenset[tuple[str, str]]:
        """All withheld cells."""
        return self.primary | self.secondary

    def hides(self, space_id: str, need_id: str) -> bool:
        """Whether numbers of this cell may not be shown."""
        return (space_id, need_id) in self.hidden

    def hides_total(self, by: str, id: str) -> bool:
        """Whether sums of a space, a need, a region or another group (``by``) may not be shown."""
        return id in self.totals.get(by, frozenset())

    def hides_place(self, scope_id: str, need_id: str) -> bool:
        """Whether numbers of a need in a place (a space, a region, ``*`` the town) may not be shown."""
        if scope_id == TOWN:
            return self.hides_total("need", need_id)
        return self.hides(scope_id, need_id) or (scope_id, need_id) in self.regional

    def rows(self, table: pd.DataFrame) -> pd.Series:
        """For a table of a need (``need_id``) in a place (``space_id``, or ``scope_id`` of floors): what is withheld.

        True in the rows that must be withheld; a table of anything else has none.
        """
        place = next((name for name in ("space_id", "scope_id") if name in table.columns), "")
        if not place or "need_id" not in table.columns:
            return pd.Series(False, index=table.index)
        pairs = zip(table[place].tolist(), table["need_id"].tolist(), strict=True)
        return pd.Series([self.hides_place(str(at), str(need)) for at, need in pairs], index=table.index, dtype=bool)

    def total_rows(self, by: str | pd.Series, ids: pd.Series) -> pd.Series:
        """True where a sum must be withheld; ``by``: the dimension, one for all or one for each row."""
        dimensions = [by] * len(ids) if isinstance(by, str) else by.tolist()
        pairs = zip(dimensions, ids.tolist(), strict=True)
        return pd.Series([self.hides_total(str(one), str(id)) for one, id in pairs], index=ids.index, dtype=bool)

    def applied(self, table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
        """The table (of cells, or of places) with the named number columns blank (NaN) in withheld rows."""
        shown = table.copy()
        shown.loc[self.rows(table), list(columns)] = np.nan
        return shown


def mask_for(
    case: Case,
    plans: Iterable[Allocation],
    groups: Mapping[str, Groups] | None = None,
    *,
    threshold: float | None = None,
) -> Mask:
    """The mask of a publication that shows these plans side by side.

    ``threshold``: below which number of persons nothing is told, by default that of the case's parameters.

    ``groups``: further sums over spaces that it shows, by dimension the group of each space (index space_id, blank: in
    none).
    """
    tables = [plan.coverage for plan in plans if plan.has_plan]
    spaces, needs = SpaceFacts(case), NeedFacts(case)
    space_groups = {OF_SPACE: spaces.by_id(spaces.region_id), **(groups or {})}
    target = needs.by_id(needs.target_group)
    least = case.number("suppression_threshold") if threshold is None else threshold
    return mask_of(tables, least, space_groups, target, served=True)


def mask_of(
    tables: Sequence[pd.DataFrame],
    threshold: float,
    groups: Mapping[str, Groups],
    target_group: Groups,
    *,
    served: bool = False,
) -> Mask:
    """The mask from coverage tables (columns space_id, need_id, demand; ``served``: also covered).

    ``served``: few who are covered beside an open demand point to somebody as well; such cells are withheld, too.

    ``groups``: by dimension the group of each space, ``region`` among them; ``target_group`` of each need. A cell
    without demand is no cell of persons and is never withheld nor used to protect another.
    """
    demand = _demand(tables)
    if demand.empty:
        return Mask(threshold, frozenset(), frozenset())
    space, need = (demand.index.get_level_values(name).astype(str).to_numpy(dtype=object) for name in KEY)
    counted = demand.to_numpy(dtype=float)
    few = ((counted > 0) & (counted < threshold)).any(axis=1)
    if served:
        counted = np.hstack([counted, *(_covered(table, demand.index) for table in tables)])
    sums = Sums(counted, threshold)
    labels = {name: _label(space, of) for name, of in groups.items()} | {OF_NEED: _label(need, target_group)}
    town = sums.add(np.arange(len(demand)), published=True)
    found: dict[str, dict[str, int]] = {}
    for name, label in {"space": space, "need": need, **labels}.items():
        found[name] = sums.divide(label)
        sums.equate(town, list(found[name].values()))
    region = labels[OF_SPACE]
    regional = {
        (str(at), str(of)): sums.add(np.flatnonzero((region == at) & (need == of)))
        for at, of in sorted(set(zip(region, need, strict=True)))
    }
    for dimension, place in ((OF_SPACE, 0), ("need", 1)):
        for id, total in found[dimension].items():
            sums.equate(total, [one for key, one in regional.items() if key[place] == id])
    withheld = sums.withheld()
    cells = list(zip(space.tolist(), need.tolist(), strict=True))
    small = frozenset(cell for cell, hide in zip(cells, sums.small(), strict=False) if hide)
    hidden = frozenset(cell for cell, hide in zip(cells, withheld, strict=False) if hide)
    totals = {name: frozenset(id for id, at in ids.items() if withheld[at]) for name, ids in found.items()}
    regions = frozenset(key for key, at in regional.items() if withheld[at])
    people = frozenset(cell for cell, one in zip(cells, few, strict=True) if one)
    return Mask(threshold, small, hidden - small, totals, regions, people)


def _demand(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One row per cell that has demand in some plan, one column per plan."""
    plans = [table.set_index(KEY)["demand"].rename(number) for number, table in enumerate(tables)]
    demand = pd.concat(plans, axis=1).fillna(0.0) if plans else pd.DataFrame()
    return demand[(demand > 0).any(axis=1)]


def _covered(table: pd.DataFrame, cells: pd.Index) -> Floats:
    """The covered persons of these cells, one column; the noise of a solver is nobody."""
    covered = table.set_index(KEY)["covered"].reindex(cells).fillna(0.0).round(_DIGITS)
    return covered.to_numpy(dtype=float)[:, None]


def _label(ids: np.ndarray, groups: Groups) -> np.ndarray:
    known = {str(id): str(group) for id, group in groups.items()}
    return np.array([known.get(id, "") for id in ids.tolist()], dtype=object)
