"""One word, one measure: coverage of a space, a group and the town is the same figure wherever it stands."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings

from allocate.analyses.comparison.compare import compare
from allocate.analyses.comparison.glance import glance
from allocate.analyses.fairness.covered_how_well import fairness
from allocate.inputs.case import Case
from allocate.session import Session
from tests.strategies import Rows, Tables, case_of, town_tables


def _one_region(tables: Tables) -> Tables:
    """The town with a theme of its own for every need and a single region, whose coverage must be the town's."""
    spaces: Rows = [{**row, "region_id": "R"} for row in tables["spaces"]]
    needs: Rows = [{**row, "target_group": f"G{number % 2}"} for number, row in enumerate(tables["needs"])]
    return {**tables, "spaces": spaces, "needs": needs}


@given(town_tables())
@settings(max_examples=8, deadline=None)
def test_no_space_gains_in_one_table_and_loses_in_the_next(tables: Tables) -> None:
    session = Session(case_of(_one_region(tables)))
    assume(session.run("B").has_plan)
    found = compare(session, ["B"])
    gains, plan, today = found.gains, found.plans["B"], found.plans["Q"]
    assert plan.measures is not None and today.measures is not None
    spaces = gains[gains["by"] == "space"].set_index("id")
    # What stands above the table is the least figure in it.
    if spaces["coverage"].notna().any():
        assert spaces["coverage"].min() == pytest.approx(plan.measures.lowest_space_coverage, abs=1e-9)
        assert spaces["coverage_before"].min() == pytest.approx(today.measures.lowest_space_coverage, abs=1e-9)
        region = gains[(gains["by"] == "region") & (gains["id"] == "R")].iloc[0]
        assert region["coverage"] == pytest.approx(plan.measures.weighted_coverage, abs=1e-9)
    # The tables of fairness and of the comparison say the same of every space and group.
    fair = fairness(session, "B", with_curve=False)
    other = fair.spaces.set_index("space_id")
    groups = fair.groups.set_index(["kind", "group"])
    for by in ("space", "region", "target_group"):
        for row in gains[(gains["by"] == by) & gains["coverage"].notna()].to_dict("records"):
            beside = other.loc[row["id"]] if by == "space" else groups.loc[(by, row["id"])]
            assert row["coverage"] == pytest.approx(beside["plan"], abs=1e-9)
            assert row["coverage_before"] == pytest.approx(beside["today"], abs=1e-9)
            told = {"gains": 1, "loses": -1, "same": 0}[row["direction"]]
            assert told == np.sign(round(float(beside["change"]), 6)) or abs(beside["change"]) < 1e-6
    _falls_are_told(gains, plan.coverage, today.coverage)
    # What stands beside an answer on the page, counted without a ledger.
    seen = glance(today, plan)
    for by, column in (("space", "coverage"), ("target_group", "coverage"), ("provider", "change_eur")):
        rows = gains[(gains["by"] == by) & gains[column].notna()].set_index("id")
        own = seen[seen["by"] == by].set_index("id")
        assert set(rows.index) <= set(own.index)
        # A provider that no plan pays stands in no ledger.
        np.testing.assert_allclose(own[column], rows[column].reindex(own.index, fill_value=0.0), rtol=0, atol=1e-6)


def _falls_are_told(gains: pd.DataFrame, after: pd.DataFrame, before: pd.DataFrame) -> None:
    """A space names the need that falls most within it, whatever becomes of the space as a whole."""
    cells = after.merge(before, on=["space_id", "need_id"], suffixes=("", "_before"))
    cells = cells[cells["demand"] > 0]
    fall = (cells["covered_before"] / cells["demand_before"] - cells["covered"] / cells["demand"]).clip(lower=0)
    worst = fall.groupby(cells["space_id"]).max()
    for row in gains[gains["by"] == "space"].to_dict("records"):
        largest = worst.get(row["id"], 0.0)
        told = row["worst_need_before"] - row["worst_need"] if row["worst_need_id"] else 0.0
        assert told == pytest.approx(largest if largest > 0.0005 else 0.0, abs=1e-9)


