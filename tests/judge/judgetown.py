"""A small town in which every kind of rule holds something back, so that a rule that is lost changes the plan.

Two offers cover care of children (one of them only half as well), one the elderly, one both; three pots, one of them
earmarked; a region, a space and a town floor; corridors, contracts, shares of cost, a wanted cluster of two providers.
"""

from __future__ import annotations

from tests.strategies import Rows, Tables

COSTS = {"A": 100, "B": 150, "C": 80, "D": 120, "E": 60, "F": 90}
TODAY = {"A": 20, "B": 10, "C": 15, "D": 5, "E": 10, "F": 8}
PAYS = {"A": "P1", "B": "P1", "C": "P2", "D": "P2", "E": "P3", "F": "P3"}


def _offers() -> Rows:
    department = {"P1": "D1", "P2": "D2", "P3": "D3"}
    rows = []
    for offer, cost in COSTS.items():
        rows.append(
            {
                "offer_id": offer,
                "name": f"Offer {offer}",
                "provider_id": {"A": "T1", "B": "T2", "D": "T4"}.get(offer, "T3"),
                "department_id": department[PAYS[offer]],
                "theme_id": "young" if offer in "AB" else "old",
                "home_space_id": "S1" if offer != "E" else "S3",
                "unit_cost": cost,
                "max_capacity": {"E": 30}.get(offer, 40),
                "baseline_capacity": TODAY[offer],
                "committed_capacity": {"F": 13.8}.get(offer, 0),
                "fixed_cost": (6 if offer == "D" else 3) * cost,
                "variable_unit_cost": 0.8 * cost,
                "min_capacity_if_open": 9,
            }
        )
    return rows


def _reach() -> Rows:
    places = {
        "A": [("S1", 1.0, 12), ("S2", 0.8, 8)],
        "B": [("S1", 1.0, 4), ("S2", 1.0, 6)],
        "C": [("S2", 0.9, 10), ("S3", 1.0, 5)],
        "D": [("S1", 1.0, 3), ("S3", 0.7, 2)],
        "E": [("S3", 1.0, 10)],
        "F": [("S1", 0.6, 8)],
    }
    rows: Rows = [
        {"offer_id": offer, "space_id": space, "access": access, "baseline_capacity": use}
        for offer, own in places.items()
        for space, access, use in own
    ]
    limits = {
        ("A", "S1"): {"max_capacity": 10},
        ("C", "S3"): {"max_use_share": 0.36},
        ("D", "S3"): {"min_use_share": 0.3},
    }
    for row in rows:
        row.update(limits.get((str(row["offer_id"]), str(row["space_id"])), {}))
    return rows


