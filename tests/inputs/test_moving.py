"""Moving an offer to another space: what was true of its home is then true of the new one."""

from __future__ import annotations

import numpy as np

from allocate.checking.opening import read_case
from allocate.inputs.case import Case
from allocate.inputs.scenario.changes import parse_changes, with_what_if
from allocate.inputs.scenario.moving import moved, places
from allocate.inputs.scenario.variant import Change, apply
from allocate.session import Session
from tests.conftest import TINY


def after(case: Case, offer: str, space: str) -> Case:
    changes = [
        Change(table, key, column, "set", value, "moved") for table, key, column, value in moved(case, offer, space)
    ]
    return Session(with_what_if(case, "silo", changes)).variant("what-if").case


def test_the_rows_of_the_old_and_the_new_home_change_places() -> None:
    case = read_case(TINY)
    assert places(case, "A") == ["S1", "S2"]
    there = after(case, "A", "S2")
    reach = there["reach"].set_index(["offer_id", "space_id"])
    assert reach["access"]["A", "S1"] == 0.5 and reach["access"]["A", "S2"] == 1.0
    assert reach["baseline_capacity"]["A", "S1"] == 15
    assert there["offers"].set_index("offer_id")["home_space_id"]["A"] == "S2"


def test_an_offer_that_stays_changes_nothing_and_one_that_reaches_one_space_cannot_move() -> None:
    case = read_case(TINY)
    assert moved(case, "A", "S1") == [("offers", "A", "home_space_id", "S1")]
    assert places(case, "B") == ["S2"]


def test_an_offer_without_rows_of_reach_can_stand_anywhere_and_serves_where_it_stands() -> None:
    case = read_case(TINY)
    case = case.with_tables(reach=case["reach"][case["reach"]["offer_id"] != "B"])
    assert places(case, "B") == ["S1", "S2"]
    assert moved(case, "B", "S1") == [("offers", "B", "home_space_id", "S1")]
    used = Session(after(case, "B", "S1")).run("silo").delivery
    assert set(used.loc[used["offer_id"] == "B", "space_id"]) <= {"S1"}


def test_a_blank_limit_of_the_old_home_is_one_of_the_new_home() -> None:
    """A may be used by S1 without a limit of its own and by S2 up to 30; where it moves to S2 it is the other way."""
    case = read_case(TINY)
    own = case["reach"]["offer_id"].eq("A") & case["reach"]["space_id"].eq("S2")
    case = case.with_tables(reach=case["reach"].assign(max_capacity=np.where(own, 30.0, np.nan)))
    for there in (after(case, "A", "S2"), apply(case, "silo", parse_changes(["offers:A:move S2"], "x", case)).case):
        limit = there["reach"].set_index(["offer_id", "space_id"])["max_capacity"]
        assert limit["A", "S1"] == 30 and np.isnan(limit["A", "S2"])
