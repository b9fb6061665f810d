"""Merge of slopes: how one pot of the Land is best divided, exactly.

Each town's worth is concave and piecewise linear, so that every further euro belongs where the slope is steepest: the
pieces of all towns, steepest first, until the money is spent. Among equally good divisions the one closest to the key
is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from allocate.analyses.land.worth import Cut
from allocate.town.arrays import Floats

# Slopes that differ by less than this share are the same.
SAME_SLOPE = 1e-9


@dataclass(frozen=True)
class Pieces:
    """A concave function of one amount: from ``start`` on, pieces of a width (EUR) and a slope that only falls."""

    start: float
    widths: Floats
    slopes: Floats


def pieces_of(cuts: list[Cut], least: float, most: float, weight: float = 1.0) -> Pieces:
    """The lower envelope of cuts of one pot between two amounts, times the town's weight."""
    lines = sorted({(cut.slopes[0], cut.height) for cut in cuts}, key=lambda line: (-line[0], line[1]))
    hull: list[tuple[float, float]] = []
    for slope, height in lines:
        if hull and hull[-1][0] == slope:
            continue
        while hull and _crossing(hull[-1], (slope, height)) <= (
            _crossing(hull[-2], hull[-1]) if len(hull) > 1 else least
        ):
            hull.pop()
        hull.append((slope, height))
    bends = [least, *(_crossing(one, other) for one, other in pairwise(hull)), most]
    ends = np.clip(np.array(bends), least, most)
    widths, slopes = np.diff(ends), np.array([slope for slope, _ in hull]) * weight
    kept = widths > 0
    return Pieces(least, widths[kept], slopes[kept])


def merge(towns: list[Pieces], money: float, key: Floats) -> Floats | None:
    """EUR/year per town of ``money``; None where it does not reach what every town must have."""
    start = np.array([town.start for town in towns])
    left = money - float(start.sum())
    if left < -1e-6 * max(1.0, money):
        return None
    owner = np.concatenate([np.full(len(town.widths), at) for at, town in enumerate(towns)]).astype(np.int64)
    widths = np.concatenate([town.widths for town in towns])
    slopes = np.concatenate([town.slopes for town in towns])
    order = np.argsort(-slopes, kind="stable")
    order = order[slopes[order] > 0]
    filled = np.cumsum(widths[order])
    if not len(order) or filled[-1] <= left:
        used: Floats = start + np.bincount(owner[order], widths[order], minlength=len(towns))
        return used
    price = float(slopes[order[np.searchsorted(filled, left)]])
    sure = slopes > price * (1 + SAME_SLOPE)
    open_ = (slopes >= price * (1 - SAME_SLOPE)) & ~sure
    least = start + np.bincount(owner[sure], widths[sure], minlength=len(towns))
    most = least + np.bincount(owner[open_], widths[open_], minlength=len(towns))
    return _closest(least, most, key, money)


def _closest(least: Floats, most: Floats, key: Floats, money: float) -> Floats:
    """Amounts between bounds that sum to the money: the key as far as it fits, the rest in proportion to the room."""
    amounts = np.clip(key, least, most)
    missing = money - float(amounts.sum())
    room = most - amounts if missing > 0 else amounts - least
    share = missing / float(room.sum()) if room.sum() > 0 else 0.0
    closest: Floats = np.clip(amounts + share * room, least, most)
    return closest


def _crossing(steep: tuple[float, float], flat: tuple[float, float]) -> float:
    return (flat[1] - steep[1]) / (steep[0] - flat[0])
