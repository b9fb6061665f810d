"""A working copy: steps in their order, undone and done again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from allocate.web.desk import Desk, Step
from allocate.web.keeping import Keeper

STEPS = st.builds(
    Step, st.sampled_from(["pots", "offers"]), st.sampled_from("AB"), st.just("amount"), st.just("set"),
    st.sampled_from("123"),
)  # fmt: skip
EMPTY = Desk("d", "town", "Town", "SZ1")


@given(st.lists(STEPS, max_size=8))
def test_undoing_everything_and_doing_it_again_changes_nothing(steps: list[Step]) -> None:
    desk = EMPTY
    for step in steps:
        desk = desk.with_steps(step)
    back = desk
    for before in range(len(steps) - 1, -1, -1):
        back = back.without_last()
        # What was made of the same cell before counts again.
        assert set(back.steps) == set({step.cell: step for step in steps[:before]}.values())
    assert back.steps == ()
    for _ in steps:
        back = back.with_last_again()
    assert back.steps == desk.steps
    assert back.version > desk.version or not desk.steps


@given(st.lists(STEPS, max_size=8))
def test_steps_left_for_another_scenario_can_be_done_again_there(steps: list[Step]) -> None:
    desk = EMPTY
    for step in steps:
        desk = desk.with_steps(step)
    there = desk.back_to("SZ2")
    assert (there.base, there.steps) == ("SZ2", ())
    for _ in steps:
        there = there.with_last_again()
    assert there.steps == desk.steps


@given(st.lists(STEPS, max_size=8))
def test_no_cell_is_changed_by_two_steps_and_the_last_one_counts(steps: list[Step]) -> None:
    desk = EMPTY
    for step in steps:
        desk = desk.with_steps(step)
    cells = [step.cell for step in desk.steps]
    assert len(cells) == len(set(cells))
    last = {step.cell: step for step in steps}
    assert set(desk.steps) == set(last.values())


@given(st.lists(STEPS, max_size=4))
def test_a_desk_is_kept_as_it_is(steps: list[Step]) -> None:
    desk = EMPTY
    for step in steps:
        desk = desk.with_steps(step)
    assert Desk.of_text(desk.without_last().as_text()) == desk.without_last()


def test_a_desk_outlives_its_server(tmp_path: Path) -> None:
    desk = Keeper(tmp_path).begin(tmp_path, "Town", "SZ1")
    kept = Keeper(tmp_path).keep(desk.with_steps(Step("pots", "P1", "amount", "set", "7")))
    assert Keeper(tmp_path).get(desk.id) == kept
    assert Keeper(tmp_path).get("another") is None
    assert [one.id for one in Keeper(tmp_path).recent()] == [desk.id]


def test_steps_that_belong_together_are_undone_together() -> None:
    desk = EMPTY.with_steps(Step("pots", "A", "amount", "set", "1"))
    both = desk.with_steps(Step("offers", "A", "amount", "set", "2"), Step("offers", "B", "amount", "set", "2"))
    assert len(both.steps) == 3
    assert both.without_last().steps == desk.steps
    assert both.with_reason(2, "why").without_last().with_last_again().steps[1].reason == "why"


def test_a_desk_of_another_version_of_the_program_is_passed_over(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path)
    with closing(sqlite3.connect(keeper.file)) as base, base:
        base.execute('INSERT INTO desks VALUES (\'old\', \'{"id": "old", "steps": []}\', 0)')
    assert keeper.get("old") is None
    assert keeper.recent() == []
