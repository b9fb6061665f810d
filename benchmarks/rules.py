"""The rules of an invented town, all set so that its status quo keeps them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator

from benchmarks.grown import Grown

# Years of the plan over several years.
YEARS = (2027, 2028, 2029)


def rule_tables(rng: Generator, grown: Grown) -> dict[str, pd.DataFrame]:
    """Corridors (in ``reach``), floors, clusters, overlaps, segments, weight sets, commitments, scenarios."""
    supply = _supply(grown)
    offers = grown.offers
    committed = offers[offers["committed_capacity"] > 0]
    amounts = grown.pots["amount"]
    return {
        "reach": _corridors(rng, grown.reach),
        "floors": _floors(rng, grown, supply),
        "plurality": _clusters(grown, supply),
        "overlaps": _overlaps(rng, grown),
        "segments": pd.DataFrame(
            {"segment": ["1", "2", "3"], "from": [0.0, 0.4, 0.7], "to": [0.4, 0.7, 1.0], "value": [1.0, 0.6, 0.3]}
        ),
        "weight_sets": pd.DataFrame(
            {
                "weight_set": "participation",
                "need_id": grown.needs["need_id"],
                "weight": rng.integers(1, 25, len(grown.needs)).astype(float),
            }
        ),
        "commitments": pd.concat(
            [
                pd.DataFrame(
                    {
                        "offer_id": committed["offer_id"],
                        "year": year,
                        "min_capacity": np.floor(committed["committed_capacity"] * keep),
                        "reason": "Leistungsvereinbarung",
                    }
                )
                for year, keep in zip(YEARS, (1.0, 0.8, 0.5), strict=True)
            ]
        ),
        "pot_years": pd.concat(
            [
                pd.DataFrame({"pot_id": grown.pots["pot_id"], "year": year, "amount": (amounts * growth).round()})
                for year, growth in zip(YEARS, (1.0, 1.01, 1.02), strict=True)
            ]
        ),
        "scenarios": _scenarios(float(amounts.sum())),
        "changes": pd.DataFrame(
            {
                "scenario_id": ["cut", "demography"],
                "table": ["pots", "demand"],
                "key": [grown.pots["pot_id"][0], f"*|{grown.needs['need_id'][0]}"],
                "column": ["amount", "demand"],
                "how": ["multiply", "multiply"],
                "value": ["0.97", "1.1"],
                "reason": ["Kürzung", "Bevölkerungsvorausberechnung"],
            }
        ),
        "parameters": pd.DataFrame(
            {
                "parameter": ["plan_year", "equity_weight", "duplication_weight", "movement_weight"],
                "value": [str(YEARS[0]), "0.02", "0.1", "0.1"],
            }
        ),
    }


def _scenarios(budget: float) -> pd.DataFrame:
    rows = [
        {"scenario_id": "status_quo", "title": "Status quo", "evaluate": True},
        {"scenario_id": "silo", "title": "Optimiert in Säulen"},
        {"scenario_id": "integrated", "title": "Integriert", "pooling": "integrated"},
        {"scenario_id": "capped", "title": "Höchstens 3 %", "pooling": "integrated", "max_moved": round(budget * 0.03)},
        {
            "scenario_id": "participation",
            "title": "Gewichte aus Beteiligung",
            "pooling": "integrated",
            "weight_set": "participation",
        },
        {"scenario_id": "standards", "title": "Höhere Standards", "floor_sets": "base;higher"},
        {"scenario_id": "indivisible", "title": "Ganze Angebote", "indivisible": True},
        {"scenario_id": "cut", "title": "Kürzung", "parent_id": "silo"},
        {"scenario_id": "demography", "title": "Demografie", "parent_id": "integrated", "pooling": "integrated"},
    ]
    table = pd.DataFrame(rows)
    for column, blank in (("pooling", "silo"), ("floor_sets", "base"), ("parent_id", ""), ("weight_set", "")):
        table[column] = table[column].fillna(blank)
    for column in ("evaluate", "indivisible"):
        table[column] = table[column].eq(True)
    return table


def _supply(grown: Grown) -> pd.DataFrame:
    """What every offer supplies today: offer, provider, space, region, need, supply in need units."""
    table = grown.reach.merge(grown.effects, on="offer_id")
    table["supply"] = table["baseline_capacity"] * table["access"] * table["effect"]
    table = table[table["supply"] > 0]
    table = table.merge(grown.offers[["offer_id", "provider_id"]], on="offer_id")
    return table.merge(grown.spaces[["space_id", "region_id"]], on="space_id")


def _corridors(rng: Generator, reach: pd.DataFrame) -> pd.DataFrame:
    """A third of the uses has a corridor of 30 % around today's share; some have an own greatest capacity."""
    table = reach.copy()
    total = table.groupby("offer_id")["baseline_capacity"].transform("sum")
    share = (table["baseline_capacity"] / total.where(total > 0)).fillna(0.0)
    bound = (rng.random(len(table)) < 0.33) & (share > 0)
    table["min_use_share"] = np.where(bound, np.floor(share * 70) / 100, 0.0)
    table["max_use_share"] = np.where(bound, np.minimum(1.0, np.ceil(share * 130) / 100), 1.0)
    limited = rng.random(len(table)) < 0.5
    table["max_capacity"] = np.where(limited, np.ceil(table["baseline_capacity"] * 1.5) + 5, np.nan)
    return table


