"""What could be covered at most if money were no object: the floors that no plan can reach, and by how much.

With demand d, effects e, access a, limits m of a use and cap of an offer, both of these bounds hold for every plan on
need n in a place (a set of spaces s); money, corridors and other needs are left out:

    covered <= sum_s min(d[s,n], sum_o e[o,n] a[o,s] m[o,s])
    covered <= sum_o e[o,n] min(sum_s a[o,s] m[o,s], cap[o] max_s a[o,s])"""

from __future__ import annotations

import numpy as np

from allocate.town.arrays import Bools, Floats, Ints
from allocate.town.as_arrays import Provision, Town
from allocate.town.places import Cluster, Floors
from allocate.town.tolerance import above


def most_covered(town: Provision) -> Floats:
    """Per cell: need units/year that the capacity in reach could cover if the cell had it all, at most the demand."""
    own = whole_uses(town)
    supply = town.supply
    most = supply.rate[own] * town.pairs.max_capacity[supply.pair[own]]
    together: Floats = np.bincount(supply.cell[own], most, minlength=len(town.cells.demand))
    return np.minimum(town.cells.demand, together)


def reachable(town: Provision, floors: Floors) -> Floats:
    """Per floor: need units/year that can be covered in its place at most, whatever the money."""
    return np.minimum(floors.achieved(most_covered(town)), _by_offers(town, floors))


def beyond_reach(town: Provision, floors: Floors) -> tuple[Bools, Floats]:
    """Which floors bind and are above what is ``reachable``, and that."""
    available = reachable(town, floors)
    unmet: Bools = floors.enforced & above(floors.required, available)
    return unmet, available


def _by_offers(town: Provision, floors: Floors) -> Floats:
    """Per floor: what all offers could cover there if each worked only where it covers most, need units/year."""
    supply, pairs = town.supply, town.pairs
    own = whole_uses(town)
    own = own[np.argsort(supply.cell[own], kind="stable")]
    # The supply entries of every cell of every floor, in one row.
    start = np.searchsorted(supply.cell[own], floors.entry_cell)
    count = np.searchsorted(supply.cell[own], floors.entry_cell, side="right") - start
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    entry = own[np.repeat(start, count) + within]
    pair, rate = supply.pair[entry], supply.rate[entry]
    offers = len(town.offers.ids)
    member, of_member = np.unique(
        np.repeat(floors.entry_floor, count) * offers + pairs.offer[pair], return_inverse=True
    )
    best = np.zeros(len(member))
    np.maximum.at(best, of_member, rate)
    used = np.bincount(of_member, rate * pairs.max_capacity[pair], minlength=len(member))
    floor, offer = np.divmod(member, max(offers, 1))
    most = np.minimum(used, best * town.offers.max_capacity[offer])
    return np.bincount(floor, most, minlength=len(floors.floor_id))


def whole_uses(town: Provision) -> Ints:
    """The supply entries of whole uses: of a use that is divided among needs, one for every cell that it supplies.

    A part of a divided use may be as large as the whole, so that sums over all parts count a need that excludes
    nothing several times.
    """
    if not town.pairs.is_divided:
        return np.arange(len(town.supply.cell))
    use = town.pairs.first[town.supply.pair] * len(town.cells.demand) + town.supply.cell
    return np.sort(np.unique(use, return_index=True)[1])


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
