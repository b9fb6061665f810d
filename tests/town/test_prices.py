"""What a doubled unit costs: a mean over places that no small offer can move."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.session import Session
from allocate.town.as_arrays import Offers
from allocate.town.build_provision import prices
from tests.strategies import Tables, case_of

type Offer = tuple[float, float, float]


def price(*offered: Offer, demand: float = 100.0) -> float:
    """The price of one need; an offer is its unit cost, largest capacity and effect."""
    cost, most, effect = (np.array(column, dtype=float) for column in zip(*offered, strict=True))
    none, blank = np.zeros(len(cost)), np.full(len(cost), "", dtype=object)
    offers = Offers(blank, blank, blank, cost, most, none, none, none, cost, none, none, none)
    numbers = np.arange(len(cost))
    return float(prices(offers, (numbers, np.zeros(len(cost), dtype=np.int64), effect), np.array([demand]))[0])


def test_price_by_hand() -> None:
    assert price((10, 1000, 1)) == 10
    assert price((10, 1000, 0.5)) == 20
    # Four free places of a hundred demanded lie below the twentieth that does not count.
    assert price((10, 1000, 1), (0, 4, 1)) == 10
    # Seven reach two places into the five that count: 2 at 0 and 3 at 10.
    assert price((10, 1000, 1), (0, 7, 1)) == pytest.approx(6)
    assert price((10, 1000, 1), (0, 10, 1)) == 0
    # Only eight places in all: the dearer four count.
    assert price((10, 2, 1), (30, 6, 1)) == pytest.approx(30)
    # What serves only a little comes last, however cheap.
    assert price((10, 1000, 1), (1, 1000, 0.4)) == 10
    assert price((10, 3, 0.4)) == pytest.approx(25)
    assert price((10, 4, 1), (30, 4, 1), demand=0) == pytest.approx(30)
    assert price((10, 0, 1), (30, 0, 1)) == 10


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 5000), st.floats(0.5, 200), st.sampled_from([1.0, 0.5, 0.2])), min_size=1, max_size=6
    ),
    st.tuples(st.floats(0, 5000), st.sampled_from([1.0, 0.2])),
    st.floats(1e-6, 0.5),
    st.just(0.0) | st.floats(1e-6, 400),
)
def test_a_small_offer_moves_the_price_by_no_more_than_its_size(
    offered: list[Offer], small: tuple[float, float], size: float, demand: float
) -> None:
    before = price(*offered, demand=demand)
    assert before >= 0
    after = price(*offered, (small[0], size / small[1], small[1]), demand=demand)
    every = sum(most * effect for _, most, effect in offered)
    counted = (min(0.1 * demand, every) if demand > 0 else every) / 2
    dearest = max([cost / effect for cost, _, effect in offered] + [small[0] / small[1]])
    # Each of the counted places is replaced by another one at most as far as the small offer shifts them.
    assert abs(after - before) <= 6 * size / counted * dearest + 1e-9 * dearest


def volunteers(cost: float) -> Tables:
    """Advice for 300 in two places that ask for 100 each, and five places of volunteers."""
    places = {"A": [250, 50], "V": [5, 0]}
    return {
        "spaces": [{"space_id": s, "name": s} for s in ("S1", "S2")],
        "needs": [{"need_id": "N", "name": "Advice", "unit": "persons"}],
        "demand": [{"space_id": s, "need_id": "N", "demand": 100} for s in ("S1", "S2")],
        "offers": [
            {"offer_id": "A", "name": "A", "unit_cost": 10, "max_capacity": 1000, "baseline_capacity": 300},
            {"offer_id": "V", "name": "V", "unit_cost": cost, "max_capacity": 5, "baseline_capacity": 5},
        ],
        "effects": [{"offer_id": o, "need_id": "N", "effect": 1} for o in places],
        "reach": [
            {"offer_id": o, "space_id": s, "access": 1, "baseline_capacity": used}
            for o, both in places.items()
            for s, used in zip(("S1", "S2"), both, strict=True)
        ],
        "pots": [{"pot_id": "P", "name": "P", "amount": 4000}],
        "scenarios": [{"scenario_id": "Q", "title": "Q", "evaluate": "yes"}],
    }


@pytest.mark.parametrize("cost", [0, 10])
def test_volunteers_do_not_make_doubled_places_worthless(cost: float) -> None:
    measures = Session(case_of(volunteers(cost))).run("Q").measures
    assert measures is not None
    assert measures.duplication_units == pytest.approx(155)
    assert measures.duplication_eur == pytest.approx(1550)
