"""A path over several years, judged from the tables: what links its years, offer by offer and month by month.

Every year's plan is judged on its own; here the rest is counted again: what pots carry over and pay once, steps, lead
times, decision, availability and contracts. Code of its own, so that a fault in the program cannot hide itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from allocate.inputs.carry_over import carried_shares, most_carried
from allocate.inputs.provisional import UNTIL, voluntary
from allocate.inputs.scenario.variant import Variant
from allocate.judge.plan import Tables
from allocate.judge.rulebook import numbers_of
from allocate.judge.verdict import Floats, Verdict

_MIDDLE = 15


@dataclass(frozen=True)
class PathShown:
    """A path as it is shown: years, the month of the decision, and by year the variant, the plan's tables, what is
    carried into the next year (EUR per pot) and what is paid once (pot_id, offer_id, amount_eur).

    ``stated``: the scenario's case before anything is reckoned for single years.
    """

    stated: Variant
    years: Sequence[int]
    decided: int
    variants: Sequence[Variant]
    tables: Sequence[Tables]
    carried: Floats
    once: Sequence[pd.DataFrame]


def judge_path(shown: PathShown) -> None:
    """Raise ``CertificateError`` with the first rule that the path breaks, in words; else return."""
    verdict = Verdict(shown.stated.scenario.scenario_id, shown.stated.case.parameter("currency"))
    _pots(shown, verdict)
    capacity = np.array([numbers_of(one.offers["capacity"]) for one in shown.tables])
    _steps(shown, capacity, verdict)
    _months(shown, capacity, verdict)
    _once(shown, capacity, verdict)


def _pots(shown: PathShown, verdict: Verdict) -> None:
    """No pot pays more than it holds with what it brought along, nor keeps more than it may."""
    ids = shown.stated.case["pots"]["pot_id"].to_numpy(dtype=object)
    kept, most = (read(shown.stated.case["pots"]["carry_over"]) for read in (carried_shares, most_carried))
    kept = np.nan_to_num(kept)
    brought = np.zeros(len(ids))
    for year, tables, once, carried in zip(shown.years, shown.tables, shown.once, shown.carried, strict=True):
        pots = tables.pots.set_index("pot_id").reindex(ids)
        paid = once.groupby("pot_id")["amount_eur"].sum().reindex(ids, fill_value=0.0).to_numpy(dtype=float)
        held = pots["amount_eur"].to_numpy(dtype=float) + brought
        left = held - pots["spent_eur"].to_numpy(dtype=float) - paid
        verdict.least("judged-path-pot", (ids,), left, np.zeros(len(ids)), held, year=str(year))
        limit = np.minimum(kept * np.maximum(left, 0.0), most)
        verdict.most("judged-path-carry", (ids,), carried, limit, held, year=str(year))
        brought = carried


def _steps(shown: PathShown, capacity: Floats, verdict: Verdict) -> None:
    """No offer of today changes by more than the largest step."""
    offers = shown.stated.case["offers"]
    step, today = shown.stated.scenario.max_step, numbers_of(offers["baseline_capacity"])
    if not np.isfinite(step):
        return
    before = np.vstack([today, capacity[:-1]])
    for year, change in zip(shown.years, np.abs(capacity - before), strict=True):
        found = np.where(today > 0, change, 0.0)
        ids = (offers["offer_id"].to_numpy(dtype=object),)
        verdict.most("judged-path-step", ids, found, step * today, today + change, year=str(year))


def _months(shown: PathShown, capacity: Floats, verdict: Verdict) -> None:
    """Capacity of every year within what its months allow: not before it can open, not less than its contract."""
    ids = shown.stated.case["offers"]["offer_id"].to_numpy(dtype=object)
    for place, year in enumerate(shown.years):
        rows = shown.variants[place].case["offers"].to_dict("records")
        bounds = np.array([_bounds(row, year, shown.decided) for row in rows])
        least, part_as_today, part_gone = bounds.T
        most = numbers_of(shown.variants[place].case["offers"]["max_capacity"])
        today = numbers_of(shown.stated.case["offers"]["baseline_capacity"])
        level = numbers_of(_largest(shown, year))
        rest = 1 - part_as_today - part_gone
        with np.errstate(invalid="ignore"):
            later = np.where(rest > 0, rest * level, 0.0)
        limit = part_as_today * np.minimum(today, level) + later
        verdict.most("judged-path-early", (ids,), capacity[place], limit, most + today, year=str(year))
        if place:
            committed = np.minimum.reduce([numbers_of(shown.stated.case["offers"]["committed_capacity"]), today, level])
            own = ~shown.stated.case["offers"]["offer_id"].isin(_moved(shown)).to_numpy(dtype=bool)
            held = np.where(own, least * committed, 0.0)
            verdict.least("judged-path-contract", (ids,), capacity[place], held, most, year=str(year))


def _largest(shown: PathShown, year: int) -> pd.Series:
    """The greatest capacity of every offer while it is there, as the tables state it for a year; free where a scenario
    changes it, which every year's own judge looks at."""
    offers = shown.stated.case["offers"]
    table = shown.stated.case["offer_years"]
    stated = table[table["max_capacity"].notna() & table["year"].le(year)].sort_values("year", kind="stable")
    last = stated.drop_duplicates("offer_id", keep="last").set_index("offer_id")["max_capacity"]
    level = offers["offer_id"].map(last).astype(float).fillna(_before_months(shown))
    changed = shown.stated.changes
    own = changed[changed["table"].eq("offers") & changed["column"].eq("max_capacity")]["key"]
    return level.mask(offers["offer_id"].isin(own), np.inf)


