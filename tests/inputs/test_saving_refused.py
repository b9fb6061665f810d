"""A scenario is saved only where the files will then say what the case said."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from allocate.checking.opening import read_case
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.inputs.scenario.changes import parse_changes, with_what_if
from allocate.inputs.scenario.saving import save_scenario
from allocate.inputs.scenario.variant import apply
from tests.conftest import TINY


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "tiny"))


def asked(case: Case, new_id: str = "K1") -> Case:
    """The case with one more scenario."""
    return with_what_if(case, "silo", parse_changes(["pots:P1:amount*0.9"], "a cut", case), new_id=new_id)


def richer(case: Case) -> Case:
    return case.with_tables(pots=case["pots"].assign(amount=1e6))


def without_a_row(case: Case) -> Case:
    return case.with_tables(scenarios=case["scenarios"].iloc[1:])


REFUSED: list[tuple[str, Callable[[Case], Case], str, str]] = [
    ("save-not-in-file", lambda case: asked(richer(case)), "K1", "pots"),
    ("save-not-in-file", lambda case: richer(asked(case)), "K1", "pots"),
    ("save-not-in-file", lambda case: apply(asked(case), "K1").case, "K1", "pots"),
    ("save-not-in-file", lambda case: asked(without_a_row(case), "K1"), "K1", "scenarios"),
    ("save-no-files", lambda case: asked(Case.from_frames("tiny", **case.tables)), "K1", "K1"),
    ("scenario-taken", lambda case: case, "silo", "silo"),
    ("scenario-taken", richer, "silo", "silo"),
    ("scenario-unknown", lambda case: case, "K1", "K1"),
]


@pytest.mark.parametrize(("id", "change", "scenario", "word"), REFUSED)
def test_what_cannot_be_kept_is_refused(
    town: Path, id: str, change: Callable[[Case], Case], scenario: str, word: str
) -> None:
    before = {path.name: path.read_bytes() for path in town.iterdir()}
    case = change(read_case(town))
    with pytest.raises(UsageError, match=word) as refused:
        save_scenario(case, scenario)
    assert refused.value.id == id
    assert {path.name: path.read_bytes() for path in town.iterdir()} == before


def test_tables_put_in_as_they_are_change_nothing(town: Path) -> None:
    case = read_case(town)
    save_scenario(asked(case.with_tables(pots=case["pots"], scenarios=case["scenarios"])), "K1")
    assert "K1" in set(read_case(town)["scenarios"]["scenario_id"])


def test_the_saved_town_has_the_fingerprint_of_the_what_if(town: Path) -> None:
    widened = asked(read_case(town))
    save_scenario(widened, "K1")
    assert read_case(town).fingerprint == widened.fingerprint
