"""The examples at the end of every help run as they stand there, in an empty folder.

They run inside this process, where starting the program costs nothing; that a command also ends well as a process of
its own is tested beside each way of ending (``test_guard``, ``test_terminal``).
"""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from allocate.cli.root import entries
from tests.cli.conftest import Call
from tests.conftest import ROOT

# What docs/questions.md asks in the same words is run by its own test.
QUESTIONS = (ROOT / "docs" / "questions.md").read_text(encoding="utf-8").splitlines()
# A server runs until it is interrupted; ``tests/web/test_serving.py`` starts its examples.
SERVERS = entries()["serve"].examples
EXAMPLES = [
    example
    for entry in entries().values()
    for example in entry.examples
    if example not in QUESTIONS and example not in SERVERS
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_example_runs_without_a_complaint(
    call: Call, example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, *words = shlex.split(example)
    assert name == "allocate"
    monkeypatch.chdir(tmp_path)
    ended = call(*words)
    assert "Traceback" not in ended.err
    assert ended.err == ""
    assert ended.code == 0
