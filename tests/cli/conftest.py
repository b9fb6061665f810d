"""How the tests of the command line call it: as a process of its own, or inside this one where that is enough."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from allocate.cli import main

LANGUAGE_VARIABLES = ("ALLOCATE_LANG", "LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE", "COLUMNS", "NO_COLOR")


@dataclass(frozen=True)
class Ended:
    """How a call ended: its exit code and what it wrote."""

    code: int
    out: str
    err: str


Call = Callable[..., Ended]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No language and no width from the machine that runs the tests."""
    for name in LANGUAGE_VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command inside this process."""

    def run(*words: str) -> Ended:
        capsys.readouterr()
        code = main(words)
        written = capsys.readouterr()
        return Ended(code, written.out, written.err)

    return run


@pytest.fixture
def process(tmp_path: Path) -> Call:
    """Run a command as a process of its own in an empty folder; ``environment`` adds variables."""

    def run(*words: str, environment: dict[str, str] | None = None, stdin: str = "") -> Ended:
        clean = {key: value for key, value in os.environ.items() if key not in LANGUAGE_VARIABLES}
        ended = subprocess.run(
            [sys.executable, "-c", "import sys; from allocate.cli import main; sys.exit(main())", *words],
            capture_output=True,
            encoding="utf-8",
            cwd=tmp_path,
            env={**clean, **(environment or {})},
            input=stdin,
            timeout=120,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    return run


@pytest.fixture
def town(auenfurt: Path, tmp_path: Path) -> Path:
    """A copy of the example town that a test may change."""
    return Path(shutil.copytree(auenfurt, tmp_path / "town"))


@pytest.fixture
def small(call: Call, tmp_path: Path) -> Path:
    """The small town of a new case."""
    folder = tmp_path / "town"
    assert call("init", str(folder), "--lang", "en").code == 0
    return folder


def papers_as_text(call: Call, case: Path, scenario: str, folder: Path, lang: str, *more: str) -> list[str]:
    """What stands in a report as a page (without scripts and styles), a Word document and a workbook, as markup."""
    page, paper, book = (folder / f"report.{ending}" for ending in ("html", "docx", "xlsx"))
    ended = call(
        "report", str(case), "-s", scenario, "-o", str(page), "--docx", str(paper), "--xlsx", str(book), "--lang", lang,
        *more,
    )  # fmt: skip
    assert ended.code == 0, ended.err
    whole = page.read_text(encoding="utf-8")
    texts = [re.sub(r"<script.*?</script>|<style.*?</style>", "", whole, flags=re.DOTALL)]
    for path in (paper, book):
        with zipfile.ZipFile(path) as archive:
            texts.append("".join(archive.read(n).decode("utf-8") for n in archive.namelist() if n.endswith(".xml")))
    return texts
