"""From tables to arrays: eligibility, reach without a table, prices, worth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from allocate.inputs.scenario.variant import apply
from allocate.town.as_arrays import Town
from allocate.town.build_town import build_town
from tests.strategies import Rows, Tables, case_of


def tables(**more: Rows) -> Tables:
    def offer(name: str, department: str, theme: str, home: str, cost: float) -> dict[str, object]:
        return {
            "offer_id": name,
            "name": name,
            "department_id": department,
            "theme_id": theme,
            "home_space_id": home,
            "unit_cost": cost,
            "max_capacity": 10,
            "baseline_capacity": 6,
        }

    base: Tables = {
        "spaces": [{"space_id": "S1", "name": "S1"}, {"space_id": "S2", "name": "S2", "weight": 3}],
        "needs": [
            {"need_id": "N1", "name": "N1", "unit": "persons", "weight": 3},
            {"need_id": "N2", "name": "N2", "unit": "persons", "weight": 1},
        ],
        "demand": [
            {"space_id": "S1", "need_id": "N1", "demand": 10},
            {"space_id": "S2", "need_id": "N1", "demand": 20},
        ],
        "offers": [
            offer("A", "D1", "T1", "S1", 100),
            offer("B", "D2", "T1", "", 90),
            offer("C", "D2", "T2", "S2", 40),
        ],
        "effects": [
            {"offer_id": "A", "need_id": "N1", "effect": 1},
            {"offer_id": "B", "need_id": "N1", "effect": 0.5},
            {"offer_id": "C", "need_id": "N1", "effect": 0.49},
            {"offer_id": "C", "need_id": "N2", "effect": 0.2},
        ],
        "pots": [
            {"pot_id": "own", "name": "own", "amount": 5, "departments": "D1", "themes": "T1", "pooled": "yes"},
            {"pot_id": "earmarked", "name": "e", "amount": 5, "departments": "D2", "themes": "T1", "pooled": "no"},
            {"pot_id": "site", "name": "s", "amount": 5, "spaces": "S2", "offers": "C;A", "pooled": "yes"},
        ],
        "scenarios": [
            {"scenario_id": "silo", "title": "silo", "pooling": "silo"},
            {"scenario_id": "integrated", "title": "integrated", "pooling": "integrated"},
        ],
    }
    return {**base, **more}


def town(scenario: str = "silo", **more: Rows) -> Town:
    return build_town(apply(case_of(tables(**more)), scenario))


def payers(found: Town) -> set[tuple[Any, Any]]:
    return set(zip(found.pots[found.funding.pot], found.offers.ids[found.funding.offer], strict=True))


def test_in_pillars_every_list_of_a_pot_applies() -> None:
    assert payers(town("silo")) == {("own", "A"), ("earmarked", "B"), ("site", "C")}


def test_pooled_money_drops_department_and_theme_earmarked_money_the_pillar_only() -> None:
    assert payers(town("integrated")) == {
        *{("own", offer) for offer in "ABC"},
        *{("earmarked", offer) for offer in "AB"},
        ("site", "C"),
    }


def test_exceptions_hold_in_every_mode_and_may_set_the_share() -> None:
    exceptions: Rows = [
        {"pot_id": "own", "offer_id": "C", "allowed": "yes", "max_share": 0.4},
        {"pot_id": "earmarked", "offer_id": "B", "allowed": "no"},
    ]
    for scenario in ("silo", "integrated"):
        found = town(scenario, eligibility=exceptions)
        assert ("own", "C") in payers(found)
        assert ("earmarked", "B") not in payers(found)
        own_c = (found.pots[found.funding.pot] == "own") & (found.offers.ids[found.funding.offer] == "C")
        assert found.funding.max_share[own_c].tolist() == [0.4]


def test_without_reach_an_offer_serves_its_home_or_every_space() -> None:
    found = town()
    served = list(zip(found.offers.ids[found.pairs.offer], found.spaces.ids[found.pairs.space], strict=True))
    assert served == [("A", "S1"), ("B", "S1"), ("B", "S2"), ("C", "S2")]
    assert found.pairs.baseline.tolist() == pytest.approx([6, 2, 4, 6])
    assert found.capacity_of(found.pairs.baseline).tolist() == pytest.approx([6, 6, 6])


def test_price_is_that_of_the_cheapest_suitable_offer_else_of_any() -> None:
    assert town().needs.price.tolist() == pytest.approx([100, 40 / 0.2])


def test_worth_of_a_unit_counts_weight_of_need_and_space() -> None:
    found = town()
    demanded = found.cells.demand > 0
    assert found.cells.worth[demanded].tolist() == pytest.approx([0.75 * 1 / 70, 0.75 * 3 / 70])
    value = (found.cells.worth * found.cells.demand).sum()
    assert value == pytest.approx(0.75), "a fully covered need is worth its share of the weights"


def test_supply_without_demand_has_a_cell_so_that_it_can_be_seen() -> None:
    found = town()
    labels = set(zip(found.spaces.ids[found.cells.space], found.needs.ids[found.cells.need], strict=True))
    assert ("S2", "N2") in labels


def test_reach_limit_is_the_offers_unless_its_own_is_lower() -> None:
    found = town(
        reach=[
            {"offer_id": "A", "space_id": "S1", "max_capacity": 4},
            {"offer_id": "A", "space_id": "S2"},
            {"offer_id": "B", "space_id": "S2", "max_capacity": 99, "access": 0.5},
            {"offer_id": "C", "space_id": "S2"},
        ]
    )
    assert found.pairs.max_capacity.tolist() == [4, 10, 10, 10]
    assert np.isin(0.25, found.supply.rate)


def test_weight_set_replaces_the_weights_it_names() -> None:
    sets: Rows = [{"weight_set": "citizens", "need_id": "N1", "weight": 1}]
    scenarios: Rows = [{"scenario_id": "silo", "title": "silo", "weight_set": "citizens"}]
    assert town(weight_sets=sets, scenarios=scenarios).needs.weight.tolist() == [1, 1]
