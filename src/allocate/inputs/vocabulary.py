"""Vocabulary: the German and English words for tables, columns, choices and settings, beside their names.

A table or column may be called by its name, by its label in either language (``dictionary.csv``) or by a further word
of ``words.csv``; a choice by its name or a word of ``words.csv``, the first of which is the one that is written.
Capitals, doubled blanks and a unit in brackets behind a label do not matter; names are taken to the letter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from allocate.inputs import dictionary
from allocate.inputs.dictionary import ANY_TABLE, Column, further_words

_BRACKETS = re.compile(r"\s*[(\[](.*?)[)\]]\s*")
_LANGUAGE = re.compile(r"(?:de|en)\b|deutsch|german|englisch|english", re.IGNORECASE)
_SEPARATORS = re.compile(r"[\s_]+")
_UNSEEN = " \t\u00a0\u200b\ufeff"  # a title put above a file moves the mark of its encoding before the first name
_NO_FILE = re.compile(r'[\\/:*?"<>|\[\]]')


def plain(word: str) -> str:
    """A word without differences that do not matter: composed signs, small letters, single blanks."""
    return _SEPARATORS.sub(" ", unicodedata.normalize("NFC", word)).strip(" *:").casefold()


def table_of(word: str) -> str:
    """The table that a sheet, a file or a change names; ``""`` for none."""
    name = unicodedata.normalize("NFC", word).strip()
    if name.casefold() in dictionary.tables():
        return name.casefold()
    return table_words().get(plain(name), "")


@lru_cache(maxsize=4096)  # the first rows of a file are asked for names again and again
def column_of(table: str, word: str, *, further: bool = True) -> str:
    """The column of a table that a word means, by its name, label or (``further``) another word; ``""`` for none."""
    known = dictionary.tables().get(table)
    if known is None:
        return ""
    word = word.strip(_UNSEEN)
    if word in known or word in dictionary.common_columns():
        return word
    words = columns(table, further)
    inside = _BRACKETS.search(word)
    unit = inside is not None and not _LANGUAGE.match(inside[1])
    return words.get(plain(word), "") or (words.get(plain(_BRACKETS.sub(" ", word)), "") if unit else "")


def choice_of(column: Column, word: str) -> str:
    """The choice that a word means, the word itself where it means none."""
    return word if word in column.choices else choices(column).get(plain(word), word)


def setting_of(word: str) -> str:
    """The setting that a word means, the word itself where it means none."""
    return word if word in dictionary.parameters() else _settings().get(plain(word), word)


def table_word(table: str, lang: str) -> str:
    """The word for a table in a language, fit for the name of a sheet or file: its label, or a further word."""
    label = dictionary.table(table).label(lang)
    if _NO_FILE.search(label) or _BRACKETS.search(label):
        label = next(iter(further_words().get((table, "", ""), {}).get(lang, ())), table)
    return label


@cache
def columns(table: str, further: bool = True) -> Mapping[str, str]:
    """Every word, in its plain form, for a column of a table; a word for two of them is none.

    Without ``further`` only names and labels.
    """
    found: dict[str, set[str]] = {}
    described = [*dictionary.table(table), *dictionary.common_columns().values()]
    for column in described:
        more = _words((table, column.name, "")) if further else ()
        for word in (column.label_de, column.label_en, *more):
            found.setdefault(plain(word), set()).add(column.name)
    names = {plain(column.name): column.name for column in described}
    return {word: next(iter(meant)) for word, meant in found.items() if meant == {names.get(word, min(meant))}}


@cache
def words(table: str) -> frozenset[str]:
    """Every name and word of the columns of a table in small letters, as they may stand in a header."""
    described = [*dictionary.table(table), *dictionary.common_columns().values()]
    labels = (word for one in described for word in (one.label_de, one.label_en, *_words((table, one.name, ""))))
    return frozenset({*dictionary.table(table).names, *(label.casefold() for label in labels)})


@cache
def choices(column: Column) -> Mapping[str, str]:
    """Every word, in its plain form, for a choice of a column; a word for two of them is none."""
    found: dict[str, set[str]] = {}
    for choice in column.choices:
        for word in (choice, *_words((ANY_TABLE, "", choice))):
            found.setdefault(plain(word), set()).add(choice)
    return {word: next(iter(meant)) for word, meant in found.items() if len(meant) == 1}


@cache
def table_words() -> Mapping[str, str]:
    """Every word, in its plain form, for a table; a word for two of them is none."""
    found: dict[str, set[str]] = {}
    for name, table in dictionary.tables().items():
        for label in (table.label_de, table.label_en, *_words((name, "", ""))):
            for word in (label, _BRACKETS.sub("", label), *_BRACKETS.findall(label)):
                found.setdefault(plain(word), set()).add(name)
    return {word: next(iter(meant)) for word, meant in found.items() if len(meant) == 1 and word}


@cache
def _settings() -> Mapping[str, str]:
    found: dict[str, set[str]] = {}
    for name, setting in dictionary.parameters().items():
        for label in (setting.label_de, setting.label_en):
            found.setdefault(plain(label), set()).add(name)
    return {word: next(iter(meant)) for word, meant in found.items() if len(meant) == 1}


def _words(place: tuple[str, str, str]) -> Iterator[str]:
    for words in further_words().get(place, {}).values():
        yield from words
