"""``allocate sweep`` as a planner meets it."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Call
from tests.conftest import TINY

MONEY = ("--change", "pots:P2:amount*{x}")


def test_a_plan_for_every_value(call: Call) -> None:
    ended = call("sweep", str(TINY), "-s", "silo", *MONEY, "--over", "0,5:1,5:0,25", "--lang", "de")
    assert ended.code == 0, ended.err
    assert "silo mit pots:P2:amount*{x}" in ended.out
    assert "4.500" in ended.out and "Von 0,5 bis 1,5" in ended.out
    document = json.loads(call("sweep", str(TINY), "-s", "silo", *MONEY, "--over", "0.5;1", "--format", "json").out)
    assert [row["input_value"] for row in document["steps"]] == [1500.0, 3000.0]
    assert document["base"]["objective"] == pytest.approx(0.7041666667)


def test_offers_that_turn_are_a_page_of_their_own(call: Call) -> None:
    ended = call(
        "sweep", str(TINY), "-s", "silo", "--change", "pots:P1:amount*{x}", "--over", "0.5:1.5:0.5", "--table", "turns"
    )
    assert ended.code == 0, ended.err
    assert "Meeting place" in ended.out


def test_values_without_a_plan_end_with_1(call: Call) -> None:
    ended = call("sweep", str(TINY), "-s", "strict", *MONEY, "--over", "0.9;1", "--lang", "en")
    assert ended.code == 1
    assert "infeasible" in ended.out and "allocate conflicts" in ended.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*MONEY, "--over", "1:0:0.1"), "names no values"),
        ((*MONEY, "--over", "0:1e6:1"), "names no values"),
        (("--change", "pots:P2:amount*0.9", "--over", "1;2"), "{x}"),
        (("--change", "pots:P2:amont*{x}", "--over", "1;2"), "amont"),
        (("--change", "pots:P7:amount*{x}", "--over", "1;2"), "P7"),
        (("--change", "{x}", "--over", "1;2"), "TABLE:KEY:COLUMN"),
        (("--over", "1;2"), "--change"),
        (MONEY, "--over"),
        ((*MONEY, "--over", "1;2", "--table", "offers"), "--table"),
        ((*MONEY, "--over", "1;2", "--executor", "everybody"), "'everybody'"),
    ],
)
def test_bad_questions_end_with_2_and_one_line(call: Call, words: tuple[str, ...], said: str) -> None:
    ended = call("sweep", str(TINY), "-s", "silo", *words, "--lang", "en")
    assert ended.code == 2
    assert not ended.out
    assert said in ended.err
    assert "Traceback" not in ended.err and "unexpected" not in ended.err
