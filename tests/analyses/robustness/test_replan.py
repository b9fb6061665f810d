"""Planning again from the proposal's basis gives the very plan that a session of its own gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from allocate.analyses.robustness.chance import Spreads, draws
from allocate.analyses.robustness.replan import Replanner
from allocate.analyses.robustness.weight_runs import run_row, weight_runs
from allocate.bench.resolve import Bench
from allocate.inputs.case import Case
from allocate.inputs.scenario.variant import Variant
from allocate.results.allocation import Allocation
from allocate.results.measures import measure
from allocate.session import Session
from tests.strategies import STANDARD_SCENARIOS, Rows, case_of, town_tables

CAREFUL = settings(
    max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)


@st.composite
def towns(draw: st.DrawFn) -> Case:
    tables = draw(town_tables())
    sets: Rows = [
        {"weight_set": "other", "need_id": row["need_id"], "weight": draw(st.integers(1, 9))} for row in tables["needs"]
    ]
    return case_of({**tables, "weight_sets": sets, "scenarios": STANDARD_SCENARIOS})


def afresh(variant: Variant) -> Allocation:
    session = Session(variant.case)
    return session.run(session.add(replace(variant, scenario=replace(variant.scenario, scenario_id="afresh"))))


@CAREFUL
@given(towns(), st.sampled_from(["A", "B"]), st.integers(1, 99))
def test_the_plan_is_that_of_a_fresh_session(case: Case, scenario_id: str, seed: int) -> None:
    replanner = Replanner(Bench(Session(case), scenario_id))
    variants = [run.variant for run in weight_runs(replanner, 0.3)]
    variants += [
        replanner.with_tables(one.tables(replanner.variant.case))
        for one in draws(replanner.variant.case, 3, seed, Spreads(0.3, 0.1))
    ]
    for variant in variants:
        own, plan = afresh(variant), replanner.plan(variant)
        assert own.has_plan == (plan is not None)
        if plan is not None:
            assert plan.objective == pytest.approx(own.objective, abs=1e-7)
            if plan.unique and own.unique:
                assert plan.cost == pytest.approx(own.offers["cost_eur"].to_numpy(), abs=1e-3)


@CAREFUL
@given(towns(), st.sampled_from(["A", "B"]))
def test_weight_runs(case: Case, scenario_id: str) -> None:
    """All needs but one alone, both ways; the other set; each row judged by hand of the calculator."""
    replanner = Replanner(Bench(Session(case), scenario_id))
    runs = weight_runs(replanner, 0.3)
    positive = int((case["needs"]["weight"] > 0).sum())
    assert [run.run_id for run in runs][-1] == "set:other"
    assert len(runs) == (2 * positive if positive > 1 else 0) + 1
    proposal = replanner.proposal
    base = replanner.bench.compiled.town.needs.weight
    for run in runs:
        plan = replanner.plan(run.variant)
        assert plan is not None, "weights bar no plan"
        row = run_row(run, plan, proposal)
        weights = plan.compiled.town.needs.weight
        if run.kind == "need_weight":
            place = list(plan.compiled.town.needs.ids).index(run.key)
            assert weights[place] == pytest.approx(base[place] * run.factor)
            assert np.delete(weights, place) == pytest.approx(np.delete(base, place))
        kept = measure(plan.compiled.town, proposal.delivery, cost=proposal.cost).objective(plan.compiled.town)
        assert row["kept_objective"] == pytest.approx(kept)
        assert 0 <= row["regret"] == pytest.approx(plan.objective - kept, abs=1e-7)


def test_one_need_alone_has_no_weight_to_change() -> None:
    case = case_of(
        {
            "spaces": [{"space_id": "S", "name": "S"}],
            "needs": [{"need_id": "N", "name": "N", "unit": "persons"}],
            "demand": [{"space_id": "S", "need_id": "N", "demand": 10}],
            "offers": [{"offer_id": "O", "name": "O", "unit_cost": 100, "max_capacity": 10}],
            "effects": [{"offer_id": "O", "need_id": "N", "effect": 1}],
            "pots": [{"pot_id": "P", "name": "P", "amount": 500}],
        }
    )
    assert not weight_runs(Replanner(Bench(Session(case), "silo")), 0.3)
