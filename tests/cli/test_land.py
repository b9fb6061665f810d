"""``allocate land`` as somebody at the Land meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Call


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two invented towns with a shared pot, as ``init --land`` writes them."""
    from allocate.analyses.land.writing import write_land  # noqa: PLC0415  (the fixture alone needs it)

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
