"""What-if questions, answered from a program that is in the solver already, beside cold solves of the same questions.

Each question is asked a few times both ways, in CPU seconds of one run, so that the ratio does not depend on the
machine; both ways must give the same number. The ratios are printed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from allocate.analyses.comparison.attribution import attribute
from allocate.analyses.conflicts.elastic import Elastic, Relaxation
from allocate.analyses.margins.open_rules import Margins
from allocate.analyses.margins.pot_margins import step_gains
from allocate.bench.proposals import proposal, solve_proven
from allocate.bench.resolve import Bench as Asked
from allocate.bench.resolve import Hold, solve_cold
from allocate.bench.siblings import Siblings
from allocate.bench.widening import widen
from allocate.inputs.scenario.changes import parse_changes, with_what_if
from allocate.inputs.scenario.variant import apply
from allocate.model.compile import compile_variant
from allocate.model.program import LinearProgram
from allocate.session import Session
from allocate.solve.loaded import LoadedProgram
from benchmarks.conftest import Bench

SCENARIO = "silo"
SAME = 1e-7


@dataclass
class Town:
    """One town with its plan made; what is loaded once for all questions is not counted."""

    session: Session

    @cached_property
    def asked(self) -> Asked:
        return Asked(self.session, SCENARIO)

    @cached_property
    def margins(self) -> Margins:
        return Margins(self.asked)

    @property
    def program(self) -> LinearProgram:
        return self.asked.program

    @property
    def pots(self) -> list[int]:
        """Rows of a few pots, spread over the table."""
        family = self.program.rows_index["pot"]
        return list(range(family.start, family.stop, max(1, len(family) // 4)))

    def amount(self, row: int, share: float) -> Hold:
        """A pot with a share of its amount."""
        return Hold.row(row, -np.inf, float(self.program.row_upper[row]) * share)


TOWNS: dict[str, Town] = {}


@pytest.fixture
def town(bench: Bench) -> Town:
    if bench.size == "L":
        pytest.skip("a question about the large town takes a minute cold; S and M show the ratio")
    if bench.size not in TOWNS:
        TOWNS[bench.size] = Town(Session(bench.case))
        assert TOWNS[bench.size].margins.value == pytest.approx(TOWNS[bench.size].asked.value, abs=SAME)
    return TOWNS[bench.size]


def beside(
    benchmark: BenchmarkFixture,
    bench: Bench,
    name: str,
    warm: Callable[[], list[float]],
    cold: Callable[[], list[float]],
) -> None:
    """Both ways once, the same numbers, and the ratio per question."""
    benchmark.group = f"what-if {bench.size}"
    started = time.process_time()
    quick = benchmark.pedantic(warm, rounds=1)
    middle = time.process_time()
    slow = cold()
    ended = time.process_time()
    count = len(slow)
    np.testing.assert_allclose(quick[:count], slow, rtol=0, atol=SAME)
    one, other = (middle - started) / len(quick), (ended - middle) / count
    benchmark.extra_info |= {"warm": one, "cold": other, "times_faster": other / one}
    print(f"\n{bench.size} {name}: {one:.3f} s loaded, {other:.3f} s cold, {other / one:.1f} times faster")


def test_step_in_a_pot(benchmark: BenchmarkFixture, bench: Bench, town: Town) -> None:
    """One per cent more and less in a pot."""
    holds = [town.amount(row, share) for row in town.pots for share in (1.01, 0.99)]
    beside(
        benchmark,
        bench,
        "a step in a pot",
        lambda: [town.asked.ask(hold).value for hold in holds],
        lambda: [solve_cold(town.program, [hold]).value for hold in holds],
    )


def test_ranking_of_the_pots(benchmark: BenchmarkFixture, bench: Bench, town: Town) -> None:
    """Where 100,000 EUR do most: all pots, more and less."""
    family = town.program.rows_index["pot"]

    def cold() -> list[float]:
        base = solve_cold(town.program).value
        rows = range(family.start, family.start + 3)
        more = [Hold.row(row, -np.inf, float(town.program.row_upper[row]) + 100_000.0) for row in rows]
        return [solve_cold(town.program, [hold]).value - base for hold in more]

    def warm() -> list[float]:
        gains, losses = step_gains(town.margins, 100_000.0)
        return [*gains.tolist(), *losses.tolist()]

    beside(benchmark, bench, "the ranking of the pots, each step", warm, cold)


def test_marginal_value_with_its_range(benchmark: BenchmarkFixture, bench: Bench, town: Town) -> None:
    """Both one-sided values of pots and how far they hold, beside cold solves at the two ends found."""
    rules = town.margins.widened.rules
    pots = town.pots[:2]
    numbers = [rules.number("pot", town.program.rows_index.label(row)[1]) for row in pots]

    def warm() -> list[float]:
        found = [town.margins.sides(number) for number in numbers]
        return [value for sides in found for value in (sides.more.slope * sides.more.reach, sides.less.slope)]

    sides = town.margins.sides(numbers[0])

    def cold() -> list[float]:
        base = solve_cold(town.program).value
        upper = float(town.program.row_upper[pots[0]])
        return [solve_cold(town.program, [Hold.row(pots[0], -np.inf, upper + sides.more.reach)]).value - base]

    beside(benchmark, bench, "a marginal value with its range", warm, cold)


def test_mutual_cover_of_two_pots(benchmark: BenchmarkFixture, bench: Bench, town: Town) -> None:
    """Half a per cent of one pot's money given to another, the step that silos are measured by."""
    giver = town.pots[0]
    given = 0.005 * float(town.program.row_upper[giver])

    def holds(taker: int) -> list[Hold]:
        return [
            town.amount(giver, 0.995),
            Hold.row(taker, -np.inf, float(town.program.row_upper[taker]) + given),
        ]

    takers = town.pots[1:]
    beside(
        benchmark,
        bench,
        "mutual cover of two pots",
        lambda: [town.asked.ask(*holds(taker)).value for taker in takers],
        lambda: [solve_cold(town.program, holds(taker)).value for taker in takers],
    )


