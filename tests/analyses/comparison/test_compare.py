"""Comparing scenarios: figures checked by hand, sums that must agree, money that must come from somewhere."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings

from allocate.analyses.comparison.compare import TABLES, Comparison, compare
from allocate.analyses.comparison.differing import differing_inputs
from allocate.analyses.comparison.gains import DIMENSIONS
from allocate.analyses.comparison.moves import MOVE_COLUMNS, funding_flows, moves, overlapping, releases, uses
from allocate.analyses.comparison.reassignment import reassignment
from allocate.checking.opening import read_case
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.results.ledger import ledger
from allocate.session import Session
from tests.conftest import TINY
from tests.reference.textbook import Textbook
from tests.strategies import Tables, case_of, town_tables, towns


@pytest.fixture(scope="module")
def compared(auenfurt: Path) -> Comparison:
    return compare(Session(read_case(auenfurt)))


def rows(table: pd.DataFrame, /, **wanted: object) -> pd.DataFrame:
    for column, value in wanted.items():
        table = table[table[column] == value]
    return table


def only(table: pd.DataFrame, /, **wanted: object) -> pd.Series:
    found = rows(table, **wanted)
    assert len(found) == 1
    return found.iloc[0]


# --- the town solved by hand -------------------------------------------------------------------------------------


def test_the_status_quo_is_always_among_them_and_first(tiny: Session) -> None:
    found = compare(tiny, ["pooled"])
    assert list(found.plans) == ["today", "pooled"]
    assert found.status_quo == "today"
    assert found.measures["scenario_id"].tolist() == ["today", "pooled"]


def test_gains_by_hand(tiny: Session) -> None:
    gains = compare(tiny, ["pooled"]).gains
    first = only(gains, by="space", id="S1")
    second = only(gains, by="space", id="S2")
    assert (first["covered_before"], first["covered"], first["direction"]) == (10, pytest.approx(10), "same")
    assert second["covered_before"] == pytest.approx(7.5)
    assert second["covered"] == pytest.approx(20 + 1000 / 150)
    assert second["coverage"] == pytest.approx((20 + 1000 / 150) / 30)
    # Twenty places of A cost 2,000 EUR, used 15 to 5; B's 750 EUR are all spent in S2.
    assert (first["cost_before_eur"], second["cost_before_eur"]) == (pytest.approx(1500), pytest.approx(1250))
    assert (first["cost_eur"], second["cost_eur"]) == (pytest.approx(1000), pytest.approx(4000))
    provider = only(gains, by="provider", id="PR1")
    assert (provider["covered_before"], provider["covered"]) == (pytest.approx(12.5), pytest.approx(10))
    assert provider["direction"] == "loses"


def test_money_moves_by_hand(tiny: Session) -> None:
    found = compare(tiny, ["pooled"])
    assert only(found.flows, pot_id="P1")[["from_offer_id", "to_offer_id"]].tolist() == ["A", "B"]
    assert only(found.flows, pot_id="P1")["amount_eur"] == pytest.approx(1000)
    assert only(found.flows, pot_id="P2")[["from_kind", "to_offer_id"]].tolist() == ["unspent", "B"]
    assert only(found.releases, from_kind="released")["amount_eur"] == pytest.approx(1000)
    assert only(found.releases, from_kind="unspent")["from_id"] == "P2"
    assert only(found.uses)["amount_eur"] == pytest.approx(3250)
    lowered, raised = only(found.offers, offer_id="A"), only(found.offers, offer_id="B")
    assert (lowered["kind"], lowered["change_eur"]) == ("lowered", pytest.approx(-1000))
    assert (raised["kind"], raised["change_eur"]) == ("raised", pytest.approx(3250))


def test_steps_by_hand(tiny: Session) -> None:
    """Five places of A for S1, fifteen for S2, where half a person each is worth as much and lifts the least space."""
    step = only(compare(tiny, ["pooled"]).steps, measure="objective")
    reassigned = (5 + 7.5 + 5) / 40 + 0.02 * 12.5 / 30
    assert step["before"] == pytest.approx(0.372)
    assert step["from_inputs"] == 0
    assert step["from_reassignment"] == pytest.approx(reassigned - 0.372, abs=1e-9)
    assert step["from_money"] == pytest.approx(7.061111111e-1 - reassigned, abs=1e-9)


def test_a_scenario_without_a_plan_stays_in_the_table_and_points_to_conflicts(tiny: Session) -> None:
    found = compare(tiny, ["strict", "silo"])
    strict = only(found.measures, scenario_id="strict")
    assert strict["status"] == "infeasible"
    assert np.isnan(strict["objective"])
    assert "allocate conflicts" in found.plans["strict"].message("en")
    assert set(found.gains["scenario_id"]) == {"silo"}
    assert only(found.inputs, scenario_id="strict", column="floor_sets")["new"] == "base;strict"


def test_an_indivisible_scenario_can_be_compared(tiny: Session) -> None:
    found = compare(tiny, ["sites"])
    assert only(found.measures, scenario_id="sites")["objective"] == pytest.approx(0.7535417, abs=1e-7)
    assert only(found.steps, scenario_id="sites", measure="objective")["after"] == pytest.approx(0.7535417, abs=1e-7)


def test_a_case_that_judges_nothing_gets_a_status_quo() -> None:
    tables = {name: pd.read_csv(TINY / f"{name}.csv").to_dict("records") for name in _names()}
    tables["scenarios"] = [row for row in tables["scenarios"] if row["scenario_id"] in ("silo", "pooled")]
    found = compare(Session(case_of(tables)), ["silo"])
    assert list(found.plans) == ["status_quo", "silo"]
    assert only(found.measures, scenario_id="status_quo")["objective"] == pytest.approx(0.372)


def _names() -> list[str]:
    return [path.stem for path in sorted(TINY.glob("*.csv"))]


def test_an_unknown_scenario_is_refused_before_anything_is_solved(tiny: Session) -> None:
    begun: list[str] = []
    with pytest.raises(UsageError) as refused:
        compare(tiny, ["silo", "poled"], step=begun.append)
    assert refused.value.id == "scenario-unknown"
    assert refused.value.values["nearest"] == "pooled"
    assert begun == []


# --- the example town --------------------------------------------------------------------------------------------


def test_the_example_town(compared: Comparison) -> None:
    assert next(iter(compared.plans)) == "SZ0"
    statuses = dict(zip(compared.measures["scenario_id"], compared.measures["status"], strict=True))
    assert statuses["SZ4a"] == statuses["SZ4c"] == "infeasible"
    assert set(compared.gains["scenario_id"]) == set(statuses) - {"SZ0", "SZ4a", "SZ4c"}


def test_reassigning_users_alone_lifts_the_coverage_value_from_0405_to_0444(compared: Comparison) -> None:
    step = only(compared.steps, scenario_id="SZ1", measure="coverage_value")
    assert step["before"] == pytest.approx(0.405017, abs=1e-6)
    assert step["before"] + step["from_reassignment"] == pytest.approx(0.444, abs=5e-4)


def test_steps_lead_from_the_status_quo_to_the_proposal(compared: Comparison) -> None:
    steps = compared.steps
    reached = steps[["before", "from_inputs", "from_reassignment", "from_money"]].sum(axis=1)
    assert np.allclose(reached, steps["after"], rtol=0, atol=1e-6)
    # Without other inputs nothing comes from other inputs; with other demand something does.
    assert (rows(steps, scenario_id="SZ1")["from_inputs"].abs() < 1e-9).all()
    assert only(steps, scenario_id="SZ5", measure="covered_units")["from_inputs"] != 0


def test_every_division_of_the_gains_has_the_same_sum(compared: Comparison) -> None:
    for id, plan in compared.plans.items():
        own = rows(compared.gains, scenario_id=id)
        if own.empty:
            continue
        sums = own.groupby("by")[["covered", "cost_eur", "covered_change", "change_eur"]].sum()
        assert len(sums) == len(DIMENSIONS)
        assert np.allclose(sums, sums.iloc[0], rtol=1e-9, atol=1e-5)
        assert sums["covered"].iloc[0] == pytest.approx(plan.coverage["covered"].sum())
        assert sums["cost_eur"].iloc[0] == pytest.approx(plan.offers["cost_eur"].sum())


def test_every_euro_used_was_released_or_lay_unspent(compared: Comparison) -> None:
    for id in set(compared.moves["scenario_id"]):
        freed = rows(compared.releases, scenario_id=id)["amount_eur"].sum()
        used = rows(compared.uses, scenario_id=id)["amount_eur"].sum()
        assert freed == pytest.approx(used, abs=0.01)
        assert rows(compared.moves, scenario_id=id)["amount_eur"].sum() == pytest.approx(freed, abs=0.01)
    pooled = rows(compared.releases, scenario_id="SZ2")
    moved = only(compared.measures, scenario_id="SZ2")["moved_eur"]
    assert rows(pooled, from_kind="released")["amount_eur"].sum() == pytest.approx(moved, abs=0.01)
    assert rows(pooled, from_kind="unspent")["amount_eur"].sum() == pytest.approx(24_340, abs=0.01)


def test_a_cut_takes_money_and_says_so(compared: Comparison) -> None:
    cut = rows(compared.uses, scenario_id="SZ3a", to_kind="cut")
    assert set(cut["to_id"]) == {"P1", "P2", "P3"}
    assert cut["amount_eur"].sum() == pytest.approx(258_500, abs=0.01)


def test_inputs_that_differ(compared: Comparison) -> None:
    pots = rows(compared.inputs, scenario_id="SZ3b", table="pots")
    assert pots["key"].tolist() == ["P1", "P2", "P3"]
    assert pots["new"].astype(float).tolist() == pytest.approx([1_026_000, 949_500, 351_000])
    assert (pots["reason"] == "lineare Kürzung der kommunalen Mittel").all()
    assert len(rows(compared.inputs, scenario_id="SZ5", table="demand")) == 62
    assert only(compared.inputs, scenario_id="SZ2t", column="max_moved")["new"] == "300000"


def test_a_scenario_does_not_differ_from_itself(auenfurt: Path) -> None:
    session = Session(read_case(auenfurt))
    assert differing_inputs(session.variant("SZ5"), session.variant("SZ5")).empty
    back = differing_inputs(session.variant("SZ3b"), session.variant("SZ2"))
    assert back["new"].astype(float).tolist() == [1_140_000, 1_055_000, 390_000]


def test_the_json_is_complete_and_plain(compared: Comparison) -> None:
    document = json.loads(json.dumps(compared.to_json("de"), allow_nan=False))
    assert list(document) == ["case", "fingerprint", "status_quo", "scenarios", *TABLES, "attribution", "changes"]
    assert [one["scenario_id"] for one in document["scenarios"]] == list(compared.plans)
    assert document["measures"][6]["objective"] is None


# --- laws on random towns ----------------------------------------------------------------------------------------


@settings(max_examples=12, deadline=None)
@given(towns())
def test_sums_agree_in_every_town(case: Case) -> None:
    session = Session(case)
    found = compare(session)
    assert (found.measures["status"].isin(("optimal", "evaluated"))).all()
    for id in ("A", "B"):
        sums = rows(found.gains, scenario_id=id).groupby("by")[["covered_change", "change_eur"]].sum()
        assert np.allclose(sums, sums.iloc[0], atol=1e-5)
        whole = ledger(session.compiled(id).town, session.run(id))
        assert whole["cost_eur"].sum() == pytest.approx(session.run(id).offers["cost_eur"].sum(), abs=1e-6)
        _moves_add_up(found, id)


def _moves_add_up(found: Comparison, id: str) -> None:
    """Per offer: what it receives minus what it releases is its change of cost; an offer never does both in moves."""
    moved, flows = rows(found.moves, scenario_id=id), rows(found.flows, scenario_id=id)
    change = rows(found.offers, scenario_id=id).set_index("offer_id")["change_eur"]
    for table, source, use in ((moved, "from_id", "to_id"), (flows, "from_offer_id", "to_offer_id")):
        net = table.groupby(use)["amount_eur"].sum().sub(table.groupby(source)["amount_eur"].sum(), fill_value=0.0)
        assert np.allclose(net.reindex(change.index, fill_value=0.0), change, atol=1e-4)
    offers = rows(moved, from_kind="released")["from_id"], rows(moved, to_kind="raised")["to_id"]
    assert not set(offers[0]) & set(offers[1])


@settings(max_examples=15, deadline=None)
@given(towns())
def test_reassignment_is_what_the_textbook_says(case: Case) -> None:
    """The textbook without floors and with every offer held at today's capacity."""
    # Where nobody needs anything, the page and the measures name the least coverage differently (1 and 0).
    assume((case["demand"]["demand"] > 0).any())
    session = Session(case)
    found = reassignment(session, "A")
    book = _WithoutFloors(session.variant("A"))
    for offer, row in book.data.offers.items():
        book.problem += book.X[offer] == row["baseline_capacity"]
    assert found.objective == pytest.approx(book.solve().objective, abs=1e-7)
    assert found.certificate.verified


