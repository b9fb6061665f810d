"""Reading a folder of CSV files."""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import phases
from benchmarks.conftest import Bench


def test_read(benchmark: BenchmarkFixture, bench: Bench) -> None:
    benchmark.group = f"read {bench.size}"
    case = benchmark.pedantic(phases.read, args=(bench.written,), rounds=3)
    for table in ("spaces", "needs", "demand", "offers", "effects", "reach", "pots"):
        assert len(case[table]) == len(bench.case[table])
    assert case["demand"]["demand"].sum() == bench.case["demand"]["demand"].sum()
