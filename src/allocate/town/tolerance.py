"""What counts as above: differences that are rounding contradict nothing."""

from __future__ import annotations

from allocate.town.arrays import Bools, Floats

# Differences below this share of what is needed are rounding.
TOLERANCE = 1e-9


def above(needed: Floats, available: Floats) -> Bools:
    """Whether more is needed than there is."""
    more: Bools = needed > available * (1 + TOLERANCE) + TOLERANCE
    return more
