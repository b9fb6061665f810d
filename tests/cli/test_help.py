"""The help: at once, complete, in both languages."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest

from allocate import __version__
from allocate.cli.root import SECTIONS, entries
from tests.cli.conftest import Call

HEAVY = ("pandas", "numpy", "pulp", "highspy", "rich", "pyarrow", "openpyxl", "xlsxwriter", "jinja2", "babel")
LANGUAGES = ("de", "en")
COMMANDS = list(entries())


@pytest.mark.parametrize("words", [("--help",), *((name, "--help") for name in COMMANDS)], ids="-".join)
def test_help_loads_nothing_heavy(words: tuple[str, ...]) -> None:
    program = (
        "import sys; from allocate.cli import main; code = main(sys.argv[1:]); "
        "print(*sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr); sys.exit(code)"
    )
    ended = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, encoding="utf-8", check=True)
    loaded = set(ended.stderr.split())
    assert "click" in loaded
    assert not loaded & set(HEAVY)


def test_help_appears_in_well_under_half_a_second() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-c", "from allocate.cli import main; main(['--help'])"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert seconds < 0.5


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_overview_names_every_command_with_its_sentence(call: Call, lang: str) -> None:
    ended = call("--help", "--lang", lang)
    assert ended.code == 0
    assert ended.err == ""
    flowing = " ".join(ended.out.split())
    for name, entry in entries().items():
        assert f"{name} {getattr(entry, lang)}" in flowing


def test_the_overview_is_also_the_answer_to_no_command_at_all(call: Call) -> None:
    assert call().out == call("--help").out


def test_every_entry_stands_in_a_known_section_and_has_an_example() -> None:
    for name, entry in entries().items():
        assert entry.section in SECTIONS
        assert entry.examples
        assert all(example.startswith(f"allocate {name}") for example in entry.examples)


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_help_is_complete_and_ends_with_its_examples(call: Call, name: str, lang: str) -> None:
    ended = call(name, "--help", "--lang", lang)
    assert ended.code == 0
    for option in ("--lang", "--format", "--quiet", "--out", "--help"):
        assert option in ended.out
    lines = [line.strip() for line in ended.out.rstrip().splitlines()]
    examples = entries()[name].examples
    assert lines[-len(examples) :] == examples
    # An example stays on one line, so that it can be copied; everything else fits a terminal of 80 columns.
    assert max(map(len, ended.out.splitlines()[: -len(examples)])) <= 80


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_explained_in_both_languages(name: str) -> None:
    command = entries()[name].load()
    for parameter in command.params:
        assert getattr(parameter, "help", "")


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_the_german_help_has_no_english_words_of_click(call: Call, name: str) -> None:
    words = [name] if name else []
    german = call(*words, "--help", "--lang", "de").out
    for english in ("Usage", "Options", "Show this", "Commands", "default:", "OPTIONS", "Positional"):
        assert english not in german


def test_version(call: Call) -> None:
    assert call("--version").out.strip() == f"allocate {__version__}"
