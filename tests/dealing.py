"""In which order the processes of a test run take the tests, so that all are busy until the end.

pytest-xdist cuts the list of tests into as many parts of equal length as there are processes; whoever is done early
takes half of what another has left. The rooms that take long are dealt to the processes by what they take, each room to
one of them, whose session it then shares; they come first, and the many quick tests even things out at the end.
"""

from __future__ import annotations

from collections.abc import Sequence

# CPU seconds of the rooms that take long; anything else is quick. Only their order and rough proportions matter.
SECONDS = {
    "tests/cli": 120,
    "tests/report": 80,
    "tests/web": 40,
    "tests/test_questions.py": 30,
    "tests/inputs/workbook": 25,
    "tests/inputs/test_checking.py": 20,
    "tests/inputs/scenario": 20,
    "tests/questions": 20,
    "tests/analyses/margins": 20,
    "tests/analyses/reasons": 20,
    "tests/analyses/comparison": 15,
    "tests/analyses/robustness": 15,
    "tests/solve": 10,
    "tests/analyses/tradeoffs": 10,
    "tests/analyses/duplication": 10,
    "tests/analyses/land": 10,
    "tests/analyses/participation": 10,
    "tests/inputs/test_follow_on.py": 10,
    "tests/reference": 8,
    "tests/analyses/conflicts": 8,
    "tests/analyses/silos": 8,
    "tests/properties": 7,
    "tests/real": 7,
    "tests/model": 7,
    "tests/test_layers.py": 7,
    "tests/inputs/test_idle.py": 7,
    "tests/analyses/transition": 6,
    "tests/analyses/batch": 6,
    "tests/analyses/paths": 5,
    "tests/analyses/fairness": 5,
    "tests/results": 5,
    "tests/judge": 5,
    "tests/test_docs.py": 5,
    "tests/analyses/alternatives": 4,
    "tests/bench": 4,
}


def room_of(name: str) -> str:
    """The room of a test that takes long, by the test's name (``tests/web/test_desk.py::test_it``); blank: quick."""
    return next((room for room in SECONDS if name.startswith((f"{room}/", f"{room}::"))), "")


def dealt(names: Sequence[str], processes: int) -> list[int]:
    """The numbers of the tests in the order in which they are to stand."""
    rooms: dict[str, list[int]] = {}
    for number, name in enumerate(names):
        rooms.setdefault(room_of(name), []).append(number)
    quick = rooms.pop("", [])
    hands: list[list[int]] = [[] for _ in range(processes)]
    load = [0.0] * processes
    for room in sorted(rooms, key=lambda room: -SECONDS[room]):
        least = load.index(min(load))
        hands[least] += rooms[room]
        load[least] += SECONDS[room]
    order: list[int] = []
    for at, hand in enumerate(hands):
        # The parts are of equal length: the quick tests fill each of them up.
        room_left = len(names) * (at + 1) // processes - len(order) - len(hand)
        taken, quick = (quick[: max(room_left, 0)], quick[max(room_left, 0) :]) if at < processes - 1 else (quick, [])
        order += hand + taken
    return order
