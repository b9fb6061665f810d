"""The answer's three forms, and files that are there completely or not at all."""

from __future__ import annotations

import io
import json
import stat
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allocate.cli.options import Request
from allocate.cli.output import Display, as_csv, as_json, emit, make_folder, reserve, write_safely
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


def test_writing_replaces_the_old_file_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "answer.json"
    target.write_text("old")
    write_safely(target, b"new")
    assert target.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [target]


def test_an_answer_has_the_rights_of_every_other_new_file(tmp_path: Path) -> None:
    ordinary = tmp_path / "ordinary"
    ordinary.touch()
    write_safely(tmp_path / "answer", b"")
    assert stat.S_IMODE((tmp_path / "answer").stat().st_mode) == stat.S_IMODE(ordinary.stat().st_mode)


def test_a_failure_leaves_the_old_file_and_nothing_half_written(tmp_path: Path) -> None:
    target = tmp_path / "answer.json"
    target.write_text("old")
    with pytest.raises(TypeError):
        write_safely(target, "not bytes")  # type: ignore[arg-type]
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("write", [reserve, lambda path: write_safely(path, b"")])
def test_places_that_cannot_be_written(tmp_path: Path, write: object) -> None:
    (tmp_path / "file").touch()
    for path, id in {
        tmp_path: "out-is-folder",
        tmp_path / "no" / "answer": "out-folder-missing",
        tmp_path / "file" / "answer": "out-folder-missing",
    }.items():
        with pytest.raises(UsageError) as refused:
            write(path)  # type: ignore[operator]
        assert refused.value.id == id
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_is_made_inside_one_that_exists(tmp_path: Path) -> None:
    make_folder(tmp_path / "new")
    make_folder(tmp_path / "new")
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "no" / "new"):
        with pytest.raises(UsageError):
            make_folder(path)
