"""``allocate robust``: words beside numbers, both languages, tables as CSV, refusals."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from allocate.analyses.robustness.draw_runs import FIGURES
from allocate.cli.drawn import tables_of
from allocate.results.columns import unit_of
from tests.cli.conftest import Call
from tests.conftest import TINY

FEW = ("--runs", "2", "--inputs", "1", "--turning", "1")


def test_german_and_english(call: Call, auenfurt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    asked = ("robust", str(auenfurt), "-s", "SZ2", *FEW)
    german, english = call(*asked, "--lang", "de"), call(*asked, "--lang", "en")
    assert german.code == english.code == 0
    for word in ("stabil", "unsicher", "Kompromiss", "eigene Gewichte", "festgehalten", "neu gerechnet"):
        assert word in german.out
    for word in ("sure", "open", "compromise", "own weights", "kept", "planned anew"):
        assert word in english.out
    for raw in ("rather_stable", "need_weights", "_eur", "{", "nan"):
        assert raw not in german.out + english.out


def test_json_and_tables_as_csv(call: Call) -> None:
    asked = ("robust", str(TINY), "-s", "pooled", *FEW)
    document = json.loads(call(*asked, "--format", "json").out)
    assert document["complete"] and document["sentences"] and document["case"] == "tiny"
    for table, part in (("overview", "ranges"), ("draws", "draws")):
        assert table in tables_of("robust")
        written = call(*asked, "--format", "csv", "--table", table)
        rows = list(csv.DictReader(io.StringIO(written.out)))
        assert written.code == 0 and len(rows) == len(document[part])
        assert set(rows[0]) == set(document[part][0])


def test_a_table_that_is_not_there_is_named(call: Call) -> None:
    """One need, no weight sets: no compromise."""
    ended = call("robust", str(TINY), "-s", "pooled", *FEW, "--table", "regret")
    assert ended.code == 2 and "regret" in ended.err


def test_refusals(call: Call) -> None:
    judged, clash, unknown = (call("robust", str(TINY), "-s", name) for name in ("today", "strict", "pooling"))
    assert judged.code == unknown.code == 2
    assert clash.code == 1, "no feasible plan"
    assert "today" in judged.err and "allocate conflicts" in clash.err and "pooled" in unknown.err
    assert not judged.out + clash.out + unknown.out
    for words in (("--spread", "1"), ("--runs", "-1"), ("--demand-spread", "-0.1")):
        assert call("robust", str(TINY), "-s", "silo", *words).code == 2


def test_every_figure_is_written_in_a_unit() -> None:
    assert all(unit_of(figure).is_number for figure in (*FIGURES, "overspending_eur"))
