"""What ``tests.mutate`` tells pytest while a change is tried: which tests first, when it is enough, who noticed.

The tests of a change come in the order of what they took before and of how near their files are to it, until one fails
or they have taken the seconds of the processor that a change may cost.
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
# Beside the changed program: a line for every test that was run, with its seconds and the change that it noticed.
NOTES = "tests-noted.jsonl"
SECONDS = "ALLOCATE_MUTATE_SECONDS"
# A test counts as if it took this much longer for each one of its file before it, and twice that for each file before.
TURN = 0.1
# The test that runs when the seconds are used up has so many more.
GRACE = 3


class Trial:
    """One run of tests while one change is made, or none (a blank name)."""

    def __init__(self) -> None:
        self.notes = Path(NOTES).resolve()
        self.change = os.environ.get("MUTANT_UNDER_TEST", "")
        self.seconds = float(os.environ[SECONDS]) if self.change else float("inf")
        self.begin = time.process_time()
        if self.change:
            # In seconds of the processor, for a busy machine is no fault of a change that it slows down.
            limit = int(self.begin + self.seconds + GRACE)
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        lines = self.notes.read_text(encoding="utf-8").splitlines() if self.notes.exists() else []
        took = {one["test"]: one["took"] for one in map(json.loads, lines)}
        files, before = [str(one).partition("::")[0] for one in config.args], defaultdict[str, int](int)
        rank: dict[str, float] = {}
        for one in sorted(items, key=lambda one: took.get(one.nodeid, TURN)):
            file = one.nodeid.partition("::")[0]
            turn = before[file] + 2 * (files.index(file) if file in files else len(files))
            rank[one.nodeid] = took.get(one.nodeid, TURN) + TURN * turn
            before[file] += 1
        kept = [one for one in items if not any(name in one.nodeid for name in LEFT_OUT)]
        kept = [one for one in kept if took.get(one.nodeid, 0.0) <= self.seconds]
        items[:] = sorted(kept, key=lambda one: rank[one.nodeid])

    def pytest_runtest_setup(self) -> None:
        if time.process_time() - self.begin > self.seconds:
            pytest.skip("the change has cost enough")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        begin = time.process_time()
        self.failed = self.skipped = False
        try:
            return (yield)
        finally:
            if not self.skipped:
                seconds = round(time.process_time() - begin, 3)
                said: dict[str, Any] = {"test": item.nodeid, "took": seconds, "change": self.change}
                with self.notes.open("a", encoding="utf-8") as notes:
                    notes.write(json.dumps(said | {"noticed": self.failed}) + "\n")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed |= report.failed
        self.skipped |= report.skipped


def pytest_configure(config: pytest.Config) -> None:
    if not config.option.collectonly:
        config.pluginmanager.register(Trial())