def tables() -> Tables:
    """The tables of the town."""
    demand = {"S1": (34, 22, 0), "S2": (28, 0, 12), "S3": (0, 40, 15)}
    effects = [("A", "kids", 1.0), ("B", "kids", 0.5), ("C", "old", 1.0), ("D", "old", 0.9), ("D", "talk", 0.4)]
    effects += [("E", "talk", 1.0), ("F", "old", 0.6), ("F", "kids", 0.2), ("C", "talk", 0.3)]
    needs = [("kids", 5, 0.1), ("old", 3, 0.0), ("talk", 2, 0.05)]
    floor = {"kind": "statutory"}
    return {
        "spaces": [
            {"space_id": "S1", "name": "One", "region_id": "R1", "weight": 1.0},
            {"space_id": "S2", "name": "Two", "region_id": "R1", "weight": 1.4},
            {"space_id": "S3", "name": "Three", "region_id": "R2", "weight": 1.0},
        ],
        "needs": [
            {"need_id": id, "name": id, "unit": "persons", "weight": weight, "wanted_reserve": reserve}
            for id, weight, reserve in needs
        ],
        "demand": [
            {"space_id": space, "need_id": need, "demand": value}
            for space, values in demand.items()
            for (need, _, _), value in zip(needs, values, strict=True)
        ],
        "offers": _offers(),
        "effects": [{"offer_id": offer, "need_id": need, "effect": effect} for offer, need, effect in effects],
        "reach": _reach(),
        "pots": [
            {"pot_id": "P1", "name": "Youth", "amount": 3900, "departments": "D1", "pooled": "yes", "max_share": 1},
            {"pot_id": "P2", "name": "Age", "amount": 2700, "departments": "D2", "themes": "old", "pooled": "no"},
            {"pot_id": "P3", "name": "Grant", "amount": 1500, "offers": "E;F;D", "pooled": "no", "max_share": 0.75},
        ],
        "eligibility": [
            {"pot_id": "P1", "offer_id": "F", "allowed": "yes", "max_share": 0.3},
            {"pot_id": "P2", "offer_id": "E", "allowed": "yes", "max_share": 0.25},
            {"pot_id": "P3", "offer_id": "D", "allowed": "no"},
        ],
        "baseline_funding": [
            {"pot_id": pot, "offer_id": offer, "amount": COSTS[offer] * TODAY[offer]} for offer, pot in PAYS.items()
        ],
        "floors": [
            {"floor_id": "F1", "scope": "space", "scope_id": "*", "need_id": "old", "min_coverage": 0.24, **floor},
            {"floor_id": "F2", "scope": "region", "scope_id": "R1", "need_id": "talk", "min_coverage": 0.25, **floor},
            {"floor_id": "F3", "scope": "all", "need_id": "kids", "min_coverage": 0.3, "kind": "target"},
            {"floor_id": "F4", "scope": "space", "scope_id": "S1", "need_id": "old", "min_coverage": 0.3,
             "floor_set": "later", **floor},
            {"floor_id": "F5", "scope": "all", "need_id": "old", "min_coverage": 0.1, "kind": "target",
             "floor_set": "aims"},
        ],
        "plurality": [
            {"cluster_id": "K1", "need_id": "kids", "scope": "all", "offers": "A;B", "assessment": "wanted",
             "max_share_provider": 0.73},
            {"cluster_id": "K2", "need_id": "talk", "scope": "space", "scope_id": "S3", "offers": "D;E",
             "assessment": "wanted", "min_demand_share": 0.9},
            {"cluster_id": "K3", "need_id": "kids", "scope": "space", "scope_id": "S2", "offers": "A;B",
             "assessment": "wanted", "min_share_each": 0.45},
            {"cluster_id": "K4", "need_id": "old", "scope": "all", "offers": "C;D", "assessment": "wanted",
             "min_providers": 2},
        ],
        "segments": [
            {"segment": "1", "from": 0, "to": 0.4, "value": 1},
            {"segment": "2", "from": 0.4, "to": 0.8, "value": 0.6},
            {"segment": "3", "from": 0.8, "to": 1, "value": 0.3},
        ],
        "weight_sets": [{"weight_set": "council", "need_id": "talk", "weight": 6}],
        "changes": [
            {"scenario_id": id, "table": "offers", "key": "A", "column": "max_capacity", "how": "set", "value": 18,
             "reason": "Fewer rooms"}
            for id in ("silo", "capped", "voiced", "whole")
        ],
        "parameters": [{"parameter": "equity_weight", "value": 0.05}],
        "scenarios": [
            {"scenario_id": "today", "title": "Today", "evaluate": "yes"},
            {"scenario_id": "silo", "title": "Silo", "floor_sets": "base;later"},
            {"scenario_id": "capped", "title": "Capped", "pooling": "integrated", "weight_set": "council",
             "max_moved": 215},
            {"scenario_id": "voiced", "title": "Voiced", "pooling": "integrated", "weight_set": "council"},
            {"scenario_id": "whole", "title": "Whole", "indivisible": "yes", "floor_sets": "aims"},
        ],
    }  # fmt: skip
