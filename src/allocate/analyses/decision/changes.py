"""Changes: every offer that a proposal changes, with all that a council asks of it in one row, and what cuts set free.

A plan pays every place at its average cost. Rent and posts of a site that stays open do not go with single places: what
becomes free at once is the variable cost of the places that are given up.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from allocate.analyses.comparison.compare import Comparison
from allocate.analyses.reasons.cards import OfferCard
from allocate.analyses.reasons.direction import KEPT
from allocate.inputs.case import Case
from allocate.inputs.years import plan_year
from allocate.results.allocation import Allocation
from allocate.results.columns import Columns
from allocate.town.build_provision import offers_of
from allocate.town.facts import OfferFacts

RELEASED = Columns("offer_id", "average_eur", "variable_eur", "staying_eur")
_TRACE = 1e-6


@dataclass(frozen=True, eq=False)
class Release:
    """The lowered offers whose site stays open and whose variable cost is known, and their sums, EUR/year.

    ``offers`` (``RELEASED``): ``average_eur`` is what the plan reckons as released, ``variable_eur`` what becomes free
    while the site stays open, ``staying_eur`` the difference.
    """

    offers: pd.DataFrame
    average_eur: float = 0.0
    variable_eur: float = 0.0
    staying_eur: float = 0.0


def released(plan: Allocation) -> Release:
    """What cuts set free; nothing in indivisible scenarios, which reckon with fixed and variable cost already."""
    if not plan.has_plan or plan.scenario.indivisible:
        return Release(RELEASED.of())
    facts, offers, table = OfferFacts(plan.variant.case), offers_of(plan.variant.case), plan.offers
    variable = facts.of(facts.variable_unit_cost, table["offer_id"])
    fewer = (facts.of(offers.baseline_capacity, table["offer_id"]) - table["capacity"]).clip(lower=0.0)
    known = (variable > 0) & (variable < facts.of(offers.unit_cost, table["offer_id"]))
    table = table.assign(average_eur=-table["change_eur"], variable_eur=fewer * variable)
    table = table[known & table["capacity"].gt(_TRACE) & table["change_eur"].lt(-1.0)]
    table["staying_eur"] = table["average_eur"] - table["variable_eur"]
    table = table[list(RELEASED)].sort_values("average_eur", ascending=False, kind="stable").reset_index(drop=True)
    return Release(table, *(float(table[name].sum()) for name in RELEASED[1:]))


COLUMNS = Columns(
    "offer_id", "kind", "capacity_before", "capacity", "change_eur", "variable_eur", "keeping_eur", "near_same",
    "near_plans", "runs_same", "runs", "sure", "notice_months", "contract_end", "earliest",
)  # fmt: skip
# What is cut needs notice; what grows needs none.
CUT = ("lowered", "closed")


def changes(
    comparison: Comparison,
    proposal: str,
    sure: pd.DataFrame,
    release: Release,
    cards: Iterable[OfferCard],
    day: datetime.date,
) -> pd.DataFrame:
    """The changed offers (``COLUMNS``), cuts first, each side by size.

    Places/year and EUR/year. ``variable_eur``: what a cut sets free while the site stays open (NaN: not known);
    ``keeping_eur``: the price of keeping it as it is; ``earliest``: ISO date from which the change can take effect if
    it is decided on ``day``. Withheld offers keep their row without figures.
    """
    own = comparison.offers[comparison.offers["scenario_id"] == proposal]
    own = own[own["kind"] != "same"][["offer_id", "kind", "capacity_before", "capacity", "change_eur"]]
    case = comparison.plans[proposal].variant.case
    table = own.merge(sure, on="offer_id", how="left", validate="one_to_one")
    # A change that is too small to be one is told nowhere as a change.
    table = table[table["direction"].ne(KEPT) | table["kind"].isin(["new", "closed"])]
    table = table.merge(release.offers[["offer_id", "variable_eur"]], on="offer_id", how="left", validate="one_to_one")
    table = OfferFacts(case).beside(table, "notice_months", "contract_end")
    prices = {card.offer_id: card.keeping_eur for card in cards}
    table["keeping_eur"] = [prices.get(str(id), math.nan) for id in table["offer_id"].tolist()]
    table["variable_eur"] = table["variable_eur"].astype(float)
    pairs = zip(table["kind"].tolist(), table["notice_months"].tolist(), strict=True)
    table["earliest"] = [earliest(case, day, float(months) if kind in CUT else 0.0) for kind, months in pairs]
    cut = table["kind"].isin(CUT)
    order = table.assign(_cut=~cut, _size=-table["change_eur"].abs()).sort_values(["_cut", "_size"], kind="stable")
    return COLUMNS.of(order).reset_index(drop=True)


def earliest(case: Case, day: datetime.date, notice_months: float) -> str:
    """The first day of a month on which a change can take effect: in the year planned, and after the notice.

    ``notice_months`` NaN: nothing is known of a notice, so none is counted.
    """
    months = 0 if math.isnan(notice_months) else math.ceil(notice_months)
    ahead = day.month - 1 + months + (1 if months or day.day > 1 else 0)
    after = datetime.date(day.year + ahead // 12, ahead % 12 + 1, 1)
    year = plan_year(case)
    return (after if year is None else max(after, datetime.date(year, 1, 1))).isoformat()
