"""What ``tests.mutate`` tells pytest while mutmut runs it: who reaches what, which tests first, and when it is enough.

mutmut notes which changed functions a test reaches, but counts what a shared fixture reaches for the first test that
wants it; here it counts for every test that uses the fixture. Each change then runs the tests that reach it, the
quickest of each file first, until one fails or they have taken the seconds that a change may cost.
"""

from __future__ import annotations

import json
import os
import resource
import time
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from mutmut.state import state

# Tests that solve hundreds of programs to compare two ways of computing the same, or that start processes of their own,
# which know nothing of the change: each costs more than all the others that reach the same functions.
LEFT_OUT = (
    "test_a_threshold_holds_for_whoever_plans_the_whole_town_with_that_figure",
    "test_all_cards_in_one_go_hold_against_cold_plans",
    "test_any_small_town",
    "test_cells_and_suppliers_add_up_to_the_measures",
    "test_effects_on_random_towns_are_the_difference_of_two_scenarios",
    "test_every_clash_is_irreducible_and_every_repair_repairs",
    "test_every_coalition_is_that_scenario_re_solved",
    "test_every_loss_is_that_of_a_cold_plan",
    "test_full_cards_hold_against_cold_plans",
    "test_levels_are_ordered_and_splits_efficient",
    "test_no_mixture_loses_more_by_the_compromise",
    "test_nothing_is_promised_that_a_second_formulation_denies",
    "test_paths_side_by_side_are_the_paths",
    "test_pot_steps_are_exact_differences",
    "test_price_of_a_floor_is_what_a_session_without_it_gains",
    "test_quick_and_full_cards_agree_on_every_loss_of_the_example_town",
    "test_reassignment_is_what_the_textbook_says",
    "test_sums_agree_in_every_town",
    "test_the_same_plans_again_and_in_any_order_of_rows",
    "test_whoever_is_named_gets_more_in_the_proposal_than_if_the_offer_were_kept",
    "tests/analyses/batch/test_cluster.py",
    "tests/analyses/participation/test_participation.py::test_random_towns",
)
# What is known of the tests, beside mutmut's own notes: seconds, and which of them fail without any change.
NOTES = Path("tests-noted.json")
SECONDS = "ALLOCATE_MUTATE_SECONDS"
# A test counts as if it took this much longer for each quicker one of its file, so that every file has its turn.
TURN = 0.2

took: dict[str, float] = defaultdict(float)
failing: set[str] = set()
reached: dict[Any, set[str]] = defaultdict(set)


def noting() -> bool:
    """Whether this is the run in which mutmut notes who reaches what."""
    return os.environ.get("MUTANT_UNDER_TEST") == "stats"


def pytest_configure(config: pytest.Config) -> None:
    # The notes slow the drawing of towns down, which Hypothesis would take for a fault.
    settings.register_profile("noted", settings.get_profile("same"), suppress_health_check=list(HealthCheck))
    settings.load_profile("noted")
    if noting():
        config.option.maxfail = 0
    elif "__mutmut_" in os.environ.get("MUTANT_UNDER_TEST", ""):
        # In seconds of the processor, for a busy machine is no fault of a change that it slows down.
        limit = int(time.process_time() + 5 * float(os.environ[SECONDS]) + 30)
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    noted = json.loads(NOTES.read_text(encoding="utf-8")) if NOTES.exists() else {"took": {}, "failing": []}
    kept = [one for one in items if one.nodeid not in noted["failing"] and not any(at in one.nodeid for at in LEFT_OUT)]
    if noted["took"] and not noting():
        kept = within(kept, noted["took"], float(os.environ[SECONDS]))
    config.hook.pytest_deselected(items=[one for one in items if one not in kept])
    items[:] = kept


def within(items: list[pytest.Item], seconds: dict[str, float], budget: float) -> list[pytest.Item]:
    """The tests in the order in which they are tried, as many as the budget allows (at least one)."""
    before: dict[str, int] = defaultdict(int)
    rank: dict[str, float] = {}
    for one in sorted(items, key=lambda one: seconds.get(one.nodeid, 0.0)):
        file = one.nodeid.partition("::")[0]
        rank[one.nodeid] = seconds.get(one.nodeid, 0.0) + TURN * before[file]
        before[file] += 1
    kept, spent = [], 0.0
    for one in sorted(items, key=lambda one: rank[one.nodeid]):
        spent += seconds.get(one.nodeid, 0.0)
        if kept and spent > budget:
            break
        kept.append(one)
    return kept


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: Any) -> Generator[None, object, object]:
    before = set(state()._stats)
    state()._stats.clear()
    try:
        return (yield)
    finally:
        reached[fixturedef] |= state()._stats
        state()._stats.update(before)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: Any) -> None:
    for known in item._fixtureinfo.name2fixturedefs.values():
        for one in known:
            state()._stats.update(reached[one])


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    begin = time.process_time()
    try:
        return (yield)
    finally:
        took[item.nodeid] += time.process_time() - begin


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        failing.add(report.nodeid)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if noting() and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        # What fails without a change, in a copy without the neighbouring folders, says nothing about changes.
        NOTES.write_text(json.dumps({"took": took, "failing": sorted(failing)}), encoding="utf-8")
        session.exitstatus = pytest.ExitCode.OK
