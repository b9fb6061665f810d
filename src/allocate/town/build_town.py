"""Building a town: the tables of one scenario's case as the arrays of ``allocate.town.town``."""

from __future__ import annotations

import numpy as np

from allocate.inputs.case import Case
from allocate.inputs.kept import kept
from allocate.inputs.scenario.variant import Variant
from allocate.town.arrays import Floats, Ids
from allocate.town.build_provision import build_provision, codes_of, ids_of, numbers_of, offers_of
from allocate.town.eligibility import eligible_in
from allocate.town.reserved import free_amounts
from allocate.town.town import Funding, Segments, Steps, Town, Weights


def build_town(variant: Variant) -> Town:
    """The arrays of one scenario's case."""
    case = variant.case
    provision = build_provision(case, need_weights(variant))
    pots, amount = _pots(case)
    return Town(
        **vars(provision),
        pots=pots,
        pot_amount=amount,
        funding=_funding(case, variant.scenario.pooling),
        steps=_steps(case, variant.scenario.indivisible),
        segments=_segments(case),
        weights=Weights(
            equity=case.number("equity_weight"),
            duplication=case.number("duplication_weight"),
            movement=case.number("movement_weight"),
            budget=float(amount.sum()),
        ),
        indivisible=variant.scenario.indivisible,
        max_moved=variant.scenario.max_moved,
    )


@kept
def _pots(case: Case) -> tuple[Ids, Floats]:
    """Ids of the pots, and EUR/year of each that offers may be paid from."""
    table = case["pots"]
    return ids_of(table["pot_id"]), free_amounts(table)


@kept
def _segments(case: Case) -> Segments:
    table = case["segments"].sort_values("from", kind="stable")
    return Segments(numbers_of(table["from"]), numbers_of(table["to"]), numbers_of(table["value"]))


@kept
def _steps(case: Case, indivisible: bool) -> Steps:
    """The steps that an offer can reach, in order; none where single places are planned."""
    table, offers = case["steps"], offers_of(case)
    if not indivisible:
        table = table.iloc[:0]
    offer, start = codes_of(offers.ids, table["offer_id"]), numbers_of(table["from_capacity"])
    kept = np.flatnonzero((offer >= 0) & (start < offers.max_capacity[offer]))
    kept = kept[np.lexsort((start[kept], offer[kept]))]
    return Steps(offer[kept], start[kept], numbers_of(table["fixed_cost"])[kept])


def need_weights(variant: Variant) -> Floats:
    """W[n]: needs.weight, or the scenario's weight set (a need it does not name keeps its own weight)."""
    return _need_weights(variant.case, variant.scenario.weight_set)


@kept
def _need_weights(case: Case, weight_set: str) -> Floats:
    needs = case["needs"]
    own = numbers_of(needs["weight"])
    if not weight_set:
        return own
    sets = case["weight_sets"]
    chosen = sets[sets["weight_set"] == weight_set]
    place = codes_of(ids_of(needs["need_id"]), chosen["need_id"])
    weights = own.copy()
    weights[place[place >= 0]] = numbers_of(chosen["weight"])[place >= 0]
    return weights


@kept
def _funding(case: Case, pooling: str) -> Funding:
    """Who may pay for what, and who does today.

    Payers are known of an offer that ``baseline_funding`` names, and of one that costs nothing today.
    """
    offers, (pots, _) = offers_of(case), _pots(case)
    count = len(offers.ids)
    pairs = eligible_in(case, pooling)
    table = case["baseline_funding"]
    pot, offer = codes_of(pots, table["pot_id"]), codes_of(offers.ids, table["offer_id"])
    named = (pot >= 0) & (offer >= 0)
    place = pot[named] * count + offer[named]
    paid = np.bincount(place, numbers_of(table["amount"])[named], minlength=len(pots) * count)
    known = offers.baseline_cost <= 0
    known[offer[named]] = True
    today = np.where(known[pairs.offer], paid[pairs.pot * count + pairs.offer], np.nan)
    return Funding(pairs.pot, pairs.offer, pairs.max_share, today)
