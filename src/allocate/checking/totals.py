"""Totals among rows: which things of a table are the sum of a run of others, and how likely that is by accident.

Each thing i (a space, a pot) has amounts v[i, k] over whatever else the table is told by (needs, years). It is a total
where v[i, k] is the sum of v[j, k] over a run of rows directly above or below it, or of all others, for every k. Rows
found to be totals do not count in the runs of later ones, so that totals of totals are found too.

Small whole numbers add up by accident (10 = 4 + 6), so that every hit says how many accidental ones are to be expected:
the number of rows as large as this one that are large enough to be a total, over the number of steps (the greatest
common divisor of the parts) in a usual amount. A further amount that agrees makes an accident ten times less likely.
Several hits that are as unlikely support each other, by the law of rare events.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]

LEAST_RUN = 3  # rows of a run
LEAST_ALL = 2  # rows, where they are all others
DECIMALS = 10_000  # amounts are compared to four decimals
_NEAR = 1e-9  # relative error of a sum of floats
_AGREEING = 0.1  # how much less likely a further agreeing amount makes an accident
_MOST_AGREEING = 3
_LOOKED_AT = 50  # parts from which steps and proportions are taken


@dataclass(frozen=True)
class Total:
    """A thing that is the sum of others (numbers of things), and how many such sums accident would give."""

    thing: int
    parts: tuple[int, ...]
    by_accident: float


@dataclass(frozen=True)
class Amounts:
    """Non-negative amounts in long form: ``thing`` 0..count-1 in the order of the file, ``other`` 0..others-1 the rest
    of the key; rows are sorted by thing and those of thing i begin at ``start[i]``.
    """

    thing: Ints
    other: Ints
    value: Floats
    count: int
    others: int
    start: Ints

    @classmethod
    def of(cls, thing: Ints, other: Ints, value: Floats, count: int) -> Amounts:
        """Amounts of ``count`` things; what is blank or negative counts as zero."""
        value = np.where(np.isfinite(value) & (value > 0) & (value < 1e12), value, 0.0)
        order = np.argsort(thing, kind="stable")
        thing, other, value = thing[order], other[order], value[order]
        start = np.searchsorted(thing, np.arange(count + 1))
        return cls(thing, other, value, count, int(other.max(initial=-1)) + 1, start)

    def per_other(self, things: Ints) -> Floats:
        """The sum over these things, per ``other``."""
        rows = np.concatenate([np.arange(self.start[one], self.start[one + 1]) for one in things])
        return np.bincount(self.other[rows], self.value[rows], minlength=self.others)


def totals(amounts: Amounts) -> list[Total]:
    """All totals among the things."""
    if amounts.count <= LEAST_ALL:
        return []
    # One weighted sum per thing finds the candidates; each is then compared amount by amount.
    weight = np.random.default_rng(0).uniform(1.0, 2.0, amounts.others)
    size = np.bincount(amounts.thing, amounts.value * weight[amounts.other], minlength=amounts.count)
    found: dict[int, tuple[int, ...]] = {}
    large = 1
    for order in (np.arange(amounts.count), np.arange(amounts.count)[::-1]):
        runs, possible = _runs(amounts, size, order)
        large += possible
        found = {**runs, **found}
    for thing, parts in _all_others(amounts, size, found).items():
        found.setdefault(thing, parts)
    hits = sorted(found.items())
    rank = {thing: number for number, thing in enumerate(np.argsort(-size, kind="stable").tolist(), 1)}
    alone = np.array([min(large, rank[thing]) * _accident(amounts, thing, parts) for thing, parts in hits])
    return [Total(thing, parts, one) for (thing, parts), one in zip(hits, _supported(alone), strict=True)]


def _supported(alone: Floats) -> list[float]:
    """How likely so many accidents are at once that are at least as unlikely as each."""
    many = np.searchsorted(np.sort(alone), alone, side="right")
    return [
        min(one, math.exp(count * math.log(one) - math.lgamma(count + 1)))
        for one, count in zip(alone.tolist(), many.tolist(), strict=True)
    ]


def _runs(amounts: Amounts, size: Floats, order: Ints) -> tuple[dict[int, tuple[int, ...]], int]:
    """Things that are the sum of a run directly before them in this order, and how many are large enough for that."""
    found: dict[int, tuple[int, ...]] = {}
    before: list[int] = []  # things that are no totals and not zero
    sums = [0.0]
    large = 0
    for thing in order.tolist():
        own = float(size[thing])
        if own <= 0:
            continue
        if len(before) >= LEAST_RUN and own >= (sums[-1] - sums[-1 - LEAST_RUN]) * (1 - _NEAR):
            large += 1
            slack = _NEAR * sums[-1]
            at = bisect_left(sums, sums[-1] - own - slack)
            if at <= len(before) - LEAST_RUN and abs(sums[-1] - sums[at] - own) <= slack:
                parts = tuple(sorted(before[at:]))
                if _equal(amounts, thing, parts):
                    found[thing] = parts
                    continue
        before.append(thing)
        sums.append(sums[-1] + own)
    return found, large


def _all_others(amounts: Amounts, size: Floats, found: dict[int, tuple[int, ...]]) -> dict[int, tuple[int, ...]]:
    """The greatest thing, where it is the sum of all others that are no totals."""
    own = int(size.argmax())
    others = tuple(one for one in np.flatnonzero(size > 0).tolist() if one != own and one not in found)
    near = len(others) >= LEAST_ALL and abs(size[list(others)].sum() - size[own]) <= _NEAR * size.sum()
    return {own: others} if near and _equal(amounts, own, others) else {}


def _equal(amounts: Amounts, thing: int, parts: tuple[int, ...]) -> bool:
    """Whether every amount is the sum of those of the parts."""
    own, whole = amounts.per_other(np.array([thing])), amounts.per_other(np.array(parts))
    return bool((np.abs(own - whole) <= 0.5 / DECIMALS + _NEAR * whole).all())


def _accident(amounts: Amounts, thing: int, parts: tuple[int, ...]) -> float:
    """How likely one thing large enough would be such a sum by accident."""
    own = amounts.per_other(np.array([thing]))
    agreeing = np.flatnonzero(own > 0)
    some = np.array([amounts.per_other(np.array([part]))[agreeing] for part in parts[:_LOOKED_AT]])
    steps = np.gcd.reduce(np.rint(some * DECIMALS).astype(np.int64), axis=0) / DECIMALS
    usual = own[agreeing] / len(parts) / np.maximum(steps, 1 / DECIMALS)
    # Amounts in fixed proportion agree of themselves; as many as are really different count.
    different = len(np.unique(np.round(some / own[agreeing], 3), axis=1).T)
    return float(1 / usual.max() * _AGREEING ** min(different - 1, _MOST_AGREEING))
