"""``allocate demo``: a planner's first minute."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from allocate.cli.drawn import tables_of
from allocate.cli.root import entries
from tests.cli.conftest import Call


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("UV_RUN_RECURSION_DEPTH", raising=False)
    return tmp_path


def test_it_leaves_the_town_and_all_results(call: Call, here: Path, auenfurt: Path) -> None:
    ended = call("demo")
    assert (ended.code, ended.err) == (0, "")
    home = here / "allocate-demo"
    for file in auenfurt.iterdir():
        assert (home / "auenfurt" / file.name).read_bytes() == file.read_bytes()
    assert {path.name for path in (home / "results").iterdir()} == {
        "run.json",
        *(f"{name}.csv" for name in tables_of("run")),
    }
    document = json.loads((home / "results" / "run.json").read_text(encoding="utf-8"))
    assert [entry["scenario_id"] for entry in document["scenarios"]] == [
        "SZ0", "SZ1", "SZ2", "SZ2t", "SZ3a", "SZ3b", "SZ4a", "SZ4b", "SZ4c", "SZ5", "SZ6",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "sentences"),
    [
        ("en", ["48.0% weighted coverage", "suspected duplication of €266,094 a year", "Try next:"]),
        ("de", ["48,0 % gewichtete Deckung", "Doppelstruktur-Verdacht über 266.094 €", "Probieren Sie als Nächstes:"]),
    ],
)
def test_it_says_what_the_figures_mean(call: Call, lang: str, sentences: list[str]) -> None:
    flowing = " ".join(call("demo", "--lang", lang).out.split())
    for sentence in sentences:
        assert sentence in flowing


def test_what_it_suggests_can_be_done(call: Call) -> None:
    shown = call("demo").out
    suggested = [line.split()[1:] for line in shown.splitlines() if line.startswith("  allocate ")]
    assert len(suggested) >= 3
    for words in suggested:
        # Each is a command with known options on the copy of the town; that they run is tested with their examples.
        assert entries()[words[0]].load().make_context(words[0], words[1:]).params["case"] == Path(words[1])
        assert (Path(words[1]) / "pots.csv").is_file()


def test_whoever_has_no_allocate_on_the_path_is_told_to_ask_uv(
    call: Call, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_RUN_RECURSION_DEPTH", "1")
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    assert "\n  uv run allocate check" in call("demo").out
    installed = here / "allocate"
    installed.write_text("#!/bin/sh\n", encoding="utf-8")
    installed.chmod(0o755)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{here}")
    assert "\n  allocate check" in call("demo").out


def test_a_copy_that_was_edited_is_left_alone(call: Call, here: Path) -> None:
    call("demo", "--quiet")
    pots = here / "allocate-demo" / "auenfurt" / "pots.csv"
    pots.write_text("edited", encoding="utf-8")
    ended = call("demo", "--quiet")
    assert ended.code == 0
    assert pots.read_text(encoding="utf-8") == "edited"


def test_json_is_the_only_thing_on_standard_output_and_is_kept_in_that_language(call: Call, here: Path) -> None:
    ended = call("demo", "--format", "json", "--lang", "de")
    assert json.loads(ended.out)["case"] == "auenfurt"
    assert ended.out == (here / "allocate-demo" / "results" / "run.json").read_text(encoding="utf-8")


def test_another_folder_and_one_that_cannot_be(call: Call, here: Path) -> None:
    assert call("demo", "-o", "mine", "--quiet").code == 0
    assert (here / "mine" / "auenfurt" / "pots.csv").is_file()
    assert not (here / "allocate-demo").exists()
    assert call("demo", "-o", "no/where").err.startswith("[out-folder-missing] ")
    (here / "file").touch()
    assert call("demo", "-o", "file").err.startswith("[out-unwritable] ")
