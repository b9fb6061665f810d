"""The answer's three forms."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allocate.cli import drawn
from allocate.cli.options import Request
from allocate.cli.output import Display, as_csv, as_json, emit
from allocate.cli.root import entries
from allocate.errors import UsageError
from allocate.plain import plain
from allocate.results.columns import columns
from tests.cli.conftest import Call
from tests.conftest import TINY

FRAME = pd.DataFrame({"offer_id": ["O1", "O2"], "cost_eur": [1 / 3, float("nan")]})


def request(**settings: object) -> Request:
    fields = {"lang": "en", "format": "table", "quiet": False, "out": None, "stream": io.StringIO(), "table": ""}
    return Request(**{**fields, **settings})  # type: ignore[arg-type]


def test_json_is_unrounded_and_knows_no_nan() -> None:
    document = {"table": FRAME, "none": float("inf"), "count": np.int64(3), "yes": np.bool_(True), "text": "ä"}
    read = json.loads(as_json(document))
    assert read["table"] == [{"offer_id": "O1", "cost_eur": 1 / 3}, {"offer_id": "O2", "cost_eur": None}]
    assert (read["none"], read["count"], read["yes"]) == (None, 3, True)
    assert "ä" in as_json(document)


def test_a_missing_whole_number_is_null() -> None:
    frame = pd.DataFrame({"row": pd.array([2, None], dtype="Int64")})
    assert plain(frame) == [{"row": 2}, {"row": None}]


def test_csv_reads_back_as_it_was() -> None:
    pd.testing.assert_frame_equal(pd.read_csv(io.StringIO(as_csv(FRAME))), FRAME)


def test_csv_is_the_tidy_table_even_where_only_a_part_is_drawn() -> None:
    asked = request(format="csv")
    emit(asked, {}, [Display("offers", "part", FRAME.head(1), tidy=FRAME)])
    assert asked.stream.getvalue() == as_csv(FRAME)  # type: ignore[attr-defined]


def test_one_of_several_tables_is_chosen_by_name() -> None:
    asked = request(format="csv", table="second")
    emit(asked, {}, [Display("first", "", FRAME), Display("second", "", FRAME[["offer_id"]])])
    assert asked.stream.getvalue() == "offer_id\nO1\nO2\n"  # type: ignore[attr-defined]


def test_a_table_the_answer_does_not_have() -> None:
    with pytest.raises(UsageError, match=r"table-unknown.+first, second"):
        emit(request(table="third"), {}, [Display("first", "", FRAME), Display("second", "", FRAME)])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ["sweep", "-s", "strict", "--change", "pots:P1:amount*{x}", "--over", "0.9:1:0.1"],
            "No plan meets all rules at 0.9",
        ),
        (["goals", "-s", "silo", "--target", "space:S2=1"], "No money reaches these targets"),
        (["silos", "-s", "strict"], "no plan meets all rules."),
    ],
    ids=lambda words: words[0] if isinstance(words, list) else "",
)
def test_an_answer_in_a_file_says_at_the_terminal_why_there_is_no_plan(
    call: Call, tmp_path: Path, words: list[str], says: str
) -> None:
    town = Path(shutil.copytree(TINY, tmp_path / "town"))
    offers = town / "offers.csv"
    # With 5 places of B, all of A's would not be enough for S2.
    offers.write_text(offers.read_text().replace("150,40,5", "150,5,5"))
    command, *options = words
    drawn = call(command, str(town), *options, "--lang", "en")
    assert (drawn.code, drawn.err) == (1, "")
    ended = call(command, str(town), *options, "-o", str(tmp_path / "out.txt"), "--lang", "en")
    assert (ended.code, ended.out) == (1, "")
    assert says in ended.err and "Traceback" not in ended.err


def test_every_table_that_a_command_draws_is_offered_and_its_columns_are_declared() -> None:
    """An axis of a curve is drawn under the name of its unit."""
    with (Path(drawn.__file__).parent / "tables.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["at_once"] for row in rows} == {"yes", ""}
    known = {*columns(), "axis", "axis_change"}
    for row in rows:
        command = entries()[row["command"].removesuffix(drawn.BY_YEARS)].load()
        offered = next(one for one in command.params if one.name == "table")
        assert row["table"] in offered.type.choices  # type: ignore[attr-defined]
        assert set(row["columns"].split()) <= known, row


def test_the_plan_of_a_point_of_a_curve_is_drawn_where_it_is_asked_for(call: Call) -> None:
    words = ("frontier", str(TINY), "-s", "pooled", "--against", "moved", "--lang", "en")
    assert "capacities of the points" not in call(*words).out
    drawn = call(*words, "--plan", "0").out
    assert "capacities of the points" in drawn and "Proven" in drawn
