"""Every question of a planner has one command, and the command answers it."""

from __future__ import annotations

import re
import shlex

import pytest

from allocate.cli import main
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "questions.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"^### (\d+)\. ([^\n]+)\n\n```sh\n([^`]+?)\n```", PAGE, re.MULTILINE)
ASKED = [*range(1, 25), 27, 28]


def test_every_question_of_the_list_has_its_command() -> None:
    assert sorted(int(number) for number, _, _ in QUESTIONS) == ASKED


@pytest.mark.parametrize(("number", "question", "command"), QUESTIONS, ids=[number for number, _, _ in QUESTIONS])
def test_command_answers(
    number: str, question: str, command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("ALLOCATE_LANG", "en")
    words = shlex.split(command)
    assert words[0] == "allocate"
    code = main(words[1:])
    written = capsys.readouterr()
    assert code == 0, f"{question}\n{written.out}{written.err}"
    assert len(written.out.splitlines()) > 4, question
    assert re.search(r"\d", written.out), number
