"""Which change caused what: every coalition re-solved, every order counted, every sum exact."""

from __future__ import annotations

from itertools import permutations
from math import factorial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.analyses.comparison.attribution import Attribution, attribute, groups_of, order_weights
from allocate.checking.opening import read_case
from allocate.errors import UsageError
from allocate.inputs.scenario.variant import scenario
from allocate.session import Session
from tests.conftest import TINY
from tests.strategies import Rows, Tables, case_of, town_tables


@pytest.fixture(scope="module")
def auenfurt_session(auenfurt: Path) -> Session:
    return Session(read_case(auenfurt))


def effect(found: Attribution, measure: str) -> pd.DataFrame:
    return found.effects[found.effects["measure"] == measure].set_index("group")


def total(found: Attribution, measure: str) -> pd.Series:
    return found.totals.set_index("measure").loc[measure]


# --- the town solved by hand -------------------------------------------------------------------------------------


def test_one_setting_causes_the_whole_difference() -> None:
    found = attribute(Session(read_case(TINY)), "pooled")
    assert found.groups["group"].tolist() == ["pooling"]
    pooling = effect(found, "objective").loc["pooling"]
    for answer in ("alone", "last", "shapley"):
        assert pooling[answer] == pytest.approx(0.7061111 - 0.7041667, abs=1e-7)


def test_a_scenario_without_a_parent_has_nothing_to_attribute() -> None:
    with pytest.raises(UsageError) as refused:
        attribute(Session(read_case(TINY)), "silo")
    assert refused.value.id == "no-parent"


def test_a_proposal_whose_parent_is_the_status_quo() -> None:
    """Then optimising itself is one of the changes: 0.372 today, 0.7041667 optimised (tests/cases/tiny)."""
    tables = {path.stem: pd.read_csv(path).to_dict("records") for path in TINY.glob("*.csv")}
    child = {"scenario_id": "child", "title": "Child", "parent_id": "today", "pooling": "integrated"}
    found = attribute(Session(case_of({**tables, "scenarios": [*tables["scenarios"], child]})), "child")
    assert found.groups["group"].tolist() == ["evaluate", "pooling"]
    objective = effect(found, "objective")
    assert objective.loc["evaluate", "alone"] == pytest.approx(0.7041667 - 0.372, abs=1e-7)
    # Pooling pots changes nothing while nobody re-steers.
    assert objective.loc["pooling", "alone"] == pytest.approx(0, abs=1e-12)
    assert objective.loc["pooling", "last"] == pytest.approx(0.7061111 - 0.7041667, abs=1e-7)
    assert objective.loc["pooling", "shapley"] == pytest.approx((0.7061111 - 0.7041667) / 2, abs=1e-7)


# --- the example town --------------------------------------------------------------------------------------------


def test_the_cut_of_the_example_town(auenfurt_session: Session) -> None:
    found = attribute(auenfurt_session, "SZ3a")
    assert found.groups["label"].str.startswith("pots P").all()
    assert (found.orders, found.all_orders) == (6, 6)
    difference = total(found, "objective")["difference"]
    assert difference == pytest.approx(0.4330001003 - 0.4666488368, abs=1e-7)
    assert effect(found, "objective")["shapley"].sum() == pytest.approx(difference, abs=1e-12)
    # In pillars a euro is worth most in P2, so its tenth costs most.
    assert effect(found, "objective")["shapley"].idxmin() == "c2"
    together = total(found, "objective")["together"]
    assert together == pytest.approx(difference - effect(found, "objective")["alone"].sum(), abs=1e-12)


def test_a_scenario_without_a_plan_is_not_attributed_and_points_to_conflicts(auenfurt_session: Session) -> None:
    found = attribute(auenfurt_session, "SZ4a")
    assert found.orders == 0
    assert found.effects["shapley"].isna().all()
    assert "allocate conflicts" in found.meaning("en")
    assert found.coalitions["status"].tolist() == ["optimal", "infeasible"]


def test_more_changes_than_groups_are_merged_by_reason(auenfurt_session: Session) -> None:
    case = auenfurt_session.case
    child, parent = scenario(case, "SZ5"), scenario(case, "SZ2")
    fine, merged = groups_of(case, child, parent, 8)
    assert (len(fine), merged) == (8, False)
    # The same change of two spaces for the same reason is one change; then everything with the same reason.
    assert [len(group.rows) for group in groups_of(case, child, parent, 7)[0]] == [1, 1, 1, 1, 1, 1, 2]
    coarse, merged = groups_of(case, child, parent, 6)
    assert merged
    assert [group.reason for group in coarse] == ["Bevölkerungsvorausberechnung (Annahme)", "Zuzug (Annahme)"]
    assert [len(group.rows) for group in coarse] == [6, 2]
    found = attribute(auenfurt_session, "SZ5", most_groups=2)
    assert "put together" in found.meaning("en")
    assert len(found.coalitions) == 4
    assert effect(found, "objective")["shapley"].sum() == pytest.approx(0.4688830075 - 0.4758830567, abs=1e-7)


