"""The independent certificate of an optimum."""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import phases
from benchmarks.conftest import Bench


def test_certify(benchmark: BenchmarkFixture, bench: Bench) -> None:
    benchmark.group = f"certify {bench.size}"
    arguments = (bench.compiled.program, bench.solution)
    certificate = benchmark.pedantic(phases.check_optimum, args=arguments, rounds=5)
    assert certificate.verified
