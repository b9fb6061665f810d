"""How exactly the coverage of a space is told in which a cell of few persons is withheld: the steps by hand."""

from __future__ import annotations

import pytest

from allocate.results.disclosure import Mask
from allocate.results.precision import ROUGH, SHOWN, Precision, precision_for
from allocate.session import Session
from tests.strategies import case_of

FEW = ("S", "F")


def published(threshold: float, weight: float) -> Precision:
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
    session = Session(case)
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
