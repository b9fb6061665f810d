"""How much capacity of an offer can be of use at all, whatever its largest capacity says."""

from __future__ import annotations

import numpy as np

from allocate.town.arrays import Floats
from allocate.town.places import Cluster
from allocate.town.town import Town


def useful_capacity(town: Town, clusters: tuple[Cluster, ...]) -> Floats:
    """Capacity units/year per offer beyond which more is unwanted duplication for certain.

    What every space can use of it (its demand and the wanted reserve, but at least today's use), and at least what
    contracts and opening ask for. Infinite where shares among users or in a wanted cluster may ask for more.
    """
    pairs, cells = town.pairs, town.cells
    wanted = cells.demand * (1 + town.needs.wanted_reserve[cells.need])
    most = np.zeros(len(pairs.offer))
    np.maximum.at(most, town.supply.pair, wanted[town.supply.cell] / town.supply.rate)
    most = np.maximum(np.minimum(most, pairs.max_capacity), np.nan_to_num(pairs.baseline))
    offers = town.offers
    capacity: Floats = np.maximum.reduce(
        [town.capacity_of(most), offers.committed, offers.min_if_open, offers.baseline_capacity]
    )
    shared = (pairs.min_share > 0) | (pairs.max_share < 1)
    capacity[pairs.offer[shared]] = np.inf
    for cluster in clusters:
        capacity[cluster.offers] = np.inf
    return capacity
