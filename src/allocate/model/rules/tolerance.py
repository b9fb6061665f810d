"""What counts as above: differences that are rounding contradict nothing."""

from __future__ import annotations

import numpy as np

from allocate.town.arrays import Bools, Floats
from allocate.town.town import Town

# Differences below this share of what is needed are rounding.
TOLERANCE = 1e-9


def above(needed: Floats, available: Floats) -> Bools:
    """Whether more is needed than there is."""
    more: Bools = needed > available * (1 + TOLERANCE) + TOLERANCE
    return more


def most_covered(town: Town) -> Floats:
    """Per cell: need units/year that the capacity in reach could cover if the cell had it all, at most the demand.

    An upper bound in closed form, money left aside: it lets every offer serve every space with all it has.
    """
    return np.minimum(town.cells.demand, town.supply_of(town.pairs.max_capacity))
