"""Where the real data lie, and how a case is written from them.

The data belong to others and stay where they are: beside the repository, each folder with its SOURCE.md. A test that
needs one is skipped where it is absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

DATA = Path(__file__).parents[3] / "shared" / "data"
# One opened site costs this much in the covering cases; whole euros read better than a cost of 1.
SITE_COST = 1000.0
NO_PENALTIES = pd.DataFrame(
    {"parameter": ["equity_weight", "duplication_weight", "movement_weight"], "value": ["0", "0", "0"]}
)


def source(folder: str) -> Path:
    """The folder of one data set; skips the test where it is absent."""
    path = DATA / folder
    if not (path / "SOURCE.md").is_file():
        pytest.skip(f"needs the data set {folder} of others (see its SOURCE.md), which is not at {path}")
    return path


def write_case(folder: Path, tables: Mapping[str, pd.DataFrame]) -> Path:
    """Write tables as a folder of plain CSV files."""
    folder.mkdir(parents=True)
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    return folder


def covering_tables(demand: pd.Series, served: pd.DataFrame, most_sites: int) -> dict[str, pd.DataFrame]:
    """A maximal-covering problem as a town: which p sites reach most people?

    ``demand``: people per area. ``served``: columns site, area, share (of the area's people whom an open site
    reaches). A site serves all its areas at once and each in its fixed proportion, so the user corridor pins every
    share; opened by z, it offers each area z times its people and reaches z times its share of them. Scenario ``p4``
    has money for four sites that may open in part, ``whole4`` for four sites that open fully or not at all.
    """
    served = served[(served["share"] > 0) & served["area"].map(demand).gt(0)]
    people = served["area"].map(demand)
    capacity = people.groupby(served["site"]).sum()
    use_share = people / served["site"].map(capacity)
    counts = range(1, most_sites + 1)
    scenarios = pd.DataFrame(
        {
            "scenario_id": [f"{kind}{p}" for kind in ("p", "whole") for p in counts],
            "title": [f"{p} Standorte" for _ in range(2) for p in counts],
            "indivisible": np.repeat(["no", "yes"], most_sites),
        }
    )
    sites = capacity.index
    return {
        "spaces": pd.DataFrame({"space_id": demand.index, "name": demand.index}),
        "needs": pd.DataFrame({"need_id": ["people"], "name": ["People reached"], "unit": ["persons"]}),
        "demand": pd.DataFrame({"space_id": demand.index, "need_id": "people", "demand": demand.to_numpy()}),
        "offers": pd.DataFrame(
            {
                "offer_id": sites,
                "name": sites,
                "unit_cost": SITE_COST / capacity.to_numpy(),
                "max_capacity": capacity.to_numpy(),
                "fixed_cost": SITE_COST,
                "variable_unit_cost": 0,
                "min_capacity_if_open": capacity.to_numpy(),
            }
        ),
        "effects": pd.DataFrame({"offer_id": sites, "need_id": "people", "effect": 1}),
        "reach": pd.DataFrame(
            {
                "offer_id": served["site"],
                "space_id": served["area"],
                "access": served["share"],
                "min_use_share": use_share,
                "max_use_share": use_share,
            }
        ),
        "pots": pd.DataFrame({"pot_id": ["sites"], "name": ["Money for sites"], "amount": [SITE_COST]}),
        "parameters": NO_PENALTIES,
        "scenarios": scenarios,
        "changes": pd.DataFrame(
            {
                "scenario_id": scenarios["scenario_id"],
                "table": "pots",
                "key": "sites",
                "column": "amount",
                "how": "multiply",
                "value": list(counts) * 2,
                "reason": "number of sites",
            }
        ),
    }
