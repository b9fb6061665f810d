"""Which towns the benchmarks run on, and what they share.

``-k S`` (or M, L) picks one size; without it all three run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest
from tests.reference.textbook import Answer

from allocate.inputs.case import Case
from allocate.inputs.scenario.variant import Variant
from allocate.model.compile import Compiled
from allocate.results.allocation import Allocation
from allocate.session import Session
from allocate.solve.solution import Solution
from benchmarks import phases
from benchmarks.towns import SIZES, invent

# The scenario that questions about reasons and robustness are asked of.
SCENARIO = "silo"


@dataclass
class Bench:
    """One town and everything the phases make of it, each computed once."""

    size: str
    folder: Path

    @cached_property
    def written(self) -> Path:
        return invent(self.size).write(self.folder / self.size)

    @cached_property
    def case(self) -> Case:
        return invent(self.size).case()

    @cached_property
    def variant(self) -> Variant:
        return phases.variant(self.case)

    @cached_property
    def compiled(self) -> Compiled:
        return phases.compile_town(self.variant)

    @cached_property
    def solution(self) -> Solution:
        return phases.solve(self.compiled.program)

    @cached_property
    def allocation(self) -> Allocation:
        return phases.plan(self.case)

    @cached_property
    def planned(self) -> Session:
        session = Session(self.case)
        session.run(SCENARIO)
        return session

    @cached_property
    def textbook(self) -> Answer:
        return phases.solve_textbook(phases.build_textbook(self.variant))


@pytest.fixture(scope="session")
def benches(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Bench]:
    made: dict[str, Bench] = {}

    def of(size: str) -> Bench:
        return made.setdefault(size, Bench(size, tmp_path_factory.mktemp("towns")))

    return of


@pytest.fixture
def session(bench: Bench) -> Session:
    """A session whose scenario has its plan; the time for that belongs to ``run``, not to the questions about it."""
    if bench.size == "L":
        pytest.skip("all questions about a town of 4,000 offers at once are work for a night")
    return bench.planned


@pytest.fixture(params=list(SIZES))
def bench(request: pytest.FixtureRequest, benches: Callable[[str], Bench]) -> Bench:
    return benches(request.param)


def pytest_configure(config: pytest.Config) -> None:
    """The project skips benchmarks by default; who names this folder wants them."""
    config.option.benchmark_skip = False


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """``-k S`` means the size: as a mere letter it would be found in every name, "test" for one."""
    size = config.option.keyword
    if size in SIZES:
        here = [item for item in items if f"[{size}]" in item.name]
        config.hook.pytest_deselected(items=[item for item in items if item not in here])
        items[:] = here
