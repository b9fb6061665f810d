"""``allocate marginal`` as a planner meets it."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.cli.conftest import Call
from tests.conftest import TINY


def test_the_answer_begins_with_sentences_and_ends_well(call: Call) -> None:
    ended = call("marginal", str(TINY), "-s", "silo", "--lang", "de")
    assert ended.code == 0, ended.err
    assert "1.000 € mehr bewirken am meisten in P1" in " ".join(ended.out.split())
    assert "was die übrigen Vorgaben kosten" in ended.out
    assert "Mindeststandards" not in ended.out  # none is tight, so there is no table of them


def test_json_and_csv_are_unrounded(call: Call) -> None:
    document = json.loads(call("marginal", str(TINY), "-s", "silo", "--format", "json").out)
    assert document["case"] == "tiny"
    assert document["pots"][0]["more_value"] == pytest.approx(6.583333333e-5, rel=1e-8)
    assert document["messages"]
    rows = list(csv.DictReader(io.StringIO(call("marginal", str(TINY), "-s", "silo", "--format", "csv").out)))
    assert [row["pot_id"] for row in rows] == ["P1", "P2"]
    assert float(rows[0]["less_value"]) == pytest.approx(8.583333333e-5, rel=1e-8)


@pytest.mark.parametrize("table", ["pots", "step", "effects", "uses", "split", "idle", "floors", "rules"])
def test_every_table_can_be_shown_even_when_empty(call: Call, table: str) -> None:
    ended = call("marginal", str(TINY), "-s", "silo", "--table", table)
    assert ended.code == 0, ended.err
    assert ended.out.startswith("silo: ")


def test_a_what_if_can_be_asked(call: Call) -> None:
    more = ("--change", "pots:P2:amount*3", "--reason", "a large grant")
    ended = call("marginal", str(TINY), "-s", "silo", "--table", "idle", *more, "--lang", "en")
    assert ended.code == 0, ended.err
    assert "P2" in ended.out and "all covered" in ended.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-s", "today"), "only judges the status quo"),
        (("-s", "sites"), "divisible"),
        (("-s", "silos"), "The nearest is: silo"),
        (("-s", "silo", "--pot", "P9"), "There is no 'P9' in 'pots'"),
        (("-s", "silo", "--step", "0"), "--step"),
        (("-s", "silo", "--step", "inf"), "'inf' is no number"),
        (("-s", "silo", "--most", "-1"), "--most"),
        (("-s", "silo", "--table", "prices"), "--table"),
        ((), "--scenario"),
    ],
)
def test_bad_questions_end_with_2_and_one_line(call: Call, words: tuple[str, ...], said: str) -> None:
    ended = call("marginal", str(TINY), *words, "--lang", "en")
    assert ended.code == 2
    assert not ended.out
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_a_scenario_without_a_plan_ends_with_1(call: Call) -> None:
    ended = call("marginal", str(TINY), "-s", "strict", "--lang", "en")
    assert (ended.code, ended.out) == (1, "") and "conflicts" in ended.err and "Traceback" not in ended.err
