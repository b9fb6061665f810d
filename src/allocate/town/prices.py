"""What a doubled unit of a need costs: the merit order of the offers that serve it.

The least price alone would let five free places of a volunteers' group price two thousand doubled ones at nothing. The
price is therefore a mean over places, not that of one offer, and the very cheapest do not count.
"""

from __future__ import annotations

import numpy as np

from allocate.town.arrays import Floats, Ints
from allocate.town.town import Offers

# An offer counts as suitable for a need from this effect on; all suitable offers come before all others.
SUITABLE_EFFECT = 0.5
# The cheapest places that count, as a share of the need's demand, and the part of them that is too cheap to tell.
LOOKED_AT = 0.1
LEFT_ASIDE = 0.5


def prices(offers: Offers, effects: tuple[Ints, Ints, Floats], demand: Floats) -> Floats:
    """price[n] in EUR per need unit: the mean of u[o] / e[o,n] over the dearer half of the cheapest tenth of places.

    Places are need units that suitable offers can supply at their largest capacity, from the cheapest on, then the
    others'; the tenth is that of ``demand`` (need units/year per need), or all there are where that is less, or where
    there is no demand. 0 where no offer serves the need; the least price where those that do have no capacity.
    """
    offer, need, effect = effects
    unit_price = offers.unit_cost[offer] / effect
    order = np.lexsort((unit_price, effect < SUITABLE_EFFECT, need))
    need, unit_price = need[order], unit_price[order]
    places = (offers.max_capacity[offer] * effect)[order]
    count = len(demand)
    every = np.bincount(need, places, minlength=count)
    most = np.where(demand > 0, np.minimum(LOOKED_AT * demand, every), every)
    before = np.cumsum(places) - places
    start = np.full(count, np.inf)
    np.minimum.at(start, need, before)
    # How much of each offer lies in the dearer part of the places that are looked at.
    upto, since = before + places - start[need], before - start[need]
    counted = np.maximum(0.0, np.minimum(upto, most[need]) - np.maximum(since, LEFT_ASIDE * most[need]))
    weight = np.bincount(need, counted, minlength=count)
    mean = np.bincount(need, counted * unit_price, minlength=count)
    first = np.zeros(count)
    first[need[::-1]] = unit_price[::-1]
    return np.divide(mean, weight, out=first, where=weight > 0)
