"""The answer's three forms."""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
import pytest

from allocate.cli.options import Request
from allocate.cli.output import Display, as_csv, as_json, emit
from allocate.errors import UsageError
from allocate.results.plain import plain

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
