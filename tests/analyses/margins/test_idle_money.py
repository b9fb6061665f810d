"""Every cause of idle money on a town made for it, held against cold solves of the changed tables."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from allocate.analyses.margins.marginal import Marginal, marginal
from allocate.analyses.margins.marginal_words import sentences
from allocate.checking.opening import read_case
from allocate.inputs.case import Case
from allocate.session import Session
from tests.conftest import TINY
from tests.strategies import Tables, case_of

RICH = 50_000.0


def town(**tables: object) -> Case:
    """One offer A (100 EUR a place) for one need in one space, with far more money than it takes."""
    rows: Tables = {
        "spaces": [{"space_id": "S1", "name": "Centre"}],
        "needs": [{"need_id": "N1", "name": "Advice", "unit": "cases", "weight": 1}],
        "demand": [{"space_id": "S1", "need_id": "N1", "demand": 100}],
        "offers": [
            {"offer_id": "A", "name": "Office", "department_id": "D1", "unit_cost": 100, "max_capacity": 40,
             "baseline_capacity": 10},
        ],
        "effects": [{"offer_id": "A", "need_id": "N1", "effect": 1}],
        "reach": [{"offer_id": "A", "space_id": "S1"}],
        "pots": [{"pot_id": "P1", "name": "Grant", "amount": RICH}],
        "baseline_funding": [{"pot_id": "P1", "offer_id": "A", "amount": 1000}],
        "scenarios": [{"scenario_id": "X", "title": "X"}],
    }  # fmt: skip
    return case_of(rows | tables)  # type: ignore[arg-type]


def causes(case: Case, pot: str = "P1") -> dict[str, float]:
    found = marginal(Session(case), "X", phases=("idle",))
    own = found.idle[found.idle["pot_id"] == pot]
    assert_said(found)
    return dict(zip(own["cause"], own["worth"], strict=True))


def assert_said(found: Marginal) -> None:
    """Each pot's first cause is a sentence in both languages."""
    for lang in ("de", "en"):
        told = " ".join(sentences(found, lang))
        assert all(pot in told for pot in found.idle["pot_id"])


def test_full_offers() -> None:
    """60 of 100 cases are left; each is worth 1/100, and the last space is then covered by 60 points more."""
    assert causes(town()) == {"capacity": pytest.approx(0.6 + 0.02 * 0.6)}


def test_a_limit_on_site() -> None:
    case = town(reach=[{"offer_id": "A", "space_id": "S1", "max_capacity": 25}])
    assert causes(case) == {"reach": pytest.approx(0.15 * 1.02)}


def test_capacity_and_a_limit_on_site_only_together() -> None:
    case = town(reach=[{"offer_id": "A", "space_id": "S1", "max_capacity": 40}])
    assert causes(case) == {"together": pytest.approx(0.6 * 1.02)}


def test_an_earmark_keeps_money_from_the_only_useful_offer() -> None:
    offers = [
        {"offer_id": "A", "name": "Office", "department_id": "D1", "unit_cost": 100, "max_capacity": 100},
        {"offer_id": "B", "name": "Bus", "department_id": "D2", "unit_cost": 100, "max_capacity": 0},
    ]
    pots = [
        {"pot_id": "P1", "name": "Grant", "amount": 9000, "departments": "D2"},
        {"pot_id": "P2", "name": "Town", "amount": 1000, "departments": "D1"},
    ]
    case = town(offers=offers, pots=pots, baseline_funding=[])
    assert causes(case) == {"earmark": pytest.approx(0.9 * 1.02)}


def test_a_share_without_a_partner() -> None:
    """The grant pays half of every place; the town's 1,000 EUR are the other half of 20 places."""
    pots = [
        {"pot_id": "P1", "name": "Grant", "amount": 3000, "max_share": 0.5},
        {"pot_id": "P2", "name": "Town", "amount": 1000},
    ]
    case = town(pots=pots)
    assert causes(case) == {"share": pytest.approx(0.2 * 1.02)}


def test_two_idle_pots_do_not_excuse_each_other() -> None:
    """Either would be useful if the offer had more places, although one of them would be enough."""
    pots = [{"pot_id": id, "name": id, "amount": RICH} for id in ("P1", "P2")]
    for pot in ("P1", "P2"):
        assert set(causes(town(pots=pots), pot)) == {"capacity"}


def test_nothing_left_to_cover() -> None:
    case = town(demand=[{"space_id": "S1", "need_id": "N1", "demand": 30}])
    found = causes(case)
    assert set(found) == {"covered"}
    assert math.isnan(found["covered"])


def test_more_would_mostly_duplicate() -> None:
    """A second need is served on the side: a fifth of a unit per place, while the first is covered already."""
    needs = [
        {"need_id": "N1", "name": "Advice", "unit": "cases", "weight": 1},
        {"need_id": "N2", "name": "Company", "unit": "persons", "weight": 0.001},
    ]
    case = town(
        needs=needs,
        demand=[{"space_id": "S1", "need_id": "N1", "demand": 20}, {"space_id": "S1", "need_id": "N2", "demand": 100}],
        effects=[
            {"offer_id": "A", "need_id": "N1", "effect": 1},
            {"offer_id": "A", "need_id": "N2", "effect": 0.02},
        ],
        pots=[{"pot_id": "P1", "name": "Grant", "amount": 4000}],
    )
    found = causes(case)
    assert set(found) == {"duplicates"}
    assert found["duplicates"] > 0


def test_no_offer_may_be_paid() -> None:
    pots = [{"pot_id": "P1", "name": "Grant", "amount": 5000}, {"pot_id": "P2", "name": "Town", "amount": 5000}]
    excluded = [{"pot_id": "P1", "offer_id": "A", "allowed": "no"}]
    found = causes(town(pots=pots, eligibility=excluded, baseline_funding=[]))
    assert set(found) == {"no-offer"}


def test_a_need_without_weight_is_not_worth_anything() -> None:
    needs = [
        {"need_id": "N1", "name": "Advice", "unit": "cases", "weight": 0},
        {"need_id": "N2", "name": "Company", "unit": "persons", "weight": 1},
    ]
    assert set(causes(town(needs=needs))) == {"not-worth"}


def test_spent_pots_are_not_listed() -> None:
    found = marginal(Session(read_case(TINY)), "silo", phases=("idle",))
    assert found.idle.empty
    assert isinstance(found.idle, pd.DataFrame)
    assert "All pots are spent." in sentences(found, "en")
