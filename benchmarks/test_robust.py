"""Robustness of one plan: what a run more costs, beside planning the changed town from scratch.

Both sides are measured in one run, in CPU seconds, so that the ratio does not depend on the machine.
"""

from __future__ import annotations

import time

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from allocate.analyses.robustness.chance import Spreads, draws
from allocate.analyses.robustness.replan import Replanner
from allocate.analyses.robustness.robust import Settings, robust
from allocate.bench.resolve import Bench as Reasons
from allocate.session import Session
from benchmarks.conftest import SCENARIO, Bench

# Enough of everything to see what one more of it costs.
SETTINGS = Settings(runs=5, inputs=10, turning=1)
SAMPLE = 3


def test_robust(benchmark: BenchmarkFixture, bench: Bench, session: Session) -> None:
    """All parts, a few of each."""
    benchmark.group = f"robust {bench.size}"
    started = time.process_time()
    found = benchmark.pedantic(robust, args=(session, SCENARIO, SETTINGS), rounds=1)
    benchmark.extra_info["cpu"] = time.process_time() - started
    assert found.complete
    assert len(found.draws) == SETTINGS.runs
    assert found.turning is not None and found.turning.table["verified"].all()


def test_one_more_draw(benchmark: BenchmarkFixture, bench: Bench, session: Session) -> None:
    """The plan of a draw from the proposal's basis, with the ratio to a session of its own."""
    benchmark.group = f"robust {bench.size}"
    replanner = Replanner(Reasons(session, SCENARIO))
    variants = [
        replanner.with_tables(draw.tables(replanner.variant.case))
        for draw in draws(replanner.variant.case, SAMPLE, 1, Spreads())
    ]
    started = time.process_time()
    plans = benchmark.pedantic(lambda: [replanner.plan(variant) for variant in variants], rounds=1)
    warm = time.process_time() - started
    started = time.process_time()
    for variant, plan in zip(variants, plans, strict=True):
        other = Session(variant.case)
        cold = other.run(other.add(variant))
        assert cold.has_plan == (plan is not None)
        if plan is not None:
            assert plan.objective == pytest.approx(cold.objective, abs=1e-7)
    benchmark.extra_info |= {"cpu_warm": warm, "times_faster": (time.process_time() - started) / warm}
