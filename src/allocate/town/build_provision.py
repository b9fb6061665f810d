"""Building a town's provision: the tables of a case as arrays of who serves whom with what.

Checks ask here too, before the tables are known to be in order: rows that name an unknown id are left out.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from allocate.inputs.case import Case
from allocate.inputs.kept import kept
from allocate.town.arrays import Floats, Ids, Ints
from allocate.town.either_or import Effects, divided, exclude_one_another
from allocate.town.prices import prices
from allocate.town.town import Cells, Needs, Offers, Pairs, Provision, Spaces, Supply


def build_provision(case: Case, need_weight: Floats) -> Provision:
    """The arrays of what a case covers with what it has, whoever pays; ``need_weight``: W of each need."""
    offers, spaces, demand, pairs, effects = (
        offers_of(case),
        spaces_of(case),
        _demand(case),
        _pairs(case),
        _effects(case),
    )
    need_ids = _needs(case)
    if effects.exclusive.any():
        pairs = divided(pairs, effects, demand.matrix(len(spaces.ids), len(need_ids)))
    total = np.bincount(demand.need, demand.amount, minlength=len(need_ids))
    price = prices(offers, (effects.offer, effects.need, effects.effect), total)
    needs = Needs(need_ids, need_weight, numbers_of(case["needs"]["wanted_reserve"]), price)
    cells, supply = _cells_and_supply(demand, spaces, needs, pairs, effects)
    return Provision(spaces, needs, offers, pairs, cells, supply)


class _Demand(NamedTuple):
    """The rows of demand by the numbers of their spaces and needs, need units/year."""

    space: Ints
    need: Ints
    amount: Floats

    def matrix(self, spaces: int, needs: int) -> Floats:
        """The same as spaces x needs; 0 where there is no row."""
        demand = np.zeros((spaces, needs))
        demand[self.space, self.need] = self.amount
        return demand


def ids_of(column: pd.Series) -> Ids:
    """A column of ids."""
    return column.to_numpy(dtype=object)


def numbers_of(column: pd.Series, default: float | None = None) -> Floats:
    """A column of numbers, with the default in its blanks."""
    values: Floats = column.to_numpy(dtype=np.float64)
    return values if default is None else np.where(np.isnan(values), default, values)


def codes_of(ids: Ids, column: pd.Series) -> Ints:
    """Numbers of ids in their table; -1 for an unknown one."""
    number = {id: at for at, id in reversed(list(enumerate(ids.tolist())))}
    return np.array([number.get(id, -1) for id in column.tolist()], dtype=np.int64)


@kept
def spaces_of(case: Case) -> Spaces:
    """The spaces of a case, in the order of their table."""
    table = case["spaces"]
    return Spaces(ids_of(table["space_id"]), ids_of(table["region_id"]), numbers_of(table["weight"]))


@kept
def _needs(case: Case) -> Ids:
    return ids_of(case["needs"]["need_id"])


@kept
def offers_of(case: Case) -> Offers:
    """The offers of a case, in the order of their table."""
    table = case["offers"]
    unit_cost = numbers_of(table["unit_cost"])
    variable = numbers_of(table["variable_unit_cost"])
    return Offers(
        ids=ids_of(table["offer_id"]),
        # Who provides an offer that names nobody is unknown: it is no provider together with others like it.
        provider=ids_of(table["provider_id"].where(table["provider_id"] != "", table["offer_id"])),
        department=ids_of(table["department_id"]),
        unit_cost=unit_cost,
        max_capacity=numbers_of(table["max_capacity"]),
        committed=numbers_of(table["committed_capacity"]),
        baseline_capacity=numbers_of(table["baseline_capacity"]),
        fixed_cost=numbers_of(table["fixed_cost"], 0.0),
        variable_unit_cost=np.where(np.isnan(variable), unit_cost, variable),
        min_if_open=numbers_of(table["min_capacity_if_open"], 0.0),
        posts_per_unit=numbers_of(table["posts_per_unit"], 0.0),
        own_share=numbers_of(table["own_share"], 0.0),
    )


@kept
def _pairs(case: Case) -> Pairs:
    reach, offers, spaces = case["reach"], offers_of(case), spaces_of(case)
    if reach.empty:
        return _pairs_without_reach(case, offers, spaces, _demand(case))
    offer, space = codes_of(offers.ids, reach["offer_id"]), codes_of(spaces.ids, reach["space_id"])
    known = np.flatnonzero((offer >= 0) & (space >= 0))
    # An offer uses a space once, so one number per pair orders them.
    order = known[np.argsort(offer[known] * len(spaces.ids) + space[known])]
    offer, space = offer[order], space[order]
    own = numbers_of(reach["max_capacity"])[order]
    return Pairs(
        offer=offer,
        space=space,
        access=numbers_of(reach["access"])[order],
        max_capacity=np.fmin(own, offers.max_capacity[offer]),
        baseline=numbers_of(reach["baseline_capacity"])[order],
        min_share=numbers_of(reach["min_use_share"])[order],
        max_share=numbers_of(reach["max_use_share"])[order],
        serves=np.full(len(order), -1, dtype=np.int64),
    )


def _pairs_without_reach(case: Case, offers: Offers, spaces: Spaces, demand: _Demand) -> Pairs:
    """Without a reach table an offer serves its home space, or every space where it names none.

    Today's use of a town-wide offer is then spread evenly per resident's demand: by the demand of each space.
    """
    home = codes_of(spaces.ids, case["offers"]["home_space_id"])
    everywhere = np.flatnonzero(home < 0)
    count = len(spaces.ids)
    offer = np.concatenate([np.flatnonzero(home >= 0), np.repeat(everywhere, count)])
    space = np.concatenate([home[home >= 0], np.tile(np.arange(count), len(everywhere))])
    of_space = np.bincount(demand.space, demand.amount, minlength=count)
    total = of_space.sum()
    part = of_space / total if total > 0 else np.full(count, 1.0 / max(count, 1))
    share = np.concatenate([np.ones(int((home >= 0).sum())), np.tile(part, len(everywhere))])
    order = np.lexsort((space, offer))
    offer, space, share = offer[order].astype(np.int64), space[order].astype(np.int64), share[order]
    ones = np.ones(len(offer))
    limit = offers.max_capacity[offer]
    whole = np.full(len(offer), -1, dtype=np.int64)
    return Pairs(offer, space, ones, limit, offers.baseline_capacity[offer] * share, 0 * ones, ones, whole)


@kept
def _demand(case: Case) -> _Demand:
    table = case["demand"]
    space, need = codes_of(spaces_of(case).ids, table["space_id"]), codes_of(_needs(case), table["need_id"])
    known = (space >= 0) & (need >= 0)
    return _Demand(space[known], need[known], numbers_of(table["demand"])[known])


@kept
def _effects(case: Case) -> Effects:
    """Positive effects, ordered by offer."""
    table = case["effects"]
    offer, need = codes_of(offers_of(case).ids, table["offer_id"]), codes_of(_needs(case), table["need_id"])
    effect = numbers_of(table["effect"])
    kept = np.flatnonzero((effect > 0) & (offer >= 0) & (need >= 0))
    kept = kept[np.lexsort((need[kept], offer[kept]))]
    exclusive = table["exclusive"].to_numpy(dtype=bool)[kept]
    return Effects(offer[kept], need[kept], effect[kept], exclude_one_another(offer[kept], exclusive))


def _cells_and_supply(
    demand: _Demand, spaces: Spaces, needs: Needs, pairs: Pairs, effects: Effects
) -> tuple[Cells, Supply]:
    effects_of = np.bincount(effects.offer, minlength=int(pairs.offer.max(initial=-1)) + 1)
    count = effects_of[pairs.offer]
    first = (np.cumsum(effects_of) - effects_of)[pairs.offer]
    pair = np.repeat(np.arange(len(pairs.offer)), count)
    within = np.arange(len(pair)) - np.repeat(np.cumsum(count) - count, count)
    entry = np.repeat(first, count) + within
    rate = effects.effect[entry] * pairs.access[pair]
    kept = rate > 0
    if pairs.is_divided:
        kept &= ~effects.exclusive[entry] | (pairs.serves[pair] == effects.need[entry])
    pair, rate, need = pair[kept], rate[kept], effects.need[entry[kept]]
    code = pairs.space[pair] * len(needs.ids) + need

    positive = demand.amount > 0
    demanded, amount = (demand.space * len(needs.ids) + demand.need)[positive], demand.amount[positive]
    # A mark for every space and need is faster than sorting the supply entries to find the cells among them.
    marked = np.zeros(len(spaces.ids) * len(needs.ids), dtype=bool)
    marked[demanded] = True
    marked[code] = True
    cells = np.flatnonzero(marked)
    number = np.cumsum(marked) - 1
    cell_demand = np.zeros(len(cells))
    cell_demand[number[demanded]] = amount
    cell_space, cell_need = np.divmod(cells, max(len(needs.ids), 1))
    worth = _worth(spaces, needs, cell_space, cell_need, cell_demand)
    return (
        Cells(cell_space.astype(np.int64), cell_need.astype(np.int64), cell_demand, worth),
        Supply(pair.astype(np.int64), number[code].astype(np.int64), rate),
    )


def _worth(spaces: Spaces, needs: Needs, space: Ints, need: Ints, demand: Floats) -> Floats:
    """omega[s,n] = W[n] / sum W * q[s] / D[n], with D[n] = sum over spaces of q[s] d[s,n]."""
    weighted = spaces.weight[space] * demand
    total = np.bincount(need, weighted, minlength=len(needs.ids))[need]
    weight_sum = needs.weight.sum()
    if weight_sum <= 0:
        return np.zeros(len(space))
    with np.errstate(divide="ignore", invalid="ignore"):
        worth = needs.weight[need] / weight_sum * spaces.weight[space] / total
    return np.where(total > 0, worth, 0.0)