# --- every order counted -----------------------------------------------------------------------------------------


@given(st.integers(1, 4), st.data())
def test_weights_are_the_share_of_orders_that_take_each_step(count: int, data: st.DataObject) -> None:
    """Counted one by one: the orders all of whose coalitions are feasible, and the steps they take."""
    feasible = np.array(data.draw(st.lists(st.booleans(), min_size=2**count, max_size=2**count)))
    weights, orders = order_weights(feasible, count)
    expected = np.zeros((2**count, count))
    counted = 0
    for order in permutations(range(count)):
        masks = [sum(1 << i for i in order[:k]) for k in range(count + 1)]
        if all(feasible[mask] for mask in masks):
            counted += 1
            for mask, joins in zip(masks, order, strict=False):
                expected[mask, joins] += 1
    assert orders == counted
    assert np.allclose(weights, expected / max(counted, 1))


def test_without_infeasible_coalitions_the_weights_are_shapley_s() -> None:
    weights, orders = order_weights(np.ones(8, dtype=bool), 3)
    assert orders == factorial(3)
    assert weights[0b000].tolist() == pytest.approx([1 / 3] * 3)
    assert weights[0b001].tolist() == pytest.approx([0, 1 / 6, 1 / 6])
    assert weights[0b011].tolist() == pytest.approx([0, 0, 1 / 3])


# --- every coalition re-solved -----------------------------------------------------------------------------------


@st.composite
def changed_towns(draw: st.DrawFn) -> tuple[Tables, Rows]:
    """A random town with a scenario C below A: pooled, and two or three changes of single cells."""
    tables = draw(town_tables())
    pots = [str(row["pot_id"]) for row in tables["pots"]]
    offers = [str(row["offer_id"]) for row in tables["offers"]]
    demand = [f"{row['space_id']}|{row['need_id']}" for row in tables["demand"]]
    candidates = [
        ("pots", draw(st.sampled_from(pots)), "amount", draw(st.sampled_from([0.7, 0.9, 1.3]))),
        ("offers", draw(st.sampled_from(offers)), "unit_cost", draw(st.sampled_from([0.9, 1.1, 1.4]))),
        ("demand", draw(st.sampled_from(demand)), "demand", draw(st.sampled_from([0.5, 1.5]))),
    ]
    changes: Rows = [
        {"scenario_id": "C", "table": table, "key": key, "column": column, "how": "multiply", "value": value,
         "reason": "test"}
        for table, key, column, value in candidates[: draw(st.integers(2, 3))]
    ]  # fmt: skip
    child = {"scenario_id": "C", "title": "Changed", "pooling": "integrated", "parent_id": "A"}
    return {**tables, "scenarios": [*tables["scenarios"], child]}, changes


@settings(max_examples=5, deadline=None)
@given(changed_towns())
def test_every_coalition_is_that_scenario_re_solved(drawn: tuple[Tables, Rows]) -> None:
    """Each coalition written out as a scenario of its own and run from the files gives the same figures."""
    tables, changes = drawn
    found = attribute(Session(case_of({**tables, "changes": changes})), "C")
    assert found.groups["group"].tolist() == ["pooling", *(f"c{i + 1}" for i in range(len(changes)))]
    for row in found.coalitions.to_dict("records"):
        members = [part for part in row["members"].split(";") if part]
        alone = {
            "scenario_id": "X",
            "title": "One coalition",
            "pooling": "integrated" if "pooling" in members else "silo",
        }
        kept = [{**change, "scenario_id": "X"} for i, change in enumerate(changes) if f"c{i + 1}" in members]
        plan = Session(case_of({**tables, "scenarios": [*tables["scenarios"], alone], "changes": kept})).run("X")
        assert row["status"] == str(plan.status)
        if plan.measures is not None:
            assert row["objective"] == pytest.approx(plan.objective, abs=1e-9)
            assert row["moved_eur"] == pytest.approx(plan.measures.moved_eur, abs=0.01)
            assert row["covered_units"] == pytest.approx(plan.coverage["covered"].sum(), abs=1e-5)
    _is_efficient(found)


def _is_efficient(found: Attribution) -> None:
    """Where there is an order through plans, the averages add up to the difference in every measure.

    A measure that the town does not have (coverage where nothing is demanded) has neither.
    """
    if found.orders == 0:
        assert found.effects["shapley"].isna().all()
        return
    sums = found.effects.pivot(index="measure", columns="group", values="shapley").sum(axis=1, skipna=False)
    difference = found.totals.set_index("measure")["difference"]
    assert np.allclose(sums.reindex(difference.index), difference, atol=1e-6, equal_nan=True)
