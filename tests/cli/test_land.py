"""``allocate land`` as somebody at the Land meets it."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Call

# The program, which a signal ends that nobody can catch, right after it has written its second answer.
KILLED = """
import os, signal, sys
from allocate.analyses.land import answers_file
from allocate.cli import main

write, written = answers_file.Kept._keep, []

def keep(*given):
    write(*given)
    written.append(given)
    if len(written) == 2:
        os.kill(os.getpid(), signal.SIGKILL)

answers_file.Kept._keep = keep
sys.exit(main())
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two invented towns with a shared pot, as ``init --land`` writes them."""
    from allocate.analyses.land.sources import write_land  # noqa: PLC0415  (the fixture alone needs it)

    target = tmp_path_factory.mktemp("land") / "land"
    write_land(target, 2, 4)
    return target


def test_divisions_towns_and_the_tables_behind_them(call: Call, folder: Path) -> None:
    ended = call("land", str(folder), "-s", "integrated", "--lang", "de")
    assert ended.code == 0, ended.err
    assert "Nach Bedarf geteilt" in ended.out and "nach dem Schlüssel" in ended.out and "T002" in ended.out
    document = json.loads(call("land", str(folder), "-s", "integrated", "--keep", "0.5", "--format", "json").out)
    assert document["pots"][0]["amount_eur"] == pytest.approx(sum(row["key_eur"] for row in document["towns"]))
    assert document["keep"] == 0.5
    for row in document["allotments"]:
        assert row["allotment_eur"] >= 0.5 * row["key_eur"] - 0.01
    amounts = [row["amount_eur"] for row in document["curves"] if row["town_id"] == "T001"]
    slopes = [row["marginal_value"] for row in document["curves"] if row["town_id"] == "T001"]
    assert amounts == sorted(amounts) and slopes == sorted(slopes, reverse=True)
    assert {row["town_id"] for row in document["uses"]} <= {"T001", "T002"}


def test_what_the_land_says_of_its_towns(call: Call, folder: Path) -> None:
    towns, pots = folder / "towns.csv", folder / "land_pots.csv"
    before = towns.read_text(), pots.read_text()
    try:
        towns.write_text("town_id;weight;least_share\nT001;1.000,5;0,9\nT002;2;\n")
        pots.write_text("pot_id;amount\nLAND1;100000\n")
        rows = call("land", str(folder), "-s", "silo", "--table", "allotments", "--format", "json").out
        document = json.loads(rows)
        assert document["pots"][0]["amount_eur"] == 100000
        first = document["allotments"][0]
        assert first["least_eur"] == pytest.approx(0.9 * first["key_eur"])
        towns.write_text("town_id,weight\nT001,-1\n")
        assert "[land-table] towns.csv row 2 column weight" in call("land", str(folder), "-s", "silo").err
        towns.write_text("town_id,weight\nT009,1\n")
        assert "[land-town-unknown]" in call("land", str(folder), "-s", "silo").err
        towns.write_text(before[0])
        pots.unlink()
        assert "[land-pots-unknown]" in call("land", str(folder), "-s", "silo").err
        assert "[land-nothing]" in call("land", str(folder), "-s", "silo", "--pot", "NONE").err
    finally:
        towns.write_text(before[0])
        pots.write_text(before[1])


def test_where_there_are_no_towns(call: Call, small: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for place in (small, tmp_path / "empty", tmp_path / "nowhere"):
        ended = call("land", str(place), "-s", "silo")
        assert ended.code == 2 and ended.err.startswith("[land-no-towns]")


def test_a_land_is_never_written_over_something(call: Call, folder: Path) -> None:
    ended = call("init", str(folder), "--land", "2")
    assert ended.code == 2 and "[land-exists]" in ended.err


def test_a_batch_takes_all_towns_of_a_land(call: Call, folder: Path) -> None:
    document = json.loads(call("batch", str(folder), "-s", "silo", "--format", "json").out)
    assert [row["town"] for row in document["summary"]] == ["T001", "T002"]
    assert {row["status"] for row in document["runs"]} == {"optimal"}


def test_a_killed_run_goes_on_and_ends_as_if_nothing_had_been(call: Call, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    words = ["land", str(folder), "-s", "integrated", "--into", str(path), "--format", "json"]
    done = subprocess.run([sys.executable, "-c", KILLED, *words], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT town, asked FROM answers ORDER BY town").fetchall() == [
            ("T001", "facts"),
            ("T002", "facts"),
        ]
    connection.close()
    first, second = (json.loads(call(*words).out) for _ in range(2))
    assert first["kept"] == 2 and first["answered"] > 0 and first["results"] == str(path)
    assert (second["kept"], second["answered"]) == (first["kept"] + first["answered"], 0)
    assert "not computed again" in " ".join(second["messages"])
    plain = json.loads(call("land", str(folder), "-s", "integrated", "--format", "json").out)
    for one in (first, second):
        assert {key: one[key] for key in plain if key not in ("results", "answered", "kept", "messages")} == {
            key: plain[key] for key in plain if key not in ("results", "answered", "kept", "messages")
        }


def test_only_a_town_that_was_edited_is_asked_anew(call: Call, folder: Path, tmp_path: Path) -> None:
    words = ["land", str(folder), "-s", "silo", "--into", str(tmp_path / "r.sqlite"), "--format", "json"]
    first = json.loads(call(*words).out)
    pots = next(folder.glob("**/T001/pots.csv"))
    before = pots.read_bytes()
    try:
        pots.write_bytes(before + b"\n")
        again = json.loads(call(*words).out)
    finally:
        pots.write_bytes(before)
    assert first["kept"] == 0
    assert again["kept"] == again["answered"] == first["answered"] / 2
    assert again["divisions"] == first["divisions"]


def test_a_file_of_something_else_is_refused(call: Call, folder: Path, small: Path, tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    assert call("batch", str(small), "--into", str(path)).code in (0, 1)
    before = path.read_bytes()
    ended = call("land", str(folder), "-s", "silo", "--into", str(path), "--lang", "en")
    assert ended.code == 2 and "no results of 'allocate land'" in ended.err
    assert path.read_bytes() == before
