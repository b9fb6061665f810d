"""The processes of a test run get every test once, the long rooms first and each room whole."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.dealing import SECONDS, dealt, room_of

NAMES = [
    *(f"tests/analyses/reasons/test_explain_offers.py::test_{at}" for at in range(30)),
    *(f"tests/inputs/test_years.py::test_{at}" for at in range(200)),
    *(f"tests/report/papers/test_page.py::test_{at}" for at in range(50)),
    *(f"tests/test_docs.py::test_{at}" for at in range(20)),
    *(f"tests/web/test_desk.py::test_{at}" for at in range(40)),
]


@pytest.mark.parametrize("processes", [2, 3, 5])
def test_every_test_is_dealt_once_and_long_rooms_come_first(processes: int) -> None:
    order = dealt(NAMES, processes)
    assert sorted(order) == list(range(len(NAMES)))
    cuts = [len(NAMES) * at // processes for at in range(processes + 1)]
    parts = [[room_of(NAMES[one]) for one in order[low:high]] for low, high in pairwise(cuts)]
    for part in parts:
        assert part == [room for room in part if room] + [""] * part.count("")
    for room in {room_of(name) for name in NAMES} - {""}:
        assert sum(room in part for part in parts) == 1


def test_a_room_is_known_by_its_whole_name() -> None:
    assert room_of("tests/webs/test_it.py::test_it") == room_of("tests/inputs/test_cli.py::test_it") == ""
    assert room_of("tests/test_docs.py::test_it[a/b]") == "tests/test_docs.py"


def test_rooms_that_take_long_are_there(request: pytest.FixtureRequest) -> None:
    root = request.config.rootpath
    assert [room for room in SECONDS if not (root / room).exists()] == []


def test_a_few_tests_of_one_room_are_left_as_they_are() -> None:
    names = NAMES[:3]
    assert dealt(names, 2) == [0, 1, 2] and dealt([], 2) == []
