"""The documentation runs: every command exists, every shown output is the real one, generated pages are fresh."""

from __future__ import annotations

import doctest
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from docs.build import pages

from allocate.cli import main
from allocate.cli.root import entries

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
INLINE = re.compile(r"`((?:uv run )?allocate [^`]+)`")


@dataclass(frozen=True)
class Session:
    """One command of a ``console`` block with the output that the page shows for it."""

    page: str
    command: str
    shown: str


def blocks(page: Path, language: str) -> list[str]:
    return [body for found, body in FENCE.findall(page.read_text(encoding="utf-8")) if found == language]


def sessions(page: Path) -> Iterator[Session]:
    """The commands of all ``console`` blocks in order: lines that begin with ``$`` and the lines beneath them."""
    for block in blocks(page, "console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            yield Session(page.name, command, shown.rstrip("\n"))


@pytest.mark.parametrize("page", [p for p in PAGES if list(sessions(p))], ids=lambda path: path.name)
def test_every_shown_output_is_the_real_one(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The commands of a page run one after the other in one empty folder, on a terminal of 80 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("ALLOCATE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    checker = doctest.OutputChecker()
    for session in sessions(page):
        words = shlex.split(session.command.removeprefix("uv run "))
        assert words[0] == "allocate", session.command
        main(words[1:])
        written = capsys.readouterr()
        got = strip(written.out + written.err)
        # As in doctests, "..." stands for whatever is left out.
        same = checker.check_output(strip(session.shown), got, doctest.ELLIPSIS)
        assert same, f"{session.command}\n--- shown\n{session.shown}\n--- real\n{got}"


def strip(text: str) -> str:
    """Without blanks at the ends of lines, which nobody sees."""
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines()) + "\n"


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "pycon")], ids=lambda path: path.name)
def test_every_python_example_gives_what_it_shows(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    source = "\n".join(blocks(page, "pycon"))
    example = doctest.DocTestParser().get_doctest(source, {}, page.name, str(page), 0)
    assert example.examples
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert runner.run(example, out=report.append).failed == 0, "".join(report)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_command_that_is_named_exists_with_its_options(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    lines = [line.removeprefix("$ ") for _, body in FENCE.findall(text) for line in body.splitlines()]
    named = [line for line in lines if re.match(r"(uv run )?allocate [a-z]", line)]
    named += INLINE.findall(FENCE.sub("", text))
    for line in named:
        words = line.split("#")[0].removeprefix("uv run ").split()[1:]
        command = words[0]
        if command.startswith("-") or command == "COMMAND":
            continue
        if page.name == "CONTRIBUTING.md" and command == "thing":
            continue  # the made-up command of the recipe
        assert command in entries(), f"{page.name}: {line}"
        known = {name for parameter in entries()[command].load().params for name in parameter.opts}
        options = {word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)}
        assert options <= known, f"{page.name}: {line}"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        parts = urlsplit(target)
        if not parts.scheme and parts.path:
            assert (page.parent / parts.path).exists(), f"{page.name}: {target}"


def test_every_file_that_a_recipe_names_is_there() -> None:
    named = re.findall(r"`([\w/.]+\.(?:py|csv))`", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    there = {
        f"/{path.relative_to(ROOT)}" for folder in ("src", "tests", "docs") for path in (ROOT / folder).rglob("*.*")
    }
    missing = [name for name in named if not any(path.endswith(f"/{name}") for path in there)]
    # What the recipe of a command makes up.
    assert set(missing) <= {"thing.csv"}


@pytest.mark.parametrize("name", sorted(pages()))
def test_generated_pages_are_up_to_date(name: str) -> None:
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == pages()[name], "uv run python -m docs.build"


def test_the_first_two_commands_of_the_readme_are_those_that_ci_runs() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "python3 -m pip install uv && uv run allocate demo" in readme
    assert "python3 -m pip install uv && uv run pytest" in readme
    assert "uv run pytest\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
