"""The tables of a plan, labelled with the ids of the town."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocate.inputs.handed import Handed, OneLine
from allocate.model.compile import Compiled
from allocate.results.measures import judge_cells
from allocate.town.arrays import Floats
from allocate.town.as_arrays import Town
from allocate.town.staffing import staffing_of

TABLES = ("offers", "pots", "funding", "delivery", "coverage", "floors", "split", "staff")
# A delivery or payment below this is noise of the solver, not a decision.
NOISE = 1e-9
# A floor counts as met when at most this share of demand is missing.
FLOOR_TOLERANCE = 1e-7


@dataclass(frozen=True, eq=False, repr=False)
class PlanTables(OneLine):
    """The labelled tables of a plan, with the columns of the JSON in docs/data.md; empty where there is no plan."""

    offers: Handed = Handed(optional=True)
    pots: Handed = Handed(optional=True)
    funding: Handed = Handed(optional=True)
    delivery: Handed = Handed(optional=True)
    coverage: Handed = Handed(optional=True)
    floors: Handed = Handed(optional=True)
    split: Handed = Handed(optional=True)
    staff: Handed = Handed(optional=True)


def without_noise(values: Floats) -> Floats:
    """Quantities of a point, those that are only a solver's rounding left out."""
    return np.where(values < NOISE, 0.0, values)


def plan_tables(
    compiled: Compiled,
    delivery: Floats,
    capacity: Floats,
    cost: Floats,
    money: pd.DataFrame,
    marginal: Floats | None,
) -> PlanTables:
    """All tables of a plan; ``money``: who pays what, ``marginal``: per further EUR in each pot, None where unknown."""
    town = compiled.town
    spent = money.groupby("pot_id")["amount_eur"].sum().reindex(town.pots, fill_value=0.0).to_numpy()
    return PlanTables(
        offers=offers_table(town, capacity, cost),
        pots=pd.DataFrame(
            {
                "pot_id": town.pots,
                "amount_eur": town.pot_amount,
                "spent_eur": spent,
                "unspent_eur": town.pot_amount - spent,
                "marginal_value": np.full(len(town.pots), np.nan) if marginal is None else marginal,
            }
        ),
        funding=money.reset_index(drop=True),
        delivery=_delivery(town, delivery),
        split=_split(town, delivery),
        coverage=coverage_table(town, delivery),
        floors=_floors(compiled, delivery),
        staff=_staff(compiled, capacity),
    )


def offers_table(town: Town, capacity: Floats, cost: Floats) -> pd.DataFrame:
    """One row per offer: capacity units/year, cost, cost today and change in EUR/year."""
    today = town.offers.baseline_cost
    return pd.DataFrame(
        {
            "offer_id": town.offers.ids,
            "capacity": capacity,
            "cost_eur": cost,
            "baseline_cost_eur": today,
            "change_eur": cost - today,
        }
    )


def coverage_table(town: Town, delivery: Floats) -> pd.DataFrame:
    """One row per cell: demand, supply and what becomes of it, gap; need units/year."""
    cells = judge_cells(town, delivery)
    return pd.DataFrame(
        {
            "space_id": town.spaces.ids[town.cells.space],
            "need_id": town.needs.ids[town.cells.need],
            "demand": town.cells.demand,
            "supply": cells.supply,
            "covered": cells.covered,
            "wanted_reserve": cells.wanted_reserve,
            "duplication": cells.duplication,
            "gap": cells.gap,
        }
    )


def _delivery(town: Town, delivery: Floats) -> pd.DataFrame:
    """One row per offer used by a space, all needs together."""
    pairs = town.pairs
    whole = np.bincount(pairs.first, delivery, minlength=len(delivery)) if pairs.is_divided else delivery
    used = np.flatnonzero(whole > 0)
    return pd.DataFrame(
        {
            "offer_id": town.offers.ids[pairs.offer[used]],
            "space_id": town.spaces.ids[pairs.space[used]],
            "capacity": whole[used],
        }
    )


def _split(town: Town, delivery: Floats) -> pd.DataFrame:
    """How capacity that serves one need at a time is divided; empty where there is none."""
    pairs = town.pairs
    used = np.flatnonzero((pairs.serves >= 0) & (delivery > 0))
    return pd.DataFrame(
        {
            "offer_id": town.offers.ids[pairs.offer[used]],
            "space_id": town.spaces.ids[pairs.space[used]],
            "need_id": town.needs.ids[pairs.serves[used]],
            "capacity": delivery[used],
        }
    )


def _staff(compiled: Compiled, capacity: Floats) -> pd.DataFrame:
    """Posts filled, by group; today's provision may fill more than there are."""
    groups = staffing_of(compiled.variant.case)
    used = groups.used(capacity)
    return pd.DataFrame(
        {
            "staff_id": groups.ids,
            "posts": groups.posts,
            "used_posts": used,
            "free_posts": np.maximum(0.0, groups.posts - used),
            "short_posts": without_noise(used - groups.posts - NOISE * groups.posts),
        }
    )


def _floors(compiled: Compiled, delivery: Floats) -> pd.DataFrame:
    """``required`` and ``achieved`` as shares 0..1 of the demand in the floor's place."""
    town, floors = compiled.town, compiled.floors
    covered = floors.achieved(judge_cells(town, delivery).covered)
    achieved = np.divide(covered, floors.demand, out=np.ones(len(covered)), where=floors.demand > 0)
    return pd.DataFrame(
        {
            "floor_id": floors.floor_id,
            "scope_id": floors.scope_id,
            "need_id": town.needs.ids[floors.need],
            "required": floors.min_coverage,
            "achieved": achieved,
            "met": achieved >= floors.min_coverage - FLOOR_TOLERANCE,
        }
    )
