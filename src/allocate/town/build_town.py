"""Building a town: the tables of one scenario's case as the arrays of ``allocate.town.town``."""

from __future__ import annotations

import numpy as np

from allocate.inputs.scenario.variant import Variant
from allocate.town.arrays import Floats, Ids
from allocate.town.build_provision import build_provision, codes_of, ids_of, numbers_of
from allocate.town.eligibility import eligible_pairs
from allocate.town.reserved import free_amounts
from allocate.town.town import Funding, Offers, Segments, Steps, Town, Weights


def build_town(variant: Variant) -> Town:
    """The arrays of one scenario's case."""
    case = variant.case
    provision = build_provision(case, need_weights(variant))
    pots = ids_of(case["pots"]["pot_id"])
    amount = free_amounts(case["pots"])
    segments = case["segments"].sort_values("from", kind="stable")
    return Town(
        **vars(provision),
        pots=pots,
        pot_amount=amount,
        funding=_funding(variant, pots, provision.offers),
        steps=_steps(variant, provision.offers),
        segments=Segments(numbers_of(segments["from"]), numbers_of(segments["to"]), numbers_of(segments["value"])),
        weights=Weights(
            equity=case.number("equity_weight"),
            duplication=case.number("duplication_weight"),
            movement=case.number("movement_weight"),
            budget=float(amount.sum()),
        ),
        indivisible=variant.scenario.indivisible,
        max_moved=variant.scenario.max_moved,
    )


def _steps(variant: Variant, offers: Offers) -> Steps:
    """The steps that an offer can reach, in order; none where single places are planned."""
    table = variant.case["steps"]
    if not variant.scenario.indivisible:
        table = table.iloc[:0]
    offer, start = codes_of(offers.ids, table["offer_id"]), numbers_of(table["from_capacity"])
    kept = np.flatnonzero((offer >= 0) & (start < offers.max_capacity[offer]))
    kept = kept[np.lexsort((start[kept], offer[kept]))]
    return Steps(offer[kept], start[kept], numbers_of(table["fixed_cost"])[kept])


def need_weights(variant: Variant) -> Floats:
    """W[n]: needs.weight, or the scenario's weight set (a need it does not name keeps its own weight)."""
    needs = variant.case["needs"]
    own = numbers_of(needs["weight"])
    if not variant.scenario.weight_set:
        return own
    sets = variant.case["weight_sets"]
    chosen = sets[sets["weight_set"] == variant.scenario.weight_set]
    place = codes_of(ids_of(needs["need_id"]), chosen["need_id"])
    weights = own.copy()
    weights[place[place >= 0]] = numbers_of(chosen["weight"])[place >= 0]
    return weights


def _funding(variant: Variant, pots: Ids, offers: Offers) -> Funding:
    """Who may pay for what, and who does today.

    Payers are known of an offer that ``baseline_funding`` names, and of one that costs nothing today.
    """
    count = len(offers.ids)
    pairs = eligible_pairs(variant)
    table = variant.case["baseline_funding"]
    pot, offer = codes_of(pots, table["pot_id"]), codes_of(offers.ids, table["offer_id"])
    named = (pot >= 0) & (offer >= 0)
    place = pot[named] * count + offer[named]
    paid = np.bincount(place, numbers_of(table["amount"])[named], minlength=len(pots) * count)
    known = offers.baseline_cost <= 0
    known[offer[named]] = True
    today = np.where(known[pairs.offer], paid[pairs.pot * count + pairs.offer], np.nan)
    return Funding(pairs.pot, pairs.offer, pairs.max_share, today)
