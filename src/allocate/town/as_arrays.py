"""Town: the case of one scenario as arrays, the symbols of the model with their planning words.

Sets are numbered in table order: spaces s, needs n, offers o, pots b. A *pair* is an offer used by a space within
reach (of an offer whose needs exclude one another: one pair for each of these needs), a *cell* a space and a need with
demand or possible supply, a *supply entry* what one capacity unit of a pair covers in a cell, a *funding pair* a pot
that may pay for an offer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from allocate.town.arrays import Bools, Floats, Ids, Ints

# A capacity that is above the beginning of a step by this share of it is there only by rounding.
ROUNDING = 1e-6


@dataclass(frozen=True)
class Spaces:
    """Social spaces: ids, region ids, q = how often a person counts."""

    ids: Ids
    region: Ids
    weight: Floats


@dataclass(frozen=True)
class Needs:
    """Needs: W = weight, r = wanted reserve as share of demand, price in EUR of a doubled unit."""

    ids: Ids
    weight: Floats
    wanted_reserve: Floats
    price: Floats


@dataclass(frozen=True)
class Offers:
    """Offers: u = EUR per capacity unit and year; cap, com, baseline in capacity units/year; h = baseline cost EUR.

    ``fixed_cost``, ``variable_unit_cost`` and ``min_if_open`` concern indivisible scenarios only. ``posts_per_unit``:
    posts per capacity unit, ``own_share``: the provider's part of the whole cost; 0 where nobody has said.
    """

    ids: Ids
    provider: Ids
    department: Ids
    unit_cost: Floats
    max_capacity: Floats
    committed: Floats
    baseline_capacity: Floats
    fixed_cost: Floats
    variable_unit_cost: Floats
    min_if_open: Floats
    posts_per_unit: Floats
    own_share: Floats

    @property
    def own_money(self) -> Floats:
        """EUR that the provider pays itself per EUR of the cost, which is net of it."""
        money: Floats = self.own_share / (1.0 - self.own_share)
        return money

    @property
    def cost_of_post(self) -> Floats:
        """EUR/year of the places that one post serves; 0 where an offer takes no posts."""
        none = np.zeros(len(self.unit_cost))
        cost: Floats = np.divide(self.unit_cost, self.posts_per_unit, out=none, where=self.posts_per_unit > 0)
        return cost

    @property
    def baseline_cost(self) -> Floats:
        """h[o] = u[o] * baseline capacity, EUR/year."""
        cost: Floats = self.unit_cost * self.baseline_capacity
        return cost


@dataclass(frozen=True)
class Pairs:
    """(offer, space) pairs in reach: a = access 0..1, capacity limits and today's use, corridor shares.

    Where capacity serves one of several needs at a time, there is a pair for each of them and ``serves`` is the number
    of its need; everywhere else it is -1. Limits and shares then hold for the sum of an offer's pairs in a space
    (``town/either_or.py``).
    """

    offer: Ints
    space: Ints
    access: Floats
    max_capacity: Floats
    baseline: Floats
    min_share: Floats
    max_share: Floats
    serves: Ints

    @cached_property
    def is_divided(self) -> bool:
        """Whether any capacity serves one need at a time."""
        return bool((self.serves >= 0).any())

    @cached_property
    def divided(self) -> Ints:
        """The first pair of every use that is divided among needs, in the order of the rows of their sums."""
        return np.unique(self.first[self.serves >= 0])

    @cached_property
    def first(self) -> Ints:
        """The first pair of each offer and space, pair by pair: its own number where nothing is divided."""
        new = np.ones(len(self.offer), dtype=bool)
        new[1:] = (self.offer[1:] != self.offer[:-1]) | (self.space[1:] != self.space[:-1])
        starts = np.flatnonzero(new)
        first: Ints = starts[np.cumsum(new) - 1] if len(starts) else starts
        return first


@dataclass(frozen=True)
class Cells:
    """(space, need) cells: d = demand in need units/year, omega = worth of one covered unit."""

    space: Ints
    need: Ints
    demand: Floats
    worth: Floats


@dataclass(frozen=True)
class Supply:
    """Supply entries: one capacity unit of ``pair`` supplies ``rate`` = e * a need units to ``cell``."""

    pair: Ints
    cell: Ints
    rate: Floats


@dataclass(frozen=True)
class Funding:
    """Funding pairs: ``pot`` may pay up to ``max_share`` of the cost of ``offer``; ``baseline`` EUR/year today.

    ``baseline`` is NaN where nobody has said who pays for the offer today: unknown is not nothing.
    """

    pot: Ints
    offer: Ints
    max_share: Floats
    baseline: Floats


@dataclass(frozen=True)
class Steps:
    """Steps of cost (indivisible scenarios): beyond ``start`` capacity units ``offer`` costs ``cost`` EUR/year more."""

    offer: Ints
    start: Floats
    cost: Floats

    def begun(self, capacity: Floats) -> Bools:
        """Which steps a capacity (units/year per offer) goes beyond."""
        return capacity[self.offer] > self.start + ROUNDING * np.maximum(self.start, 1.0)


@dataclass(frozen=True)
class Segments:
    """Concave worth of coverage: covered share in (start, stop] of demand is worth ``value`` per unit."""

    start: Floats
    stop: Floats
    value: Floats


@dataclass(frozen=True)
class Weights:
    """Weights of the objective's terms and the budget in EUR that turns money into shares."""

    equity: float
    duplication: float
    movement: float
    budget: float

    def per_euro(self, weight: float) -> float:
        """The objective's price of one euro; nothing where there is no budget at all."""
        return weight / self.budget if self.budget > 0 else 0.0


@dataclass(frozen=True)
class Provision:
    """What a town can cover with what it has, whoever pays: the part that its checks ask, too."""

    spaces: Spaces
    needs: Needs
    offers: Offers
    pairs: Pairs
    cells: Cells
    supply: Supply

    def supply_of(self, delivery: Floats) -> Floats:
        """Supply in need units/year per cell, from capacity units/year per pair (left side of C1)."""
        used = self.supply.rate * delivery[self.supply.pair]
        return np.bincount(self.supply.cell, used, minlength=len(self.cells.demand))

    def capacity_of(self, delivery: Floats) -> Floats:
        """X[o] = sum of the capacity units used over all spaces."""
        return np.bincount(self.pairs.offer, delivery, minlength=len(self.offers.ids))


@dataclass(frozen=True)
class Town(Provision):
    """Everything the model needs to know of one scenario, as arrays."""

    pots: Ids
    pot_amount: Floats
    funding: Funding
    segments: Segments
    steps: Steps
    weights: Weights
    indivisible: bool
    max_moved: float

    def cost_of(self, capacity: Floats, opened: Bools | None = None, begun: Bools | None = None) -> Floats:
        """EUR/year per offer: u X; in an indivisible scenario fixed cost where open, steps begun and variable cost.

        ``opened``, ``begun``: the offers that exist and the steps that are paid in an indivisible scenario; what
        capacities say where nothing else is known.
        """
        if not self.indivisible:
            return self.offers.unit_cost * capacity
        opened = capacity > 0 if opened is None else opened
        cost: Floats = self.offers.fixed_cost * opened + self.offers.variable_unit_cost * capacity
        begun = self.steps.begun(capacity) if begun is None else begun
        return cost + np.bincount(self.steps.offer[begun], self.steps.cost[begun], minlength=len(cost))
