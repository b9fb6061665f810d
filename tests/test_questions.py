"""Every question of those who plan and of those who decide has one command, and the command answers it."""

from __future__ import annotations

import re
import shlex

import pytest

from allocate.cli import main
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "questions.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"^### (D?\d+)\. ([^\n]+)\n\n```sh\n([^`]+?)\n```", PAGE, re.MULTILINE)
ASKED = [*(str(n) for n in range(1, 29)), *(f"D{n}" for n in (2, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 16))]


def test_every_question_of_the_list_has_its_command() -> None:
    assert [number for number, _, _ in QUESTIONS] == ASKED


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
