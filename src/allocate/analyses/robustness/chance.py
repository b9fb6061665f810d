"""Chance: factors on demand and unit cost, drawn so that every plan meets the same fortunes (common random numbers).

A factor is exp(sigma z) with z standard normal, so that its median is 1, and sigma = ln(1 + spread) / 1.645: nine of
ten draws of a single figure lie between 1 / (1 + spread) and 1 + spread. Figures go wrong together:

    demand of need n in space s:  z = sqrt(1/3) z_n + sqrt(1/3) z_s + sqrt(1/3) z_sn   (the need, the space, the cell)
    unit cost of offer o:         z = sqrt(1/2) z_all + sqrt(1/2) z_o                  (wages and prices, the offer)

Every z comes from the seed and the ids it belongs to, through a hash and a generator whose raw stream is the same in
all versions and on all machines. So draws do not depend on the order of rows, and more runs begin with the same ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from allocate.inputs.case import Case
from allocate.inputs.columns import numbers
from allocate.inputs.in_places import is_in_places
from allocate.town.arrays import Floats

# Nine of ten standard normal numbers lie within this distance of 0.
NINE_OF_TEN = 1.6448536269514722
_COSTS = ("unit_cost", "fixed_cost", "variable_unit_cost")


@dataclass(frozen=True)
class Spreads:
    """How far figures may be wrong: in nine of ten cases not more than by the factor 1 + spread, up or down."""

    demand: float = 0.2
    cost: float = 0.05


@dataclass(frozen=True)
class Draw:
    """One fortune: factors on the rows of ``demand`` and ``offers``, in table order."""

    number: int
    demand: Floats
    cost: Floats

    def tables(self, case: Case) -> dict[str, dict[str, Floats]]:
        """The columns of the two tables with the factors put in."""
        dearer = {name: numbers(case, "offers", name) * self.cost for name in _COSTS}
        return {"demand": {"demand": numbers(case, "demand", "demand") * self.demand}, "offers": dearer}


def draws(case: Case, runs: int, seed: int, spreads: Spreads) -> Iterator[Draw]:
    """``runs`` draws, the same for the same seed and ids; without money no costs are drawn."""
    table, offer_ids = case["demand"], case["offers"]["offer_id"].tolist()
    needs, spaces = table["need_id"].tolist(), table["space_id"].tolist()
    cells = [f"{space}\x1f{need}" for space, need in zip(spaces, needs, strict=True)]
    together = (("need", needs), ("space", spaces), ("cell", cells))
    z = math.sqrt(1 / 3) * np.sum([_by_label(seed, kind, labels, runs) for kind, labels in together], axis=0)
    demand = np.exp(_sigma(spreads.demand) * z)
    both = _by_label(seed, "all", [""], runs) + _by_label(seed, "offer", offer_ids, runs)
    cost = np.exp(_sigma(0.0 if is_in_places(case) else spreads.cost) * math.sqrt(1 / 2) * both)
    for number in range(runs):
        yield Draw(number + 1, demand[:, number], cost[:, number])


def normal(seed: int, label: str, count: int) -> Floats:
    """``count`` standard normal numbers that depend on the seed and the label alone (Box and Muller 1958)."""
    digest = int.from_bytes(blake2b(f"{seed}\x1f{label}".encode(), digest_size=16).digest())
    raw = np.random.PCG64(digest).random_raw(2 * count).astype(np.float64)
    uniform = (raw + 0.5) / 2.0**64
    numbers: Floats = np.sqrt(-2.0 * np.log(uniform[0::2])) * np.cos(2.0 * np.pi * uniform[1::2])
    return numbers


def _by_label(seed: int, kind: str, labels: Sequence[str], count: int) -> Floats:
    """A row of numbers per label; equal labels share theirs."""
    known = dict.fromkeys(labels)
    place = {label: number for number, label in enumerate(known)}
    numbers = np.array([normal(seed, f"{kind}\x1f{label}", count) for label in known]).reshape(len(known), count)
    return numbers[[place[label] for label in labels]]


def _sigma(spread: float) -> float:
    return math.log1p(spread) / NINE_OF_TEN
