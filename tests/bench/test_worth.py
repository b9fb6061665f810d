"""Worth in money: what is asked from the optimum at hand is what is asked from scratch."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from allocate.bench.worth import extra_money, least_spending
from allocate.inputs.case import Case
from allocate.session import Session
from tests.strategies import scenario_towns


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenario_towns())
def test_money_asked_for_from_the_optimum_is_that_from_scratch(case: Case) -> None:
    session = Session(case)
    for scenario_id in ("A", "B"):
        if not session.run(scenario_id).has_plan:
            continue
        compiled, near = session.compiled(scenario_id), session.loaded(scenario_id)
        best = session.run(scenario_id).objective
        for goal in (best - 0.05, best, best + 0.01, best + 10.0):
            added = extra_money(compiled, goal, near=near).total
            assert added == pytest.approx(extra_money(compiled, goal).total, rel=1e-7, abs=1e-4, nan_ok=True)
            spent = least_spending(compiled, goal, near=near)
            assert spent == pytest.approx(least_spending(compiled, goal), rel=1e-7, abs=1e-4, nan_ok=True)
