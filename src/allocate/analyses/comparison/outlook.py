"""Outlook: what a plan costs this year and in each of the next three if everybody keeps to it, and who pays.

Nothing is decided anew: the places and each pot's part in them stay. Unit costs and pots are those of each year as a
path sees it (``allocate.inputs.scenario.in_year``), and ``pots.carry_over`` says what of their rest they keep:

    cost(t)       = sum over offers of cost * unit_cost(t) / unit_cost(0)
    money(t)      = amount of the year t under the scenario
    carried(t)    = carry_over * max(0, left(t - 1)), at most its amount,  carried(0) = 0
    left(t)       = money(t) + carried(t) - part(t), with the parts of all offers at the cost of the year
    short(t)      = sum over pots of max(0, -left(t)), plus what no pot pays today

A pot's surplus does not pay for another pot's lack; that would be a decision.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.inputs.carry_over import carried_shares, most_carried
from allocate.inputs.case import Case
from allocate.inputs.in_places import is_in_places
from allocate.inputs.scenario.in_year import costs_after, money_after, unchanged
from allocate.inputs.scenario.variant import scenario_ids
from allocate.inputs.years import growth, plan_year, stated_in
from allocate.results.allocation import Allocation, payers_unknown
from allocate.results.columns import Columns
from allocate.town.arrays import Floats
from allocate.town.build_provision import offers_of
from allocate.town.facts import PotFacts

YEARS = 4
YEAR_COLUMNS = Columns(
    "scenario_id", "year", "cost_eur", "money_eur", "carried_eur", "short_eur", "free_eur", "stated", "ending_pots",
    "orphaned",
)  # fmt: skip
# Where the amounts of a year come from: pot_years for all pots or for some, the table pots, or earlier years.
ALL, SOME, BASE, GOES_ON = "stated_all", "stated_some", "stated_base", "stated_none"
# Less than this many EUR of an offer's money is rounding.
TRACE = 0.005


def outlook(plan: Allocation, whole: Case) -> pd.DataFrame:
    """One row per year (``YEAR_COLUMNS``) of a plan of a scenario of the case ``whole``.

    Without the parameter ``plan_year`` the years are called ``+0`` to ``+3``, and ``pot_years`` says nothing of them.
    EUR/year. ``money_eur``: all pots; ``carried_eur``: what they keep of the year before; ``short_eur``: lacking in
    pots that pay more than they hold; ``free_eur``: left in the others; both NaN where it is unknown who pays today;
    ``stated``: where the amounts come from; ``ending_pots``: pots without money that year which pay for offers in the
    plan; ``orphaned``: those offers (lists joined by ``;``). No rows where the case states no money.
    """
    case = plan.variant.case
    if is_in_places(case):
        return YEAR_COLUMNS.of()
    pots, offers, year = plan.pots["pot_id"].tolist(), plan.offers["offer_id"].tolist(), plan_year(case)
    words = PotFacts(case).carry_over
    kept, most = np.nan_to_num(carried_shares(words)), most_carried(words)
    carried, before = np.zeros(len(pots)), unchanged(plan.variant)
    rows = []
    for ahead in range(YEARS):
        money, dearer = money_after(plan.variant, ahead, before), _dearer(plan, whole, ahead)
        cost = plan.offers["cost_eur"].to_numpy(dtype=float) * dearer
        rates = plan.funding["offer_id"].map(dict(zip(offers, dearer, strict=True)))
        # A table without payments has no rates either, and those would be taken for words.
        paid = plan.funding["amount_eur"] * rates.astype(float)
        part = paid.groupby(plan.funding["pot_id"]).sum().reindex(pots, fill_value=0.0).to_numpy(dtype=float)
        unpaid = max(0.0, float(cost.sum() - part.sum()))
        if payers_unknown(plan):
            part = np.full(len(pots), np.nan)
        left = money + carried - part
        has = money + carried
        ending = [pot for pot, holds, pays in zip(pots, has, part, strict=True) if holds <= 0 and pays > TRACE]
        rows.append(
            {
                "scenario_id": plan.scenario.scenario_id,
                "year": f"+{ahead}" if year is None else str(year + ahead),
                "cost_eur": float(cost.sum()),
                "money_eur": float(money.sum()),
                "carried_eur": float(carried.sum()),
                "short_eur": float(np.maximum(-left, 0.0).sum()) + unpaid,
                "free_eur": float(np.maximum(left, 0.0).sum()),
                "stated": _stated(case, year, ahead),
                "ending_pots": ";".join(ending),
                "orphaned": ";".join(_paid_by(plan, ending)),
            }
        )
        # A pot that keeps nothing keeps nothing of an unknown rest either.
        carried = np.where(kept > 0, np.minimum(kept * np.maximum(left, 0.0), most), 0.0)
    return YEAR_COLUMNS.of(rows)


def _dearer(plan: Allocation, whole: Case, ahead: int) -> Floats:
    """How much dearer every offer is so many years after the one that is planned.

    Where no year is planned, or the plan is of no scenario of the case, all costs have grown.
    """
    case, offers = plan.variant.case, len(plan.offers)
    if ahead == 0 or plan_year(case) is None or plan.scenario.scenario_id not in scenario_ids(whole):
        return np.full(offers, (1.0 + growth(case, "cost_growth")) ** ahead)
    now, later = offers_of(case).unit_cost, costs_after(whole, plan.variant, ahead)
    dearer: Floats = np.divide(later, now, out=np.ones(offers), where=now > 0)
    return dearer


def _stated(case: Case, year: int | None, ahead: int) -> str:
    """Where the amounts of a year come from."""
    stated = np.zeros(0, dtype=bool) if year is None else stated_in(case, "pot_years", "pot_id", year + ahead)
    if stated.any():
        return ALL if stated.all() else SOME
    return GOES_ON if ahead else BASE


def _paid_by(plan: Allocation, pots: list[str]) -> list[str]:
    paid = plan.funding[plan.funding["pot_id"].isin(pots) & (plan.funding["amount_eur"] > TRACE)]
    return list(dict.fromkeys(paid["offer_id"].tolist()))
