"""What contradicts itself before any solving: the numbers by hand, and nothing where the rule can just be met."""

from __future__ import annotations

from typing import Any

import pytest

from allocate.inputs.scenario.variant import apply
from allocate.model.compile import compile_variant
from allocate.model.rules.register import RULES
from tests.model.test_rules import CLUSTER, TWO_OFFERS, TWO_SPACES, floor, offer, pot, read, town
from tests.strategies import Tables

POORER = [pot(amount=500, max_share=0.5), pot(pot_id="Q", amount=1000, max_share=0.25)]


def reach(first: float, second: float, column: str) -> list[dict[str, Any]]:
    return [{"offer_id": "A", "space_id": space, column: share} for space, share in (("S", first), ("T", second))]


def divided(first: float, second: float, column: str, committed: float = 10) -> Tables:
    """Two spaces that share one offer, of which contracts bind something."""
    places = [offer(max_capacity=200, committed_capacity=committed)]
    return town(**TWO_SPACES, offers=places, reach=reach(first, second, column))


def clustered(**limits: float) -> Tables:
    return town(**TWO_OFFERS, plurality=[CLUSTER | limits])


def capped(most: float) -> Tables:
    """150 places today, of which the 100 that are possible leave 50 at 10 EUR that must be released."""
    scenario = {"scenario_id": "X", "title": "X", "max_moved": most}
    return town(offers=[offer(baseline_capacity=150)], scenarios=[scenario])


CASES: dict[str, tuple[Tables, list[tuple[object, ...]]]] = {
    "80 of 100 are to be covered, 50 places there are": (
        town(offers=[offer(max_capacity=50)], floors=floor(0.8)),
        [("floor-capacity", "floor", "F", "*", 80, 50, "need_units")],
    ),
    "nobody covers anything": (
        town(effects=[], floors=floor(0.8)),
        [("floor-unserved", "floor", "F", "*", 80, 0, "need_units")],
    ),
    "contracts for more places than can be": (
        town(offers=[offer(committed_capacity=120)]),
        [("commitment-capacity", "commitment", "A", "", 120, 100, "capacity_units")],
    ),
    "contracts for all places": (town(offers=[offer(committed_capacity=100)]), []),
    "contracts for 800 EUR, of which the pots may pay 400 and 200, though they hold 1,500": (
        town(offers=[offer(committed_capacity=80)], pots=POORER),
        [("commitment-unpaid", "commitment", "A", "", 800, 600, "eur")],
    ),
    "contracts for 800 EUR, and 500 in all": (
        town(offers=[offer(committed_capacity=80)], pots=[pot(amount=500)]),
        [("commitment-unpaid", "commitment", "A", "", 800, 500, "eur"),
         ("commitment-money", "commitment", "*", "", 800, 500, "eur")],
    ),
    "contracts for what there is": (town(offers=[offer(committed_capacity=80)], pots=[pot(amount=800)]), []),
    "two spaces want three fifths each": (
        divided(0.6, 0.6, "min_use_share"), [("corridor-shares", "corridor", "A", "", 1.2, 1, "share")],
    ),
    "two spaces may use no more than four fifths": (
        divided(0.3, 0.5, "max_use_share"), [("corridor-shares", "corridor", "A", "", 1, 0.8, "share")],
    ),
    "two spaces want half each": (divided(0.5, 0.5, "min_use_share"), []),
    "two spaces may use half each": (divided(0.5, 0.5, "max_use_share"), []),
    "an offer that may be closed": (divided(0.6, 0.6, "min_use_share", committed=0), []),
    "two offers want three fifths each": (
        clustered(min_share_each=0.6, min_demand_share=0.1),
        [("plurality-shares", "plurality", "K", "*", 1.2, 1, "share")],
    ),
    "two providers may have two fifths each": (
        clustered(max_share_provider=0.4, min_demand_share=0.1),
        [("plurality-shares", "plurality", "K", "*", 1, 0.8, "share")],
    ),
    "two offers have half each": (clustered(min_share_each=0.5, max_share_provider=0.5, min_demand_share=0.1), []),
    "a group that need not be there": (clustered(min_share_each=0.6), []),
    "more must be released than may be moved": (
        capped(400), [("moved-forced", "moved", "max_moved", "", 500, 400, "eur")],
    ),
    "as much must be released as may be moved": (capped(500), []),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_contradicts_itself_is_said_with_its_numbers(name: str) -> None:
    tables, expected = CASES[name]
    ground = compile_variant(apply(read(tables), "X"))
    found = [tuple(one) for rule in RULES for one in rule.precheck(ground)]
    assert [one[:4] + one[6:] for one in found] == [one[:4] + one[6:] for one in expected]
    assert [one[4:6] for one in found] == [pytest.approx(one[4:6]) for one in expected]
