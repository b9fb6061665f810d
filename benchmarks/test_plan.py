"""The whole way from tables to a certified, canonical, labelled plan."""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import phases
from benchmarks.conftest import Bench


def test_plan(benchmark: BenchmarkFixture, bench: Bench) -> None:
    benchmark.group = f"plan {bench.size}"
    allocation = benchmark.pedantic(phases.plan, args=(bench.case,), rounds=1)
    assert allocation.certificate is not None
    assert allocation.certificate.verified
    assert allocation.objective == pytest.approx(-bench.solution.objective, rel=0, abs=1e-7)
