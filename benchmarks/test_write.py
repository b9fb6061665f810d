"""Writing a plan as JSON."""

from __future__ import annotations

import json
from pathlib import Path

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import phases
from benchmarks.conftest import Bench


def test_write(benchmark: BenchmarkFixture, bench: Bench, tmp_path: Path) -> None:
    benchmark.group = f"write {bench.size}"
    written = benchmark.pedantic(phases.write, args=(bench.allocation, tmp_path / "plan.json"), rounds=3)
    plan = json.loads(written.read_text(encoding="utf-8"))
    assert len(plan["offers"]) == len(bench.case["offers"])
