"""Fairness: leximin against a brute search, floor prices and reachable parts against re-solves."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.analyses.fairness.covered_how_well import Fairness, fairness
from allocate.analyses.fairness.fair_objectives import OBJECTIVES, fair_plan
from allocate.bench.coverage_terms import SCOPES, share_rows, shares_of
from allocate.bench.recast import NewColumns, extended, without_objective
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.model.compile import Compiled
from allocate.results.measures import judge_cells, need_coverage, space_coverage, weighted_coverage
from allocate.session import Session
from allocate.solve.highs import Highs
from allocate.solve.solution import Limits, Status
from allocate.town.arrays import Floats
from allocate.town.reachable import most_covered
from tests.strategies import Sizes, case_of, towns

NEAR = 1e-6


@pytest.fixture(scope="module")
def found(session: Session) -> Fairness:
    return fairness(session, "SZ2", objective="leximin")


def sorted_coverage(plan_spaces: Floats) -> Floats:
    return np.sort(plan_spaces[~np.isnan(plan_spaces)])


def brute_leximin(compiled: Compiled) -> Floats:
    """Level by level with one test program per space: can it rise above the level while the others keep theirs?"""
    shares = shares_of(compiled, "space")
    count = len(shares.keys)
    level = np.zeros(count)
    free = np.ones(count, dtype=bool)
    while free.any():
        best = _highest(compiled, level, free)
        level[free] = best
        fixed = [s for s in np.flatnonzero(free) if _highest(compiled, level, np.arange(count) == s) <= best + 1e-6]
        assert fixed, "at least one space blocks every level"
        free[fixed] = False
    return np.sort(level)


def _highest(compiled: Compiled, level: Floats, raised: np.ndarray) -> float:
    """The highest share the ``raised`` spaces can all have while every space keeps its level."""
    shares = shares_of(compiled, "space")
    top = NewColumns("top", (np.array(["t"], dtype=object),), np.array([-1.0]), np.zeros(1), np.ones(1))
    rows = share_rows(compiled, shares, np.maximum(level - 1e-8, 0.0), "keep")
    up = share_rows(compiled, shares.chosen(np.flatnonzero(raised)), np.zeros(int(raised.sum())), "up")
    own = np.arange(len(up))
    up = replace(
        up,
        rows=np.concatenate([up.rows, own]),
        columns=np.concatenate([up.columns, np.full(len(own), compiled.program.column_count)]),
        values=np.concatenate([up.values, -np.ones(len(own))]),
    )
    found = Highs().solve(extended(without_objective(compiled.program), [top], [rows, up]), Limits())
    return -found.objective


def test_example_town_shows_groups_and_unreachable_parts(found: Fairness) -> None:
    summary = found.summary.set_index("when")
    assert summary.loc["today", "lowest_space_id"] == "S10"
    assert summary.loc["today", "lowest_space_coverage"] == pytest.approx(0.209571, abs=1e-6)
    assert summary.loc["plan", "short_units"] < summary.loc["today", "short_units"]
    groups = found.groups.set_index(["kind", "group"])
    assert groups.loc[("burden", "burdened"), "change"] > 0
    assert set(found.groups["kind"]) == {"region", "burden", "target_group"}
    assert found.burden_column == "social_index_z"
    assert {("S10", "N12"), ("S07", "N12")} <= set(
        found.unreachable[["space_id", "need_id"]].itertuples(index=False, name=None)
    )
    json.dumps(found.to_json("de"), allow_nan=False)


def test_shares_of_every_scope_agree_with_the_measures(session: Session) -> None:
    compiled = session.compiled("SZ2")
    covered = judge_cells(compiled.town, compiled.town.pairs.baseline).covered
    assert shares_of(compiled, "all").of(covered) == pytest.approx([weighted_coverage(compiled.town, covered)])
    assert shares_of(compiled, "space").of(covered) == pytest.approx(space_coverage(compiled.town, covered))
    assert shares_of(compiled, "need").of(covered) == pytest.approx(need_coverage(compiled.town, covered))
    everything = compiled.town.cells.demand
    for scope in SCOPES:
        assert shares_of(compiled, scope).of(everything) == pytest.approx(1.0)


def test_price_of_a_floor_is_what_a_session_without_it_gains(session: Session, found: Fairness) -> None:
    """Brute: the same town read without the floor's rows."""
    dearest = found.floors.iloc[0]
    assert dearest["floor_id"] == "F07"
    case = session.case
    floors = case["floors"]
    other = Session(case.with_tables(floors=floors[floors["floor_id"] != "F07"])).run("SZ2")
    gain = other.objective - session.run("SZ2").objective
    assert dearest["objective_gain"] == pytest.approx(gain, abs=1e-8)
    assert found.floor_effects["covered_units_change"].sum() == pytest.approx(dearest["covered_units_gain"], abs=0.1)
    slack = found.floors[found.floors["binding"] == 0]
    for floor in slack["floor_id"]:
        free = Session(case.with_tables(floors=floors[floors["floor_id"] != floor])).run("SZ2")
        assert free.objective == pytest.approx(session.run("SZ2").objective, abs=1e-8)


