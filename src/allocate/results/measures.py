"""The one calculator: every figure of a plan from its delivery alone.

Status quo, a plan drawn by hand and an optimum are judged alike: supply -> covered = min(d, supply) -> wanted reserve
= min(supply - covered, r d) -> unwanted duplication = the rest (docs/model.md, Measures).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from allocate.solve.value import Value
from allocate.town.arrays import Floats, Ints
from allocate.town.as_arrays import Town


@dataclass(frozen=True)
class CellFigures:
    """Need units/year per cell of the town."""

    supply: Floats
    covered: Floats
    wanted_reserve: Floats
    duplication: Floats
    gap: Floats


@dataclass(frozen=True)
class Measures:
    """The figures of one plan. Values and coverages are shares 0..1, money EUR/year, units need units/year.

    Coverages are NaN where nothing is demanded. ``spent_eur`` and ``unspent_eur`` follow from the offers' cost and the
    pots' sum.
    """

    coverage_value: float
    weighted_coverage: float
    lowest_space_coverage: float
    duplication_eur: float
    duplication_units: float
    wanted_reserve_units: float
    moved_eur: float
    spent_eur: float
    unspent_eur: float

    def objective(self, town: Town) -> Value:
        """The plan's value (to be maximised): coverage + equity - duplication - re-steering."""
        weights = town.weights
        return Value(
            self.coverage_value
            + weights.equity * (0.0 if math.isnan(self.lowest_space_coverage) else self.lowest_space_coverage)
            - weights.per_euro(weights.duplication) * self.duplication_eur
            - weights.per_euro(weights.movement) * self.moved_eur
        )


def judge_cells(town: Town, delivery: Floats) -> CellFigures:
    """Supply and what becomes of it in every cell, from capacity units per (offer, space) pair."""
    supply = town.supply_of(delivery)
    demand = town.cells.demand
    covered = np.minimum(demand, supply)
    reserve = np.minimum(supply - covered, town.needs.wanted_reserve[town.cells.need] * demand)
    return CellFigures(supply, covered, reserve, supply - covered - reserve, demand - covered)


def measure(town: Town, delivery: Floats, *, cost: Floats | None = None) -> Measures:
    """All measures of a delivery (capacity units/year per pair).

    ``cost`` in EUR/year per offer, by default what the delivered capacity costs.
    """
    cells = judge_cells(town, delivery)
    if cost is None:
        cost = town.cost_of(town.capacity_of(delivery))
    spent = float(cost.sum())
    spaces = space_coverage(town, cells.covered)
    return Measures(
        coverage_value=coverage_value(town, cells.covered),
        weighted_coverage=weighted_coverage(town, cells.covered),
        lowest_space_coverage=float(np.nanmin(spaces)) if np.isfinite(spaces).any() else math.nan,
        duplication_eur=float((town.needs.price[town.cells.need] * cells.duplication).sum()),
        duplication_units=float(cells.duplication.sum()),
        wanted_reserve_units=float(cells.wanted_reserve.sum()),
        moved_eur=float(np.maximum(0.0, town.offers.baseline_cost - cost).sum()),
        spent_eur=spent,
        unspent_eur=town.weights.budget - spent,
    )


def coverage_value(town: Town, covered: Floats) -> float:
    """sum omega v[k] y[s,n,k] with the segments filled in order."""
    return float((town.cells.worth * segment_value(town, covered)).sum())


def segment_value(town: Town, covered: Floats) -> Floats:
    """Covered units of every cell, each unit counted with the worth v[k] of its segment."""
    demand = town.cells.demand[:, None]
    start, stop = town.segments.start[None, :] * demand, town.segments.stop[None, :] * demand
    filled = np.clip(covered[:, None] - start, 0.0, stop - start)
    value: Floats = filled @ town.segments.value
    return value


def weighted_coverage(town: Town, covered: Floats) -> float:
    """sum_n W[n] C[n] / sum W over needs with demand, C[n] = sum_s q cov / D; NaN where nothing is demanded."""
    coverage = need_coverage(town, covered)
    weight = np.where(np.isnan(coverage), 0.0, town.needs.weight)
    return float(np.nansum(weight * coverage) / weight.sum()) if weight.sum() > 0 else math.nan


def need_coverage(town: Town, covered: Floats) -> Floats:
    """C[n], share 0..1 per need; NaN where a need has no demand."""
    weight = town.spaces.weight[town.cells.space]
    count = len(town.needs.ids)
    reached = np.bincount(town.cells.need, weight * covered, minlength=count)
    demand = np.bincount(town.cells.need, weight * town.cells.demand, minlength=count)
    coverage: Floats = np.divide(reached, demand, out=np.full(count, np.nan), where=demand > 0)
    return coverage


def space_coverage(town: Town, covered: Floats) -> Floats:
    """sum_n W cov/d / sum_n W over the space's cells (right side of C2), share 0..1; NaN without cells."""
    cells = np.flatnonzero(town.cells.demand > 0)
    weight = town.needs.weight[town.cells.need[cells]]
    share = covered[cells] / town.cells.demand[cells]
    return mean_share(town.cells.space[cells], weight, share, len(town.spaces.ids))


def mean_share(group: Ints, weight: Floats, share: Floats, count: int) -> Floats:
    """The weighted mean of the shares of each of ``count`` groups; NaN where a group has no weight."""
    reached = np.bincount(group, weight * share, minlength=count)
    total = np.bincount(group, weight, minlength=count)
    coverage: Floats = np.divide(reached, total, out=np.full(count, np.nan), where=total > 0)
    return coverage
