"""One year of a scenario: its tables as if that year were planned. Paths and the outlook of a comparison ask here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from allocate.inputs.case import Case
from allocate.inputs.scenario.variant import Change, Variant, apply, tables_in
from allocate.inputs.years import growth, later_amounts, plan_year, stated_cost

type Floats = NDArray[np.float64]


def in_year(case: Case, stated: Variant, year: int, first: int) -> Variant:
    """A scenario (``stated``) of a case in a year: what holds in it by the tables, the rest gone on with growth.

    What the scenario changes holds in every year, of amounts in proportion. ``first``: the year growth counts from
    where the town names no year that it plans.
    """
    planned, variant = plan_year(stated.case), stated
    if planned != year:
        variant = apply(case, stated.scenario.scenario_id, [_moved(year)])
    ahead = year - (first if planned is None else planned)
    if ahead == 0:
        return variant
    offers = variant.case["offers"].assign(unit_cost=_grown_costs(variant.case, year, ahead))
    pots = variant.case["pots"].assign(amount=money_after(stated, ahead, unchanged(stated)))
    return replace(variant, case=variant.case._unchecked(offers=offers, pots=pots))


def costs_after(case: Case, stated: Variant, ahead: int) -> Floats:
    """EUR per capacity unit of every offer so many years after the one that a scenario plans, as ``in_year`` has it."""
    year = (plan_year(stated.case) or 0) + ahead
    return _grown_costs(tables_in(case, stated.scenario.scenario_id, _moved(year)), year, ahead)


def _moved(year: int) -> Change:
    return Change("parameters", "plan_year", "value", "set", str(year), "transition")


def _grown_costs(case: Case, year: int, ahead: int) -> Floats:
    """Unit costs gone on with growth, but for those that are stated for the year."""
    stays = ~np.isnan(stated_cost(case, year))
    grown = np.where(stays, 1.0, (1.0 + growth(case, "cost_growth")) ** ahead)
    costs: Floats = case["offers"]["unit_cost"].to_numpy(np.float64) * grown
    return costs


def money_after(stated: Variant, ahead: int, today: Floats) -> Floats:
    """EUR of every pot so many years after the one that a scenario plans, in the order of its table ``pots``.

    ``today``: what they would hold without the scenario's changes (``unchanged``), which is the same for all years.
    """
    return later_amounts(stated.case, today, stated.case["pots"]["amount"].to_numpy(np.float64), ahead)


def unchanged(stated: Variant) -> Floats:
    """What every pot would hold in the year planned without the scenario's changes of its amount."""
    pots, log = stated.case["pots"], stated.changes
    of_amounts = log[log["table"].eq("pots") & log["column"].eq("amount")]
    before = of_amounts.drop_duplicates("key").set_index("key")["old"].reindex(pots["pot_id"])
    old = before.astype(float).to_numpy()
    today: Floats = np.where(np.isnan(old), pots["amount"].to_numpy(np.float64), old)
    return today