def _floors(rng: Generator, grown: Grown, supply: pd.DataFrame) -> pd.DataFrame:
    """Floors of all scopes and kinds at 85 % of what is covered today; a set of higher ones at 95 %."""
    cells = grown.demand.merge(grown.spaces[["space_id", "region_id"]], on="space_id")
    today = supply.groupby(["space_id", "need_id"])["supply"].sum()
    today = today.reindex(pd.MultiIndex.from_frame(cells[["space_id", "need_id"]])).fillna(0.0).to_numpy()
    cells = cells.assign(covered=np.minimum(cells["demand"], today))
    rows = []

    def add(floor_set: str, scope: str, scope_id: str, need: str, kind: str, covered: float, keep: float) -> None:
        least = np.floor(covered * keep * 100) / 100
        if least >= 0.02:
            rows.append((floor_set, scope, scope_id, need, least, kind))

    for number, (need, group) in enumerate(cells[cells["demand"] > 0].groupby("need_id")):
        whole = group["covered"].sum() / group["demand"].sum()
        region = group.groupby("region_id")[["covered", "demand"]].sum()
        region_share = region["covered"] / region["demand"]
        space_share = group.set_index("space_id")["covered"] / group.set_index("space_id")["demand"]
        if number % 3 == 0:
            add("base", "all", "", need, "statutory", whole, 0.85)
            add("higher", "all", "", need, "statutory", whole, 0.95)
        if number % 3 == 1:
            add("base", "region", "*", need, "political", region_share.min(), 0.85)
            best = region_share.idxmax()
            add("higher", "region", best, need, "political", region_share[best], 0.95)
        if number % 3 == 2:
            add("base", "space", "*", need, "statutory", space_share.min(), 0.85)
            one = rng.choice(space_share.index.to_numpy())
            add("base", "space", one, need, "political", space_share[one], 0.85)
        add("base", "all", "", need, "target", 1.0, 0.8)
    columns = ["floor_set", "scope", "scope_id", "need_id", "min_coverage", "kind"]
    table = pd.DataFrame(rows, columns=columns)
    table.insert(0, "floor_id", [f"F{i + 1:04d}" for i in range(len(table))])
    return table


def _clusters(grown: Grown, supply: pd.DataFrame) -> pd.DataFrame:
    """Wanted, suspected and unchecked clusters, for the whole town and for single regions."""
    demand = grown.demand.merge(grown.spaces[["space_id", "region_id"]], on="space_id")
    rows = []
    for number, (need, everywhere) in enumerate(supply.groupby("need_id")):
        scope, scope_id, own = "all", "", everywhere
        wanted = demand[demand["need_id"] == need]
        if number % 2:
            scope, scope_id = "region", everywhere.groupby("region_id")["offer_id"].nunique().idxmax()
            own, wanted = (table[table["region_id"] == scope_id] for table in (own, wanted))
        by_offer = own.groupby(["offer_id", "provider_id"])["supply"].sum().nlargest(4).reset_index()
        by_provider = by_offer.groupby("provider_id")["supply"].sum()
        whole, needed = by_offer["supply"].sum(), wanted["demand"].sum()
        if len(by_provider) < 2 or needed == 0:
            continue
        rows.append(
            {
                "cluster_id": f"C{number + 1:03d}",
                "need_id": need,
                "scope": scope,
                "scope_id": scope_id,
                "offers": ";".join(by_offer["offer_id"]),
                "assessment": ("wanted", "wanted", "suspected", "to_check")[number % 4],
                "min_share_each": np.floor(by_offer["supply"].min() / whole * 70) / 100,
                "min_demand_share": np.floor(whole / needed * 70) / 100 if number % 3 == 0 else np.nan,
                "max_share_provider": min(1.0, np.ceil(by_provider.max() / whole * 110) / 100),
                "min_providers": 2.0,
            }
        )
    columns = ["cluster_id", "need_id", "scope", "scope_id", "offers", "assessment"]
    columns += ["min_share_each", "min_demand_share", "max_share_provider", "min_providers"]
    return pd.DataFrame(rows, columns=columns)


def _overlaps(rng: Generator, grown: Grown) -> pd.DataFrame:
    """A few pairs of offers for one need whose overlap somebody has written down."""
    rows = []
    for need, group in grown.effects.groupby("need_id"):
        if len(group) < 2:
            continue
        a, b = sorted(rng.choice(group["offer_id"].to_numpy(), 2, replace=False))
        rows.append((a, b, need, *rng.choice([0.0, 0.5, 0.8, 1.0], 3), float(rng.choice([0.0, 1.0]))))
    columns = ["offer_id_a", "offer_id_b", "need_id", "same_target_group", "same_space", "overlapping_hours", "wanted"]
    return pd.DataFrame(rows, columns=columns)