class _WithoutFloors(Textbook):
    def _floors(self) -> None:
        pass


@settings(max_examples=15, deadline=None)
@given(town_tables())
def test_money_without_recorded_payers_is_followed_for_the_town_as_a_whole(tables: Tables) -> None:
    session = Session(case_of({**tables, "baseline_funding": []}))
    flows = funding_flows(session.run("Q"), session.run("B"))
    assert set(flows["pot_id"]) <= {""}
    change = session.run("B").offers["change_eur"]
    assert rows(flows, to_kind="raised")["amount_eur"].sum() == pytest.approx(change.clip(lower=0).sum(), abs=1e-4)
    assert rows(flows, from_kind="released")["amount_eur"].sum() == pytest.approx(-change.clip(upper=0).sum(), abs=1e-4)


# --- flows and moves alone ---------------------------------------------------------------------------------------


def flow(*edges: tuple[str, str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"pot_id": pot, "from_kind": "released", "from_offer_id": a, "to_kind": "raised", "to_offer_id": b,
             "amount_eur": amount}
            for pot, a, b, amount in edges
        ]
    )  # fmt: skip


def test_an_offer_whose_payer_changes_hands_the_money_on() -> None:
    """B gives 50 in pot Y and gets 40 in pot X: A pays C through B, and B itself is 10 lower."""
    moved = moves(flow(("X", "A", "B", 40.0), ("Y", "B", "C", 50.0)))
    assert moved[["from_id", "to_id", "amount_eur"]].values.tolist() == [["A", "C", 40.0], ["B", "C", 10.0]]
    assert releases(moved)["amount_eur"].tolist() == [40.0, 10.0]
    assert uses(moved)["amount_eur"].tolist() == [50.0]


def test_offers_that_only_swap_payers_do_not_move_money() -> None:
    swapped = moves(flow(("X", "A", "B", 40.0), ("Y", "B", "A", 40.0)))
    assert swapped.empty
    assert list(swapped.columns) == list(MOVE_COLUMNS)


def test_overlaps_of_amounts_laid_end_to_end() -> None:
    giver, taker, amount = overlapping(np.array([3.0, 2.0]), np.array([1.0, 4.0]))
    assert list(zip(giver, taker, amount, strict=True)) == [(0, 0, 1.0), (0, 1, 2.0), (1, 1, 2.0)]
    assert all(len(part) == 0 for part in overlapping(np.array([]), np.array([1.0])))
