"""A delivery and its money as a point of the scenario's program: every column filled by its meaning."""

from __future__ import annotations

import numpy as np

from allocate.model.compile import Compiled
from allocate.results.measures import judge_cells, space_coverage
from allocate.town.arrays import Floats
from allocate.town.places import counted_providers


def point_at(compiled: Compiled, delivery: Floats, capacity: Floats, cost: Floats, funding: Floats) -> Floats:
    """The point of a plan: capacity units/year per pair and per offer, EUR/year per offer and per funding pair."""
    town, layout = compiled.town, compiled.layout
    figures = judge_cells(town, delivery)
    least = space_coverage(town, figures.covered)
    parts = {
        "use": delivery,
        "capacity": capacity,
        "funding": funding,
        "covered": by_segment(compiled, figures.covered),
        "reserve": figures.wanted_reserve[layout.demanded],
        "duplication": figures.duplication,
        "release": np.maximum(0.0, town.offers.baseline_cost - cost),
        "least": np.array([np.nanmin(least) if np.isfinite(least).any() else 0.0]),
    }
    x = np.zeros(compiled.program.column_count)
    for name, values in parts.items():
        x[layout.index.slice(name)] = values
    if town.indivisible:
        x[layout.index.slice("open")] = capacity > 0
        x[layout.index.slice("present")] = _present(compiled, capacity)
        x[layout.index.slice("step")] = town.steps.begun(capacity)
    return x


def by_segment(compiled: Compiled, covered: Floats) -> Floats:
    """Covered units of every demanded cell (need units/year) as columns by segment, the first segments filled first."""
    town, demanded = compiled.town, compiled.layout.demanded
    demand = town.cells.demand[demanded][:, None]
    start, stop = town.segments.start[None, :] * demand, town.segments.stop[None, :] * demand
    return np.clip(covered[demanded][:, None] - start, 0.0, stop - start).ravel()


def _present(compiled: Compiled, capacity: Floats) -> Floats:
    town = compiled.town
    counted = counted_providers(town, compiled.clusters)
    return np.array(
        [
            float((capacity[cluster.offers[town.offers.provider[cluster.offers] == provider]] > 0).any())
            for cluster, provider in counted
        ]
    )
