"""Either / or: capacity that serves one of several needs at a time (places for under or over three).

The use of such an offer by a space is divided into one part for each of these needs, x[o,s] = sum_n x[o,s,n]. A part
supplies its own need and those needs of the offer that exclude nothing. To all other equations a part is a use like
any other; what the table ``reach`` says of an offer and a space holds for the sum of the parts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocate.town.arrays import Bools, Floats, Ints
from allocate.town.as_arrays import Pairs


@dataclass(frozen=True)
class Effects:
    """Positive effects ordered by offer, then need: e = need units covered per capacity unit.

    ``exclusive``: the offer's capacity serves this need or another exclusive one of the offer, never both.
    """

    offer: Ints
    need: Ints
    effect: Floats
    exclusive: Bools


def exclude_one_another(offer: Ints, stated: Bools) -> Bools:
    """Which effects exclude another one of their offer; a single exclusive need has nothing to exclude."""
    count = np.bincount(offer[stated], minlength=int(offer.max(initial=-1)) + 1)
    exclusive: Bools = stated & (count[offer] > 1)
    return exclusive


def divided(pairs: Pairs, effects: Effects, demand: Floats) -> Pairs:
    """The pairs with one part for each exclusive need of the offer (``demand``: spaces x needs, need units/year).

    How today's use is divided is nowhere stated: it is counted in proportion to the capacity that the space's demand
    asks for, d[s,n] / e[o,n], evenly where nothing is demanded.
    """
    own = np.flatnonzero(effects.exclusive)
    count = np.bincount(effects.offer[own], minlength=int(pairs.offer.max(initial=-1)) + 1)
    parts = np.maximum(count[pairs.offer], 1)
    pair = np.repeat(np.arange(len(pairs.offer)), parts)
    within = np.arange(len(pair)) - np.repeat(np.cumsum(parts) - parts, parts)
    offer, space = pairs.offer[pair], pairs.space[pair]
    part = np.flatnonzero(count[offer] > 0)
    entry = own[(np.cumsum(count) - count)[offer[part]] + within[part]]
    serves = np.full(len(pair), -1, dtype=np.int64)
    serves[part] = effects.need[entry]
    asked = np.zeros(len(pair))
    asked[part] = demand[space[part], serves[part]] / effects.effect[entry]
    total = np.bincount(pair, asked, minlength=len(pairs.offer))[pair]
    share = np.divide(asked, total, out=1.0 / parts[pair], where=total > 0)
    return Pairs(
        offer=offer,
        space=space,
        access=pairs.access[pair],
        max_capacity=pairs.max_capacity[pair],
        baseline=pairs.baseline[pair] * share,
        min_share=pairs.min_share[pair],
        max_share=pairs.max_share[pair],
        serves=serves,
    )
