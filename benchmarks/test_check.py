"""Reading and checking a folder of CSV files."""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from allocate.checking.opening import read_checked
from allocate.inputs.findings import errors
from benchmarks import phases
from benchmarks.conftest import Bench


def test_check(benchmark: BenchmarkFixture, bench: Bench) -> None:
    benchmark.group = f"check {bench.size}"
    findings = benchmark.pedantic(phases.check, args=(bench.written,), rounds=3)
    assert findings == len(read_checked(bench.written).findings)
    assert not len(errors(read_checked(bench.written).findings))
