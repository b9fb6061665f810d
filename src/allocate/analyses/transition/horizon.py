"""Horizon: what holds in each year of a path, month by month: the case of every year, and what binds years together.

A month counts where something is so on its 15th. Until the decision everything stays as it is today; until the lead
time is over an offer cannot be more than today; as long as a contract binds it cannot be less than that. A contract
binds until its end, and at least until the notice is over that can be given with the decision. In the first year the
least capacity is that of ``run``; in later years what ``commitments`` states counts instead of ``committed_capacity``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from allocate.errors import UsageError
from allocate.inputs.carry_over import carried_shares, most_carried
from allocate.inputs.case import LIST_SEPARATOR, Case, split_list
from allocate.inputs.months import MONTHS, last_month, month_text, months_in
from allocate.inputs.scenario.in_year import in_year
from allocate.inputs.scenario.variant import Variant, apply
from allocate.inputs.years import months_of, plan_year, stated_commitment, stated_in
from allocate.language import Words
from allocate.model.path import Links
from allocate.plain import Record
from allocate.town.arrays import Bools, Floats
from allocate.town.as_arrays import Offers
from allocate.town.build_provision import offers_of
from allocate.town.facts import OfferFacts, PotFacts

MOST_YEARS = 30
# Months before a year in which a decision leaves no lead time and no notice in it.
_LONG_AGO = 1200


@dataclass(frozen=True)
class Span:
    """The years of a path and the month (12 * year + month - 1) from which the decision takes effect."""

    years: tuple[int, ...]
    decided: int

    @property
    def ends(self) -> dict[str, int]:
        """The first and the last year, as every answer about a path names them in its JSON."""
        return {"first_year": self.years[0], "last_year": self.years[-1]}

    @property
    def told(self) -> Record:
        """The same, and the month from which the decision takes effect."""
        return {**self.ends, "decided": month_text(self.decided)}

    @property
    def words(self) -> Words:
        """The same for sentences: ``first`` and ``last``, years and not numbers."""
        return {"first": str(self.years[0]), "last": str(self.years[-1])}


@dataclass(frozen=True)
class Months:
    """Offers x months of one year: what is possible and what binds.

    ``there``: the offer can exist; ``undecided``; ``early``: it cannot be more than today yet; ``bound``: its contract
    or notice still binds. ``level``, ``least``: greatest and bound capacity while it is there.
    """

    there: Bools
    undecided: Bools
    early: Bools
    bound: Bools
    level: Floats
    least: Floats
    today: Floats

    @property
    def most_each(self) -> Floats:
        """The greatest capacity of every month."""
        held = np.minimum(self.today, self.level)[:, None]
        possible = np.where(self.undecided | self.early, held, self.level[:, None])
        return np.where(self.there, possible, 0.0)

    @property
    def least_each(self) -> Floats:
        """The least capacity of every month."""
        most = self.most_each
        contract = np.where(self.bound, np.minimum(self.least[:, None], most), 0.0)
        least: Floats = np.where(self.undecided, most, contract)
        return least


@dataclass(frozen=True)
class Horizon:
    """The years of a path: what the scenario sees in each, month by month, and what links them."""

    span: Span
    stated: Variant
    variants: tuple[Variant, ...]
    months: tuple[Months, ...]
    links: Links


def span_of(case: Case, scenario_id: str, years: tuple[int, int] | None, decided: int | None) -> Span:
    """The years asked for, by default four from the year planned; decided by default as the first one begins.

    Raises ``UsageError`` (years-none, years-before, years-too-many, years-backwards, years-decided).
    """
    planned = plan_year(apply(case, scenario_id).case)
    if years is None:
        if planned is None:
            raise UsageError("years-none")
        years = (planned, planned + 3)
    first, last = years
    if last < first:
        raise UsageError("years-backwards", first=first, last=last)
    if planned is not None and first < planned:
        raise UsageError("years-before", first=first, planned=planned)
    if last - first >= MOST_YEARS:
        raise UsageError("years-too-many", most=MOST_YEARS)
    begins = MONTHS * first if decided is None else decided
    if begins >= MONTHS * (last + 1):
        raise UsageError("years-decided", last=last)
    return Span(tuple(range(first, last + 1)), begins)


def horizon(case: Case, scenario_id: str, span: Span) -> Horizon:
    """The years of a path under a scenario."""
    stated = apply(case, scenario_id)
    found = [_year(case, stated, year, span) for year in span.years]
    variants = tuple(one for one, _ in found)
    months = tuple(one for _, one in found)
    return Horizon(span, stated, variants, months, _links(variants, months))


def at_once(case: Case, scenario_id: str, year: int) -> Horizon:
    """A single year as if all had been decided and set up long ago: no lead time, notice, once-cost or largest step."""
    ahead = horizon(case, scenario_id, Span((year,), MONTHS * year - _LONG_AGO))
    stated, own = _unhindered(ahead.stated), _unhindered(ahead.variants[0])
    return replace(ahead, stated=stated, variants=(own,), links=_links((own,), ahead.months))


def _unhindered(variant: Variant) -> Variant:
    unknown = np.full(len(OfferFacts(variant.case).ids), np.nan)
    case = variant.case._unchecked(offers={"opening_cost": unknown, "closing_cost": unknown})
    return replace(variant, case=case, scenario=replace(variant.scenario, max_step=np.inf))


def _year(case: Case, stated: Variant, year: int, span: Span) -> tuple[Variant, Months]:
    variant = in_year(case, stated, year, span.years[0])
    months = _months(variant, year, span)
    most, least = _mean(months.most_each), _mean(months.least_each)
    if year == span.years[0]:
        least = _first_year(offers_of(variant.case), most, least)
    offers = {"max_capacity": most, "committed_capacity": least}
    plurality = _without_absent(variant.case, months)
    return replace(variant, case=variant.case._unchecked(offers=offers, plurality=plurality)), months


def _without_absent(case: Case, months: Months) -> pd.DataFrame:
    """Wanted clusters without the offers that cannot be there in some month: they cannot supply their share yet."""
    absent = (months.most_each == 0).any(axis=1) & (months.level > 0)
    table = case["plurality"]
    if table.empty or not absent.any():
        return table
    gone = set(OfferFacts(case).ids[absent])
    lists = [LIST_SEPARATOR.join(id for id in split_list(text) if id not in gone) for text in table["offers"]]
    return table.assign(offers=pd.Series(lists, index=table.index, dtype=table["offers"].dtype))


def _first_year(offers: Offers, most: Floats, least: Floats) -> Floats:
    """What ``run`` says of the least capacity, except where lead time or decision leave less room."""
    capped = np.where(most < offers.max_capacity, np.minimum(offers.committed, most), offers.committed)
    held: Floats = np.maximum(least, capped)
    return held


def _months(variant: Variant, year: int, span: Span) -> Months:
    facts, offers, months = OfferFacts(variant.case), offers_of(variant.case), months_in(year)[None, :]
    there = months_of(variant.case, year)
    part = there.mean(axis=1)
    limit = offers.max_capacity
    level = np.divide(limit, part, out=limit.copy(), where=(part > 0) & (part < 1))
    opens = span.decided + np.nan_to_num(facts.lead_months)
    return Months(
        there=there,
        undecided=np.broadcast_to(months < span.decided, there.shape),
        early=months < opens[:, None],
        # What is stated for this very year binds as a whole.
        bound=(months < free_from(facts, span.decided)[:, None])
        | stated_in(variant.case, "commitments", "offer_id", year)[:, None],
        level=level,
        least=_bound_capacity(variant, year, span),
        today=offers.baseline_capacity,
    )


def free_from(offers: OfferFacts, decided: int) -> Floats:
    """The month from which no contract and no notice binds an offer; infinite where neither names an end."""
    ends, notice = last_month(offers.contract_end) + 1, offers.notice_months
    noticed = np.where(np.nan_to_num(notice) > 0, decided + notice, np.nan)
    free: Floats = np.fmax(ends, noticed)
    return np.where(np.isnan(free), np.inf, free)


def _bound_capacity(variant: Variant, year: int, span: Span) -> Floats:
    """The capacity that a contract binds while it binds: stated by year, else the offer's own."""
    case = variant.case
    own = offers_of(case).committed
    if year == span.years[0]:
        return own
    stated = stated_commitment(case, year)
    log = variant.changes
    changed = log[log["table"].eq("offers") & log["column"].eq("committed_capacity")]["key"]
    bound: Floats = np.where(np.isnan(stated) | pd.Index(OfferFacts(case).ids).isin(changed), own, stated)
    return bound


def _mean(months: Floats) -> Floats:
    """The mean over the months; exactly the value where all months have the same."""
    same = (months == months[:, :1]).all(axis=1)
    mean: Floats = np.where(same, months[:, 0], months.mean(axis=1))
    return mean


def _links(variants: Sequence[Variant], months: Sequence[Months]) -> Links:
    case = variants[0].case
    offers, words = OfferFacts(case), PotFacts(case).carry_over
    return Links(
        today=offers_of(case).baseline_capacity,
        largest=np.maximum.reduce([one.level for one in months]),
        opening=np.nan_to_num(offers.opening_cost),
        closing=np.nan_to_num(offers.closing_cost),
        kept=np.nan_to_num(carried_shares(words)),
        most_kept=most_carried(words),
        max_step=variants[0].scenario.max_step,
        decided=np.array([not one.undecided.all() for one in months]),
        more=np.array([(one.there & ~one.undecided & ~one.early).mean(axis=1) for one in months]),
        less=np.array([_can_be_less(one).mean(axis=1) for one in months]),
    )


def _can_be_less(one: Months) -> Bools:
    held = one.least_each >= np.minimum(one.today, one.level)[:, None]
    less: Bools = ~one.there | ~held
    return less
