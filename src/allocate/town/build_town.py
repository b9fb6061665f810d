"""Building a town: the tables of one scenario's case as the arrays of ``allocate.town.town``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.inputs.case import Case
from allocate.inputs.scenario.variant import Variant
from allocate.town.arrays import Floats, Ids, Ints
from allocate.town.either_or import Effects, divided, exclude_one_another
from allocate.town.eligibility import eligible_pairs
from allocate.town.prices import prices
from allocate.town.reserved import free_amounts
from allocate.town.town import Cells, Funding, Needs, Offers, Pairs, Segments, Spaces, Steps, Supply, Town, Weights


def build_town(variant: Variant) -> Town:
    """The arrays of one scenario's case."""
    case = variant.case
    offers = _offers(case)
    spaces = _spaces(case)
    need_ids = _ids(case["needs"]["need_id"])
    need_weight = need_weights(variant)
    effects = _effects(case, offers, need_ids)
    pairs = _pairs(case, offers, spaces)
    if effects.exclusive.any():
        pairs = divided(pairs, effects, _demand(case, spaces, need_ids))
    total = np.bincount(
        _codes(need_ids, case["demand"]["need_id"]), _numbers(case["demand"]["demand"]), minlength=len(need_ids)
    )
    price = prices(offers, (effects.offer, effects.need, effects.effect), total)
    needs = Needs(need_ids, need_weight, _numbers(case["needs"]["wanted_reserve"]), price)
    cells, supply = _cells_and_supply(case, spaces, needs, pairs, effects)
    pots = _ids(case["pots"]["pot_id"])
    amount = free_amounts(case["pots"])
    segments = case["segments"].sort_values("from", kind="stable")
    return Town(
        spaces=spaces,
        needs=needs,
        offers=offers,
        pots=pots,
        pot_amount=amount,
        pairs=pairs,
        cells=cells,
        supply=supply,
        funding=_funding(variant, pots, offers),
        steps=_steps(variant, offers),
        segments=Segments(_numbers(segments["from"]), _numbers(segments["to"]), _numbers(segments["value"])),
        weights=Weights(
            equity=case.number("equity_weight"),
            duplication=case.number("duplication_weight"),
            movement=case.number("movement_weight"),
            budget=float(amount.sum()),
        ),
        indivisible=variant.scenario.indivisible,
        max_moved=variant.scenario.max_moved,
    )


def _ids(column: pd.Series) -> Ids:
    return column.to_numpy(dtype=object)


def _numbers(column: pd.Series, default: float | None = None) -> Floats:
    values: Floats = column.to_numpy(dtype=np.float64)
    return values if default is None else np.where(np.isnan(values), default, values)


def _codes(ids: Ids, column: pd.Series) -> Ints:
    """Numbers of ids in their table; -1 for an unknown one."""
    number = {id: at for at, id in reversed(list(enumerate(ids.tolist())))}
    return np.array([number.get(id, -1) for id in column.tolist()], dtype=np.int64)


def _spaces(case: Case) -> Spaces:
    table = case["spaces"]
    return Spaces(_ids(table["space_id"]), _ids(table["region_id"]), _numbers(table["weight"]))


def _offers(case: Case) -> Offers:
    table = case["offers"]
    unit_cost = _numbers(table["unit_cost"])
    variable = _numbers(table["variable_unit_cost"])
    return Offers(
        ids=_ids(table["offer_id"]),
        # Who provides an offer that names nobody is unknown: it is no provider together with others like it.
        provider=_ids(table["provider_id"].where(table["provider_id"] != "", table["offer_id"])),
        department=_ids(table["department_id"]),
        unit_cost=unit_cost,
        max_capacity=_numbers(table["max_capacity"]),
        committed=_numbers(table["committed_capacity"]),
        baseline_capacity=_numbers(table["baseline_capacity"]),
        fixed_cost=_numbers(table["fixed_cost"], 0.0),
        variable_unit_cost=np.where(np.isnan(variable), unit_cost, variable),
        min_if_open=_numbers(table["min_capacity_if_open"], 0.0),
        posts_per_unit=_numbers(table["posts_per_unit"], 0.0),
        own_share=_numbers(table["own_share"], 0.0),
    )


def _pairs(case: Case, offers: Offers, spaces: Spaces) -> Pairs:
    reach = case["reach"]
    if reach.empty:
        return _pairs_without_reach(case, offers, spaces)
    offer = _codes(offers.ids, reach["offer_id"])
    space = _codes(spaces.ids, reach["space_id"])
    # An offer uses a space once, so one number per pair orders them.
    order = np.argsort(offer * len(spaces.ids) + space)
    offer, space = offer[order], space[order]
    own = _numbers(reach["max_capacity"])[order]
    limit = offers.max_capacity[offer]
    return Pairs(
        offer=offer,
        space=space,
        access=_numbers(reach["access"])[order],
        max_capacity=np.fmin(own, limit),
        baseline=_numbers(reach["baseline_capacity"])[order],
        min_share=_numbers(reach["min_use_share"])[order],
        max_share=_numbers(reach["max_use_share"])[order],
        serves=np.full(len(order), -1, dtype=np.int64),
    )


