"""From tables to a linear program, beside an idiomatic PuLP model of the same town."""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import phases
from benchmarks.conftest import Bench


def test_compile(benchmark: BenchmarkFixture, bench: Bench) -> None:
    benchmark.group = f"compile {bench.size}"
    compiled = benchmark.pedantic(
        phases.compile_town, setup=lambda: ((phases.afresh(bench.variant),), {}), rounds=5, warmup_rounds=1
    )
    assert len(compiled.program.columns_index) == compiled.program.column_count
    assert len(compiled.program.rows_index) == compiled.program.row_count


def test_assemble(benchmark: BenchmarkFixture, bench: Bench) -> None:
    benchmark.group = f"assemble {bench.size}"
    arguments = (bench.compiled,)
    program = benchmark.pedantic(phases.assemble_town, args=arguments, rounds=5, warmup_rounds=1)
    assert (program.values == bench.compiled.program.values).all()


def test_pulp_assemble(benchmark: BenchmarkFixture, bench: Bench) -> None:
    benchmark.group = f"assemble {bench.size}"
    data = phases.textbook_data(bench.variant)
    textbook = benchmark.pedantic(phases.assemble_textbook, args=(bench.variant, data), rounds=1)
    assert textbook.problem.numConstraints() > len(bench.case["offers"])


def test_pulp_build(benchmark: BenchmarkFixture, bench: Bench) -> None:
    benchmark.group = f"compile {bench.size}"
    textbook = benchmark.pedantic(phases.build_textbook, args=(bench.variant,), rounds=1)
    offers, reach = bench.case["offers"], bench.case["reach"]
    assert textbook.problem.numVariables() > len(offers) + len(reach)
