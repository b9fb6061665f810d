"""Precision: how exactly a figure may be published in which withheld cells take part.

A mean, a capacity or an amount of euros that mixes withheld cells with open ones gives the withheld ones back when it
is exact, because people are counted whole. So it is published only as a step of a scale (1, 2, 5, 10, 20, 50, ...), so
wide that the figure and the same figure with a threshold of persons more or less have the same published value. What
cannot be told in such a step is withheld. Where nothing is withheld every figure stays exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from allocate.results.allocation import Allocation
from allocate.results.disclosure import Mask
from allocate.results.measures import space_coverage
from allocate.town.arrays import Bools, Floats
from allocate.town.as_arrays import Town

# Steps of units and euros, and of shares; a share in a wider step than the last one says nothing.
STEPS = tuple(float(factor * 10**power) for power in range(9) for factor in (1, 2, 5))
SHARE_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05)
# The step of the lowest coverage where that of its space is withheld.
ROUGH = 0.1
# What is shown in per cent with one decimal needs no more than that.
SHOWN = SHARE_STEPS[0]
# A published figure is at most this far from the truth, as a share of it; a coarser one would mislead.
FARTHEST = 0.25
# A sum over so many figures, each of which may vary by a threshold of persons, tells none of them.
ENOUGH = 10
# From this threshold on half of a cell's share leaves at least three whole numbers of persons possible.
_HALF_WILL_DO = 5


@dataclass(frozen=True)
class Precision:
    """How exactly figures are published; empty where nothing is withheld.

    ``units`` and ``euros``: by offer what a threshold of persons in a withheld cell changes in its capacity (units a
    year) and cost (EUR a year). ``withheld``: offers without any figure. ``spaces``: by space the step of its coverage
    (share 0..1; infinite: none); ``lowest``: that of the lowest coverage of any space. ``serving``: offers that
    serve a withheld cell. ``active``: whether anything is withheld at all.
    """

    threshold: float = 0.0
    units: Mapping[str, float] = field(default_factory=dict)
    euros: Mapping[str, float] = field(default_factory=dict)
    withheld: frozenset[str] = frozenset()
    spaces: Mapping[str, float] = field(default_factory=dict)
    lowest: float = 0.0
    serving: frozenset[str] = frozenset()
    active: bool = False

    def total(self, offers: Iterable[str]) -> float:
        """What a threshold of persons changes in a sum of euros over these offers; 0: the sum may stay exact."""
        reach = [self.euros[one] for one in set(offers) if one in self.euros]
        return max(reach) if 0 < len(reach) < ENOUGH else 0.0

    def of_euros(self, values: pd.Series, offers: pd.Series) -> pd.Series:
        """Euros of offers (one id per value) as they may be published."""
        return self._of(values, offers, self.euros)

    def of_units(self, values: pd.Series, offers: pd.Series) -> pd.Series:
        """Capacities of offers (one id per value) as they may be published."""
        return self._of(values, offers, self.units)

    def _of(self, values: pd.Series, offers: pd.Series, reach: Mapping[str, float]) -> pd.Series:
        ids = offers.tolist()
        change = np.array([reach.get(one, 0.0) for one in ids], dtype=float)
        if not (change > 0).any():
            return values
        shown = coarse(values.to_numpy(dtype=float), change)
        shown[[at for at, one in enumerate(ids) if one in self.withheld]] = np.nan
        return pd.Series(shown, index=values.index)


def coarse(values: np.ndarray, reach: np.ndarray) -> Floats:
    """Each value in the finest step in which value - reach and value + reach are published alike.

    A reach of 0 leaves a value as it is. NaN where no step is wide enough, or the published value would lie farther
    from the truth than ``FARTHEST`` of it.
    """
    shown: Floats = values.astype(np.float64)
    rows = np.flatnonzero((reach > 0) & np.isfinite(values))
    if not len(rows):
        return shown
    value, change, steps = values[rows, None].astype(np.float64), reach[rows, None], np.array(STEPS)
    low, high = (np.floor((value + side * change) / steps + 0.5) for side in (-1.0, 1.0))
    fits = (steps >= 2 * change) & (low == high)
    first = fits.argmax(axis=1)
    shown[rows] = np.where(fits.any(axis=1), low[np.arange(len(rows)), first] * steps[first], np.nan)
    far = (reach > 0) & (np.abs(shown - values) > FARTHEST * np.abs(values))
    shown[far] = np.nan
    return shown


def stepped(values: Floats, step: Floats | float) -> Floats:
    """Values in the nearest step (0: as they are); NaN where the step is infinite."""
    width = np.broadcast_to(np.asarray(step, dtype=float), values.shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        near = np.round(np.round(values / width) * width, 9)
    return np.where(width > 0, np.where(np.isinf(width), np.nan, near), values)


def precision_for(towns: Sequence[Town], plans: Sequence[Allocation], mask: Mask) -> Precision:
    """The precision of a publication that shows these plans, each of its own town, under one mask."""
    if not mask.hidden and not any(mask.totals.values()):
        return Precision()
    units: dict[str, float] = {}
    euros: dict[str, float] = {}
    alone: set[str] | None = None
    spaces: dict[str, float] = {}
    serving: set[str] = set()
    for town in towns:
        few = _marked(town, mask.people)
        of_town, only = _reach(town, few, _marked(town, mask.hidden), mask.threshold)
        alone = only if alone is None else alone | only
        serving |= _serving(town, _marked(town, mask.hidden))
        cost = dict(zip(town.offers.ids.tolist(), _unit_cost(town).tolist(), strict=True))
        for one, reach in of_town.items():
            units[one] = max(units.get(one, 0.0), reach)
            euros[one] = max(euros.get(one, 0.0), reach * cost[one])
        for id, step in _space_steps(town, few, mask.threshold).items():
            spaces[id] = max(spaces.get(id, 0.0), step)
    for plan in plans:
        _complement(plan, units, euros)
    found = Precision(
        mask.threshold,
        units,
        euros,
        frozenset(alone or ()),
        spaces,
        _lowest(towns, plans, spaces),
        frozenset(serving),
        active=True,
    )
    return replace(found, withheld=found.withheld | _too_coarse(found, plans))


def _marked(town: Town, cells: frozenset[tuple[str, str]]) -> Bools:
    """Which cells of a town are among these."""
    pairs = zip(town.spaces.ids[town.cells.space].tolist(), town.needs.ids[town.cells.need].tolist(), strict=True)
    return np.array([pair in cells for pair in pairs], dtype=bool)


def _unit_cost(town: Town) -> Floats:
    return np.maximum(town.offers.unit_cost, town.offers.variable_unit_cost)


def _reach(town: Town, few: Bools, hidden: Bools, threshold: float) -> tuple[dict[str, float], set[str]]:
    """By offer the capacity that a threshold of persons needs in what it must not tell; offers without any other cell.

    An offer must not tell a cell where few have a need, nor the only withheld cell among those it serves: its capacity
    less what it gives to the others.
    """
    real = (town.supply.rate > 0) & (town.cells.demand[town.supply.cell] > 0)
    offer = town.pairs.offer[town.supply.pair]
    count = len(town.offers.ids)
    veiled = real & hidden[town.supply.cell]
    lonely = np.bincount(offer[veiled], minlength=count) == 1
    telling = veiled & (few[town.supply.cell] | lonely[offer])
    reach = np.zeros(count)
    np.maximum.at(reach, offer[telling], threshold / town.supply.rate[telling])
    others = np.bincount(offer[real & ~telling], minlength=count)
    names = town.offers.ids.tolist()
    touched = np.flatnonzero(reach > 0).tolist()
    return {str(names[at]): float(reach[at]) for at in touched}, {str(names[at]) for at in touched if not others[at]}


def _serving(town: Town, hidden: Bools) -> set[str]:
    """The offers that serve a withheld cell."""
    telling = (town.supply.rate > 0) & hidden[town.supply.cell]
    return set(town.offers.ids[town.pairs.offer[town.supply.pair[telling]]].tolist())


def _space_steps(town: Town, few: Bools, threshold: float) -> dict[str, float]:
    """By space with cells of few persons the step of its coverage, by the largest share that one of them has."""
    real = town.cells.demand > 0
    weight = np.where(real, town.needs.weight[town.cells.need], 0.0)
    total = np.bincount(town.cells.space, weight, minlength=len(town.spaces.ids))
    share = np.divide(weight, total[town.cells.space], out=np.zeros(len(weight)), where=total[town.cells.space] > 0)
    most = np.zeros(len(total))
    np.maximum.at(most, town.cells.space[few & real], share[few & real])
    part = 0.5 if threshold >= _HALF_WILL_DO else 1.0
    return {
        str(town.spaces.ids[at]): next((one for one in SHARE_STEPS if one >= part * most[at] - 1e-12), np.inf)
        for at in np.flatnonzero(most > 0).tolist()
    }


def _complement(plan: Allocation, units: dict[str, float], euros: dict[str, float]) -> None:
    """Where a pot pays for a single offer that is not exact, its largest other one is not exact either.

    A pot is mostly spent to the last euro: its amount less the exact offers would be the one that is not.
    """
    if not plan.has_plan:
        return
    funding = plan.funding
    for _, paid in funding.groupby("pot_id") if len(funding) else ():
        touched = [one for one in paid["offer_id"].tolist() if one in euros]
        others = paid[~paid["offer_id"].isin(euros)].sort_values("amount_eur", ascending=False, kind="stable")
        if len(set(touched)) == 1 and len(others):
            other = str(others["offer_id"].iloc[0])
            row = plan.offers[plan.offers["offer_id"] == other].to_dict("records")[0]
            euros[other] = euros[touched[0]]
            units[other] = euros[other] * float(row["capacity"]) / max(float(row["cost_eur"]), 1e-9)


def _too_coarse(found: Precision, plans: Sequence[Allocation]) -> frozenset[str]:
    """Offers of which some figure cannot be told in any step."""
    lost: set[str] = set()
    for plan in plans:
        if not plan.has_plan:
            continue
        table = plan.offers
        ids = table["offer_id"].astype(str)
        for column, scale in (("capacity", found.units), ("cost_eur", found.euros), ("baseline_cost_eur", found.euros)):
            reach = ids.map(scale).fillna(0.0).to_numpy(dtype=float)
            values = table[column].to_numpy(dtype=float)
            blank = (reach > 0) & np.isfinite(values) & np.isnan(coarse(values, reach))
            lost |= set(ids.to_numpy(dtype=object)[blank].tolist())
    return frozenset(lost)


def _lowest(towns: Sequence[Town], plans: Sequence[Allocation], spaces: Mapping[str, float]) -> float:
    """The step of the lowest coverage of any space: that of the spaces it belongs to, unless an open one has it too."""
    widest = SHOWN
    for town, plan in zip(towns, plans, strict=True):
        if plan.measures is None or not np.isfinite(plan.measures.lowest_space_coverage):
            continue
        means = space_coverage(town, plan.coverage["covered"].to_numpy(dtype=float))
        least = town.spaces.ids[means <= np.nanmin(means) + 1e-6].tolist()
        if all(id in spaces for id in least):
            steps = [spaces[id] for id in least]
            widest = max(widest, *(step if np.isfinite(step) else ROUGH for step in steps))
    return widest
