"""Every question of those who plan and of those who decide has one command, and the command answers it."""

from __future__ import annotations

import re
import shlex
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from allocate.cli import main
from allocate.report import asking as gathering
from tests.conftest import AS_FOR_PEOPLE, ROOT

PAGE = (ROOT / "docs" / "questions.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"^### (D?\d+)\. ([^\n]+)\n\n```sh\n([^`]+?)\n```", PAGE, re.MULTILINE)
# Several questions may have one command.
COMMANDS: dict[str, list[str]] = {}
for _number, _, _command in QUESTIONS:
    COMMANDS.setdefault(_command, []).append(_number)
ASKED = [*(str(n) for n in range(1, 31)), *(f"D{n}" for n in range(1, 18))]


def test_every_question_of_the_list_has_its_command() -> None:
    assert [number for number, _, _ in QUESTIONS] == ASKED


@pytest.mark.parametrize("command", COMMANDS, ids=["+".join(numbers) for numbers in COMMANDS.values()])
def test_command_answers(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in AS_FOR_PEOPLE.items():
        monkeypatch.setattr(gathering, name, value)
    code, answer = answered(command)
    assert code == 0, answer
    assert len(answer.splitlines()) > 4
    assert re.search(r"\d", answer)


def answered(command: str) -> tuple[int, str]:
    """Exit code and answer of a command: what it prints, and what it writes where it names a file."""
    name, *words = shlex.split(command)
    assert name == "allocate"
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as around, redirect_stdout(StringIO()) as out:
        around.chdir(folder)
        around.setenv("COLUMNS", "120")
        around.setenv("ALLOCATE_LANG", "en")
        code = main(words)
        written = [path.read_text(encoding="utf-8") for path in Path(folder).iterdir()]
    return code, "\n".join([out.getvalue(), *written])
