"""Either / or: places that serve one of several needs at a time, solved by hand.

A day-care centre with 60 places, all paid for; 40 children under three and 80 over three need one. Under three weighs
twice as much as over three, so that a place under three is worth 2/3 / 40 and one over three 1/3 / 80. Every place
brings a lunch, which excludes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from allocate.analyses.conflicts.why_no_plan import conflicts
from allocate.analyses.fairness.covered_how_well import fairness
from allocate.analyses.margins.marginal import marginal
from allocate.analyses.reasons.space_card import space_card
from allocate.analyses.reasons.use_card import use_card
from allocate.bench.resolve import Bench
from allocate.errors import CertificateError
from allocate.inputs.scenario.variant import apply
from allocate.model.compile import compile_variant
from allocate.results import allocation
from allocate.results.ledger import ledger
from allocate.session import Session
from allocate.town import build_provision
from tests.reference.textbook import Textbook
from tests.strategies import Tables, case_of

CENTRE: Tables = {
    "spaces": [{"space_id": "S", "name": "S"}],
    "needs": [
        {"need_id": "U3", "name": "Krippe", "unit": "Plätze", "weight": 2},
        {"need_id": "UE3", "name": "Kindergarten", "unit": "Plätze", "weight": 1},
    ],
    "demand": [
        {"space_id": "S", "need_id": "U3", "demand": 40},
        {"space_id": "S", "need_id": "UE3", "demand": 80},
    ],
    "offers": [{"offer_id": "K", "name": "Kita", "unit_cost": 10_000, "max_capacity": 60, "baseline_capacity": 60}],
    "effects": [
        {"offer_id": "K", "need_id": "U3", "effect": 1, "exclusive": "ja"},
        {"offer_id": "K", "need_id": "UE3", "effect": 1, "exclusive": "ja"},
    ],
    "pots": [{"pot_id": "P", "name": "P", "amount": 600_000}],
}
LUNCH: Tables = {
    **CENTRE,
    "needs": [*CENTRE["needs"], {"need_id": "M", "name": "Mittagessen", "unit": "Essen", "weight": 1}],
    "demand": [*CENTRE["demand"], {"space_id": "S", "need_id": "M", "demand": 120}],
    "effects": [*CENTRE["effects"], {"offer_id": "K", "need_id": "M", "effect": 1, "exclusive": "no"}],
}
# Two districts; at most 25 places for the second, of whose children a quarter must have a place under three.
DISTRICTS: Tables = {
    "spaces": [{"space_id": id, "name": id} for id in ("N", "S")],
    "needs": CENTRE["needs"],
    "demand": [
        {"space_id": s, "need_id": n, "demand": d}
        for s, n, d in (("N", "U3", 20), ("N", "UE3", 40), ("S", "U3", 20), ("S", "UE3", 40))
    ],
    "offers": CENTRE["offers"],
    "effects": CENTRE["effects"],
    "reach": [
        {"offer_id": "K", "space_id": "N", "baseline_capacity": 30},
        {"offer_id": "K", "space_id": "S", "baseline_capacity": 30, "max_capacity": 30},
    ],
    "floors": [{"floor_id": "F", "scope": "space", "scope_id": "S", "need_id": "U3", "min_coverage": 1,
                "kind": "statutory"}],
    "pots": CENTRE["pots"],
}  # fmt: skip


def split_of(plan: allocation.Allocation) -> dict[tuple[str, str], float]:
    return {(row.space_id, row.need_id): row.capacity for row in plan.split.itertuples()}


def covered(plan: allocation.Allocation) -> dict[str, float]:
    return plan.coverage.groupby("need_id")["covered"].sum().to_dict()


def test_sixty_places_are_not_a_hundred_and_twenty() -> None:
    """60 children under three and 60 over three, 60 places: half of the children, and both alike as they are today."""
    equal = [{**row, "weight": 1} for row in CENTRE["needs"]]
    demand = [{**row, "demand": 60} for row in CENTRE["demand"]]
    session = Session(case_of({**CENTRE, "needs": equal, "demand": demand}))
    for id in ("status_quo", "silo"):
        plan = session.run(id)
        assert plan.measures is not None
        assert plan.measures.weighted_coverage == pytest.approx(0.5)
        assert plan.delivery["capacity"].tolist() == pytest.approx([60])
        assert split_of(plan) == pytest.approx({("S", "U3"): 30, ("S", "UE3"): 30})
    assert "not stated" in session.run("status_quo").message("en")
    assert "not stated" not in session.run("silo").message("en")


def test_places_go_to_the_need_that_weighs_more() -> None:
    """40 places under three come first, 20 are left: (2 * 1 + 20 / 80) / 3 = 0.75. Today both are covered by half."""
    session = Session(case_of(CENTRE))
    plan, today = session.run("silo"), session.run("status_quo")
    assert split_of(today) == pytest.approx({("S", "U3"): 20, ("S", "UE3"): 40})
    assert split_of(plan) == pytest.approx({("S", "U3"): 40, ("S", "UE3"): 20})
    assert plan.measures is not None
    assert plan.measures.coverage_value == pytest.approx(0.75)
    assert Textbook(session.variant("silo")).solve().objective == pytest.approx(plan.objective, abs=1e-7)
    assert Textbook(session.variant("status_quo")).solve().objective == pytest.approx(today.objective, abs=1e-7)


def test_what_excludes_nothing_comes_with_every_place() -> None:
    plan = Session(case_of(LUNCH)).run("silo")
    assert covered(plan) == pytest.approx({"U3": 40, "UE3": 20, "M": 60})


def test_a_need_of_its_own_excludes_nothing() -> None:
    alone = [{**row, "exclusive": "yes" if row["need_id"] == "U3" else "no"} for row in CENTRE["effects"]]
    plan = Session(case_of({**CENTRE, "effects": alone})).run("silo")
    assert covered(plan) == pytest.approx({"U3": 40, "UE3": 60})
    assert plan.split.empty


def test_a_limit_of_use_holds_for_both_needs_together() -> None:
    """At most 30 places for S, 20 of them under three; the other 30 stand in N, 20 of them under three."""
    session = Session(case_of(DISTRICTS))
    plan = session.run("silo")
    assert split_of(plan) == pytest.approx({("N", "U3"): 20, ("N", "UE3"): 10, ("S", "U3"): 20, ("S", "UE3"): 10})
    assert Textbook(session.variant("silo")).solve().objective == pytest.approx(plan.objective, abs=1e-7)
    bought = ledger(session.compiled("silo").town, plan)
    assert bought.groupby("need_id")["supply"].sum().to_dict() == pytest.approx({"U3": 40, "UE3": 20})
    assert bought["cost_eur"].sum() == pytest.approx(600_000)


def test_a_limit_of_use_that_a_floor_breaks_is_named_and_mended() -> None:
    """The floor asks for 20 places in S; 15 may be used there, so that five are missing."""
    reach = [{**row, "max_capacity": 15 if row["space_id"] == "S" else ""} for row in DISTRICTS["reach"]]
    session = Session(case_of({**DISTRICTS, "reach": reach}))
    assert session.run("silo").status == "infeasible"
    found = conflicts(session, "silo")
    repaired = found.repairs()
    mended = repaired[repaired["repair_id"].eq("reach:K:S") & repaired["verified"]]
    assert mended["places"].tolist() == pytest.approx([5])


def test_what_a_limit_of_use_is_worth_and_why_it_is_reached() -> None:
    """With 25 places at most in S, one more there is one less in N: nothing is gained where both are worth the same."""
    reach = [{**row, "max_capacity": 25 if row["space_id"] == "S" else ""} for row in DISTRICTS["reach"]]
    session = Session(case_of({**DISTRICTS, "reach": reach}))
    assert session.run("silo").delivery["capacity"].tolist() == pytest.approx([35, 25])
    card = use_card(Bench(session, "silo"), "K", "S")
    assert (card.facts["capacity"], card.facts["today_capacity"]) == pytest.approx((25, 30))
    assert "use_most" in {one.rule for one in card.binding}
    assert not marginal(session, "silo").pots.empty


def test_what_a_space_can_reach_counts_a_divided_place_once() -> None:
    """60 places bring 60 of 120 lunches, whichever children they serve; the card says what ``fairness`` says."""
    session = Session(case_of(LUNCH))
    card = space_card(Bench(session, "silo"), "S")
    lunch = card.tables["cells"].set_index("need_id").loc["M"]
    assert (lunch["plan_units"], lunch["reachable_units"], lunch["reason"]) == (pytest.approx(60), 60, "unreached")
    spaces = fairness(session, "silo", with_curve=False).spaces
    # Weights 2, 1, 1 of what can be reached: all 40, 60 of 80, 60 of 120.
    assert card.facts["coverage_reachable"] == spaces["reachable"].iloc[0] == pytest.approx((2 + 0.75 + 0.5) / 4)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda split: split.assign(capacity=split["capacity"] + 1),
        lambda split: split.assign(need_id=split["need_id"].to_numpy()[::-1]),
        lambda split: split.iloc[:-1],
        lambda split: pd.concat([split, split]),
    ],
)
def test_the_judge_refuses_a_wrong_split(wrong: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = allocation.plan_tables
    monkeypatch.setattr(
        allocation, "plan_tables", lambda *given: replace(made := honest(*given), split=wrong(made.split))
    )
    with pytest.raises(CertificateError):
        Session(case_of(CENTRE)).run("silo")


@pytest.mark.parametrize("scenario", ["silo", "status_quo"])
def test_the_judge_refuses_a_program_that_counts_places_twice(scenario: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_provision, "exclude_one_another", lambda _, stated: np.zeros_like(stated))
    with pytest.raises(CertificateError):
        Session(case_of(CENTRE)).run(scenario)


def test_uses_without_either_or_keep_their_names() -> None:
    plain = [{**row, "exclusive": "no"} for row in CENTRE["effects"]]
    columns = compile_variant(apply(case_of({**CENTRE, "effects": plain}), "silo")).program.columns_index
    assert columns["use"].key(0) == ("K", "S")
    divided = compile_variant(apply(case_of(CENTRE), "silo")).program.columns_index
    assert [divided["use"].key(i) for i in range(2)] == [("K", "S", "U3"), ("K", "S", "UE3")]