def test_example_town_leximin_is_the_brute_one(session: Session, found: Fairness) -> None:
    assert found.fair is not None
    assert np.sort(found.fair.spaces["fair"]) == pytest.approx(brute_leximin(session.compiled("SZ2")), abs=1e-5)
    assert found.fair.price > 0


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_every_fair_objective_is_best_in_its_own_terms(session: Session, objective: str) -> None:
    plans = {name: fair_plan(session, "SZ2", name, target=0.6) for name in OBJECTIVES}
    own = plans[objective]
    assert own.plan.certificate is not None and own.plan.certificate.verified
    cells = session.compiled("SZ2").town.cells

    def short(plan) -> float:  # type: ignore[no-untyped-def]
        return float(np.maximum(0, 0.6 * cells.demand - plan.plan.coverage["covered"].to_numpy()).sum())

    def lowest(plan) -> float:  # type: ignore[no-untyped-def]
        return float(plan.spaces["fair"].min())

    def worst_half(plan) -> float:  # type: ignore[no-untyped-def]
        values = np.sort(plan.spaces["fair"].to_numpy())
        return float(np.mean([values[:k].mean() for k in (1, 3, 5)]))

    for other in plans.values():
        if objective == "shortfall":
            assert short(own) <= short(other) + 1e-3
        elif objective == "balanced":
            assert worst_half(own) >= worst_half(other) - NEAR
        else:
            assert lowest(own) >= lowest(other) - NEAR


@settings(max_examples=15, deadline=None)
@given(towns())
def test_leximin_of_any_small_town_is_the_brute_one_and_never_worse_for_the_worst_off(case: Case) -> None:
    session = Session(case)
    compiled = session.compiled("B")
    if not len(shares_of(compiled, "space").keys):
        return
    fair = fair_plan(session, "B", "leximin")
    reached = sorted_coverage(fair.spaces["fair"].to_numpy())
    assert reached[0] >= sorted_coverage(fair.spaces["chosen"].to_numpy())[0] - NEAR
    assert reached == pytest.approx(brute_leximin(compiled), abs=2e-5)
    levels = fair.stages["level"].tolist()
    assert all(low <= high + NEAR for low, high in pairwise(levels))


