"""The fuzzer finds what it looks for, and makes the same trials of the same seed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from allocate.checking.opening import read_checked
from allocate.cli.root import entries
from tests.fuzz.files import write_town
from tests.fuzz.judging import faults, snapshot
from tests.fuzz.towns import base, bases
from tests.fuzz.trials import ENDLESS, Ground, drawn
from tests.fuzz.workers import Ended

FINE = Ended(0, False, b"{}", "", 0.1, ())


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    ground = Ground(tmp_path / "ground")
    ground.clear()
    return ground


def test_a_trial_is_made_from_its_seed_and_number_alone(ground: Ground) -> None:
    first = drawn(3, 7, ground, [])
    assert drawn(3, 7, ground, []) == first
    assert drawn(4, 7, ground, []) != first


@pytest.mark.parametrize("name", bases())
def test_the_towns_that_are_damaged_are_sound_before(name: str, ground: Ground) -> None:
    written = write_town(base(name), ground.inputs, Random(1), plain=True)
    findings = read_checked(written.case).findings
    assert findings[findings["severity"] == "error"].empty


def test_every_command_has_its_turn(ground: Ground) -> None:
    assert {drawn(1, number, ground, []).words[0] for number in range(3 * len(entries()))} == set(entries()) - ENDLESS


@pytest.mark.parametrize(
    ("ended", "kind"),
    [
        (replace(FINE, code=70), "unexpected"),
        (replace(FINE, code=-11), "killed by signal 11"),
        (replace(FINE, code=5), "exit code 5"),
        (replace(FINE, hung=True), "hang"),
        (replace(FINE, err="Traceback (most recent call last):\nValueError: x"), "traceback"),
        (replace(FINE, err="x.py:1: RuntimeWarning: divide by zero"), "RuntimeWarning shown"),
        (replace(FINE, code=2, out=b""), "nothing said"),
        (replace(FINE, out=b'{"a": NaN}'), "no JSON"),
        (replace(FINE, out=b"\x1b[31m"), "escape sequence shown"),
    ],
)
def test_what_must_not_happen_is_a_fault(ended: Ended, kind: str, ground: Ground) -> None:
    words = ["run", "town", "--format", "json"]
    assert faults(words, FINE, {}, ground.inputs, ground.outputs) == []
    found = faults(words, ended, {}, ground.inputs, ground.outputs)
    assert [fault.split(":")[0] for fault in found][:1] == [kind]


def test_changed_inputs_and_half_written_outputs_are_faults(ground: Ground) -> None:
    (ground.inputs / "pots.csv").write_text("pot_id", encoding="utf-8")
    before = snapshot(ground.inputs)
    (ground.inputs / "pots.csv").write_text("pot", encoding="utf-8")
    (ground.outputs / "a.json").write_text("{", encoding="utf-8")
    (ground.outputs / "b.html").write_text("<html>", encoding="utf-8")
    (ground.outputs / ".c.csv").write_text("", encoding="utf-8")
    assert faults(["run"], FINE, before, ground.inputs, ground.outputs) == [
        "input changed: run .csv", "left behind: run", "half written: run .json", "half written: run .html",
    ]  # fmt: skip
