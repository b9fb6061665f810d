"""Building a town's provision: the tables of a case as arrays of who serves whom with what.

Checks ask here too, before the tables are known to be in order: rows that name an unknown id are left out.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from allocate.inputs.case import Case
from allocate.inputs.columns import ids, marks, numbers
from allocate.inputs.kept import kept
from allocate.town.arrays import Floats, Ids, Ints
from allocate.town.as_arrays import Cells, Needs, Offers, Pairs, Provision, Spaces, Supply
from allocate.town.either_or import Effects, divided, exclude_one_another


def build_provision(case: Case, need_weight: Floats) -> Provision:
    """The arrays of what a case covers with what it has, whoever pays; ``need_weight``: W of each need."""
    offers, spaces, demand, pairs, effects = (
        offers_of(case),
        spaces_of(case),
        _demand(case),
        _pairs(case),
        effects_of(case),
    )
    need_ids = ids(case, "needs", "need_id")
    if effects.exclusive.any():
        pairs = divided(pairs, effects, demand.matrix(len(spaces.ids), len(need_ids)))
    total = np.bincount(demand.need, demand.amount, minlength=len(need_ids))
    price = prices(offers, (effects.offer, effects.need, effects.effect), total)
    needs = Needs(need_ids, need_weight, numbers(case, "needs", "wanted_reserve"), price)
    cells, supply = _cells_and_supply(case, demand, (spaces, needs), pairs, effects)
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


def codes_of(ids: Ids, named: Ids | pd.Series | pd.Index) -> Ints:
    """Numbers of ids in their table; -1 for an unknown one."""
    number = {id: at for at, id in reversed(list(enumerate(ids.tolist())))}
    return np.array([number.get(id, -1) for id in named.tolist()], dtype=np.int64)


@kept
def numbers_in(case: Case, table: str, column: str, of: str) -> Ints:
    """A column of ids as their numbers in the table that they are from (column ``of`` as well); -1 for unknown ones."""
    own = {"offer_id": "offers", "space_id": "spaces", "need_id": "needs", "pot_id": "pots"}[of]
    return codes_of(ids(case, own, of), ids(case, table, column))


@kept
def spaces_of(case: Case) -> Spaces:
    """The spaces of a case, in the order of their table."""
    return Spaces(ids(case, "spaces", "space_id"), ids(case, "spaces", "region_id"), numbers(case, "spaces", "weight"))


@kept
def offers_of(case: Case) -> Offers:
    """The offers of a case, in the order of their table."""
    unit_cost = numbers(case, "offers", "unit_cost")
    variable = numbers(case, "offers", "variable_unit_cost")
    return Offers(
        ids=ids(case, "offers", "offer_id"),
        provider=_providers(case),
        department=ids(case, "offers", "department_id"),
        unit_cost=unit_cost,
        max_capacity=numbers(case, "offers", "max_capacity"),
        committed=numbers(case, "offers", "committed_capacity"),
        baseline_capacity=numbers(case, "offers", "baseline_capacity"),
        fixed_cost=numbers(case, "offers", "fixed_cost", 0.0),
        variable_unit_cost=np.where(np.isnan(variable), unit_cost, variable),
        min_if_open=numbers(case, "offers", "min_capacity_if_open", 0.0),
        posts_per_unit=numbers(case, "offers", "posts_per_unit", 0.0),
        own_share=numbers(case, "offers", "own_share", 0.0),
    )


@kept
def _providers(case: Case) -> Ids:
    """Who provides an offer that names nobody is unknown: it is no provider together with others like it."""
    named = ids(case, "offers", "provider_id")
    return np.where(named != "", named, ids(case, "offers", "offer_id"))


@kept
def _pairs(case: Case) -> Pairs:
    limit, spaces = numbers(case, "offers", "max_capacity"), len(ids(case, "spaces", "space_id"))
    if not len(ids(case, "reach", "offer_id")):
        return _pairs_without_reach(case, limit, spaces)
    order, offer, space = _reached(case)
    own = numbers(case, "reach", "max_capacity")[order]
    return Pairs(
        offer=offer,
        space=space,
        access=numbers(case, "reach", "access")[order],
        max_capacity=np.fmin(own, limit[offer]),
        baseline=numbers(case, "reach", "baseline_capacity")[order],
        min_share=numbers(case, "reach", "min_use_share")[order],
        max_share=numbers(case, "reach", "max_use_share")[order],
        serves=np.full(len(order), -1, dtype=np.int64),
    )


@kept
def _reached(case: Case) -> tuple[Ints, Ints, Ints]:
    """The rows of ``reach`` in the order of the pairs, with the numbers of their offers and spaces."""
    offer, space = numbers_in(case, "reach", "offer_id", "offer_id"), numbers_in(case, "reach", "space_id", "space_id")
    known = np.flatnonzero((offer >= 0) & (space >= 0))
    # An offer uses a space once, so one number per pair orders them.
    order = known[np.argsort(offer[known] * len(ids(case, "spaces", "space_id")) + space[known])]
    return order, offer[order], space[order]


def _pairs_without_reach(case: Case, limit: Floats, count: int) -> Pairs:
    """Without a reach table an offer serves its home space, or every space where it names none.

    Today's use of a town-wide offer is then spread evenly per resident's demand: by the demand of each space.
    """
    demand, today = _demand(case), numbers(case, "offers", "baseline_capacity")
    home = numbers_in(case, "offers", "home_space_id", "space_id")
    everywhere = np.flatnonzero(home < 0)
    offer = np.concatenate([np.flatnonzero(home >= 0), np.repeat(everywhere, count)])
    space = np.concatenate([home[home >= 0], np.tile(np.arange(count), len(everywhere))])
    of_space = np.bincount(demand.space, demand.amount, minlength=count)
    total = of_space.sum()
    part = of_space / total if total > 0 else np.full(count, 1.0 / max(count, 1))
    share = np.concatenate([np.ones(int((home >= 0).sum())), np.tile(part, len(everywhere))])
    order = np.lexsort((space, offer))
    offer, space, share = offer[order].astype(np.int64), space[order].astype(np.int64), share[order]
    ones = np.ones(len(offer))
    whole = np.full(len(offer), -1, dtype=np.int64)
    return Pairs(offer, space, ones, limit[offer], today[offer] * share, 0 * ones, ones, whole)


@kept
def _demand(case: Case) -> _Demand:
    space, need = numbers_in(case, "demand", "space_id", "space_id"), numbers_in(case, "demand", "need_id", "need_id")
    known = (space >= 0) & (need >= 0)
    return _Demand(space[known], need[known], numbers(case, "demand", "demand")[known])


@kept
def effects_of(case: Case) -> Effects:
    """Positive effects, ordered by offer."""
    offer, need = numbers_in(case, "effects", "offer_id", "offer_id"), numbers_in(case, "effects", "need_id", "need_id")
    effect = numbers(case, "effects", "effect")
    kept = np.flatnonzero((effect > 0) & (offer >= 0) & (need >= 0))
    kept = kept[np.lexsort((need[kept], offer[kept]))]
    exclusive = marks(case, "effects", "exclusive")[kept]
    return Effects(offer[kept], need[kept], effect[kept], exclude_one_another(offer[kept], exclusive))


def _cells_and_supply(
    case: Case, demand: _Demand, named: tuple[Spaces, Needs], pairs: Pairs, effects: Effects
) -> tuple[Cells, Supply]:
    spaces, needs = named
    pair, entry = _supplied(case, pairs.offer, effects.offer)
    rate = effects.effect[entry] * pairs.access[pair]
    kept = rate > 0
    if pairs.is_divided:
        kept &= ~effects.exclusive[entry] | (pairs.serves[pair] == effects.need[entry])
    pair, rate, need = pair[kept], rate[kept], effects.need[entry[kept]]
    code = pairs.space[pair] * len(needs.ids) + need
    positive = demand.amount > 0
    demanded, amount = (demand.space * len(needs.ids) + demand.need)[positive], demand.amount[positive]
    space, own_need, of_demand, of_supply = _cells(case, code, demanded, len(spaces.ids), len(needs.ids))
    cell_demand = np.zeros(len(space))
    cell_demand[of_demand] = amount
    worth = _worth(spaces, needs, space, own_need, cell_demand)
    return Cells(space, own_need, cell_demand, worth), Supply(pair, of_supply, rate)


@kept
def _supplied(_case: Case, offer_of_pair: Ints, offer_of_effect: Ints) -> tuple[Ints, Ints]:
    """Every pair with each effect of its offer: numbers of pairs and of effects."""
    effects_of = np.bincount(offer_of_effect, minlength=int(offer_of_pair.max(initial=-1)) + 1)
    count = effects_of[offer_of_pair]
    first = (np.cumsum(effects_of) - effects_of)[offer_of_pair]
    pair = np.repeat(np.arange(len(offer_of_pair), dtype=np.int64), count)
    within = np.arange(len(pair)) - np.repeat(np.cumsum(count) - count, count)
    return pair, np.repeat(first, count) + within


@kept
def _cells(_case: Case, supplied: Ints, demanded: Ints, spaces: int, needs: int) -> tuple[Ints, Ints, Ints, Ints]:
    """The cells with demand or supply (space * needs + need): spaces and needs, and which cell each of both is."""
    # A mark for every space and need is faster than sorting the supply entries to find the cells among them.
    marked = np.zeros(spaces * needs, dtype=bool)
    marked[demanded] = True
    marked[supplied] = True
    number = np.cumsum(marked) - 1
    space, need = np.divmod(np.flatnonzero(marked), max(needs, 1))
    return space.astype(np.int64), need.astype(np.int64), number[demanded], number[supplied].astype(np.int64)


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


# An offer counts as suitable for a need from this effect on; all suitable offers come before all others.
SUITABLE_EFFECT = 0.5
# The cheapest places that count, as a share of the need's demand, and the part of them that is too cheap to tell.
LOOKED_AT = 0.1
LEFT_ASIDE = 0.5


def prices(offers: Offers, effects: tuple[Ints, Ints, Floats], demand: Floats) -> Floats:
    """What a doubled unit costs: the mean of u[o] / e[o,n] over the dearer half of the cheapest tenth of places.

    price[n] in EUR per need unit. The least price alone would let five free places of a volunteers' group price two
    thousand doubled ones at nothing: it is a mean over places, and the very cheapest do not count.

    Places are need units that suitable offers can supply at their largest capacity, from the cheapest on, then the
    others'; the tenth is that of ``demand`` (need units/year per need), or all there are where that is less, or where
    there is no demand. 0 where no offer serves the need; the least price where those that do have no capacity.
    """
    offer, need, effect = effects
    unit_price = offers.unit_cost[offer] / effect
    order = np.lexsort((unit_price, effect < SUITABLE_EFFECT, need))
    need, unit_price = need[order], unit_price[order]
    places = (offers.max_capacity[offer] * effect)[order]
    count = len(demand)
    every = np.bincount(need, places, minlength=count)
    most = np.where(demand > 0, np.minimum(LOOKED_AT * demand, every), every)
    before = np.cumsum(places) - places
    start = np.full(count, np.inf)
    np.minimum.at(start, need, before)
    # How much of each offer lies in the dearer part of the places that are looked at.
    upto, since = before + places - start[need], before - start[need]
    counted = np.maximum(0.0, np.minimum(upto, most[need]) - np.maximum(since, LEFT_ASIDE * most[need]))
    weight = np.bincount(need, counted, minlength=count)
    mean = np.bincount(need, counted * unit_price, minlength=count)
    first = np.zeros(count)
    first[need[::-1]] = unit_price[::-1]
    return np.divide(mean, weight, out=first, where=weight > 0)
