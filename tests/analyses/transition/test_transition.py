"""Paths over several years, solved by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from allocate.analyses.transition import horizon as horizons
from allocate.analyses.transition import solve_path
from allocate.analyses.transition.year_by_year import Transition, transition
from allocate.checking.opening import read_case
from allocate.errors import CertificateError, UsageError
from allocate.model import path as paths
from allocate.session import Session
from tests.analyses.transition.daycare import BOUND, COVERED, DAYCARE, MEAN
from tests.conftest import TINY
from tests.strategies import Tables, case_of

TEN = (2026, 2035)


@pytest.fixture(scope="module")
def plan() -> Transition:
    return transition(Session(case_of(DAYCARE)), "plan", TEN)


def asked(tables: Tables, years: tuple[int, int], **how: Any) -> Transition:
    return transition(Session(case_of(tables)), "plan", years, delays=(), **how)


def capacity(found: Transition, offer: str) -> list[float]:
    return found.offers[found.offers["offer_id"].eq(offer)]["capacity"].tolist()


def with_offer(tables: Tables, number: int, **cells: object) -> Tables:
    offers = [{**row, **cells} if place == number else row for place, row in enumerate(tables["offers"])]
    return {**tables, "offers": offers}


def test_the_day_care_plan_is_the_one_found_by_hand(plan: Transition) -> None:
    assert plan.value == pytest.approx(MEAN)
    assert plan.needs["covered"].tolist() == pytest.approx(COVERED)
    assert capacity(plan, "N")[:5] == pytest.approx([0, 10, 25, 60, 60])
    assert capacity(plan, "C")[:4] == pytest.approx([30, 30, 15, 0])
    assert plan.years["year"].tolist() == list(range(2026, 2036))


def test_setting_up_is_paid_once_and_in_parts(plan: Transition) -> None:
    once = plan.offers[plan.offers["offer_id"].eq("N")].set_index("year")["once_eur"]
    assert once.sum() == pytest.approx(300)
    by = once.cumsum()
    assert (by[2027] >= 100 - 1e-6, by[2028] >= 125 - 1e-6, by[2029]) == (True, True, pytest.approx(300))
    paid = plan.pots.groupby("year")[["spent_eur", "once_eur"]].sum().sum(axis=1)
    assert (paid <= plan.years.set_index("year")["money_eur"] + 1e-6).all()


def test_nothing_is_paid_before_the_decision() -> None:
    found = asked(DAYCARE, (2026, 2030), decided=12 * 2028)
    once = found.offers[found.offers["offer_id"].eq("N")].set_index("year")["once_eur"]
    assert once[[2026, 2027]].tolist() == [0, 0]
    assert capacity(found, "N")[:4] == pytest.approx([0, 0, 0, 30])


def test_steps_say_when_and_why_not_earlier(plan: Transition) -> None:
    steps = plan.steps.set_index(["offer_id", "year"])
    assert steps.loc[("N", 2027), ["path_step", "held_back", "possible_from"]].tolist() == ["starts", "lead", "2027-07"]
    assert steps.loc[("C", 2029), "path_step"] == "ends"
    assert steps.loc[("N", 2031), "path_step"] == "shrinks"
    assert not plan.steps["year"].eq(2026).any()


def test_the_grant_that_ends_is_seen_in_the_pots(plan: Transition) -> None:
    grant = plan.pots[plan.pots["pot_id"].eq("G")].set_index("year")["amount_eur"]
    assert grant[[2030, 2031, 2035]].tolist() == [400, 0, 0]


def test_what_a_later_decision_costs(plan: Transition) -> None:
    delays = plan.delays.set_index("delay_months")
    assert delays["covered_units_change"].tolist() == pytest.approx([0, -10, -10], abs=1e-6)
    assert delays["objective_change"].tolist() == pytest.approx([0, -0.01, -0.01])


def test_the_last_year_is_the_plan_without_transition(plan: Transition) -> None:
    last = plan.last.set_index("last_plan")
    assert last["weighted_coverage"].tolist() == pytest.approx([1, 1])


def test_a_floor_that_cannot_be_met_is_missed_as_little_as_possible() -> None:
    """95 per cent: in 2026 only 90 places are there, in 2031 the money pays for 100 of 120."""
    floor = {"floor_id": "F", "scope": "all", "need_id": "U3", "min_coverage": 0.95, "kind": "statutory"}
    found = asked({**DAYCARE, "floors": [floor]}, TEN)
    assert found.value == pytest.approx(MEAN)
    assert found.years.set_index("year")["floors_missed"][lambda count: count > 0].index.tolist() == [2026, 2031]
    missed = found.floors[~found.floors["met"].astype(bool)]
    assert missed["achieved"].tolist() == pytest.approx([0.9, 100 / 120])
    assert "2026, 2031" in found.messages("en")[1]


def test_a_contract_binds_to_its_end_and_by_months() -> None:
    """50 places of A in 2027; seven twelfths of them in 2028; then 100 places of B."""
    found = asked(BOUND, (2027, 2029))
    assert capacity(found, "A") == pytest.approx([50, 50 * 7 / 12, 0])
    assert capacity(found, "B") == pytest.approx([0, (1000 - 20 * 50 * 7 / 12) / 10, 100])
    steps = found.steps.set_index(["offer_id", "year"])
    assert steps.loc[("A", 2028), ["path_step", "held_back", "possible_from"]].tolist() == [
        "shrinks",
        "bound",
        "2028-08",
    ]
    assert steps.loc[("B", 2028), "held_back"] == "pots_empty"


def test_a_notice_given_late_prolongs_the_contract() -> None:
    """Decided in January 2028, the notice of twelve months is over with the year, after the contract."""
    found = asked(BOUND, (2027, 2029), decided=12 * 2028)
    assert capacity(found, "A") == pytest.approx([50, 50, 0])
    assert found.steps.set_index(["offer_id", "year"]).loc[("A", 2029), "held_back"] == "notice"


def test_commitments_by_year_count_instead_of_the_offers_own() -> None:
    rows = [{"offer_id": "A", "year": year, "min_capacity": least} for year, least in ((2027, 50), (2028, 20))]
    free = with_offer(BOUND, 0, contract_end="", notice_months="")
    found = asked({**free, "commitments": rows}, (2027, 2029))
    assert capacity(found, "A") == pytest.approx([50, 20, 20])


def test_what_is_left_may_be_carried_into_the_next_year() -> None:
    """1,000 EUR in 2027 and nothing in 2028: half of what is left may be kept, so a place kept back is half a place."""
    tables: Tables = {
        **BOUND,
        "offers": [BOUND["offers"][1]],
        "effects": BOUND["effects"][1:],
        "demand": [{"space_id": "S", "need_id": "U3", "demand": 60}],
        "pots": [{"pot_id": "P", "name": "Stadt", "amount": 1000, "carry_over": "50 %"}],
        "pot_years": [{"pot_id": "P", "year": 2028, "amount": 0}],
    }
    found = asked(tables, (2027, 2028))
    assert capacity(found, "B") == pytest.approx([60, 20])
    assert found.pots["carry_on_eur"].tolist() == pytest.approx([200, 0])
    assert found.pots["carried_eur"].tolist() == pytest.approx([0, 200])
    assert found.pots["free_eur"].tolist() == pytest.approx([200, 0], abs=1e-6)


@pytest.mark.parametrize(("setting", "a"), [({"max_step": 0.2}, [40, 30, 20]), ({"max_moved": 300}, [35, 20, 5])])
def test_caps_hold_in_every_year(setting: dict[str, float], a: list[float]) -> None:
    """A changes by 10 places a year at most, or 300 EUR are re-steered a year at most: 15 places."""
    free = with_offer(BOUND, 0, committed_capacity=0)
    found = asked({**free, "scenarios": [{"scenario_id": "plan", "title": "plan", **setting}]}, (2027, 2029))
    assert capacity(found, "A") == pytest.approx(a)
    reasons = found.steps[found.steps["offer_id"].eq("A")]["held_back"].tolist()
    assert reasons == ["", *["step_limit" if "max_step" in setting else "moved_limit"] * 2]


def test_giving_up_costs_what_it_costs() -> None:
    """Giving up all of A costs 500 EUR: of 1,000 EUR in 2027 what is left pays for B."""
    free = with_offer(BOUND, 0, committed_capacity=0, closing_cost=500)
    found = asked(free, (2027, 2028))
    assert found.offers["once_eur"].sum() == pytest.approx(500)
    assert capacity(found, "A")[1] == pytest.approx(0)


def test_a_year_that_states_cost_and_capacity() -> None:
    rows = [
        {"offer_id": "B", "year": 2028, "unit_cost": 20},
        {"offer_id": "A", "year": 2028, "available": "no"},
        {"offer_id": "B", "year": 2029, "max_capacity": 30},
    ]
    free = with_offer(BOUND, 0, committed_capacity=0)
    found = asked({**free, "offer_years": rows, "parameters": [*free["parameters"],
                   {"parameter": "cost_growth", "value": 0.1}]}, (2027, 2029))  # fmt: skip
    assert capacity(found, "A")[1:] == pytest.approx([0, 0])
    assert capacity(found, "B")[1:] == pytest.approx([50, 30])
    assert found.offers[found.offers["offer_id"].eq("B")]["cost_eur"].tolist()[2] == pytest.approx(30 * 20 * 1.1)


@pytest.mark.parametrize("scenario", ["silo", "pooled"])
def test_a_path_of_one_year_is_the_plan_of_that_year(scenario: str) -> None:
    session = Session(read_case(TINY))
    found = transition(session, scenario, (2027, 2027), delays=())
    run = session.run(scenario)
    assert found.value == pytest.approx(run.objective, abs=1e-9)
    for name in ("offers", "funding", "delivery", "coverage", "floors"):
        pd.testing.assert_frame_equal(getattr(found.solved.plans[0], name), getattr(run, name))


@pytest.mark.parametrize(
    ("years", "decided", "id"),
    [((2025, 2026), None, "years-before"), ((2028, 2027), None, "years-backwards"),
     ((2026, 2080), None, "years-too-many"), ((2026, 2027), 12 * 2028, "years-decided")],
)  # fmt: skip
def test_odd_years_are_refused(years: tuple[int, int], decided: int | None, id: str) -> None:
    with pytest.raises(UsageError) as refused:
        asked(DAYCARE, years, decided=decided)
    assert refused.value.id == id


def test_wanted_plurality_does_not_ask_for_what_is_not_open_yet() -> None:
    """N must have half of the supply in every year in which it can be there from January on."""
    wanted = {"cluster_id": "W", "need_id": "U3", "scope": "all", "offers": "K;N", "assessment": "wanted",
              "min_share_each": 0.5}  # fmt: skip
    found = asked({**DAYCARE, "plurality": [wanted]}, (2026, 2029))
    assert capacity(found, "N") == pytest.approx([0, 10, 42.5, 60])
    assert capacity(found, "K")[:3] == pytest.approx([60, 60, 42.5])


def test_no_path_names_the_year_up_to_which_there_is_none() -> None:
    poor = {**BOUND, "pot_years": [{"pot_id": "P", "year": 2028, "amount": 100}]}
    with pytest.raises(UsageError) as refused:
        asked(poor, (2027, 2029))
    assert refused.value.id == "no-path"
    assert "2028" in str(refused.value)


def later(months: int) -> Any:
    """A horizon that believes the decision to be earlier than it is."""
    honest = horizons._months
    return lambda variant, year, span: honest(variant, year, replace(span, decided=span.decided - months))


def nothing_once(*_: object) -> pd.DataFrame:
    return pd.DataFrame({"pot_id": [], "offer_id": [], "amount_eur": []})


FAULTS = {
    "lead time and contracts forgotten": lambda patch: patch.setattr(horizons, "_months", later(36)),
    "setting up is free": lambda patch: patch.setattr(
        paths, "_due", lambda columns, place, name, honest=paths._due: replace(
            block := honest(columns, place, name), lower=np.full(len(block), -np.inf)
        )
    ),
    "pots keep everything": lambda patch: patch.setattr(horizons, "carried_shares", lambda pots: np.ones(len(pots))),
    "once costs are paid by nobody": lambda patch: patch.setattr(solve_path, "_once", nothing_once),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_path_never_reaches_the_reader(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    FAULTS[fault](monkeypatch)
    late = [*DAYCARE["pot_years"], {"pot_id": "P", "year": 2029, "amount": 600}]
    with pytest.raises(CertificateError):
        asked({**DAYCARE, "pot_years": late}, (2026, 2030))


def test_of_minima_nothing_is_said_where_there_are_none(plan: Transition) -> None:
    """A path of one year says so, too, and nothing is planned together."""
    assert [text for text in plan.messages("en") if "minima" in text] == []
    floor = {"floor_id": "F", "scope": "all", "need_id": "U3", "min_coverage": 0.5, "kind": "statutory"}
    one = asked({**DAYCARE, "floors": [floor]}, (2026, 2026))
    assert one.messages("de") == [
        "Ein Weg von einem Jahr, 2026; der Beschluss wirkt ab 2026-01.",
        "Alle gesetzlichen und beschlossenen Mindeststandards werden in jedem Jahr eingehalten.",
    ]
