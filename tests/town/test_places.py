"""Floors and clusters, spelled out for every place they name."""

from __future__ import annotations

import pytest

from allocate.inputs.scenario.variant import apply
from allocate.town.build_town import build_town
from allocate.town.places import clusters_of, floors_of
from tests.strategies import Rows, Tables, case_of


def tables(floors: Rows, floor_sets: str = "base") -> Tables:
    spaces = ["S1", "S2", "S3"]
    return {
        "spaces": [
            {"space_id": s, "name": s, "region_id": region}
            for s, region in zip(spaces, ["R1", "R1", "R2"], strict=True)
        ],
        "needs": [{"need_id": n, "name": n, "unit": "persons"} for n in ("N1", "N2")],
        "demand": [{"space_id": s, "need_id": "N1", "demand": 10 * (i + 1)} for i, s in enumerate(spaces)],
        "offers": [{"offer_id": "O", "name": "O", "unit_cost": 1, "max_capacity": 100, "provider_id": "PR"}],
        "effects": [{"offer_id": "O", "need_id": "N1", "effect": 1}],
        "pots": [{"pot_id": "P", "name": "P", "amount": 100}],
        "floors": floors,
        "scenarios": [{"scenario_id": "A", "title": "A", "floor_sets": floor_sets}],
    }


def floor(
    number: int, scope: str, scope_id: str, share: float, floor_set: str = "base", need: str = "N1"
) -> dict[str, object]:
    return {
        "floor_id": f"F{number}",
        "floor_set": floor_set,
        "scope": scope,
        "scope_id": scope_id,
        "need_id": need,
        "min_coverage": share,
        "kind": "statutory",
    }


def required(floors: Rows, floor_sets: str = "base") -> dict[tuple[str, str], float]:
    variant = apply(case_of(tables(floors, floor_sets)), "A")
    found = floors_of(variant.case, variant.scenario.floor_sets, build_town(variant))
    return dict(zip(zip(found.floor_id, found.scope_id, strict=True), found.required.tolist(), strict=True))


def test_star_means_each_space_and_each_region() -> None:
    assert required([floor(1, "space", "*", 0.5)]) == {("F1", "S1"): 5, ("F1", "S2"): 10, ("F1", "S3"): 15}
    assert required([floor(1, "region", "*", 0.5)]) == {("F1", "R1"): 15, ("F1", "R2"): 15}
    assert required([floor(1, "all", "*", 0.5)]) == {("F1", "*"): 30}


def test_one_named_place() -> None:
    assert required([floor(1, "space", "S2", 0.5)]) == {("F1", "S2"): 10}
    assert required([floor(1, "region", "R2", 0.5)]) == {("F1", "R2"): 15}


def test_later_set_overrides_the_same_need_and_place_only() -> None:
    floors = [
        floor(1, "space", "*", 0.2),
        floor(2, "all", "*", 0.3),
        floor(3, "space", "S2", 0.6, "strict"),
        floor(4, "space", "*", 0.1, "unused"),
    ]
    assert required(floors, "base;strict") == {
        ("F1", "S1"): 2,
        ("F1", "S3"): 6,
        ("F2", "*"): pytest.approx(18),
        ("F3", "S2"): 12,
    }
    assert ("F1", "S2") in required(floors, "strict;base")


def test_need_without_demand_has_no_floor_to_meet() -> None:
    assert required([floor(1, "space", "*", 0.2, need="N2")]) == {}


def test_only_wanted_clusters_bind() -> None:
    base = tables([])
    base["plurality"] = [
        {
            "cluster_id": assessment,
            "need_id": "N1",
            "scope": "region",
            "scope_id": "*",
            "offers": "O",
            "assessment": assessment,
            "min_demand_share": 0.1,
        }
        for assessment in ("wanted", "suspected", "to_check")
    ]
    variant = apply(case_of(base), "A")
    clusters = clusters_of(variant.case, build_town(variant))
    assert [(c.cluster_id, c.scope_id, c.demand) for c in clusters] == [("wanted", "R1", 30.0), ("wanted", "R2", 30.0)]
