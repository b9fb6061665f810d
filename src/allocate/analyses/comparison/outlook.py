"""Outlook: what a plan costs this year and in each of the next three if everybody keeps to it, and who pays.

Nothing is decided anew: the places and each pot's part in them stay, unit costs grow by ``cost_growth`` a year, pots
hold what ``allocate.inputs.years`` says of them, and ``pots.carry_over`` says what of their rest they keep:

    cost(t)       = cost * (1 + cost_growth)^t
    money(t)      = amount of the year t, times what the scenario's changes made of the amount of the year planned
    carried(t)    = carry_over * max(0, left(t - 1)),  carried(0) = 0
    left(t)       = money(t) + carried(t) - part * (1 + cost_growth)^t
    short(t)      = sum over pots of max(0, -left(t)), plus what no pot pays today

A pot's surplus does not pay for another pot's lack; that would be a decision.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.inputs.carry_over import carried_shares
from allocate.inputs.case import Case
from allocate.inputs.in_places import is_in_places
from allocate.inputs.scenario.variant import Variant
from allocate.inputs.years import growth, later_amounts, plan_year, stated_in
from allocate.results.allocation import Allocation, payers_unknown
from allocate.town.arrays import Floats

YEARS = 4
YEAR_COLUMNS = (
    "scenario_id", "year", "cost_eur", "money_eur", "carried_eur", "short_eur", "free_eur", "stated", "ending_pots",
    "orphaned",
)  # fmt: skip
# Where the amounts of a year come from: pot_years for all pots or for some, the table pots, or earlier years.
ALL, SOME, BASE, GOES_ON = "stated_all", "stated_some", "stated_base", "stated_none"
# Less than this many EUR of an offer's money is rounding.
TRACE = 0.005


def outlook(plan: Allocation) -> pd.DataFrame:
    """One row per year (``YEAR_COLUMNS``) of a plan under its scenario's case.

    Without the parameter ``plan_year`` the years are called ``+0`` to ``+3``, and ``pot_years`` says nothing of them.
    EUR/year. ``money_eur``: all pots; ``carried_eur``: what they keep of the year before; ``short_eur``: lacking in
    pots that pay more than they hold; ``free_eur``: left in the others; both NaN where it is unknown who pays today;
    ``stated``: where the amounts come from; ``ending_pots``: pots without money that year which pay for offers in the
    plan; ``orphaned``: those offers (lists joined by ``;``). No rows where the case states no money.
    """
    case = plan.variant.case
    if is_in_places(case):
        return pd.DataFrame(columns=list(YEAR_COLUMNS))
    pots, year = plan.pots["pot_id"].tolist(), plan_year(case)
    part = plan.funding.groupby("pot_id")["amount_eur"].sum().reindex(pots, fill_value=0.0).to_numpy(dtype=float)
    cost = float(plan.offers["cost_eur"].sum())
    unpaid = max(0.0, cost - float(part.sum()))
    if payers_unknown(plan):
        part = np.full(len(pots), np.nan)
    amount, today = plan.pots["amount_eur"].to_numpy(dtype=float), _unchanged(plan.variant)
    kept = np.nan_to_num(carried_shares(case["pots"]))
    carried = np.zeros(len(pots))
    rows = []
    for ahead in range(YEARS):
        dearer = (1.0 + growth(case, "cost_growth")) ** ahead
        money = later_amounts(case, today, amount, ahead)
        left = money + carried - part * dearer
        has = money + carried
        ending = [pot for pot, holds, pays in zip(pots, has, part, strict=True) if holds <= 0 and pays > TRACE]
        rows.append(
            {
                "scenario_id": plan.scenario.scenario_id,
                "year": f"+{ahead}" if year is None else str(year + ahead),
                "cost_eur": cost * dearer,
                "money_eur": float(money.sum()),
                "carried_eur": float(carried.sum()),
                "short_eur": float(np.maximum(-left, 0.0).sum()) + unpaid * dearer,
                "free_eur": float(np.maximum(left, 0.0).sum()),
                "stated": _stated(case, year, ahead),
                "ending_pots": ";".join(ending),
                "orphaned": ";".join(_paid_by(plan, ending)),
            }
        )
        # A pot that keeps nothing keeps nothing of an unknown rest either.
        carried = np.where(kept > 0, kept * np.maximum(left, 0.0), 0.0)
    return pd.DataFrame(rows, columns=list(YEAR_COLUMNS))


def _unchanged(variant: Variant) -> Floats:
    """What every pot would hold in the year planned without the scenario's changes of its amount."""
    pots, log = variant.case["pots"], variant.changes
    of_amounts = log[log["table"].eq("pots") & log["column"].eq("amount")]
    before = of_amounts.drop_duplicates("key").set_index("key")["old"].reindex(pots["pot_id"])
    old = before.astype(float).to_numpy()
    today: Floats = np.where(np.isnan(old), pots["amount"].to_numpy(np.float64), old)
    return today


def _stated(case: Case, year: int | None, ahead: int) -> str:
    """Where the amounts of a year come from."""
    stated = (
        np.zeros(0, dtype=bool) if year is None else stated_in(case["pot_years"], case["pots"]["pot_id"], year + ahead)
    )
    if stated.any():
        return ALL if stated.all() else SOME
    return GOES_ON if ahead else BASE


def _paid_by(plan: Allocation, pots: list[str]) -> list[str]:
    paid = plan.funding[plan.funding["pot_id"].isin(pots) & (plan.funding["amount_eur"] > TRACE)]
    return list(dict.fromkeys(paid["offer_id"].tolist()))
