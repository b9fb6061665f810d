"""Ledger: who supplies what, where, for which need, and at what cost, in one table that every total is a sum of.

One row per offer, space and need with a delivery. What a cell's supply becomes (covered, wanted reserve, duplication)
is shared among its suppliers in proportion to their supply. An offer's cost is shared among the spaces in proportion to
their use and, within a space, among the needs in proportion to the units supplied, each valued at the need's price,
that of a doubled unit (docs/model.md). Cost that reaches nobody keeps a blank space or need, so that every sum over the
ledger gives the whole cost.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.results.allocation import Allocation
from allocate.results.columns import Columns
from allocate.results.measures import judge_cells
from allocate.town.arrays import Bools, Floats, Ids, Ints
from allocate.town.as_arrays import Town

COLUMNS = Columns("offer_id", "space_id", "need_id", "supply", "covered", "wanted_reserve", "duplication", "cost_eur")
QUANTITIES = COLUMNS[3:]


def delivery_of(town: Town, plan: Allocation) -> Floats:
    """Capacity units/year per pair of the town, from a plan's tables of deliveries and of how they are split."""
    delivery = _in_pairs(town, plan.delivery, np.full(len(plan.delivery), -1))
    if not town.pairs.is_divided:
        return delivery
    delivery[town.pairs.serves >= 0] = 0.0
    split = plan.split
    need = pd.Index(town.needs.ids).get_indexer(pd.Index(split["need_id"]))
    return delivery + _in_pairs(town, split, need)


def _in_pairs(town: Town, table: pd.DataFrame, need: Ints) -> Floats:
    """The capacity of a table's rows in the order of the pairs; ``need`` is -1 for all needs at once."""
    delivery = np.zeros(len(town.pairs.offer))
    offer = pd.Index(town.offers.ids).get_indexer(pd.Index(table["offer_id"]))
    space = pd.Index(town.spaces.ids).get_indexer(pd.Index(table["space_id"]))
    spaces, needs = len(town.spaces.ids), len(town.needs.ids) + 1
    # Pairs are numbered by offer, then by space, then by need, so that their codes ascend.
    code = (town.pairs.offer * spaces + town.pairs.space) * needs + town.pairs.serves
    place = np.searchsorted(code, (offer * spaces + space) * needs + need)
    delivery[np.minimum(place, len(delivery) - 1)] = table["capacity"].to_numpy(dtype=float)
    return delivery


def funding_of(town: Town, plan: Allocation) -> Floats:
    """EUR/year per funding pair; what a pot pays without being allowed to stands in no pair and is left out."""
    table = np.zeros((len(town.pots), len(town.offers.ids)))
    pot = pd.Index(town.pots).get_indexer(pd.Index(plan.funding["pot_id"]))
    offer = pd.Index(town.offers.ids).get_indexer(pd.Index(plan.funding["offer_id"]))
    known = (pot >= 0) & (offer >= 0)
    np.add.at(table, (pot[known], offer[known]), plan.funding["amount_eur"].to_numpy(dtype=float)[known])
    funding: Floats = table[town.funding.pot, town.funding.offer]
    return funding


def ledger(town: Town, plan: Allocation) -> pd.DataFrame:
    """The ledger of a plan: columns ``COLUMNS``; need units/year and EUR/year."""
    delivery = delivery_of(town, plan)
    cost = plan.offers["cost_eur"].to_numpy(dtype=float)
    capacity = town.capacity_of(delivery)
    used = delivery > 0
    pair_cost = np.zeros(len(delivery))
    offer = town.pairs.offer[used]
    pair_cost[used] = cost[offer] * delivery[used] / capacity[offer]
    parts = [
        _supplied(town, delivery, pair_cost),
        _without_need(town, used, pair_cost),
        _without_use(town, cost, capacity),
    ]
    return COLUMNS.of(pd.concat(parts, ignore_index=True))


def _supplied(town: Town, delivery: Floats, pair_cost: Floats) -> pd.DataFrame:
    entries = np.flatnonzero(delivery[town.supply.pair] > 0)
    pair, cell = town.supply.pair[entries], town.supply.cell[entries]
    supply = town.supply.rate[entries] * delivery[pair]
    figures = judge_cells(town, delivery)
    share = supply / figures.supply[cell]
    return pd.DataFrame(
        {
            "offer_id": town.offers.ids[town.pairs.offer[pair]],
            "space_id": town.spaces.ids[town.cells.space[cell]],
            "need_id": town.needs.ids[town.cells.need[cell]],
            "supply": supply,
            "covered": share * figures.covered[cell],
            "wanted_reserve": share * figures.wanted_reserve[cell],
            "duplication": share * figures.duplication[cell],
            "cost_eur": pair_cost[pair] * _part_of_pair(town, pair, supply, town.needs.price[town.cells.need[cell]]),
        }
    )


def _part_of_pair(town: Town, pair: Ints, supply: Floats, price: Floats) -> Floats:
    """Each entry's share of what its pair supplies, in value; in units where nothing it supplies has a price."""
    count = len(town.pairs.offer)
    value = supply * price
    in_value = np.bincount(pair, value, minlength=count)[pair]
    in_units = np.bincount(pair, supply, minlength=count)[pair]
    by_value = np.divide(value, in_value, where=in_value > 0, out=np.zeros(len(value)))
    return np.where(in_value > 0, by_value, supply / in_units)


def _without_need(town: Town, used: Bools, pair_cost: Floats) -> pd.DataFrame:
    """Pairs that are used but supply no need (no effect, no access)."""
    supplies = np.bincount(town.supply.pair, minlength=len(town.pairs.offer)) > 0
    idle = np.flatnonzero(used & ~supplies)
    return _money_only(
        town.offers.ids[town.pairs.offer[idle]], town.spaces.ids[town.pairs.space[idle]], pair_cost[idle]
    )


def _without_use(town: Town, cost: Floats, capacity: Floats) -> pd.DataFrame:
    """Offers that cost money but are used by nobody."""
    idle = np.flatnonzero((cost != 0) & (capacity <= 0))
    return _money_only(town.offers.ids[idle], np.full(len(idle), "", dtype=object), cost[idle])


def _money_only(offers: Ids, spaces: Ids, cost: Floats) -> pd.DataFrame:
    zero = np.zeros(len(cost))
    nothing = dict.fromkeys(QUANTITIES[:-1], zero)
    return pd.DataFrame({"offer_id": offers, "space_id": spaces, "need_id": "", **nothing, "cost_eur": cost})
