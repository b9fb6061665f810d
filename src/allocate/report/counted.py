"""Counted shares: how exactly the coverage of a need may be told where some of its cells are withheld.

The demand of a need is public in the town and in a region, so that its coverage counts the people who are covered. It
tells no more of them than their sum may, which is published in steps of the threshold (decision 38).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from allocate.inputs.case import Case
from allocate.results.allocation import Allocation
from allocate.results.disclosure import Mask
from allocate.results.precision import ROUGH, SHARE_STEPS, SHOWN
from allocate.town.facts import NeedFacts, SpaceFacts

_TOWN = "*"
# So many needs of a mean that are not exact tell none of them.
_MANY = 5


class Counted:
    """By place (``*``: the town, or a region) and need with a withheld cell the step of its coverage, share 0..1."""

    def __init__(self, case: Case, plans: Iterable[Allocation], mask: Mask) -> None:
        self._mask = mask
        spaces, needs = SpaceFacts(case), NeedFacts(case)
        self._region = spaces.by_id(spaces.region_id)
        self._needs = pd.DataFrame({"target_group": needs.target_group, "weight": needs.weight}, needs.ids)
        self._step: dict[tuple[str, str], float] = {}
        for plan in plans:
            for key, step in self._of(plan):
                self._step[key] = max(self._step.get(key, 0.0), step)

    def _of(self, plan: Allocation) -> Iterable[tuple[tuple[str, str], float]]:
        cells = plan.coverage[["space_id", "need_id", "demand"]].astype({"space_id": "str", "need_id": "str"})
        veiled = [cell in self._mask.hidden for cell in zip(cells["space_id"], cells["need_id"], strict=True)]
        for at in (pd.Series(_TOWN, index=cells.index), cells["space_id"].map(self._region).fillna("")):
            sums = cells.assign(place=at, veiled=veiled).groupby(["place", "need_id"])
            demand = sums["demand"].sum()[sums["veiled"].any()]
            for key, total in zip(demand.index.tolist(), demand.tolist(), strict=True):
                yield key, min(1.0, self._mask.threshold / total) if total > 0 else 0.0

    def steps(self, by: str, ids: pd.Series) -> pd.Series:
        """The step of the coverage of needs or target groups; that of any other group is what is shown."""
        if by == "need":
            return ids.map(lambda id: max(SHOWN, self._step.get((_TOWN, id), 0.0)))
        if by == "target_group":
            return ids.map(lambda id: self._of_mean(_TOWN, self._needs[self._needs["target_group"] == id]["weight"]))
        if by == "region":
            return ids.map(lambda id: self._of_mean(id, self._needs["weight"]))
        return pd.Series(SHOWN, index=ids.index)

    def town(self) -> float:
        """The step of the coverage of the town, a round one."""
        step = self._of_mean(_TOWN, self._needs["weight"])
        return next((one for one in SHARE_STEPS if one >= step - 1e-12), ROUGH)

    def _of_mean(self, place: str, weights: pd.Series) -> float:
        """The step of a mean of needs: twice the largest part that the step of one of them has in it.

        Once would cut the people who are possible where both steps meet. Where many needs are not exact the mean tells
        none of them, and is shown as it is.
        """
        total = float(weights.sum())
        parts = [self._step.get((place, str(need)), 0.0) * weight / total for need, weight in weights.items() if total]
        if sum(part > 0 for part in parts) >= _MANY:
            return SHOWN
        return float(max([SHOWN, *(part if len(weights) == 1 else 2 * part for part in parts)]))

    def worst(self, rows: pd.DataFrame, by: str) -> None:
        """Tell the need that falls most within regions or target groups as exactly as its coverage may be told."""
        if by not in ("region", "target_group") or "worst_need_id" not in rows.columns:
            return
        places = rows["id"].astype(str) if by == "region" else pd.Series(_TOWN, index=rows.index)
        keys = zip(places, rows["worst_need_id"].astype(str), strict=True)
        width = np.array([max(SHOWN, self._step.get(key, 0.0)) for key in keys])
        for name in ("worst_need_before", "worst_need"):
            rows[name] = np.round(np.round(rows[name].to_numpy(dtype=float) / width) * width, 9)

    def floors(self, floors: pd.DataFrame) -> pd.DataFrame:
        """Floors of the town and of regions: what is reached, in the step of the need's coverage there.

        A floor that is met is rounded up and one that is missed down, so that the figure never contradicts that.
        """
        keys = zip(floors["scope_id"].astype(str), floors["need_id"].astype(str), strict=True)
        step = np.array([self._step.get(key, 0.0) for key in keys])
        value, met = floors["achieved"].to_numpy(dtype=float), floors["met"].to_numpy(dtype=bool)
        with np.errstate(invalid="ignore", divide="ignore"):
            parts = value / step
            told = np.where(met, np.minimum(1.0, np.ceil(parts - 1e-9) * step), np.floor(parts + 1e-9) * step)
        return floors.assign(achieved=np.where(step > 0, np.round(told, 9), value))
