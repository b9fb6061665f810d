"""The tables of sentences of all rooms: every key once, every sentence in both languages."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from allocate.language import LANGUAGES, filled

PACKAGE = Path(__file__).parents[1] / "src" / "allocate"
TABLES = {
    path: rows
    for path in sorted(PACKAGE.rglob("*.csv"))
    if (rows := list(csv.DictReader(path.read_text(encoding="utf-8").splitlines(keepends=True)))) and "de" in rows[0]
}


@pytest.mark.parametrize("path", TABLES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_key_stands_once_and_every_sentence_in_both_languages(path: Path) -> None:
    rows = TABLES[path]
    key = next(iter(rows[0]))
    twice = [name for name, count in Counter(row[key] for row in rows).items() if count > 1]
    assert not twice
    assert [row[key] for row in rows if not row["de"] or not row["en"]] == []
    assert [row[key] for row in rows if None in row] == [], "a comma without quotes cuts the sentence short"


def test_the_tables_are_found() -> None:
    assert len(TABLES) > 20


Sentence = tuple[str, str, str]  # where it stands (file and key), language, text
SENTENCES: list[Sentence] = [
    (f"{path.relative_to(PACKAGE)} {next(iter(row.values()))}", lang, row[lang])
    for path, rows in TABLES.items()
    for row in rows
    for lang in LANGUAGES
]


def fields(text: str) -> Iterator[tuple[str, str]]:
    """Name and format of every placeholder, those inside the forms of another one included."""
    for _, name, form, _ in Formatter().parse(text):
        if name:
            yield name, form or ""
            yield from fields(form or "")


def forms(text: str) -> Iterator[tuple[str, ...]]:
    """The words among which a number chooses: singular, plural."""
    for _, form in fields(text):
        if "|" in form:
            yield tuple(form.split("|"))


def plurals(lang: str) -> set[str]:
    """Nouns that stand in plural forms only, as the sentences themselves tell."""
    found: tuple[set[str], set[str]] = (set(), set())
    for _, spoken, text in SENTENCES:
        for pair in forms(text) if spoken == lang else ():
            for words, form in zip(found, pair, strict=False):
                words.update(re.findall(r"[^\W\d_]{3,}", re.sub(r"\{.*?\}", "", form)))
    one, many = found
    if lang == "en":
        return {word for word in many - one if word.removesuffix("s") in one}
    return {word for word in many - one if word[0].isupper()}


PLURALS = {lang: plurals(lang) for lang in LANGUAGES}
AGREED = re.compile(r"\{\w+:[^{}|]*(?:\{\w+\}[^{}|]*)*\|[^{}]*(?:\{\w+\}[^{}]*)*\}")


def disagreements(lang: str, text: str) -> list[str]:
    """Plural words that follow a placeholder, or come before it, whatever its number is."""
    many = "|".join(sorted(map(re.escape, PLURALS[lang]), key=len, reverse=True))
    bare = AGREED.sub("…", text)
    return [
        found[0]
        for found in re.finditer(
            rf"\{{\w+\}} (?:(?!the |aller |between |zwischen )[^\W\d_]+ )?(?:{many})\b(?! von\b| of\b)", bare
        )
    ]


def test_words_agree_with_the_number_before_them() -> None:
    assert [(where, lang, wrong) for where, lang, text in SENTENCES if (wrong := disagreements(lang, text))] == []


@pytest.mark.parametrize(
    ("lang", "text"),
    [("de", "{gain} Sozialräume gewinnen."), ("de", "{n} weitere Zeilen"), ("en", "It has {count} errors.")],
)
def test_a_sentence_that_does_not_agree_is_found(lang: str, text: str) -> None:
    assert disagreements(lang, text)


def test_every_choice_of_words_names_the_singular_and_the_plural() -> None:
    odd = [
        (where, pair) for where, _, text in SENTENCES for pair in forms(text) if len(pair) != 2 or pair[0] == pair[1]
    ]
    assert not odd


@pytest.mark.parametrize("path", TABLES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_sentence_is_said_of_one_and_of_two(path: Path) -> None:
    key = next(iter(TABLES[path][0]))
    if key != "key":
        pytest.skip("a table of words, not of sentences")
    wrong = []
    for row in TABLES[path]:
        for lang in LANGUAGES:
            chosen = list(forms(row[lang]))
            one, two = (
                filled(row[lang], lang, dict.fromkeys((name for name, _ in fields(row[lang])), count))
                for count in (1, 2)
            )
            many = "|".join(map(re.escape, PLURALS[lang]))
            if (chosen and one.replace("1", "2") == two.replace("1", "2")) or re.search(rf"\b1 (?:{many})\b", one):
                wrong.append((row[key], lang, one, two))
    assert not wrong
