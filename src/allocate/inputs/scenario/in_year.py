"""One year of a scenario: its tables as if that year were planned. Paths and the outlook of a comparison ask here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from allocate.inputs.case import Case
from allocate.inputs.scenario.variant import Change, Variant, apply
from allocate.inputs.years import growth, later_amounts, plan_year, stated_cost

type Floats = NDArray[np.float64]


def in_year(case: Case, stated: Variant, year: int, first: int) -> Variant:
    """A scenario (``stated``) of a case in a year: what holds in it by the tables, the rest gone on with growth.

    What the scenario changes holds in every year, of amounts in proportion. ``first``: the year growth counts from
    where the town names no year that it plans.
    """
    planned, variant = plan_year(stated.case), stated
    if planned != year:
        moved = Change("parameters", "plan_year", "value", "set", str(year), "transition")
        variant = apply(case, stated.scenario.scenario_id, [moved])
    ahead = year - (first if planned is None else planned)
    if ahead == 0:
        return variant
    offers, pots = variant.case["offers"], variant.case["pots"]
    stays = ~np.isnan(stated_cost(variant.case, year))
    grown = np.where(stays, 1.0, (1.0 + growth(variant.case, "cost_growth")) ** ahead)
    offers = offers.assign(unit_cost=offers["unit_cost"].to_numpy(np.float64) * grown)
    pots = pots.assign(amount=money_after(stated, ahead))
    return replace(variant, case=variant.case._unchecked(offers=offers, pots=pots))


def money_after(stated: Variant, ahead: int) -> Floats:
    """EUR of every pot so many years after the one that a scenario plans, in the order of its table ``pots``."""
    pots = stated.case["pots"]
    return later_amounts(stated.case, _unchanged(stated), pots["amount"].to_numpy(np.float64), ahead)


def _unchanged(stated: Variant) -> Floats:
    """What every pot would hold in the year planned without the scenario's changes of its amount."""
    pots, log = stated.case["pots"], stated.changes
    of_amounts = log[log["table"].eq("pots") & log["column"].eq("amount")]
    before = of_amounts.drop_duplicates("key").set_index("key")["old"].reindex(pots["pot_id"])
    old = before.astype(float).to_numpy()
    today: Floats = np.where(np.isnan(old), pots["amount"].to_numpy(np.float64), old)
    return today