def _before_months(shown: PathShown) -> pd.Series:
    """What ``offers`` says; unlimited for an offer that may be there for a part of the planned year only."""
    offers = shown.stated.case["offers"]
    dated = offers["available_from"].ne("") | offers["available_until"].ne("")
    listed = offers["offer_id"].isin(shown.stated.case["offer_years"]["offer_id"])
    # The budget may come late in the year planned only.
    late = voluntary(shown.stated.case) & (shown.stated.case.parameter(UNTIL) != "")
    return offers["max_capacity"].mask(dated | listed | late, np.inf)


def _moved(shown: PathShown) -> list[str]:
    """Offers whose bound capacity is stated by year or changed by the scenario."""
    changed = shown.stated.changes
    own = changed[changed["table"].eq("offers") & changed["column"].eq("committed_capacity")]["key"]
    return [*shown.stated.case["commitments"]["offer_id"].tolist(), *own.tolist()]


def _bounds(row: Mapping[Any, Any], year: int, decided: int) -> tuple[float, float, float]:
    """Parts of a year: the contract binds, the offer cannot be more than today yet, the offer is not there."""
    lead, notice = (float(np.nan_to_num(row[name])) for name in ("lead_months", "notice_months"))
    ends = str(row["contract_end"])
    bound = as_today = gone = 0
    for month in range(12):
        number = 12 * year + month
        middle = f"{year:04d}-{month + 1:02d}-{_MIDDLE}"
        there = (not row["available_from"] or str(row["available_from"])[:10] <= middle) and (
            not row["available_until"] or _whole(str(row["available_until"])) >= middle
        )
        gone += not there
        as_today += there and (number < decided or number < decided + lead)
        noticed = number < decided + notice if notice > 0 else False
        contract = middle <= _whole(ends) if ends else False
        endless = not ends and not notice > 0
        bound += there and (number < decided or contract or noticed or endless)
    return bound / 12, as_today / 12, gone / 12


def _whole(date: str) -> str:
    """A date as its last day: a year ends in December, a month on its last day."""
    return date + ("-12-31" if len(date) == 4 else "-31" if len(date) == 7 else "")


def _once(shown: PathShown, capacity: Floats, verdict: Verdict) -> None:
    """What was set up or given up so far has been paid for."""
    offers = shown.stated.case["offers"]
    ids = offers["offer_id"].to_numpy(dtype=object)
    opening, closing = (np.nan_to_num(numbers_of(offers[name])) for name in ("opening_cost", "closing_cost"))
    today, largest = (
        numbers_of(offers["baseline_capacity"]),
        np.max([numbers_of(_largest(shown, y)) for y in shown.years], axis=0),
    )
    paid, due = np.zeros(len(ids)), np.zeros((2, len(ids)))
    for year, once, had in zip(shown.years, shown.once, capacity, strict=True):
        paid = paid + once.groupby("offer_id")["amount_eur"].sum().reindex(ids, fill_value=0.0).to_numpy(dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            more = np.nan_to_num(opening * (had - today) / (largest - today), posinf=0.0, neginf=0.0)
            less = np.nan_to_num(closing * (today - had) / today, posinf=0.0, neginf=0.0)
        due = np.maximum(due, [more, less])
        size = opening + closing
        verdict.least("judged-path-once", (ids,), paid, due.sum(axis=0), size, year=str(year))
