"""Names of tables and columns as people write them, compared with the names of the dictionary."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Sequence
from difflib import SequenceMatcher
from functools import cache, lru_cache

from allocate.inputs import dictionary
from allocate.inputs.numerals import typed_number
from allocate.inputs.vocabulary import column_of, columns, plain, table_of, table_words

ALIKE = 0.85  # below this, ``min_capacity`` would already pass for ``max_capacity``
COMMENTS = ("comment", "kommentar")
MOST_ABOVE = 10  # rows of titles and blanks above the names in which the names are still looked for
_LANGUAGE = re.compile(r"_[a-z]{2}$")
MOST_BENEATH = 2  # rows beneath the names that may explain them


def is_ignored(name: str) -> bool:
    """Whether a column is a note of its writer: ``comment``, ``Kommentar`` or a name that starts with ``_``."""
    return name.startswith("_") or name.casefold() in COMMENTS


@lru_cache(maxsize=4096)  # every check and every scenario asks for the same names
def meant(table: str, name: str) -> str:
    """The column that an unknown column name was probably meant to be; ``""`` for a known or a free name."""
    known = dictionary.table(table)
    if name in known or name in dictionary.common_columns():
        return ""
    return nearly(name, [*known.names, *dictionary.common_columns()]) or _near_label(table, name)


def _near_label(table: str, name: str) -> str:
    """The column that a word was meant to be whose label, or a further word for it, it nearly is."""
    words = columns(table)
    return words.get(plain(name), "") or words.get(nearly(plain(name), words), "")


def meant_table(name: str, known: Collection[str] = ()) -> str:
    """The table that an unknown name of a file or sheet was probably meant to be; ``""`` if it is none."""
    names = known or dictionary.tables()
    if name in names:
        return ""
    words = table_words()
    return nearly(name, names) or table_of(name) or words.get(nearly(plain(name), words), "")


def head_row(table: str, rows: Iterable[Sequence[str]]) -> int:
    """The row that holds the names of the columns (1 is the first): the first of those that hold most of them.

    ``rows`` are the first rows of a file or sheet, cell by cell. Titles, remarks and names of groups of columns may
    stand above; the first row it is where no other holds two names.
    """
    best, most = 1, 1
    for number, row in zip(range(1, MOST_ABOVE + 2), rows, strict=False):
        found = len({column for cell in row if (column := column_of(table, cell.strip()))})
        if found > most or (number == 1 and found):
            best, most = number, found
    return best


def rows_that_explain(table: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    """How many rows beneath the names are none of the table but explain them: labels, units, kinds of columns."""
    count = 0
    for _, row in zip(range(MOST_BENEATH), rows, strict=False):
        if not _explains(table, heads, row):
            break
        count += 1
    return count


def _explains(table: str, heads: Sequence[str], row: Sequence[str]) -> bool:
    filled = [(head, cell.strip()) for head, cell in zip(heads, row, strict=False) if cell.strip() and head]
    said = 0
    for head, cell in filled:
        column = dictionary.find_column(table, column_of(table, head))
        if column is None:
            continue
        if column.is_numeric:
            typed = typed_number(cell)
            if not (math.isnan(typed.point) and math.isnan(typed.comma)):
                return False
        said += column_of(table, cell) == column.name or plain(cell) in _words_of(column)
    return said >= MOST_BENEATH and 2 * said >= len(filled)


@cache
def _words_of(column: dictionary.Column) -> set[str]:
    """What a row beneath the names may say of a column: its unit or its kind, in either language."""
    words = {column.unit, column.type}
    for lang in ("de", "en"):
        words |= {column.unit_name(lang), dictionary.described(column, lang)}
    return {plain(word.strip("()[]")) for word in words if word}


def nearly(name: str, known: Iterable[str]) -> str:
    """The known name that differs from ``name`` only by a slip; ``""`` where there is none.

    Names that differ in nothing but their language (``name_de``, ``name_en``) are different on purpose.
    """
    plain = _plain(name)
    best, most = "", ALIKE
    spoken = _LANGUAGE.search(plain) is not None
    matcher = SequenceMatcher(None, plain, "", autojunk=False)
    for candidate in known:
        if spoken and _LANGUAGE.sub("", plain) == _LANGUAGE.sub("", candidate):
            continue
        other = _plain(candidate)
        if _swapped(plain, other):
            best, most = candidate, 1.0
        elif _at_most(plain, other) >= most:
            matcher.set_seq2(other)
            if matcher.quick_ratio() >= most and (alike := matcher.ratio()) >= most:
                best, most = candidate, alike
    return best


def _at_most(name: str, other: str) -> float:
    """How alike two names of these lengths can be at most."""
    length = len(name) + len(other)
    return 2.0 * min(len(name), len(other)) / length if length else 1.0


def _swapped(name: str, other: str) -> bool:
    """Whether two names differ in nothing but two neighbouring letters (``nmae``)."""
    if len(name) != len(other):
        return False
    differ = [at for at, (a, b) in enumerate(zip(name, other, strict=True)) if a != b]
    return len(differ) == 2 and differ[1] == differ[0] + 1 and sorted(name) == sorted(other)


@lru_cache(maxsize=4096)  # the words of the dictionary are compared with every unknown name
def _plain(name: str) -> str:
    """A name without differences that do not matter to people: case, blanks, hyphens."""
    return re.sub(r"[\s\-.]+", "_", name.strip().casefold())
