"""Which language is spoken, and that nothing is missing in either."""

from __future__ import annotations

import csv
import gettext
import string
from importlib import resources
from pathlib import Path

import click
import pytest
from babel.messages.pofile import read_po

from allocate.cli import speech
from tests.cli.conftest import Call

ROOM = Path(str(resources.files("allocate.cli")))
LOCALE = ROOM / "locale" / "de" / "LC_MESSAGES"
TEXTS = sorted(path for path in ROOM.glob("*.csv") if path.name not in ("commands.csv", "tables.csv"))


@pytest.mark.parametrize(
    ("words", "environment", "spoken"),
    [
        ([], {}, "en"),
        (["run", "--lang", "de"], {"LANG": "en_GB.UTF-8"}, "de"),
        (["--lang=de", "run"], {}, "de"),
        (["--lang", "de", "run", "--lang", "en"], {}, "en"),
        ([], {"ALLOCATE_LANG": "de", "LANG": "en_US.UTF-8"}, "de"),
        ([], {"ALLOCATE_LANG": "DE"}, "de"),
        ([], {"LANG": "de_AT.UTF-8"}, "de"),
        ([], {"LC_ALL": "C", "LANG": "de_DE.UTF-8"}, "en"),
        ([], {"LC_ALL": "", "LANG": "de_DE.UTF-8"}, "de"),
        ([], {"LC_MESSAGES": "de_DE", "LANG": "fr_FR"}, "de"),
        ([], {"ALLOCATE_LANG": "fr", "LANG": "de_DE"}, "de"),
        ([], {"LANG": "fr_FR.UTF-8"}, "en"),
        (["--lang", "fr"], {"LANG": "de_DE"}, "de"),
        (["run", "--lang"], {}, "en"),
    ],
)
def test_the_language_is_decided_by_option_then_own_variable_then_system(
    words: list[str], environment: dict[str, str], spoken: str
) -> None:
    assert speech.decide(words, environment) == spoken


def test_speaking_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "fr")
    before = gettext.textdomain()
    with speech.speaking("de"):
        assert speech.lang() == "de"
    assert (speech.lang(), gettext.textdomain()) == ("en", before)


def test_an_unknown_language_is_refused_in_the_language_that_is_left(call: Call) -> None:
    ended = call("check", "auenfurt", "--lang", "fr")
    assert ended.code == 2
    assert ended.err.startswith("[value-invalid] allocate check: Invalid value for '--lang'")


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_every_sentence_stands_in_both_languages_with_the_same_gaps(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows
    keys = [row["key"] for row in rows]
    assert len(keys) == len(set(keys))
    for row in rows:
        assert row["de"], row["key"]
        assert row["en"], row["key"]
        assert gaps(row["de"]) == gaps(row["en"]), row["key"]


def gaps(sentence: str) -> set[str]:
    """The names to be filled in."""
    return {field for _, field, _, _ in string.Formatter().parse(sentence) if field is not None}


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_re_steering_is_not_called_saving_and_a_plan_is_a_proposal(path: Path) -> None:
    text = path.read_text(encoding="utf-8").lower()
    for word in ("einspar", "sparen", "saving", "savings"):
        assert word not in text


def test_the_compiled_words_of_click_are_those_of_the_po_file() -> None:
    with (LOCALE / "click.po").open("rb") as stream:
        catalog = read_po(stream, locale="de")
    with (LOCALE / "click.mo").open("rb") as compiled:
        spoken = gettext.GNUTranslations(compiled)
    for message in catalog:
        if isinstance(message.id, tuple):
            one, many = message.id
            assert (spoken.ngettext(one, many, 1), spoken.ngettext(one, many, 2)) == tuple(message.string)
        elif message.id:
            assert spoken.gettext(message.id) == message.string


def test_every_sentence_we_translate_is_one_that_click_says() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in Path(click.__file__).parent.glob("*.py"))
    with (LOCALE / "click.po").open("rb") as stream:
        messages = [message.id for message in read_po(stream, locale="de") if message.id]
    for message in messages:
        for text in message if isinstance(message, tuple) else (message,):
            assert text.replace("\n", "\\n").replace("\t", "\\t") in source, text
