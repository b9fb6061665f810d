"""Which pot may pay for which offer, under a scenario's pooling, and how large a share of its cost.

Also here: what of a pot offers may be paid from, after overhead and what is blocked until it is released; and what
would be eligible if the lists of pots were lifted, while exceptions and the largest share of a pot stay in force.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from allocate.inputs.case import Case, split_list
from allocate.inputs.in_places import is_in_places
from allocate.inputs.kept import kept
from allocate.inputs.scenario.variant import Variant
from allocate.town.arrays import Bools, Floats, Ids, Ints
from allocate.town.as_arrays import Town
from allocate.town.build_provision import codes_of

# Each list of a pot and the column of an offer that it is compared with.
_LISTS = {
    "departments": "department_id",
    "themes": "theme_id",
    "spaces": "home_space_id",
    "offers": "offer_id",
}


@dataclass(frozen=True)
class Eligibility:
    """The eligible (pot, offer) pairs, pot by pot: numbers of pots and offers, and the pot's largest share 0..1."""

    pot: Ints
    offer: Ints
    max_share: Floats


def eligible_pairs(variant: Variant) -> Eligibility:
    """The pairs of a scenario, by the numbers of its pots and offers."""
    return eligible_in(variant.case, variant.scenario.pooling)


@kept
def eligible_in(case: Case, pooling: str) -> Eligibility:
    """The pairs under a pooling."""
    tables = case._made_of[0]
    pots = tables.columns("pots", "pot_id", "max_share", "pooled", *_LISTS)
    allowed, share = payable(pots, tables.columns("offers", *_LISTS.values()), case["eligibility"], pooling)
    pot, offer = np.nonzero(allowed)
    return Eligibility(pot.astype(np.int64), offer.astype(np.int64), share[pot, offer])


def payable(pots: pd.DataFrame, offers: pd.DataFrame, exceptions: pd.DataFrame, pooling: str) -> tuple[Bools, Floats]:
    """Whether a pot may pay for an offer, and the largest share 0..1 of its cost; both pots x offers.

    After the four lists of each pot, the pooling and the table of exceptions. ``silo``: every list applies.
    ``integrated``: a pooled pot drops its lists of departments and themes, an earmarked one only its list of
    departments (data.md, Eligibility). Checks, model and analyses ask here; every id must stand once.
    """
    allowed = np.ones((len(pots), len(offers)), dtype=bool)
    for column, offer_column in _LISTS.items():
        lists = [set(split_list(cell)) for cell in pots[column].tolist()]
        # Few departments and themes stand in many offers: each is looked up once.
        of_offer, own = pd.factorize(offers[offer_column].to_numpy(dtype=object))
        for row, (wanted, dropped) in enumerate(zip(lists, _dropped(pots, pooling, column), strict=True)):
            if wanted and not dropped:
                allowed[row] &= np.array([value in wanted for value in own.tolist()], dtype=bool)[of_offer]
    share = np.repeat(pots["max_share"].to_numpy(dtype=float)[:, None], len(offers), axis=1)
    ids: list[Ids] = [pots["pot_id"].to_numpy(dtype=object), offers["offer_id"].to_numpy(dtype=object)]
    _apply_exceptions(exceptions, allowed, share, *ids)
    return allowed, share


def _dropped(pots: pd.DataFrame, pooling: str, column: str) -> Bools:
    """For each pot: does the pooling lift this list?"""
    pooled = pots["pooled"].to_numpy(dtype=bool)
    if pooling != "integrated" or column not in ("departments", "themes"):
        return np.zeros(len(pooled), dtype=bool)
    return np.ones(len(pooled), dtype=bool) if column == "departments" else pooled


def _apply_exceptions(exceptions: pd.DataFrame, allowed: Bools, share: Floats, pots: Ids, offers: Ids) -> None:
    if exceptions.empty:
        return
    pot, offer = codes_of(pots, exceptions["pot_id"]), codes_of(offers, exceptions["offer_id"])
    known = (pot >= 0) & (offer >= 0)
    pot, offer = pot[known], offer[known]
    allowed[pot, offer] = exceptions["allowed"].to_numpy(dtype=bool)[known]
    own_share = exceptions["max_share"].to_numpy(dtype=float)[known]
    given = ~np.isnan(own_share)
    share[pot[given], offer[given]] = own_share[given]


LISTS = ("departments", "themes", "spaces", "offers")


def lift_lists(variant: Variant, pots: Sequence[str] | None = None, lists: Sequence[str] = LISTS) -> Variant:
    """The variant with the named lists of the named pots blank (default: all lists of all pots)."""
    table = variant.case["pots"].copy()
    chosen = table["pot_id"].isin(list(pots)) if pots is not None else table["pot_id"].notna()
    for name in lists:
        table.loc[chosen, name] = ""
    return replace(variant, case=variant.case._unchecked(pots=table))


def added_pairs(town: Town, lifted: Variant) -> Eligibility:
    """The pairs that are eligible in ``lifted`` and not in ``town``, pot by pot."""
    wide = eligible_pairs(lifted)
    new = ~np.isin(_code(town, wide), _code(town, town.funding))
    return Eligibility(wide.pot[new], wide.offer[new], wide.max_share[new])


def pairs_outside(variant: Variant, town: Town) -> Eligibility:
    """All pairs that only the pots' lists forbid; none where the case has places instead of money.

    No decision makes a place of one kind one of another kind.
    """
    lifted = variant if is_in_places(variant.case) else lift_lists(variant)
    return added_pairs(town, lifted)


def _code(town: Town, pairs: object) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    pot, offer = np.asarray(getattr(pairs, "pot")), np.asarray(getattr(pairs, "offer"))  # noqa: B009
    return np.asarray(pot * max(len(town.offers.ids), 1) + offer, dtype=np.int64)


def free_share(pots: pd.DataFrame) -> Floats:
    """The part of every pot's amount that may be spent on offers, 0..1."""
    overhead, blocked = (np.nan_to_num(pots[name].to_numpy(dtype=np.float64)) for name in ("overhead_share", "blocked"))
    share: Floats = np.maximum(0.0, 1.0 - overhead - blocked)
    return share


def free_amounts(pots: pd.DataFrame) -> Floats:
    """EUR/year of every pot that may be spent on offers, in the order of the table."""
    amount: Floats = pots["amount"].to_numpy(dtype=np.float64) * free_share(pots)
    return amount
