"""Plan tables: the labelled tables of what every offer does and of what becomes of every need in every space."""

from __future__ import annotations

import pandas as pd

from allocate.results.measures import judge_cells
from allocate.town.arrays import Floats
from allocate.town.town import Town


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
