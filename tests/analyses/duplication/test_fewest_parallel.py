"""As few parallel structures as possible: against a second formulation, and never more than is promised."""

from __future__ import annotations

from collections import defaultdict
from math import ceil
from pathlib import Path

import pulp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pulp import lpSum

from allocate.analyses.duplication.fewest_parallel import ask, fewest_parallel, reweighted
from allocate.analyses.duplication.parallel import parallel_structures
from allocate.bench.around_plan import point_of
from allocate.checking.opening import read_case
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.session import Session
from allocate.solve.certify import primal_violation
from tests.conftest import TINY
from tests.reference.textbook import LOUDER, Textbook
from tests.strategies import towns


def fewest_by_the_textbook(session: Session, id: str, least_value: float) -> int:
    """One binary per provider, space and need, a large constant each, straight from the tables (towns without P1)."""
    book = Textbook(session.variant(id))
    data, problem = book.data, book.problem
    problem += problem.objective >= least_value * LOUDER
    excess = []
    for (s, n), d in data.d.items():
        supply = defaultdict(list)
        for o, units in book.supply[s, n]:
            if data.effects[o][n] >= 0.3:
                most = data.effects[o][n] * data.reach[o][s]["access"] * data.offers[o]["max_capacity"]
                supply[data.offers[o]["provider_id"]].append((units, most))
        here = []
        for provider, entries in supply.items():
            present = problem.add_variable(f"here_{s}_{n}_{provider}", cat="Binary")
            most = sum(limit for _, limit in entries)
            problem += lpSum(units for units, _ in entries) <= max(1e-6, 0.01 * d) + most * present
            here.append(present)
        beyond = problem.add_variable(f"beyond_{s}_{n}", 0)
        problem += beyond >= lpSum(here) - 1
        excess.append(beyond)
    problem.setObjective(-lpSum(excess))
    assert problem.solve(pulp.HiGHS(msg=False, gapRel=0.0, gapAbs=0.0, threads=1)).status == pulp.LpSolveStatus.Optimal
    return ceil(-problem.objective.value() - 1e-6)


@settings(max_examples=15, deadline=None)
@given(towns(), st.sampled_from([0.0, 0.02, 0.2]))
def test_nothing_is_promised_that_a_second_formulation_denies(case: Case, within: float) -> None:
    session = Session(case)
    found = fewest_parallel(session, "A", within=within, seconds=30)
    best = session.run("A").objective
    # The second formulation is asked with a little less, so that rounding cannot make it the stricter one.
    least = fewest_by_the_textbook(session, "A", best - within * abs(best) - 1e-6)
    assert found.proven_least <= found.solver_least <= found.structures <= found.structures_before
    assert found.proven_least <= least
    assert least <= found.structures
    if within:
        assert found.structures == least
    counted = parallel_structures(session.compiled("A"), found.plan)["excess"].sum()
    assert counted == found.structures
    assert found.plan.objective >= best - within * abs(best) - 1e-6


@settings(max_examples=15, deadline=None)
@given(towns())
def test_the_plan_to_begin_with_is_a_point_of_the_question(case: Case) -> None:
    session = Session(case)
    compiled, plan = session.compiled("B"), session.run("B")
    question = ask(compiled, -plan.objective + 0.05 * abs(plan.objective) + 1e-9)
    x = point_of(compiled, plan)
    start, least = reweighted(question, compiled, x, session.limits)
    assert primal_violation(question.program, question.point(compiled, x)) < 1e-5
    assert primal_violation(question.program, start) < 1e-5
    beyond = question.program.columns_index.slice("beyond")
    assert least <= start[beyond].sum() <= question.point(compiled, x)[beyond].sum()


def test_the_example_town(auenfurt: Path) -> None:
    session = Session(read_case(auenfurt))
    found = fewest_parallel(session, "SZ1", within=0.02, seconds=20)
    assert found.structures < found.structures_before
    assert found.plan.objective >= session.run("SZ1").objective * 0.98 - 1e-7
    assert found.plan.floors.loc[lambda table: ~table["met"], "floor_id"].empty
    assert str(found.structures) in found.sentence("de")
    assert list(found.to_json()["plan"]) == list(session.run("SZ1").to_json())


def test_there_must_be_a_proposal_to_begin_with() -> None:
    session = Session(read_case(TINY))
    for id in ("today", "strict"):
        with pytest.raises(UsageError, match="no-proposal"):
            fewest_parallel(session, id)
