"""Today's use where nobody has said it, and today's payers where nobody has named them: unknown, never zero."""

from __future__ import annotations

import math

import pytest

from allocate.analyses.comparison.compare import compare
from allocate.analyses.reasons.card_words import Teller
from allocate.analyses.reasons.place_words import told
from allocate.analyses.reasons.pot_card import pot_card
from allocate.bench.resolve import Bench
from allocate.checking.check_case import check_case
from allocate.inputs.scenario.variant import Change, apply
from allocate.session import Session
from tests.strategies import Tables, case_of

# One offer that is larger than the demand, so that fewer places would be just as good.
ONE: Tables = {
    "spaces": [{"space_id": "S", "name": "S"}],
    "needs": [{"need_id": "J", "name": "J", "unit": "p"}],
    "demand": [{"space_id": "S", "need_id": "J", "demand": 100}],
    "offers": [
        {"offer_id": "A", "name": "A", "home_space_id": "S", "unit_cost": 1, "max_capacity": 150,
         "baseline_capacity": 150}
    ],
    "effects": [{"offer_id": "A", "need_id": "J", "effect": 1}],
    "pots": [{"pot_id": "P", "name": "P", "amount": 150}],
}  # fmt: skip
PAID = [{"pot_id": "P", "offer_id": "A", "amount": 150}]
# Two spaces with a demand of 30 and 10; the offer of 20 places reaches both, that of 8 only the second.
REACHED: Tables = {
    "spaces": [{"space_id": id, "name": id} for id in ("S1", "S2", "S3")],
    "needs": ONE["needs"],
    "demand": [{"space_id": id, "need_id": "J", "demand": d} for id, d in (("S1", 30), ("S2", 10), ("S3", 50))],
    "offers": [
        {"offer_id": "A", "name": "A", "home_space_id": "S1", "unit_cost": 1, "max_capacity": 20,
         "baseline_capacity": 20},
        {"offer_id": "B", "name": "B", "unit_cost": 1, "max_capacity": 8, "baseline_capacity": 8},
    ],
    "effects": [{"offer_id": id, "need_id": "J", "effect": 1} for id in ("A", "B")],
    "reach": [
        {"offer_id": "A", "space_id": "S1"}, {"offer_id": "A", "space_id": "S2"}, {"offer_id": "B", "space_id": "S2"},
    ],
    "pots": [{"pot_id": "P", "name": "P", "amount": 28}],
    "baseline_funding": [
        {"pot_id": "P", "offer_id": "A", "amount": 20}, {"pot_id": "P", "offer_id": "B", "amount": 8},
    ],
}  # fmt: skip


@pytest.mark.parametrize("funding", [[], PAID])
def test_nothing_moves_for_nothing_whether_or_not_the_payers_are_known(funding: list[dict[str, object]]) -> None:
    plan = Session(case_of({**ONE, "baseline_funding": funding})).run("silo")
    assert plan.measures is not None
    assert plan.measures.moved_eur == pytest.approx(0, abs=1e-6)
    assert plan.unique


def test_an_offer_of_which_no_payer_is_named_keeps_its_places_too() -> None:
    """The table names a payer of one offer; of the other nobody has said who pays, which is no nought."""
    twin = {**ONE["offers"][0], "offer_id": "B"}
    tables: Tables = {
        **ONE,
        "offers": [ONE["offers"][0], twin],
        "effects": [*ONE["effects"], {"offer_id": "B", "need_id": "J", "effect": 1}],
        "pots": [{"pot_id": "P", "name": "P", "amount": 300}],
        "baseline_funding": PAID,
        "parameters": [{"parameter": "duplication_weight", "value": 0}, {"parameter": "movement_weight", "value": 0}],
    }
    plan = Session(case_of(tables)).run("silo")
    assert plan.offers["capacity"].tolist() == pytest.approx([150, 150])


def test_of_unknown_payers_nothing_is_said() -> None:
    session = Session(case_of(ONE))
    today = session.run("status_quo")
    assert today.pots[["spent_eur", "unspent_eur"]].isna().all(axis=None)
    assert "not known" in today.message("en")
    assert today.to_json()["pots"][0]["spent_eur"] is None  # type: ignore[index]
    years = compare(session, ["silo"]).years
    assert years[years["scenario_id"].eq("status_quo")][["short_eur", "free_eur"]].isna().all(axis=None)
    assert years[years["scenario_id"].eq("silo")]["short_eur"].tolist() == pytest.approx([0] * 4, abs=1e-6)
    bench = Bench(session, "silo")
    card = pot_card(bench, "P")
    assert math.isnan(card.facts["today_eur"])
    assert "not known" in told(Teller(bench.compiled.variant.case, "en"), card)[0]


def test_known_payers_are_said() -> None:
    today = Session(case_of({**ONE, "baseline_funding": PAID})).run("status_quo")
    assert (today.pots["spent_eur"].tolist(), today.message()) == ([150.0], "")


def test_use_that_nobody_has_said_is_spread_by_demand_over_what_is_reached() -> None:
    case = case_of(REACHED)
    today = Session(case).run("status_quo")
    used = {(row.offer_id, row.space_id): row.capacity for row in today.delivery.itertuples()}
    assert used == pytest.approx({("A", "S1"): 15, ("A", "S2"): 5, ("B", "S2"): 8})
    assert today.measures is not None
    assert today.coverage["covered"].sum() == pytest.approx(25)
    found = check_case(case).set_index("rule")
    assert found.index.tolist().count("reach-use-unknown") == 1
    assert "reach-baseline-sum" not in found.index
    assert "2 (A, B), 28 units" in found.loc["reach-use-unknown", "message"]


def test_said_use_stays_and_a_scenario_does_not_move_todays_use() -> None:
    said = [{**REACHED["reach"][0], "baseline_capacity": 20}, *REACHED["reach"][1:]]
    today = Session(case_of({**REACHED, "reach": said})).run("status_quo")
    assert today.delivery["capacity"].tolist() == pytest.approx([20, 8])
    grown = Change("demand", "S2|J", "demand", "set", "300", "test")
    spread = apply(case_of(REACHED), "silo", [grown]).case["reach"]["baseline_capacity"]
    assert spread.tolist() == pytest.approx([15, 5, 8])
