"""Tables of a path: its years, offers, pots, needs, spaces and floors, year by year."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from allocate.analyses.transition.horizon import Horizon
from allocate.analyses.transition.solve_path import Solved, once_by
from allocate.inputs.years import growth
from allocate.results.allocation import Allocation
from allocate.results.columns import Columns
from allocate.results.floor_kinds import floors_with_kind, minima, missed
from allocate.results.measures import need_coverage, space_coverage
from allocate.town.arrays import Floats
from allocate.town.facts import PotFacts, payments_today

YEAR_COLUMNS = Columns(
    "year", "weighted_coverage", "lowest_space_coverage", "money_eur", "carried_eur", "spent_eur", "once_eur",
    "carry_on_eur", "free_eur", "moved_eur", "duplication_eur", "floors_missed", "coverage_value", "objective",
)  # fmt: skip
POT_COLUMNS = Columns(
    "year", "pot_id", "amount_eur", "carried_eur", "spent_eur", "once_eur", "carry_on_eur", "free_eur", "short_eur",
)  # fmt: skip
# What goes from year to year, which places do not.
CARRIED = ("carried_eur", "carry_on_eur")
DUST = 1e-4
OFFER_COLUMNS = Columns("year", "offer_id", "capacity", "cost_eur", "once_eur", "capacity_before", "change_eur")


def years_table(solved: Solved) -> pd.DataFrame:
    """One row per year: ``YEAR_COLUMNS``; money in EUR, coverage as shares 0..1."""
    rows = []
    for place, year in enumerate(solved.path.years):
        plan = solved.plans[place]
        measures = plan.measures
        if measures is None:
            continue
        left = solved.held(place) - solved.paid(place)
        kept = solved.carried[place]
        rows.append(
            {
                "year": year,
                **{name: getattr(measures, name) for name in YEAR_COLUMNS if hasattr(measures, name)},
                "money_eur": float(plan.pots["amount_eur"].sum()),
                "carried_eur": float(solved.carried[place - 1].sum()) if place else 0.0,
                "once_eur": float(solved.once[place]["amount_eur"].sum()),
                "carry_on_eur": float(kept.sum()),
                "free_eur": float(_without_noise(left - kept).sum()),
                "floors_missed": missed(minima(plan)),
                "objective": plan.objective,
            }
        )
    return YEAR_COLUMNS.of(rows)


def pots_table(horizon: Horizon, solved: Solved) -> pd.DataFrame:
    """One row per pot and year (``POT_COLUMNS``), EUR.

    ``free_eur``: neither spent nor carried on. ``short_eur``: what the pot would lack if it went on paying what it pays
    today at that year's prices, without anything carried over; NaN where it is unknown who pays today.
    """
    case = horizon.stated.case
    paid_now = payments_today(case).groupby("pot_id")["amount_eur"].sum()
    today = paid_now.reindex(PotFacts(case).ids, fill_value=0.0 if len(paid_now) else np.nan).to_numpy(dtype=float)
    parts = []
    for place, year in enumerate(solved.path.years):
        pots = solved.plans[place].pots
        grown = (1.0 + growth(case, "cost_growth")) ** (year - solved.path.years[0])
        lacking = np.maximum(0.0, today * grown - pots["amount_eur"].to_numpy(dtype=float))
        paid, held = solved.paid(place), solved.held(place)
        parts.append(
            pots[["pot_id", "amount_eur", "spent_eur"]].assign(
                year=year,
                carried_eur=held - pots["amount_eur"].to_numpy(dtype=float),
                once_eur=paid - pots["spent_eur"].to_numpy(dtype=float),
                carry_on_eur=solved.carried[place],
                free_eur=_without_noise(held - paid - solved.carried[place]),
                short_eur=lacking,
            )
        )
    return POT_COLUMNS.of(pd.concat(parts, ignore_index=True))


def _without_noise(left: Floats) -> Floats:
    """What is left of money, EUR; less than a hundredth of a cent is what rounding leaves."""
    rest: Floats = np.where(left < DUST, 0.0, left)
    return rest


def offers_table(solved: Solved) -> pd.DataFrame:
    """One row per offer and year (``OFFER_COLUMNS``): capacity units/year, EUR; ``change_eur`` at the year's prices."""
    parts = []
    before = solved.path.links.today
    for place, year in enumerate(solved.path.years):
        offers = solved.plans[place].offers
        once = once_by("offer_id", solved.once[place], offers["offer_id"])
        parts.append(offers.assign(year=year, once_eur=once, capacity_before=before))
        before = offers["capacity"].to_numpy(dtype=float)
    return OFFER_COLUMNS.of(pd.concat(parts, ignore_index=True))


def coverage_table(solved: Solved) -> pd.DataFrame:
    """The rows of coverage of all years, need units/year."""
    return _by_year(solved, lambda plan: plan.coverage)


def floors_table(solved: Solved) -> pd.DataFrame:
    """The floors of all years, what binds and what is only aimed at."""
    return _by_year(solved, floors_with_kind)


def staff_table(solved: Solved) -> pd.DataFrame:
    """The groups of posts of all years: posts there are, filled, free and short; empty where the case states none."""
    return _by_year(solved, lambda plan: plan.tables.staff)


def needs_table(solved: Solved) -> pd.DataFrame:
    """Demand and covered units per need and year, and its coverage as the plan weighs it (share 0..1)."""
    parts = []
    for place, year in enumerate(solved.path.years):
        town, rows = solved.path.compiled[place].town, solved.plans[place].coverage
        sums = rows.groupby("need_id")[["demand", "covered"]].sum().reindex(town.needs.ids, fill_value=0.0)
        share = need_coverage(town, rows["covered"].to_numpy(dtype=float))
        parts.append(sums.assign(year=year, coverage=share).rename_axis("need_id").reset_index())
    return pd.concat(parts, ignore_index=True)[["year", "need_id", "demand", "covered", "coverage"]]


def spaces_table(solved: Solved) -> pd.DataFrame:
    """Coverage per space and year, share 0..1."""
    parts = []
    for place, year in enumerate(solved.path.years):
        town, rows = solved.path.compiled[place].town, solved.plans[place].coverage
        share = space_coverage(town, rows["covered"].to_numpy(dtype=float))
        parts.append(pd.DataFrame({"year": year, "space_id": town.spaces.ids, "coverage": share}))
    return pd.concat(parts, ignore_index=True)


def _by_year(solved: Solved, rows_of: Callable[[Allocation], pd.DataFrame]) -> pd.DataFrame:
    parts = []
    for year, plan in zip(solved.path.years, solved.plans, strict=True):
        rows = rows_of(plan)
        parts.append(rows.assign(year=year)[["year", *rows.columns]])
    return pd.concat(parts, ignore_index=True)


def covered_units(plans: tuple[Allocation, ...]) -> float:
    """Need units that are covered in all years together."""
    return float(sum(plan.coverage["covered"].sum() for plan in plans))
