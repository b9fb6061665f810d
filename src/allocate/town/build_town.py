"""Building a town: the tables of one scenario's case as the arrays of ``allocate.town.as_arrays``."""

from __future__ import annotations

import numpy as np

from allocate.inputs.case import Case
from allocate.inputs.columns import ids, numbers
from allocate.inputs.kept import kept
from allocate.inputs.scenario.variant import Variant
from allocate.town.arrays import Floats, Ids
from allocate.town.as_arrays import Funding, Segments, Steps, Town, Weights
from allocate.town.build_provision import build_provision, numbers_in, offers_of
from allocate.town.eligibility import eligible_in, free_amounts


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
        weights=Weights(*_goals(case), budget=float(amount.sum())),
        indivisible=variant.scenario.indivisible,
        max_moved=variant.scenario.max_moved,
    )


@kept
def _goals(case: Case) -> tuple[float, float, float]:
    """What the least covered space, duplication and movement weigh beside coverage."""
    return case.number("equity_weight"), case.number("duplication_weight"), case.number("movement_weight")


@kept
def _pots(case: Case) -> tuple[Ids, Floats]:
    """Ids of the pots, and EUR/year of each that offers may be paid from."""
    return ids(case, "pots", "pot_id"), free_amounts(case["pots"])


@kept
def _segments(case: Case) -> Segments:
    table = case["segments"].sort_values("from", kind="stable")
    return Segments(*(table[name].to_numpy(dtype=np.float64) for name in ("from", "to", "value")))


@kept
def _steps(case: Case, indivisible: bool) -> Steps:
    """The steps that an offer can reach, in order; none where single places are planned."""
    offer, start = numbers_in(case, "steps", "offer_id", "offer_id"), numbers(case, "steps", "from_capacity")
    within = np.full(len(offer), indivisible)
    within &= (offer >= 0) & (start < numbers(case, "offers", "max_capacity")[offer])
    kept = np.flatnonzero(within)
    kept = kept[np.lexsort((start[kept], offer[kept]))]
    return Steps(offer[kept], start[kept], numbers(case, "steps", "fixed_cost")[kept])


def need_weights(variant: Variant) -> Floats:
    """W[n]: needs.weight, or the scenario's weight set (a need it does not name keeps its own weight)."""
    return weights_under(variant.case, variant.scenario.weight_set)


@kept
def weights_under(case: Case, weight_set: str) -> Floats:
    """The same for a weight set by its name, blank for the weights of ``needs``."""
    own = numbers(case, "needs", "weight")
    if not weight_set:
        return own
    place = numbers_in(case, "weight_sets", "need_id", "need_id")
    chosen = np.flatnonzero((ids(case, "weight_sets", "weight_set") == weight_set) & (place >= 0))
    weights = own.copy()
    weights[place[chosen]] = numbers(case, "weight_sets", "weight")[chosen]
    return weights


@kept
def _funding(case: Case, pooling: str) -> Funding:
    """Who may pay for what, and who does today.

    Payers are known of an offer that ``baseline_funding`` names, and of one that costs nothing today.
    """
    offers, pots = offers_of(case), ids(case, "pots", "pot_id")
    count = len(offers.ids)
    pairs = eligible_in(case, pooling)
    pot = numbers_in(case, "baseline_funding", "pot_id", "pot_id")
    offer = numbers_in(case, "baseline_funding", "offer_id", "offer_id")
    named = (pot >= 0) & (offer >= 0)
    place = pot[named] * count + offer[named]
    amount = numbers(case, "baseline_funding", "amount")[named]
    paid = np.bincount(place, amount, minlength=len(pots) * count)
    known = offers.baseline_cost <= 0
    known[offer[named]] = True
    today = np.where(known[pairs.offer], paid[pairs.pot * count + pairs.offer], np.nan)
    return Funding(pairs.pot, pairs.offer, pairs.max_share, today)