def _pairs_without_reach(case: Case, offers: Offers, spaces: Spaces) -> Pairs:
    """Without a reach table an offer serves its home space, or every space where it names none.

    Today's use of a town-wide offer is then spread evenly per resident's demand: by the demand of each space.
    """
    home = _codes(spaces.ids, case["offers"]["home_space_id"])
    everywhere = np.flatnonzero(home < 0)
    count = len(spaces.ids)
    offer = np.concatenate([np.flatnonzero(home >= 0), np.repeat(everywhere, count)])
    space = np.concatenate([home[home >= 0], np.tile(np.arange(count), len(everywhere))])
    demand = np.bincount(
        _codes(spaces.ids, case["demand"]["space_id"]), _numbers(case["demand"]["demand"]), minlength=count
    )
    total = demand.sum()
    part = demand / total if total > 0 else np.full(count, 1.0 / max(count, 1))
    share = np.concatenate([np.ones(int((home >= 0).sum())), np.tile(part, len(everywhere))])
    order = np.lexsort((space, offer))
    offer, space, share = offer[order].astype(np.int64), space[order].astype(np.int64), share[order]
    ones = np.ones(len(offer))
    limit = offers.max_capacity[offer]
    whole = np.full(len(offer), -1, dtype=np.int64)
    return Pairs(offer, space, ones, limit, offers.baseline_capacity[offer] * share, 0 * ones, ones, whole)


def _steps(variant: Variant, offers: Offers) -> Steps:
    """The steps that an offer can reach, in order; none where single places are planned."""
    table = variant.case["steps"]
    if not variant.scenario.indivisible:
        table = table.iloc[:0]
    offer, start = _codes(offers.ids, table["offer_id"]), _numbers(table["from_capacity"])
    kept = np.flatnonzero((offer >= 0) & (start < offers.max_capacity[offer]))
    kept = kept[np.lexsort((start[kept], offer[kept]))]
    return Steps(offer[kept], start[kept], _numbers(table["fixed_cost"])[kept])


def need_weights(variant: Variant) -> Floats:
    """W[n]: needs.weight, or the scenario's weight set (a need it does not name keeps its own weight)."""
    needs = variant.case["needs"]
    own = _numbers(needs["weight"])
    if not variant.scenario.weight_set:
        return own
    sets = variant.case["weight_sets"]
    chosen = sets[sets["weight_set"] == variant.scenario.weight_set]
    place = _codes(_ids(needs["need_id"]), chosen["need_id"])
    weights = own.copy()
    weights[place[place >= 0]] = _numbers(chosen["weight"])[place >= 0]
    return weights


def _demand(case: Case, spaces: Spaces, need_ids: Ids) -> Floats:
    """Demand in need units/year, spaces x needs."""
    table = case["demand"]
    demand = np.zeros((len(spaces.ids), len(need_ids)))
    demand[_codes(spaces.ids, table["space_id"]), _codes(need_ids, table["need_id"])] = _numbers(table["demand"])
    return demand


def _effects(case: Case, offers: Offers, need_ids: Ids) -> Effects:
    """Positive effects, ordered by offer."""
    table = case["effects"]
    offer, need = _codes(offers.ids, table["offer_id"]), _codes(need_ids, table["need_id"])
    effect = _numbers(table["effect"])
    kept = np.flatnonzero(effect > 0)
    kept = kept[np.lexsort((need[kept], offer[kept]))]
    exclusive = table["exclusive"].to_numpy(dtype=bool)[kept]
    return Effects(offer[kept], need[kept], effect[kept], exclude_one_another(offer[kept], exclusive))


def _cells_and_supply(case: Case, spaces: Spaces, needs: Needs, pairs: Pairs, effects: Effects) -> tuple[Cells, Supply]:
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

    demand = case["demand"]
    amount = _numbers(demand["demand"])
    demanded = _codes(spaces.ids, demand["space_id"]) * len(needs.ids) + _codes(needs.ids, demand["need_id"])
    demanded, amount = demanded[amount > 0], amount[amount > 0]
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


def _funding(variant: Variant, pots: Ids, offers: Offers) -> Funding:
    """Who may pay for what, and who does today.

    Payers are known of an offer that ``baseline_funding`` names, and of one that costs nothing today.
    """
    count = len(offers.ids)
    pairs = eligible_pairs(variant)
    table = variant.case["baseline_funding"]
    pot, offer = _codes(pots, table["pot_id"]), _codes(offers.ids, table["offer_id"])
    named = (pot >= 0) & (offer >= 0)
    place = pot[named] * count + offer[named]
    paid = np.bincount(place, _numbers(table["amount"])[named], minlength=len(pots) * count)
    known = offers.baseline_cost <= 0
    known[offer[named]] = True
    today = np.where(known[pairs.offer], paid[pairs.pot * count + pairs.offer], np.nan)
    return Funding(pairs.pot, pairs.offer, pairs.max_share, today)
