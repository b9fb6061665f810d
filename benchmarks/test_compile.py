"""From tables to a linear program, beside an idiomatic PuLP model of the same town."""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import phases
from benchmarks.conftest import Bench


def test_compile(benchmark: BenchmarkFixture, bench: Bench) -> None:
    benchmark.group = f"compile {bench.size}"
    compiled = benchmark.pedantic(phases.compile_town, args=(bench.variant,), rounds=5, warmup_rounds=1)
    assert len(compiled.program.columns_index) == compiled.program.column_count
    assert len(compiled.program.rows_index) == compiled.program.row_count


def test_pulp_build(benchmark: BenchmarkFixture, bench: Bench) -> None:
    benchmark.group = f"compile {bench.size}"
    textbook = benchmark.pedantic(phases.build_textbook, args=(bench.variant,), rounds=1)
    offers, reach = bench.case["offers"], bench.case["reach"]
    assert textbook.problem.numVariables() > len(offers) + len(reach)
