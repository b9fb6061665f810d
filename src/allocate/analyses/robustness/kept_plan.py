"""The proposal kept, come what may: its money and use stay, and dearer offers deliver less.

Planning again in every draw would need to know the future. The honest question is what the decided plan does in it:
every offer gets the money of the proposal. Where it has become dearer, its delivery shrinks in the same proportion in
every space; where it has become cheaper, it delivers what was agreed and the rest stays unspent. Figures come from the
one calculator for all plans.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocate.analyses.robustness.replan import Replanned
from allocate.model.compile import Compiled
from allocate.results.measures import judge_cells
from allocate.results.plan_tables import FLOOR_TOLERANCE
from allocate.town.arrays import Floats


@dataclass(frozen=True)
class FloorsMissed:
    """Enforced floors (one per place) that a delivery misses, and by how many need units/year in all."""

    count: int
    units: float


def kept_plan(proposal: Replanned, then: Compiled) -> Replanned:
    """The proposal under other figures of the same town: same money, same use, less where the cost has risen."""
    capacity = affordable(proposal, then)
    before = proposal.capacity
    factor = np.divide(capacity, before, out=np.zeros(len(before)), where=before > 0)
    delivery = proposal.delivery * factor[then.town.pairs.offer]
    return Replanned(then, delivery, capacity, _cost(then, capacity, proposal), proposal.unique)


def affordable(proposal: Replanned, then: Compiled) -> Floats:
    """Capacity units/year that the proposal's money buys of every offer, at most what the proposal delivers."""
    offers, money, before = then.town.offers, proposal.cost, proposal.capacity
    if not then.town.indivisible:
        bought = np.divide(money, offers.unit_cost, out=before.copy(), where=offers.unit_cost > 0)
        return np.minimum(before, bought)
    rest = np.maximum(money - offers.fixed_cost, 0.0)
    bought = np.divide(rest, offers.variable_unit_cost, out=before.copy(), where=offers.variable_unit_cost > 0)
    return np.where(money + 1e-9 >= offers.fixed_cost, np.minimum(before, bought), 0.0)


def overspending(proposal: Replanned, then: Compiled, funding: Floats) -> float:
    """EUR/year by which the pots would be exceeded if everything agreed were delivered at the new cost.

    ``funding``: EUR/year per funding pair of the town; each payer's part of an offer grows with the offer's cost.
    """
    town = then.town
    full = _cost(then, proposal.capacity, proposal)
    growth = np.divide(full, proposal.cost, out=np.ones(len(full)), where=proposal.cost > 0)
    paid = np.bincount(town.funding.pot, funding * growth[town.funding.offer], minlength=len(town.pots))
    return float(np.maximum(0.0, paid - town.pot_amount).sum())


def floors_missed(then: Compiled, delivery: Floats) -> FloorsMissed:
    """Statutory and political floors a delivery misses; targets do not count."""
    rules = then.floors
    missing = rules.required - rules.achieved(judge_cells(then.town, delivery).covered)
    missed = rules.enforced & (missing > FLOOR_TOLERANCE * rules.demand)
    return FloorsMissed(int(missed.sum()), float(missing[missed].sum()))


def _cost(then: Compiled, capacity: Floats, proposal: Replanned) -> Floats:
    """EUR per offer; an offer that the proposal opens stays open while it delivers anything."""
    return then.town.cost_of(capacity, (proposal.cost > 0) & (capacity > 0))
