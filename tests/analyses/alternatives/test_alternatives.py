"""Alternatives: feasible, good enough, different, always the same, whatever the order of rows."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from allocate.analyses.alternatives.near import Near, hashed_direction
from allocate.analyses.alternatives.other_plans import DIFFERENT, PROPOSAL, alternatives, money
from allocate.analyses.figures import distance
from allocate.analyses.reasons.direction import agreement, direction, directions
from allocate.bench.resolve import Bench
from allocate.checking.opening import read_case
from allocate.inputs.case import Case
from allocate.session import Session
from allocate.solve.certify import primal_violation
from tests.strategies import case_of, scenario_towns

CAREFUL = settings(
    max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)


@CAREFUL
@given(scenario_towns(), st.sampled_from(["A", "B", "I"]), st.sampled_from([0.0, 0.01, 0.1]))
def test_plans_are_feasible_good_and_different(case: Case, scenario_id: str, within: float) -> None:
    session = Session(case)
    found = alternatives(session, scenario_id, within=within)
    bench = Bench(session, scenario_id)
    least = bench.value - within * abs(bench.value) - bench.optimum.gap
    for plan in found.plans.values():
        assert plan.objective >= least - 1e-7
        assert primal_violation(bench.program, bench.columns_of(plan)) <= 1e-6
    budget = bench.compiled.town.weights.budget
    for first, second in combinations(found.plans.values(), 2):
        assert distance(money(first), money(second)) > DIFFERENT * budget
    if within == 0.0 and scenario_id != "I" and len(found.plans) > 1:
        others = [plan.objective for name, plan in found.plans.items() if name != PROPOSAL]
        assert others == pytest.approx([bench.plan.objective] * len(others), abs=1e-7)


@CAREFUL
@given(scenario_towns(), st.sampled_from(["A", "B"]))
def test_no_plan_this_good_is_nearer_to_today(case: Case, scenario_id: str) -> None:
    session = Session(case)
    found = alternatives(session, scenario_id, within=0.05)
    today = money(session.status_quo(scenario_id))
    distances = [distance(money(plan), today) for plan in found.plans.values()]
    assert min(distances) >= found.to_today_eur - 1e-3
    near = Near(Bench(session, scenario_id), 0.05)
    for draw in range(5):
        spent = near.farthest(hashed_direction(list(case["offers"]["offer_id"]), 7, draw))
        assert spent is not None
        assert distance(spent, today) >= found.to_today_eur - 1e-3


def test_the_most_equal_plan_lifts_the_least_covered_space(auenfurt: Path) -> None:
    found = alternatives(Session(read_case(auenfurt)), "SZ1")
    lowest = found.overview.set_index("plan_id")["lowest_space_coverage"].drop("today")
    assert lowest.idxmax() == "most_equal"
    parallel = found.overview.set_index("plan_id")["parallel_structures"].drop("today")
    assert parallel.idxmin() == "fewest_parallel"
    changes = found.overview.set_index("plan_id")["to_today_eur"].drop("today")
    assert changes.idxmin() == "fewest_changes"
    assert found.to_today_eur == pytest.approx(changes["fewest_changes"])
    assert found.overview["below_best"].drop(len(found.overview) - 1).max() <= 0.01 + 1e-9
    assert len(found.sentences("de")) == len(found.sentences("en")) == 3
    share = found.overview.set_index("plan_id")["to_proposal_eur"].drop("today").max() / found.budget_eur
    told = f"({100 * share:.1f}".replace(".", ",")
    assert told in found.sentences("de")[0]


def test_the_same_plans_again_and_in_any_order_of_rows(auenfurt: Path) -> None:
    case = read_case(auenfurt)
    shuffled = case.with_tables(
        **{
            name: case[name].sample(frac=1, random_state=3)
            for name in ("offers", "spaces", "needs", "pots", "reach", "effects", "demand", "baseline_funding")
        }
    )
    first, again, other = (alternatives(Session(one), "SZ2") for one in (case, case, shuffled))
    assert list(first.plans) == list(again.plans) == list(other.plans)
    for name, plan in first.plans.items():
        own = plan.offers.set_index("offer_id")["cost_eur"]
        assert again.plans[name].offers.set_index("offer_id")["cost_eur"].to_dict() == own.to_dict()
        moved = other.plans[name].offers.set_index("offer_id")["cost_eur"].reindex(own.index)
        assert moved.to_numpy() == pytest.approx(own.to_numpy(), abs=0.5)
    assert not np.allclose(
        money(alternatives(Session(case), "SZ2", seed=2).plans["different_1"]), money(first.plans["different_1"])
    )


@pytest.mark.parametrize(
    ("change", "today", "word"),
    [(0, 0, "kept"), (0.5, 0, "kept"), (2, 0, "raised"), (-2, 100, "lowered"), (900, 100_000, "kept"),
     (-1001, 100_000, "lowered"), (1001, 100_000, "raised")],
)  # fmt: skip
def test_direction_leaves_out_what_is_no_decision(change: float, today: float, word: str) -> None:
    assert direction(change, today) == word
    table = pd.DataFrame({"offer_id": ["O"], "change_eur": [change], "baseline_cost_eur": [today]})
    assert directions(table).to_dict() == {"O": word}


def test_agreement_counts_directions_over_plans(auenfurt: Path) -> None:
    session = Session(read_case(auenfurt))
    plans = {name: session.run(name) for name in ("SZ1", "SZ2", "SZ3a", "SZ4a")}
    table = agreement(plans).set_index("offer_id")
    assert (table[["raised", "lowered", "kept"]].sum(axis=1) == 3).all()
    assert (table["plans"] == 3).all()
    assert table.loc["O01", "how_often"] == "always"
    assert table.loc["O01", "direction"] == "lowered"


def test_a_town_that_has_only_one_plan_reads_of_no_other_one_and_of_no_money_that_moves() -> None:
    case = case_of(
        {
            "spaces": [{"space_id": "S", "name": "S"}],
            "needs": [{"need_id": "N", "name": "N", "unit": "persons"}],
            "demand": [{"space_id": "S", "need_id": "N", "demand": 40}],
            "offers": [{"offer_id": "O", "name": "O", "unit_cost": 100, "max_capacity": 20, "baseline_capacity": 20}],
            "effects": [{"offer_id": "O", "need_id": "N", "effect": 1}],
            "pots": [{"pot_id": "P", "name": "P", "amount": 2000}],
            "scenarios": [{"scenario_id": "B", "title": "B", "pooling": "integrated"}],
        }
    )
    said = alternatives(Session(case), "B", within=1e-6).sentences("en")
    assert said[0].startswith("No other plan was found")
    assert said[1] == "To get from today to a plan this good, no money need move between offers."
    assert not any("0 other" in one or "at least €0" in one for one in said)
