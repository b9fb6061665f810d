"""Earmarks lifted: which (pot, offer) pairs a pot's lists keep apart, and what a variant without them looks like.

The table of exceptions (``eligibility``) and the largest share of a pot stay in force; only the four lists are lifted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from allocate.inputs.in_places import is_in_places
from allocate.inputs.scenario.variant import Variant
from allocate.town.eligibility import Eligibility, eligible_pairs
from allocate.town.town import Town

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
