"""Outlook: what a plan costs this year and in each of the next three if everybody keeps to it, and who pays.

Nothing is decided anew: the places and each pot's part in them stay, unit costs grow by ``cost_growth`` a year, pots
follow ``pot_years`` where the table knows them, else ``pot_growth``:

    cost(t)  = cost * (1 + cost_growth)^t
    money(t) = amount * pot_years(year + t) / pot_years(year), else amount * (1 + pot_growth)^t
    short(t) = sum over pots of max(0, part(t) - money(t)), plus what no pot pays today

A pot's surplus does not pay for another pot's lack; that would be a decision.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.inputs.case import Case
from allocate.model.program import Floats
from allocate.results.allocation import Allocation

YEARS = 4
YEAR_COLUMNS = ("scenario_id", "year", "cost_eur", "money_eur", "short_eur", "free_eur", "ending_pots", "orphaned")
# Less than this many EUR of an offer's money is rounding.
TRACE = 0.005


def outlook(plan: Allocation, case: Case) -> pd.DataFrame:
    """One row per year (``YEAR_COLUMNS``) of a plan under its scenario's case.

    Without the parameter ``plan_year`` the years are called ``+0`` to ``+3``, and ``pot_years`` says nothing of them.
    EUR/year. ``money_eur``: all pots; ``short_eur``: lacking in pots that pay more than they hold; ``free_eur``: left
    in the others; ``ending_pots``: pots without money that year which pay for offers in the plan; ``orphaned``: those
    offers (lists joined by ``;``).
    """
    year, growth = int(_number(case, "plan_year")), _number(case, "cost_growth")
    pots = plan.pots["pot_id"].tolist()
    part = plan.funding.groupby("pot_id")["amount_eur"].sum().reindex(pots, fill_value=0.0).to_numpy(dtype=float)
    cost = float(plan.offers["cost_eur"].sum())
    unpaid = max(0.0, cost - float(part.sum()))
    rows = []
    for ahead in range(YEARS):
        money, dearer = _money(plan, case, year, ahead), (1.0 + growth) ** ahead
        left = money - part * dearer
        ending = [pot for pot, has, pays in zip(pots, money, part, strict=True) if has <= 0 and pays > TRACE]
        rows.append(
            {
                "scenario_id": plan.scenario.scenario_id,
                "year": str(year + ahead) if year else f"+{ahead}",
                "cost_eur": cost * dearer,
                "money_eur": float(money.sum()),
                "short_eur": float(np.maximum(-left, 0.0).sum()) + unpaid * dearer,
                "free_eur": float(np.maximum(left, 0.0).sum()),
                "ending_pots": ";".join(ending),
                "orphaned": ";".join(_paid_by(plan, ending)),
            }
        )
    return pd.DataFrame(rows, columns=list(YEAR_COLUMNS))


def _money(plan: Allocation, case: Case, year: int, ahead: int) -> Floats:
    """EUR in every pot so many years ahead, in the order of the plan's pots."""
    amount = plan.pots["amount_eur"].to_numpy(dtype=float)
    expected: Floats = amount * (1.0 + _number(case, "pot_growth")) ** ahead
    if ahead == 0 or not year or case["pot_years"].empty:
        return expected
    known = case["pot_years"].assign(year=case["pot_years"]["year"].astype(float).astype(int))
    table = known.pivot_table(index="pot_id", columns="year", values="amount", aggfunc="sum")
    path: Floats = table.reindex(index=plan.pots["pot_id"], columns=[year, year + ahead]).to_numpy(dtype=float)
    now, then = path[:, 0], path[:, 1]
    # Where the table does not know this year, its later amount counts as it stands.
    scaled = np.where(now > 0, amount * then / np.where(now > 0, now, 1.0), then)
    followed: Floats = np.where(np.isnan(then), expected, scaled)
    return followed


def _number(case: Case, parameter: str) -> float:
    return case.number(parameter) if case.parameter(parameter) else 0.0


def _paid_by(plan: Allocation, pots: list[str]) -> list[str]:
    paid = plan.funding[plan.funding["pot_id"].isin(pots) & (plan.funding["amount_eur"] > TRACE)]
    return list(dict.fromkeys(paid["offer_id"].tolist()))
