"""Answers: a preview, then the plan; a newer change takes the older one's place, and nobody waits for somebody else.

Slow questions are held up by the tests themselves, so that nothing here depends on how quick the machine is.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from allocate.checking.opening import read_checked
from allocate.results.allocation import Allocation
from allocate.results.sketch import Sketch
from allocate.session import Session
from allocate.solve.solution import Limits
from allocate.web.desk import WORKING, Desk, Step
from allocate.web.open_town import OpenTown
from allocate.web.seats import Asked, Gone, Queue, Seat
from tests.conftest import TINY
from tests.web.conftest import TestClient, Visitor, opened

PATIENCE = 60.0


@contextmanager
def held_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Event, threading.Event]]:
    """Plans of working copies take until the second event is set, or until nobody waits; the first tells of one."""
    begun, go_on = threading.Event(), threading.Event()
    run = Session.run

    def slow(self: Session, scenario_id: str) -> object:
        if scenario_id == WORKING and self.limits.stopped is not None:
            begun.set()
            while not go_on.wait(0.01) and not self.limits.stopped():
                pass
        return run(self, scenario_id)

    with monkeypatch.context() as patched:
        patched.setattr(Session, "run", slow)
        try:
            yield begun, go_on
        finally:
            go_on.set()


def in_background(visitor: Visitor, path: str) -> tuple[threading.Thread, list[dict[str, object]]]:
    found: list[dict[str, object]] = []
    thread = threading.Thread(target=lambda: found.append(visitor.get(path).json()), daemon=True)
    thread.start()
    return thread, found


def test_a_preview_has_the_figures_of_the_plan_that_replaces_it(visitor: Visitor) -> None:
    preview = visitor.step("pots", "P1", "amount", 1500)
    assert (preview["preview"], preview["certain"]) == (True, False)
    plan = visitor.answer()
    assert (plan["preview"], plan["certain"]) == (False, True)
    assert plan["version"] == preview["version"] == 1
    assert plan["spoken"].split("Re-steered")[0] == preview["spoken"].split("Re-steered")[0]


def test_the_plan_of_the_steps_is_that_of_the_scenario_they_become() -> None:
    """The page makes it from the scenario carried out once, the commands from tables with one scenario more."""
    town = OpenTown(read_checked(TINY))
    desk = Desk("visitor", "", "", "pooled")
    for step in (Step("pots", "P1", "amount", "multiply", "0.9"), Step("scenarios", "", "max_moved", "set", "700")):
        desk = desk.with_steps(step)
        sketch, answer = town.preview(desk, "r"), town.plan(desk, "r")
        assert sketch is not None and isinstance(sketch.plan, Sketch) and isinstance(answer.plan, Allocation)
        same = town.working(desk, "r", Limits()).run(WORKING)
        assert answer.plan.to_json("en") == same.to_json("en")
        assert sketch.plan.objective == pytest.approx(same.objective, abs=1e-9)


def test_whole_offers_have_no_preview_and_the_plan_follows(visitor: Visitor) -> None:
    assert visitor.post("base", scenario_id="sites").json()["plan"] is None
    later = visitor.step("pots", "P1", "amount", 1500)
    assert (later["plan"], later["certain"]) == (None, False)
    assert "whole offers" in later["html"]["answer"].lower()
    assert visitor.answer()["plan"] is True


def test_an_older_question_is_stale(visitor: Visitor) -> None:
    visitor.step("pots", "P1", "amount", 1500)
    assert visitor.get("answer?version=0").json()["stale"] is True


def test_a_newer_change_ends_the_answer_to_the_older_one(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    with held_up(monkeypatch) as (begun, _):
        visitor.step("pots", "P1", "amount", 1501)
        older, found = in_background(visitor, "answer")
        assert begun.wait(PATIENCE)
        assert visitor.step("pots", "P1", "amount", 1600)["version"] == 2
        older.join(PATIENCE)
        assert found == [{"stale": True}]
    assert visitor.answer()["version"] == 2


def test_a_slow_question_holds_up_nobody_else(
    client: TestClient, visitor: Visitor, in_auenfurt: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither another desk of the same town, nor one of another town, nor steps and other reading of the same desk."""
    beside = opened(client, "case")
    in_auenfurt.step("pots", "P1", "amount", 1_100_000)
    with held_up(monkeypatch) as (begun, go_on):
        visitor.step("pots", "P1", "amount", 1502)
        slow, found = in_background(visitor, "run")
        assert begun.wait(PATIENCE)
        assert beside.step("pots", "P2", "amount", 2500)["plan"] is True
        assert in_auenfurt.step("pots", "P2", "amount", 1_000_000)["plan"] is True
        assert visitor.step("pots", "P1", "amount", 1700)["plan"] is True
        assert "P1" in visitor.get("controls").json()["html"]
        assert slow.is_alive() and not found
        go_on.set()
        slow.join(PATIENCE)
    assert len(found) == 1 and "scenarios" in found[0]


def test_the_answer_to_a_question_that_was_left_is_not_kept() -> None:
    seat, left = Seat(), threading.Event()
    seat.ask("first")
    with pytest.raises(Gone), seat.answering("first"):
        seat.ask("second")
    with seat.answering("second"):
        assert not seat.is_left()
        seat.leave("first")
        assert not seat.is_left()
    made: list[int] = []
    asked = Asked()

    def make(_limits: object) -> Session:
        made.append(1)
        return object()  # type: ignore[return-value]

    with asked.answering(left, make):
        left.set()
    with pytest.raises(Gone), asked.answering(left, make):
        pass
    with asked.answering(threading.Event(), make):
        assert len(made) == 2


def test_previews_go_before_plans_and_what_nobody_waits_for_is_not_begun() -> None:
    queue, wanted, order = Queue(plans_at_once=1), [True], []

    def make() -> None:
        try:
            with queue.plan(lambda: wanted[0]):
                order.append("plan")
        except Gone:
            order.append("gone")

    def waiting() -> threading.Thread:
        thread = threading.Thread(target=make)
        thread.start()
        return thread

    with queue.preview():
        thread = waiting()
        order.append("preview")
    thread.join(PATIENCE)
    assert order == ["preview", "plan"]
    with queue.plan(lambda: True):
        thread = waiting()
        wanted[0] = False
        thread.join(PATIENCE)
    assert order == ["preview", "plan", "gone"]


def test_a_plan_is_not_put_off_for_ever() -> None:
    queue = Queue(plans_at_once=1, patience=0.0)
    with queue.preview(), queue.plan(lambda: True):
        pass
