"""The one calculator, against the derivation of the hand-solved town and against a slow count by loops."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.checking.opening import read_case
from allocate.inputs.case import Case
from allocate.inputs.scenario.variant import apply
from allocate.results.measures import judge_cells, mean_share, measure, need_coverage, space_coverage
from allocate.town.as_arrays import Town
from allocate.town.build_town import build_town
from tests.conftest import ROOT
from tests.strategies import towns


@pytest.fixture(scope="module")
def tiny() -> Town:
    return build_town(apply(read_case(ROOT / "tests" / "cases" / "tiny"), "silo"))


def test_today_is_measured_as_derived_by_hand(tiny: Town) -> None:
    measures = measure(tiny, tiny.pairs.baseline)
    assert asdict(measures) == pytest.approx(
        {
            "coverage_value": 0.375,
            "weighted_coverage": 0.4375,
            "lowest_space_coverage": 0.25,
            "duplication_eur": 400,
            "duplication_units": 4,
            "wanted_reserve_units": 1,
            "moved_eur": 0,
            "spent_eur": 2750,
            "unspent_eur": 2250,
        }
    )
    assert measures.objective(tiny) == pytest.approx(0.372)


def test_plan_drawn_by_hand_is_judged_by_the_same_rules(tiny: Town) -> None:
    measures = measure(tiny, np.array([10.0, 0.0, 26.0]))
    assert measures.moved_eur == pytest.approx(1000)
    assert measures.duplication_units == 0
    assert measures.lowest_space_coverage == pytest.approx(26 / 30)


def test_nothing_delivered_covers_nothing(tiny: Town) -> None:
    measures = measure(tiny, np.zeros(3))
    assert (measures.coverage_value, measures.weighted_coverage, measures.spent_eur) == (0, 0, 0)
    assert measures.moved_eur == pytest.approx(2750)


@settings(max_examples=15, deadline=None)
@given(towns(), st.integers(0, 1000))
def test_arrays_agree_with_a_count_by_loops(case: Case, seed: int) -> None:
    town = build_town(apply(case, "B"))
    delivery = np.random.default_rng(seed).uniform(0, 40, len(town.pairs.offer))
    cells = judge_cells(town, delivery)
    value, duplicated = 0.0, 0.0
    for cell in range(len(town.cells.demand)):
        need, demand = town.cells.need[cell], town.cells.demand[cell]
        supply = sum(
            rate * delivery[pair]
            for pair, target, rate in zip(town.supply.pair, town.supply.cell, town.supply.rate, strict=True)
            if target == cell
        )
        covered = min(demand, supply)
        reserve = min(supply - covered, town.needs.wanted_reserve[need] * demand)
        rest = covered
        for start, stop, worth in zip(town.segments.start, town.segments.stop, town.segments.value, strict=True):
            part = min(rest, (stop - start) * demand)
            value += town.cells.worth[cell] * worth * part
            rest -= part
        duplicated += town.needs.price[need] * (supply - covered - reserve)
        assert cells.gap[cell] == pytest.approx(demand - covered)
        assert cells.supply[cell] == pytest.approx(supply)
    measures = measure(town, delivery)
    assert measures.coverage_value == pytest.approx(value)
    assert measures.duplication_eur == pytest.approx(duplicated, abs=1e-6)


def test_need_and_space_without_demand_have_no_coverage(tiny: Town) -> None:
    assert np.allclose(need_coverage(tiny, np.array([10.0, 7.5])), [17.5 / 40])
    further = replace(tiny, needs=replace(tiny.needs, ids=np.array(["N1", "N2"], dtype=object)))
    assert np.allclose(need_coverage(further, np.array([10.0, 7.5])), [17.5 / 40, np.nan], equal_nan=True)
    assert np.allclose(space_coverage(tiny, np.array([10.0, 7.5])), [1.0, 0.25])
    small = replace(tiny, cells=replace(tiny.cells, demand=np.array([0.5, 30.0])))
    assert np.allclose(space_coverage(small, np.array([0.25, 7.5])), [0.5, 0.25])
    assert np.isnan(mean_share(np.array([0]), np.array([1.0]), np.array([0.5]), 3)).tolist() == [False, True, True]


def test_moved_money_counts_against_a_plan_and_an_unknown_lowest_coverage_for_nothing(tiny: Town) -> None:
    plan = measure(tiny, np.array([10.0, 0.0, 26.0]))
    weights = tiny.weights
    kept = replace(plan, moved_eur=0.0)
    assert kept.objective(tiny) - plan.objective(tiny) == pytest.approx(weights.per_euro(weights.movement) * 1000)
    assert weights.movement > 0 and weights.equity > 0
    unknown = replace(plan, lowest_space_coverage=float("nan"))
    assert unknown.objective(tiny) == pytest.approx(plan.objective(tiny) - weights.equity * plan.lowest_space_coverage)
