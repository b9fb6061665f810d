"""The TAB key: commands, options, scenario ids, without loading pandas."""

from __future__ import annotations

from pathlib import Path

import pytest

from allocate import examples
from allocate.cli import towns
from tests.cli.conftest import Call


def complete(process: Call, words: str) -> list[str]:
    """What bash would be offered at the end of ``words``."""
    ended = process(
        environment={
            "_ALLOCATE_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split(" ")) - 1),
        }
    )
    assert ended.err == ""
    return [line.partition(",")[2] for line in ended.out.splitlines()]


def test_commands(process: Call) -> None:
    assert "scenarios" in complete(process, "allocate sc")


def test_options(process: Call) -> None:
    assert complete(process, "allocate run auenfurt --so") == ["--solver"]


def test_choices(process: Call) -> None:
    assert complete(process, "allocate run auenfurt --format ") == ["table", "json", "csv"]


def test_scenario_ids_of_the_case(process: Call) -> None:
    assert complete(process, "allocate run auenfurt -s SZ3") == ["SZ3a", "SZ3b"]


def test_the_script_for_the_shell(process: Call) -> None:
    ended = process(environment={"_ALLOCATE_COMPLETE": "bash_source"})
    assert ended.code == 0
    assert "complete -o nosort" in ended.out


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xef\xbb\xbfscenario_id;title\nA;\xc3\x84rger\nB;\n", {"A": "Ärger", "B": ""}),
        (b"scenario_id\ttitle\nA\tx\n", {"A": "x"}),
        (b"scenario_id,title\nA,\xff\xfe\n", {}),
        (b"", {}),
        (b"nothing\n1\n", {}),
    ],
)
def test_a_quick_look_never_fails(tmp_path: Path, content: bytes, expected: dict[str, str]) -> None:
    (tmp_path / "scenarios.csv").write_bytes(content)
    assert towns.scenarios_at_a_glance(tmp_path) == expected


def test_a_quick_look_at_nothing(tmp_path: Path) -> None:
    assert towns.scenarios_at_a_glance(tmp_path / "nowhere") == {}


def test_the_towns_that_come_along_are_named(auenfurt: Path) -> None:
    assert examples.shipped()["auenfurt"] == auenfurt
    assert towns.find(Path("auenfurt-not")) == Path("auenfurt-not")
    assert towns.spoken_of(auenfurt) == "auenfurt"