def fourteen_spaces() -> Case:
    """Space i of 14 has demand 100 and an offer of its own with 4 i places at 100 EUR; there is money for 412 of 420.

    The last spaces count most, so that the town's own objective takes from those before them.
    """
    count = 14
    ids = [f"S{i:02}" for i in range(1, count + 1)]
    return case_of(
        {
            "spaces": [{"space_id": s, "name": s, "weight": 1 + i} for i, s in enumerate(ids)],
            "needs": [{"need_id": "N", "name": "N", "unit": "persons"}],
            "demand": [{"space_id": s, "need_id": "N", "demand": 100} for s in ids],
            "offers": [
                {"offer_id": f"O{s}", "name": s, "unit_cost": 100, "max_capacity": 4 * (i + 1)}
                for i, s in enumerate(ids)
            ],
            "effects": [{"offer_id": f"O{s}", "need_id": "N", "effect": 1} for s in ids],
            "reach": [{"offer_id": f"O{s}", "space_id": s, "access": 1} for s in ids],
            "pots": [{"pot_id": "P", "name": "P", "amount": 41_200}],
            "scenarios": [{"scenario_id": "B", "title": "B", "pooling": "integrated"}],
        }
    )


def test_leximin_settles_every_space_of_a_town_with_more_than_ten() -> None:
    """By hand: 1 to 12 get all their 4 i places (312 of 412), the last two share the remaining 100."""
    fair = fair_plan(Session(fourteen_spaces()), "B", "leximin")
    assert fair.spaces["fair"].tolist() == pytest.approx([*(0.04 * i for i in range(1, 13)), 0.5, 0.5], abs=1e-7)
    assert len(fair.stages) == 13
    assert fair.remarks == ()


def test_leximin_that_stops_says_where() -> None:
    session = Session(fourteen_spaces())
    fair = fair_plan(session, "B", "leximin", levels=10)
    assert fair.spaces["fair"].min() == pytest.approx(0.04)
    # 192 places are left for the last four, of which none may get less than 40; those that count most get theirs.
    assert fair.spaces["fair"].tolist()[10:] == pytest.approx([0.40, 0.44, 0.52, 0.56], abs=1e-6)
    said = fair.to_json("en")["remarks"]
    assert isinstance(said, list) and "level 10 (40.0% coverage)" in said[0] and "4 spaces above" in said[0]
    assert "Stufe 10 (40,0 % Deckung)" in fair.remarks[0].text("de")


@settings(max_examples=4, deadline=None)
@given(towns(Sizes(spaces=(12, 14), needs=(1, 2), offers=(8, 14))))
def test_leximin_of_any_town_of_many_spaces_is_the_brute_one(case: Case) -> None:
    compiled = Session(case).compiled("B")
    fair = fair_plan(Session(case), "B", "leximin")
    assert sorted_coverage(fair.spaces["fair"].to_numpy()) == pytest.approx(brute_leximin(compiled), abs=2e-5)


@settings(max_examples=15, deadline=None)
@given(towns(), st.data())
def test_nothing_beyond_the_reachable_part_can_be_covered(case: Case, data: st.DataObject) -> None:
    """Brute: even with endless money no plan covers more of a space than its closed form says."""
    compiled = Session(case).compiled("B")
    shares = shares_of(compiled, "space")
    if not len(shares.keys):
        return
    number = data.draw(st.integers(0, len(shares.keys) - 1))
    upper = compiled.program.row_upper.copy()
    upper[compiled.program.rows_index.slice("pot")] = 1e9
    rich = replace(compiled.program, row_upper=upper)
    row = share_rows(compiled, shares.chosen(np.array([number])), np.zeros(1), "one")
    cost = np.zeros(rich.column_count)
    cost[row.columns] = -row.values
    best = Highs().solve(without_objective(rich, cost), Limits())
    assert best.status is Status.OPTIMAL
    assert -best.objective <= shares.of(most_covered(compiled.town))[number] + NEAR


def test_status_quo_is_judged_without_prices(session: Session) -> None:
    judged = fairness(session, "SZ0")
    assert judged.curve is None and judged.floors.empty
    assert judged.summary.set_index("when")["short_units"].nunique() == 1


def test_bad_requests_are_refused(session: Session) -> None:
    with pytest.raises(UsageError, match="social_index_z"):
        fairness(session, "SZ2", burden="beauty", with_curve=False)
    with pytest.raises(UsageError, match="leximin"):
        fair_plan(session, "SZ2", "envy")
    with pytest.raises(UsageError, match="conflicts"):
        fairness(session, "SZ4a")
