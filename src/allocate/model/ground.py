"""Ground: what the equations of one scenario stand on, its tables and the town's arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocate.inputs.scenario.variant import Variant
from allocate.model.layout import Layout
from allocate.town.arrays import Floats, Ints
from allocate.town.as_arrays import Town
from allocate.town.places import Cluster, Floors


@dataclass(frozen=True)
class Ground:
    """One scenario before it is a program: its tables, the town's arrays, floors, clusters, and the columns."""

    variant: Variant
    town: Town
    floors: Floors
    clusters: tuple[Cluster, ...]
    layout: Layout

    def cost_entries(self, rows: Ints, offers: Ints, factor: Floats) -> list[tuple[Ints, Ints, Floats]]:
        """Entries (rows, columns, values) of factor * cost[o] in the given rows.

        cost[o] = u[o] X[o], in an indivisible scenario fixed_cost open + variable_unit_cost X + the steps begun.
        """
        town, first = self.town, self.layout.first
        if not town.indivisible:
            return [(rows, first("capacity") + offers, factor * town.offers.unit_cost[offers])]
        return [
            (rows, first("capacity") + offers, factor * town.offers.variable_unit_cost[offers]),
            (rows, first("open") + offers, factor * town.offers.fixed_cost[offers]),
            *self._step_entries(rows, offers, factor),
        ]

    def _step_entries(self, rows: Ints, offers: Ints, factor: Floats) -> list[tuple[Ints, Ints, Floats]]:
        """The same for what steps cost: one entry for every row and step of its offer."""
        steps = self.town.steps
        entries = []
        for number, (offer, cost) in enumerate(zip(steps.offer.tolist(), steps.cost.tolist(), strict=True)):
            own = np.flatnonzero(offers == offer)
            entries.append((rows[own], np.full(len(own), self.layout.first("step") + number), factor[own] * cost))
        return entries
