"""Small towns with few people: what a publication of them must not tell. Made from a seed; every demand is whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

_OPTIONS = {"S0": "yes", "S1": "", "S2": ""}


def small_town(folder: Path, seed: int) -> Path:
    """Write a town of 3 to 5 spaces and 2 to 4 needs, some of them small, with offers that serve one cell only."""
    draw = np.random.default_rng(seed)
    spaces = [f"A{at}" for at in range(draw.integers(3, 6))]
    needs = [f"N{at}" for at in range(draw.integers(2, 5))]
    demand = {(space, need): int(draw.integers(8, 60)) for space in spaces for need in needs}
    cells = list(demand)
    small = [cells[at] for at in draw.choice(len(cells), size=int(draw.integers(1, 4)), replace=False)]
    demand |= {cell: int(draw.integers(1, 5)) for cell in small}
    offers, effects, reach = _offers(draw, spaces, needs, small)
    cost = sum(row["unit_cost"] * row["baseline_capacity"] for row in offers)
    tables = {
        "spaces": [{"space_id": id, "name": f"Quarter {id}", "region_id": f"R{int(id[1:]) % 2}"} for id in spaces],
        "needs": [{"need_id": id, "name": f"Need {id}", "unit": "persons", "weight": 1} for id in needs],
        "demand": [{"space_id": at, "need_id": of, "demand": size} for (at, of), size in demand.items()],
        "offers": offers,
        "effects": effects,
        "reach": reach,
        "pots": [
            {"pot_id": "P1", "name": "Town", "amount": round(cost * 0.7), "pooled": "yes"},
            {"pot_id": "P2", "name": "Land", "amount": round(cost * 0.5), "pooled": "yes"},
        ],
        "baseline_funding": [
            {"pot_id": "P1", "offer_id": row["offer_id"], "amount": row["unit_cost"] * row["baseline_capacity"]}
            for row in offers
        ],
        "scenarios": [
            {"scenario_id": id, "title": id, "pooling": "integrated", "evaluate": evaluate}
            for id, evaluate in _OPTIONS.items()
        ],
        "changes": [
            {"scenario_id": "S2", "table": "pots", "key": "P1", "column": "amount", "how": "multiply", "value": 0.9,
             "reason": "less money"},
        ],
    }  # fmt: skip
    folder.mkdir(parents=True)
    for name, rows in tables.items():
        pd.DataFrame(rows).to_csv(folder / f"{name}.csv", index=False)
    return folder


type Rows = list[dict[str, object]]


def _offers(
    draw: np.random.Generator, spaces: list[str], needs: list[str], small: list[tuple[str, str]]
) -> tuple[list[dict[str, float]], Rows, Rows]:
    """One offer for each need in many spaces, and one for each small cell that serves nothing else."""
    offers: list[dict[str, float]] = []
    effects: Rows = []
    reach: Rows = []

    def add(id: str, need: str, at: list[str], use: list[int]) -> None:
        row = {
            "offer_id": id, "name": f"Offer {id}", "unit_cost": int(draw.integers(80, 400)),
            "max_capacity": 3 * sum(use) + 9, "baseline_capacity": sum(use), "unit": "places",
            "provider_id": f"T{len(offers) % 3}",
        }  # fmt: skip
        offers.append(row)
        effects.append({"offer_id": id, "need_id": need, "effect": 1})
        reach.extend(
            {"offer_id": id, "space_id": space, "access": 1, "baseline_capacity": part}
            for space, part in zip(at, use, strict=True)
        )

    for number, need in enumerate(needs):
        add(f"O{number}", need, spaces, [int(draw.integers(2, 25)) for _ in spaces])
    for number, (space, need) in enumerate(small):
        add(f"E{number}", need, [space], [int(draw.integers(1, 4))])
    return offers, effects, reach
