"""Divisions: the ways to divide the Land's pots that are compared, each settled until the towns confirm it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from allocate.analyses.land.master import Division, Rules, divide
from allocate.analyses.land.merge import Pieces, merge, pieces_of
from allocate.analyses.land.worth import Curve
from allocate.town.arrays import Floats

KEY, NEED, FAIR = "by_key", "by_need", "lowest_first"
# How far the proven bound may lie above what the towns confirm, in points of value of the whole Land.
CLOSE = 1e-9
# Rounds of questions to the towns after which a division is shown with the gap it has.
MOST_ROUNDS = 60
# Amounts that differ by less are the same (EUR).
SAME_AMOUNT = 1e-6

type Ask = Callable[[dict[int, Floats]], dict[int, Curve]]


@dataclass(frozen=True)
class Settled:
    """One division of the money.

    ``amounts``: EUR/year per town and pot; ``values``: what each town can make of it (objective); ``value``: their
    weighted sum; ``bound``: no division under the same rules is worth more; ``rounds``: questions to the towns.
    """

    name: str
    keep: float
    amounts: Floats
    values: Floats
    value: float
    bound: float
    rounds: int = 0

    @property
    def gap(self) -> float:
        """How much better the best division may still be (>= 0)."""
        return max(0.0, self.bound - self.value)


class Divisions:
    """The towns' worth as far as it is known, and the divisions made of it.

    ``key`` EUR/year per town and pot by the key; ``ask`` puts questions to towns by number. Cuts that one division
    brought serve all others.
    """

    def __init__(self, curves: Sequence[Curve], rules: Rules, key: Floats, ask: Ask) -> None:
        self.curves = list(curves)
        self.rules = rules
        self.key = key
        self._ask = ask

    def by_key(self) -> Settled | None:
        """The division by the key; None where a town has no plan with it."""
        values = self.values_by_key
        value = float(self.rules.weights @ values)
        return None if math.isnan(value) else Settled(KEY, 1.0, self.key, values, value, value)

    @cached_property
    def values_by_key(self) -> Floats:
        """What each town can make of what the key gives it (objective); NaN where it has no plan with it."""
        towns = range(len(self.curves))
        unknown = [at for at in towns if math.isnan(self._confirmed(at, self.key[at]))]
        self._learn({at: self.key[at] for at in unknown})
        return np.array([self._confirmed(at, self.key[at]) for at in towns])

    def _learn(self, amounts: dict[int, Floats]) -> None:
        """Ask towns for their value at amounts and keep what they say."""
        for at, more in (self._ask(amounts) if amounts else {}).items():
            self.curves[at] = self.curves[at].joined(more)

    def settled(self, name: str, keep: float) -> Settled | None:
        """The best division in which every town keeps at least this share of what the key gives it.

        ``name`` is ``by_need`` (the greatest sum) or ``lowest_first``. None where the money does not reach
        what every town must have. Raises ``CertificateError``.
        """
        rules = replace(self.rules, least=np.maximum(self.rules.least, keep * self.key))
        rules = replace(rules, most=np.maximum(rules.most, rules.least))
        best: Settled | None = None
        for rounds in range(MOST_ROUNDS):
            found = self._divided(rules, fair=name == FAIR)
            if found is None:
                return None
            values = np.array([self._confirmed(at, found.amounts[at]) for at in range(len(self.curves))])
            value = float(rules.weights @ values)
            if np.isfinite(values).all() and (best is None or value > best.value or name == FAIR):
                best = Settled(name, keep, found.amounts, values, value, found.bound, rounds)
            best = None if best is None else replace(best, bound=found.bound)
            unsure = found.values - values
            spread = CLOSE if name == FAIR else CLOSE / len(values)
            asked = [
                at for at, one in enumerate(unsure) if not one * (1.0 if name == FAIR else rules.weights[at]) <= spread
            ]
            if not asked:
                break
            self._learn({at: found.amounts[at] for at in asked})
        return best

    def _divided(self, rules: Rules, *, fair: bool) -> Division | None:
        if fair or rules.least.shape[1] > 1:
            return divide(self.curves, rules, fair=fair)
        merged = merge(self.pieces(rules), float(rules.money[0]), self.key[:, 0])
        if merged is None:
            return None
        amounts = merged[:, None]
        values = np.array([curve.upper(amounts[at]) for at, curve in enumerate(self.curves)])
        return Division(amounts, values, float(rules.weights @ values))

    def pieces(self, rules: Rules) -> list[Pieces]:
        """What every town makes of the only pot, in pieces of falling slope."""
        return [
            pieces_of(
                [point.cut for point in curve.points],
                float(rules.least[at, 0]),
                float(rules.most[at, 0]),
                float(rules.weights[at]),
            )
            for at, curve in enumerate(self.curves)
        ]

    def _confirmed(self, at: int, amounts: Floats) -> float:
        """The value that a plan of the town is known to reach at these amounts; NaN where none is known.

        With one pot also between two points, where a mix of both plans is one.
        """
        points = self.curves[at].points
        known = np.array([point.amounts for point in points])
        values = np.array([point.value for point in points])
        exact = np.abs(known - amounts).max(axis=1) <= SAME_AMOUNT
        if exact.any():
            return float(values[exact].max())
        if len(amounts) > 1 or amounts[0] < known[0, 0]:
            return math.nan
        return float(np.interp(amounts[0], known[:, 0], values))


def money_for(pieces: list[Pieces], start: float, value: float) -> float:
    """The least money of the only pot with which the towns together reach a value; ``start``: theirs at the least.

    NaN where no amount is enough.
    """
    widths = np.concatenate([town.widths for town in pieces])
    slopes = np.concatenate([town.slopes for town in pieces])
    order = np.argsort(-slopes, kind="stable")
    gained = np.cumsum(widths[order] * slopes[order])
    spent = np.cumsum(widths[order])
    first = float(sum(town.start for town in pieces))
    if value <= start:
        return first
    at = int(np.searchsorted(gained, value - start - CLOSE))
    if at >= len(gained):
        return math.nan
    before = float(gained[at - 1]) if at else 0.0
    slope = float(slopes[order[at]])
    return first + (float(spent[at - 1]) if at else 0.0) + max(0.0, value - start - before) / slope