def hidden_loss() -> Case:
    """A town that gives up the care of children in S1 for many more places for the elderly."""
    return case_of(
        {
            "spaces": [{"space_id": "S1", "name": "Centre"}],
            "needs": [
                {"need_id": "kids", "name": "Care of children", "unit": "persons", "weight": 1},
                {"need_id": "old", "name": "Company in old age", "unit": "persons", "weight": 3},
            ],
            "demand": [
                {"space_id": "S1", "need_id": "kids", "demand": 50},
                {"space_id": "S1", "need_id": "old", "demand": 100},
            ],
            "offers": [
                {"offer_id": "K", "name": "Nursery", "unit_cost": 100, "max_capacity": 50, "baseline_capacity": 13},
                {"offer_id": "O", "name": "Club", "unit_cost": 50, "max_capacity": 100, "baseline_capacity": 10},
            ],
            "effects": [
                {"offer_id": "K", "need_id": "kids", "effect": 1},
                {"offer_id": "O", "need_id": "old", "effect": 1},
            ],
            "pots": [{"pot_id": "P", "name": "All", "amount": 1800}],
            "baseline_funding": [
                {"pot_id": "P", "offer_id": "K", "amount": 1300},
                {"pot_id": "P", "offer_id": "O", "amount": 500},
            ],
            "parameters": [{"parameter": "movement_weight", "value": 0}],
            "scenarios": [
                {"scenario_id": "Q", "title": "Today", "evaluate": "yes"},
                {"scenario_id": "A", "title": "Plan"},
                {"scenario_id": "cut", "title": "Less", "parent_id": "A"},
            ],
            "changes": [
                {"scenario_id": "cut", "table": "pots", "key": "P", "column": "amount", "how": "multiply",
                 "value": 0.9, "reason": "Cut"},
            ],
        }
    )  # fmt: skip


def test_a_gain_names_the_need_that_it_hides() -> None:
    """26 of 100 children go to none; the space gains, because three times as much weight gains 26 points."""
    gains = compare(Session(hidden_loss()), ["A"]).gains
    space = gains[gains["by"] == "space"].iloc[0]
    assert space["direction"] == "gains"
    assert space["coverage_before"] == pytest.approx((0.26 + 3 * 0.1) / 4)
    assert space["coverage"] == pytest.approx(3 * 0.36 / 4)
    assert space["worst_need_id"] == "kids"
    assert (space["worst_need_before"], space["worst_need"]) == (pytest.approx(0.26), pytest.approx(0.0))


def test_less_money_stands_beside_its_parent_as_well() -> None:
    found = compare(Session(hidden_loss()), ["A", "cut"])
    parents = found.parents.set_index("measure")
    assert set(found.parents["scenario_id"]) == {"cut"}
    assert parents.loc["money_eur", ["parent", "value"]].tolist() == [1800, 1620]
    # Against today the cut gains 0.243 - 0.14; beside its parent it loses a tenth.
    assert found.measures.set_index("scenario_id").loc["Q", "weighted_coverage"] == pytest.approx(0.14)
    assert parents.loc["weighted_coverage", ["parent", "value"]].tolist() == pytest.approx([0.27, 0.243])
    assert (parents.loc["objective", "change"]) < 0


def test_money_is_summed_by_grade_of_duty_and_an_offer_may_say_another_than_its_need() -> None:
    town = hidden_loss()
    graded = town.with_tables(
        needs=town["needs"].assign(duty=["mandatory", "voluntary"]),
        offers=town["offers"].assign(duty=["in_principle", ""]),
    )
    found = compare(Session(graded), ["A"])
    sums = found.gains[found.gains["by"] == "duty"].set_index("id")
    assert sums["cost_before_eur"].to_dict() == {"in_principle": 1300.0, "voluntary": 500.0}
    assert sums["cost_eur"].to_dict() == pytest.approx({"in_principle": 0.0, "voluntary": 1800.0})
    assert sums["direction"].to_dict() == {"in_principle": "loses", "voluntary": "gains"}
