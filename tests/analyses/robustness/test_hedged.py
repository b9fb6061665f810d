"""The plan made for chance: its value is the calculator's mean over the draws, and no other plan has a larger one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from allocate.analyses.robustness.chance import Spreads, draws
from allocate.analyses.robustness.hedged import OTHER_SEED, _drawn_demand, hedged_plan, hedged_program
from allocate.bench.proposals import solve_proven
from allocate.checking.opening import read_case
from allocate.inputs.case import Case
from allocate.inputs.scenario.variant import Variant
from allocate.model.compile import Compiled, compile_variant
from allocate.results.allocation import Allocation
from allocate.results.ledger import delivery_of
from allocate.results.measures import measure
from allocate.session import Session
from tests.strategies import STANDARD_SCENARIOS, case_of, town_tables

CAREFUL = settings(
    max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)
RUNS = 4


@st.composite
def towns(draw: st.DrawFn) -> Case:
    """A random town in which the least covered space does not count, so that a plan's value is a mean over draws."""
    own = [{"parameter": "equity_weight", "value": 0}]
    return case_of({**draw(town_tables()), "parameters": own, "scenarios": STANDARD_SCENARIOS})


def drawn(compiled: Compiled, seed: int, runs: int = RUNS) -> list[Compiled]:
    """The scenario under every draw that the plan is made for, compiled from its tables."""
    variant = compiled.variant
    return [
        compile_variant(Variant(variant.case._unchecked(**one.tables(variant.case)), variant.scenario, variant.changes))
        for one in draws(variant.case, runs, seed + OTHER_SEED, Spreads(0.3, 0.0))
    ]


def mean_objective(futures: list[Compiled], plan: Allocation) -> float:
    values = [measure(one.town, delivery_of(one.town, plan)).objective(one.town) for one in futures]
    return float(np.mean(values))


@CAREFUL
@given(towns(), st.sampled_from(["A", "B"]), st.integers(1, 99))
def test_best_mean_over_the_draws(case: Case, scenario_id: str, seed: int) -> None:
    """With few draws every break is there, and the program's value is exact."""
    session = Session(case)
    compiled = session.compiled(scenario_id)
    futures = drawn(compiled, seed)
    plan = hedged_plan(compiled, 0.3, seed, runs=RUNS)
    assert plan is not None and plan.certificate is not None and plan.certificate.verified
    answer = solve_proven(hedged_program(compiled, _drawn_demand(compiled, 0.3, seed + OTHER_SEED, RUNS)))
    assert answer is not None
    own = mean_objective(futures, plan)
    assert own == pytest.approx(answer.value, abs=1e-7)
    for one in futures:
        other = Session(one.variant.case)
        best = other.run(other.add(one.variant))
        # A plan for one draw may break a floor of the case, which the hedged plan must keep.
        if best.has_plan and _keeps(compiled, best):
            assert own >= mean_objective(futures, best) - 1e-7
    assert own >= mean_objective(futures, session.run(scenario_id)) - 1e-7


def _keeps(compiled: Compiled, plan: Allocation) -> bool:
    covered = np.minimum(compiled.town.cells.demand, compiled.town.supply_of(delivery_of(compiled.town, plan)))
    rules = compiled.floors
    return bool((~rules.enforced | (rules.achieved(covered) >= rules.required - 1e-6)).all())


@CAREFUL
@given(towns(), st.integers(1, 99))
def test_without_chance_it_is_the_proposal(case: Case, seed: int) -> None:
    session = Session(case)
    plan = hedged_plan(session.compiled("B"), 0.0, seed, runs=3)
    assert plan is not None
    assert plan.objective == pytest.approx(session.run("B").objective, abs=1e-7)


def test_example_town_gains_where_it_was_not_made_for(auenfurt: Path) -> None:
    session = Session(read_case(auenfurt))
    compiled = session.compiled("SZ2")
    plan, proposal = hedged_plan(compiled, 0.3, 1), session.run("SZ2")
    assert plan is not None
    assert plan.objective < proposal.objective
    others = [
        compile_variant(Variant(compiled.variant.case._unchecked(**one.tables(compiled.variant.case)),
                                compiled.variant.scenario, compiled.variant.changes))
        for one in draws(compiled.variant.case, 40, 1, Spreads(0.3, 0.0))
    ]  # fmt: skip
    assert mean_objective(others, plan) > mean_objective(others, proposal)
