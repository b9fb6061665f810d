"""How exactly the coverage of a space is told in which a cell of few persons is withheld: the steps by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from allocate.results.disclosure import Mask
from allocate.results.precision import ROUGH, SHOWN, Precision, _complement, _lowest, _reach, precision_for
from allocate.session import Session
from tests.strategies import case_of

FEW = ("S", "F")


def a_town(weight: float) -> Session:
    """Two spaces: in S few persons need F, which has this weight beside 1 for N; T is served better than S."""
    case = case_of(
        {
            "spaces": [{"space_id": "S", "name": "S"}, {"space_id": "T", "name": "T"}],
            "needs": [
                {"need_id": "N", "name": "N", "unit": "persons", "weight": 1},
                {"need_id": "F", "name": "F", "unit": "persons", "weight": weight},
            ],
            "demand": [
                {"space_id": "S", "need_id": "N", "demand": 100},
                {"space_id": "S", "need_id": "F", "demand": 2},
                {"space_id": "T", "need_id": "N", "demand": 100},
            ],
            "offers": [
                {"offer_id": "A", "name": "A", "unit_cost": 10, "max_capacity": 40, "home_space_id": "S"},
                {"offer_id": "B", "name": "B", "unit_cost": 10, "max_capacity": 90, "home_space_id": "T"},
            ],
            "effects": [{"offer_id": one, "need_id": "N", "effect": 1} for one in "AB"],
            "pots": [{"pot_id": "P", "name": "P", "amount": 9000}],
            "scenarios": [{"scenario_id": "X", "title": "X"}],
        }
    )
    return Session(case)


def published(threshold: float, weight: float) -> Precision:
    """How exactly the plan of the town is told where that one cell is withheld."""
    session = a_town(weight)
    cells = frozenset({FEW})
    return precision_for([session.compiled("X").town], [session.run("X")], Mask(threshold, cells, cells, people=cells))


@pytest.mark.parametrize(("threshold", "step"), [(5, 0.05), (4, float("inf"))])
def test_half_of_what_few_persons_weigh_will_do_from_a_threshold_of_five(threshold: float, step: float) -> None:
    """F weighs 0.11 of 1.11, nearly a tenth of the space: half of it is told in steps of 0.05, all of it in none."""
    found = published(threshold, 0.11)
    assert found.spaces == {"S": step}


def test_the_lowest_coverage_is_told_in_the_step_of_its_space_or_roughly() -> None:
    assert published(5, 0.11).lowest == 0.05
    assert published(4, 0.11).lowest == ROUGH == 0.1
    # F weighs a thousandth of the space: its step is no coarser than what is shown anyway.
    assert published(5, 0.001).lowest == SHOWN == 0.001


def test_a_plan_without_a_coverage_does_not_end_the_search_for_the_lowest() -> None:
    session = a_town(0.11)
    town, plan = session.compiled("X").town, session.run("X")
    none = SimpleNamespace(measures=None)
    assert _lowest([town, town], [none, plan], {"S": 0.05}) == 0.05  # type: ignore[list-item]


def test_what_less_than_one_place_would_tell_is_coarse_too() -> None:
    """10.2 places, of which 0.4 tell a few persons: between 9.8 and 10.6 every even number is the same."""
    shown = Precision(5.0, units={"A": 0.4})._of(pd.Series([10.2, 3.3]), pd.Series(["A", "B"]), {"A": 0.4})
    assert shown.tolist() == [10.0, 3.3]


def test_the_largest_other_offer_of_a_pot_is_as_coarse_as_the_only_one_that_is() -> None:
    """P pays A, B and C: C costs 100 EUR a place, and its 700 EUR would tell those of A. Q pays two coarse ones."""
    funding = pd.DataFrame(
        [("P", "A", 900.0), ("P", "B", 500.0), ("P", "C", 700.0), ("Q", "A", 100.0), ("Q", "C", 50.0), ("Q", "B", 9.0)],
        columns=["pot_id", "offer_id", "amount_eur"],
    )
    offers = pd.DataFrame(
        {"offer_id": ["A", "B", "C"], "capacity": [10.0, 5.0, 7.5], "cost_eur": [1000.0, 509.0, 750.0]}
    )
    plan = SimpleNamespace(has_plan=True, funding=funding, offers=offers)
    units, euros = {"A": 2.0}, {"A": 200.0}
    _complement(plan, units, euros)  # type: ignore[arg-type]
    assert (units, euros) == ({"A": 2.0, "C": 2.0}, {"A": 200.0, "C": 200.0})


def test_the_only_withheld_cell_of_an_offer_follows_from_it_and_two_do_not() -> None:
    """A serves two cells with an effect of 0.5, so that five persons are ten places."""
    town = SimpleNamespace(
        supply=SimpleNamespace(rate=np.array([0.5, 0.5]), cell=np.array([0, 1]), pair=np.array([0, 1])),
        pairs=SimpleNamespace(offer=np.array([0, 0])),
        cells=SimpleNamespace(demand=np.array([30.0, 40.0])),
        offers=SimpleNamespace(ids=np.array(["A"], dtype=object)),
    )
    few = np.zeros(2, dtype=bool)
    assert _reach(town, few, np.array([True, False]), 5.0) == ({"A": 10.0}, set())  # type: ignore[arg-type]
    assert _reach(town, few, np.array([True, True]), 5.0) == ({}, set())  # type: ignore[arg-type]
    # Where few have a need in every cell that it serves, nothing of it can be told.
    assert _reach(town, ~few, np.array([True, True]), 5.0) == ({"A": 10.0}, {"A"})  # type: ignore[arg-type]
