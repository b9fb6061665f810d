"""Several threads and several processes: the same answers as one after the other."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context

import pytest

from allocate.checking.opening import read_case
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.results.allocation import Allocation
from allocate.session import Session
from tests.conftest import TINY

THREADS = 6
ROUNDS = 5
SCENARIOS = ["silo", "pooled", "sites", "today"]


@pytest.fixture(scope="module")
def tiny() -> Case:
    return read_case(TINY)


@pytest.fixture(scope="module")
def alone(tiny: Case) -> dict[str, float]:
    return {id: Session(tiny).run(id).objective for id in SCENARIOS}


def objective_again(session: Session, id: str) -> float:
    """Solve the scenario's program once more, then ask for its plan."""
    plan = session.run(id)
    if id != "today":
        with session.loaded(id).what_if() as loaded:
            assert loaded.solve().x is not None
    return plan.objective


def test_one_session_in_six_threads(tiny: Case, alone: dict[str, float]) -> None:
    for _ in range(ROUNDS):
        session = Session(tiny)
        with ThreadPoolExecutor(THREADS) as pool:
            found = list(pool.map(partial(objective_again, session), SCENARIOS * THREADS))
        assert found == [alone[id] for id in SCENARIOS * THREADS]


def test_a_session_for_each_of_six_threads(tiny: Case, alone: dict[str, float]) -> None:
    for _ in range(ROUNDS):
        with ThreadPoolExecutor(THREADS) as pool:
            found = list(pool.map(lambda id: objective_again(Session(tiny), id), SCENARIOS * 2))
        assert found == [alone[id] for id in SCENARIOS * 2]


def plan_of(session: Session, id: str) -> Allocation:
    return session.run(id)


def test_sessions_cases_plans_and_errors_cross_processes(tiny: Case, alone: dict[str, float]) -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        plan = pool.submit(plan_of, Session(tiny), "pooled").result()
        refused = pool.submit(plan_of, Session(tiny), "poled").exception()
    assert plan.objective == alone["pooled"]
    assert plan.fingerprint == Session(tiny).run("pooled").fingerprint
    assert isinstance(refused, UsageError)
    assert refused.id == "scenario-unknown" and "pooled" in str(refused)
