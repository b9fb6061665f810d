"""Why not earlier: what starts, grows, shrinks or ends in which year of a path, and what stood against the year before.

reason         what held it back in the year before
decision       nothing had been decided yet
lead           the time from the decision to the opening was not over
available      the offer could not be there the whole year
full           its greatest capacity was reached
bound          its contract or a commitment still bound it
notice         the notice given with the decision was not over
step_limit     the largest change that one offer may make in a year
moved_limit    the most money that may be re-steered in a year
pots_empty     all pots that may pay for it were used up (beside another reason: those that it leaves)
a rule's kind  any other rule of the register: staff, floor, share ...; where several held it together, all of them,
               joined by ``;`` (pots_empty;cofinancing)
no_gain        nothing: earlier was possible and would not have been better for the path
blank          it happens in the first year
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.analyses.transition.horizon import Horizon, free_from
from allocate.analyses.transition.solve_path import Solved
from allocate.analyses.transition.what_held import WhatHeld
from allocate.inputs.case import LIST_SEPARATOR
from allocate.inputs.months import MONTHS, last_month, month_text
from allocate.results.columns import Columns
from allocate.town.facts import OfferFacts

STEP_COLUMNS = Columns(
    "year", "offer_id", "path_step", "capacity_before", "capacity", "change_eur", "held_back", "possible_from"
)
# Less than this part of a capacity unit is rounding; a rule is tight within this share of its size.
TRACE, TIGHT = 1e-6, 1e-6


def steps_of(horizon: Horizon, solved: Solved) -> pd.DataFrame:
    """One row per offer and year in which its capacity changes (``STEP_COLUMNS``); EUR at the year's prices."""
    return _Steps(horizon, solved).table()


class _Steps:
    def __init__(self, horizon: Horizon, solved: Solved) -> None:
        self.horizon, self.solved, self.held = horizon, solved, WhatHeld(solved)
        today = solved.path.links.today
        self.capacity = np.vstack([today, *(plan.offers["capacity"].to_numpy(dtype=float) for plan in solved.plans)])
        self.offers = solved.path.compiled[0].town.offers.ids
        offers = OfferFacts(horizon.stated.case)
        self.free = free_from(offers, horizon.span.decided)
        self.contract = np.nan_to_num(last_month(offers.contract_end) + 1, nan=-np.inf)
        self.opens = horizon.span.decided + np.nan_to_num(offers.lead_months)

    def table(self) -> pd.DataFrame:
        rows = []
        for place, year in enumerate(self.solved.path.years):
            before, now = self.capacity[place], self.capacity[place + 1]
            cost = self.solved.path.compiled[place].town.offers.unit_cost
            for offer in np.flatnonzero(np.abs(now - before) > TRACE * np.maximum(1.0, before)).tolist():
                reason, month = self._held_back(offer, place) if place else ("", np.nan)
                rows.append(
                    {
                        "year": year,
                        "offer_id": str(self.offers[offer]),
                        "path_step": _kind(before[offer], now[offer]),
                        "capacity_before": before[offer],
                        "capacity": now[offer],
                        "change_eur": (now[offer] - before[offer]) * cost[offer],
                        "held_back": reason,
                        "possible_from": "" if np.isnan(month) else month_text(int(month)),
                    }
                )
        return STEP_COLUMNS.of(rows)

    def _held_back(self, offer: int, place: int) -> tuple[str, float]:
        """The reason and, where it ends with a month, that month."""
        rises = self.capacity[place + 1, offer] > self.capacity[place, offer]
        months, had = self.horizon.months[place - 1], self.capacity[place, offer]
        room = TIGHT * max(1.0, had)
        if months.undecided.any() and (
            had >= months.most_each[offer].mean() - room if rises else had <= months.least_each[offer].mean() + room
        ):
            return "decision", float(self.horizon.span.decided)
        if rises and had >= months.most_each[offer].mean() - room:
            if months.early[offer].any():
                return "lead", float(np.ceil(self.opens[offer]))
            return ("full", np.nan) if months.there[offer].all() else ("available", np.nan)
        if not rises and 0 < months.least_each[offer].mean() >= had - room:
            ends = self.free[offer]
            noticed = (
                np.isfinite(ends) and ends > self.contract[offer] and ends > MONTHS * self.solved.path.years[place - 1]
            )
            return ("notice" if noticed else "bound"), float(ends) if np.isfinite(ends) else np.nan
        change = self.capacity[place + 1, offer] - self.capacity[place, offer]
        rules = self.held.by(str(self.offers[offer]), place - 1, float(change))
        return LIST_SEPARATOR.join(rules) or "no_gain", np.nan


def _kind(before: float, now: float) -> str:
    if before <= TRACE:
        return "starts"
    if now <= TRACE:
        return "ends"
    return "grows" if now > before else "shrinks"
