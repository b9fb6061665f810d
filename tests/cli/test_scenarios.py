"""``allocate scenarios``: the tree, and what each scenario changes."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.cli.conftest import Call


def test_json_holds_settings_and_every_changed_cell(call: Call) -> None:
    document = json.loads(call("scenarios", "auenfurt", "--format", "json").out)
    by_id = {entry["scenario_id"]: entry for entry in document["scenarios"]}
    assert len(by_id) == 11
    assert by_id["SZ2t"]["max_moved"] == 300000
    assert by_id["SZ1"]["max_moved"] is None
    assert by_id["SZ0"]["evaluate"] is True
    assert [(c["key"], c["old"], c["new"]) for c in by_id["SZ3a"]["changes"]] == [
        ("P1", 1140000, 1026000),
        ("P2", 1055000, 949500),
        ("P3", 390000, 351000),
    ]
    assert len(by_id["SZ5"]["changes"]) == by_id["SZ5"]["changed_cells"] == 62
    assert by_id["SZ5"]["changes"][0]["place"].startswith("changes.csv row ")


def test_the_tree_shows_children_under_their_parents(call: Call) -> None:
    lines = call("scenarios", "auenfurt", "--table", "scenarios").out.splitlines()
    depth = {line.split()[0]: len(line) - len(line.lstrip()) for line in lines if line.strip().startswith("SZ")}
    assert depth["SZ1"] == 0
    assert depth["SZ2"] == 2
    assert depth["SZ3b"] == 4
    assert depth["SZ4c"] == 6


def test_one_scenario_alone_with_its_inherited_changes(call: Call) -> None:
    ended = call("scenarios", "auenfurt", "-s", "SZ4c", "--format", "csv", "--table", "changes")
    rows = list(csv.DictReader(io.StringIO(ended.out)))
    assert [(row["scenario_id"], row["set_in"], row["key"], row["new"]) for row in rows] == [
        ("SZ4c", "SZ4c", "O32", "129.0")
    ]


def test_many_cells_of_one_change_are_one_line(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    shown = call("scenarios", "auenfurt", "-s", "SZ5", "--table", "changes", "--lang", "de").out
    assert "(10 Zellen)" in shown
    assert "mal 0,86" in shown
    assert "changes.csv Zeile 9" in shown
    assert "155 → 186" in shown


def test_an_unknown_scenario(call: Call) -> None:
    assert call("scenarios", "auenfurt", "-s", "SZ99").err.startswith("[scenario-unknown] ")
