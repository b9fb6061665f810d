"""Names of tables and columns as people write them, compared with the names of the dictionary."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from difflib import SequenceMatcher

from allocate.inputs import dictionary

ALIKE = 0.85  # below this, ``min_capacity`` would already pass for ``max_capacity``
MOST_ABOVE = 10  # rows of titles and blanks above the names in which the names are still looked for
_LANGUAGE = re.compile(r"_[a-z]{2}$")
_IN_BRACKETS = re.compile(r"\((.*?)\)")


def is_ignored(name: str) -> bool:
    """Whether a column is a note of its writer: ``comment`` or a name that starts with ``_``."""
    return name.startswith("_") or name.casefold() == "comment"


def meant(table: str, name: str) -> str:
    """The column that an unknown column name was probably meant to be; ``""`` for a known or a free name."""
    known = dictionary.table(table)
    if name in known or name in dictionary.common_columns():
        return ""
    labels = {label.casefold(): c.name for c in known if c.required for label in (c.label_de, c.label_en)}
    return nearly(name, [*known.names, *dictionary.common_columns()]) or labels.get(name.casefold(), "")


def meant_table(name: str, known: Collection[str] = ()) -> str:
    """The table that an unknown name of a file or sheet was probably meant to be; ``""`` if it is none."""
    names = known or dictionary.tables()
    labels = {
        part.strip().casefold(): table.name
        for table in dictionary.tables().values()
        for label in (table.label_de, table.label_en)
        for part in (label, _IN_BRACKETS.sub("", label), *_IN_BRACKETS.findall(label))
    }
    return "" if name in names else nearly(name, names) or labels.get(name.casefold(), "")


def late_head(table: str, rows: Iterable[Sequence[str]]) -> int:
    """The row that holds the names of the columns where the first one holds none (1 is the first); 0 elsewhere.

    ``rows`` are the first rows of a file or sheet, cell by cell. A title above the table is the usual reason.
    """
    known = {name.casefold() for name in dictionary.table(table).names}
    enough = min(2, len(known))
    for number, row in enumerate(rows, 1):
        found = len({cell.strip().casefold() for cell in row} & known)
        if number == 1 and found:
            return 0
        if found >= enough:
            return number
        if number > MOST_ABOVE:
            break
    return 0


def nearly(name: str, known: Iterable[str]) -> str:
    """The known name that differs from ``name`` only by a slip; ``""`` where there is none.

    Names that differ in nothing but their language (``name_de``, ``name_en``) are different on purpose.
    """
    plain = _plain(name)
    best, most = "", ALIKE
    for candidate in known:
        if _LANGUAGE.search(plain) and _LANGUAGE.sub("", plain) == _LANGUAGE.sub("", candidate):
            continue
        other = _plain(candidate)
        alike = 1.0 if _swapped(plain, other) else SequenceMatcher(None, plain, other, autojunk=False).ratio()
        if alike >= most:
            best, most = candidate, alike
    return best


def _swapped(name: str, other: str) -> bool:
    """Whether two names differ in nothing but two neighbouring letters (``nmae``)."""
    differ = [at for at, (a, b) in enumerate(zip(name, other, strict=False)) if a != b]
    return len(name) == len(other) and len(differ) == 2 and differ[1] == differ[0] + 1 and sorted(name) == sorted(other)


def _plain(name: str) -> str:
    """A name without differences that do not matter to people: case, blanks, hyphens."""
    return re.sub(r"[\s\-.]+", "_", name.strip().casefold())
