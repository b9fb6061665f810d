"""Siblings: the answers are those of cold solves, whatever was solved before."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allocate.bench.proposals import proposal, solve_proven
from allocate.bench.siblings import Siblings, same_matrix, same_size
from allocate.checking.opening import read_case
from allocate.inputs.case import Case
from allocate.inputs.scenario.changes import parse_changes
from allocate.inputs.scenario.variant import apply
from allocate.model.compile import Compiled, compile_variant
from tests.conftest import TINY
from tests.strategies import towns

# Bounds and costs only, other factors in the matrix, other rows.
LINES = ("pots:*:amount*0.9", "pots:*:amount*1.3", "offers:*:unit_cost*1.1", "demand:*:demand*0.5", "")


def compiled(case: Case, scenario: str, line: str) -> Compiled:
    return compile_variant(apply(case, scenario, parse_changes([line] if line else [], "test", case)))


def test_what_a_sibling_is() -> None:
    case = read_case(TINY)
    plain, money, cost, pooled = (
        compiled(case, name, line).program
        for name, line in (("silo", ""), ("silo", LINES[0]), ("silo", LINES[2]), ("pooled", ""))
    )
    assert same_matrix(plain, money)
    assert same_size(plain, cost) and not same_matrix(plain, cost)
    assert not same_size(plain, pooled)


def test_a_program_without_a_plan_does_not_spoil_the_next_one() -> None:
    case, siblings = read_case(TINY), Siblings()
    found = [siblings.solve(compiled(case, name, "").program) for name in ("silo", "strict", "silo", "pooled")]
    assert found[1] is None
    values = [answer.value for answer in found if answer is not None]
    assert values == pytest.approx([0.7041666667, 0.7041666667, 0.7061111111])


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(towns(), st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from(LINES)), min_size=2, max_size=6))
def test_answers_and_plans_are_those_of_cold_solves(case: Case, asked: list[tuple[str, str]]) -> None:
    siblings = Siblings()
    for scenario, line in asked:
        one = compiled(case, scenario, line)
        warm, cold = siblings.solve(one.program), solve_proven(one.program)
        assert (warm is None) == (cold is None)
        if warm is not None and cold is not None:
            assert warm.certificate.verified
            assert warm.value == pytest.approx(cold.value, abs=1e-9)
            plan = siblings.plan(one)
            assert plan is not None and plan.unique
            capacity = [shown.offers["capacity"].tolist() for shown in (plan, proposal(one, cold))]
            assert capacity[0] == pytest.approx(capacity[1], abs=1e-5)
