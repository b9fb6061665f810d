"""Steps of cost: a larger offer takes a further room; solved by hand.

Demand 100, A has up to 100 places. A place costs 10 EUR, opening the house 200 EUR, the second room (beyond 40 places)
300 EUR, the third (beyond 70) 300 EUR. 800 EUR buy 40 places for 600 EUR, 30 with the second room: 40 it is. 1,250 EUR
buy 70 places with the second room (1,200 EUR), 45 with the third. 1,799 EUR do not buy 100, but 99.9.
"""

from __future__ import annotations

from typing import Any

import pytest

from allocate.analyses.conflicts.why_no_plan import conflicts
from allocate.checking.check_case import check_case
from allocate.errors import CertificateError
from allocate.inputs.case import Case
from allocate.inputs.scenario.variant import apply
from allocate.model import compile
from allocate.session import Session
from tests.reference.textbook import Textbook
from tests.strategies import case_of

ROOMS = [{"offer_id": "A", "from_capacity": start, "fixed_cost": 300} for start in (70, 40)]


def town(money: float, steps: list[dict[str, Any]] = ROOMS, indivisible: str = "yes", **more: Any) -> Case:
    return case_of(
        {
            "spaces": [{"space_id": "S", "name": "S"}],
            "needs": [{"need_id": "N", "name": "N", "unit": "places"}],
            "demand": [{"space_id": "S", "need_id": "N", "demand": 100}],
            "offers": [
                {"offer_id": "A", "name": "A", "unit_cost": 18, "max_capacity": 100, "fixed_cost": 200,
                 "variable_unit_cost": 10, "min_capacity_if_open": 5, **more.pop("offer", {})},
            ],
            "effects": [{"offer_id": "A", "need_id": "N", "effect": 1}],
            "pots": [{"pot_id": "P", "name": "P", "amount": money}],
            "steps": steps,
            "scenarios": [{"scenario_id": "X", "title": "X", "indivisible": indivisible}],
            **more,
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("money", "places", "cost"),
    [(600, 40, 600), (800, 40, 600), (950, 45, 950), (1250, 70, 1200), (1799, 99.9, 1799), (1800, 100, 1800)],
)
def test_money_buys_rooms_and_places(money: float, places: float, cost: float) -> None:
    case = town(money)
    plan = Session(case).run("X")
    row = plan.offers.iloc[0]
    assert (row["capacity"], row["cost_eur"]) == (pytest.approx(places, abs=1e-5), pytest.approx(cost, abs=1e-3))
    assert plan.objective == pytest.approx(Textbook(apply(case, "X")).solve().objective, abs=1e-7)


def test_a_room_that_is_not_reached_is_not_paid_for_to_seem_less_cut() -> None:
    """Today's 80 places cost 1,440 EUR; of 1,199 EUR 40 places are better than paying an empty room beside them."""
    plan = Session(town(800, offer={"baseline_capacity": 80})).run("X")
    assert plan.offers["cost_eur"].iloc[0] == pytest.approx(600)


def test_divisible_runs_do_not_count_them_and_the_findings_say_so() -> None:
    assert Session(town(800, indivisible="no")).run("X").offers["capacity"].iloc[0] == pytest.approx(800 / 18)
    assert "steps-unused" in set(check_case(town(800, indivisible="no"))["rule"])
    both = [{"scenario_id": "X", "title": "X", "indivisible": "yes"}, {"scenario_id": "Y", "title": "Y"}]
    found = check_case(town(800, scenarios=both))
    assert "steps-divisible" in set(found["rule"]) and "steps-unused" not in set(found["rule"])


def test_the_judge_counts_the_rooms_again(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = compile.blocks_of
    monkeypatch.setattr(compile, "blocks_of", lambda ground: [b for b in honest(ground) if b.name != "step_most"])
    with pytest.raises(CertificateError) as refused:
        Session(town(950)).run("X")
    assert refused.value.id == "judged-cost"


def test_a_clash_is_repaired_with_the_room_that_it_takes() -> None:
    """60 places take the second room: 200 + 300 + 600 EUR."""
    floors = [{"floor_id": "F", "scope": "all", "need_id": "N", "min_coverage": 0.6, "kind": "political"}]
    found = conflicts(Session(town(700, floors=floors)), "X")
    assert found.lever("money").verified and found.lever("money").steps[0].after == pytest.approx(1100)