def test_closing_an_offer(benchmark: BenchmarkFixture, bench: Bench, town: Town) -> None:
    """What is lost without an offer."""
    offers = range(0, 6)
    beside(
        benchmark,
        bench,
        "closing an offer",
        lambda: [town.asked.ask(*town.asked.closed(offer)).value for offer in offers],
        lambda: [town.asked.cold(*town.asked.closed(offer)).value for offer in offers[:3]],
    )


def test_sweep_step_with_other_money(benchmark: BenchmarkFixture, bench: Bench, town: Town) -> None:
    """The certified optimum of a neighbouring value, where only sides of rows differ."""
    sweep_steps(benchmark, bench, town, "pots:*:amount*{x}")


def test_sweep_step_with_other_costs(benchmark: BenchmarkFixture, bench: Bench, town: Town) -> None:
    """The same where the matrix differs too."""
    sweep_steps(benchmark, bench, town, "offers:*:unit_cost*{x}")


def sweep_steps(benchmark: BenchmarkFixture, bench: Bench, town: Town, line: str) -> None:
    """A sweep of four values."""
    case = town.session.case
    programs = [
        compile_variant(apply(case, SCENARIO, parse_changes([line.replace("{x}", x)], "sweep", case))).program
        for x in ("1.01", "1.02", "1.03", "1.04")
    ]
    siblings = Siblings()
    assert siblings.solve(town.program) is not None

    def values(solve: Callable[[LinearProgram], object]) -> list[float]:
        found = [solve(program) for program in programs]
        return [answer.value for answer in found if answer is not None]  # type: ignore[attr-defined]

    beside(benchmark, bench, f"a sweep step, {line}", lambda: values(siblings.solve), lambda: values(solve_proven))


def test_conflict_repair(benchmark: BenchmarkFixture, bench: Bench, town: Town) -> None:
    """The cheapest repair of half the money: the loaded elastic program beside one loaded anew with every question."""
    case = town.session.case
    scarce = compile_variant(apply(case, SCENARIO, parse_changes(["pots:*:amount*0.5"], "too little", case)))
    widened = widen(scarce)
    elastic = Elastic(widened)
    asked = [widened.rules.of(*kinds) for kinds in (("pot",), ("pot", "floor"), ("pot", "commitment", "floor"))]

    def prices(of: Callable[[], Elastic]) -> list[float]:
        found = [of().cheapest(allowed) for allowed in asked]
        scale = float(case["pots"]["amount"].sum())
        return [one.price / scale if isinstance(one, Relaxation) else -1.0 for one in found]

    beside(
        benchmark,
        bench,
        "a conflict's repair",
        lambda: prices(lambda: elastic),
        lambda: prices(lambda: Elastic(widened)),
    )


def test_best_plan_after_a_wider_program_is_loaded(benchmark: BenchmarkFixture, bench: Bench, town: Town) -> None:
    """The widened program started from the scenario's own basis, beside a cold start."""
    widened = town.margins.program

    def warm() -> list[float]:
        loaded = LoadedProgram(widened)
        loaded.start_from_narrower(town.asked.loaded)
        return [-loaded.solve().objective]

    beside(benchmark, bench, "loading the widened program", warm, lambda: [solve_cold(replace(widened)).value])


def test_attribution(benchmark: BenchmarkFixture, bench: Bench, town: Town) -> None:
    """Which of three changes caused how much: eight coalitions, each a plan, beside cold plans of three of them."""
    case = town.session.case
    pots, offers = case["pots"]["pot_id"].tolist(), case["offers"]["offer_id"].tolist()
    lines = (
        f"pots:{pots[0]}:amount*1.01",
        f"offers:{offers[0]}:max_capacity*1.1",
        f"offers:{offers[1]}:unit_cost*1.05",
    )
    typed = [parse_changes([line], f"reason {at}", case)[0] for at, line in enumerate(lines)]
    session = Session(with_what_if(case, SCENARIO, typed, new_id="changed"))

    def warm() -> list[float]:
        # Coalitions are bit masks: none, the first change, the second, both ...
        return attribute(session, "changed").coalitions["objective"].tolist()

    def cold() -> list[float]:
        found = []
        for chosen in ((), (typed[0],), (typed[1],)):
            compiled = compile_variant(apply(case, SCENARIO, chosen))
            answer = solve_proven(compiled.program)
            assert answer is not None
            found.append(proposal(compiled, answer).objective)
        return found

    beside(benchmark, bench, "attribution, each coalition", warm, cold)
