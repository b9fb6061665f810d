"""Readable names for exported programs, within what LP and MPS files allow: ``x(O01,S03)``, not ``C4711``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from allocate.model.program import LinearProgram

# CPLEX, the strictest reader of these formats in use, takes 255 characters; a name that long helps nobody.
LONGEST = 100

_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})
# Operators, brackets, comparison signs and blanks end a name or start a quadratic term in some readers.
_UNSAFE = re.compile(r"[^A-Za-z0-9_.]")


def column_names(program: LinearProgram) -> list[str]:
    """One name per column, in order: family and domain ids; unique, and the same for the same program."""
    return unique(_name(label) for label in program.columns_index.labels())


def row_names(program: LinearProgram) -> list[str]:
    """One name per row, in order: family and domain ids; unique, and the same for the same program."""
    return unique(_name(label) for label in program.rows_index.labels())


def unique(names: Iterable[str]) -> list[str]:
    """The names in order; one that occurred before gets ``~2``, ``~3`` ...; none exceeds ``LONGEST``."""
    taken: set[str] = set()
    result = []
    for wanted in names:
        name = wanted[:LONGEST]
        number = 1
        while name in taken:
            number += 1
            suffix = f"~{number}"
            name = wanted[: LONGEST - len(suffix)] + suffix
        taken.add(name)
        result.append(name)
    return result


def _name(label: tuple[str, ...]) -> str:
    family, *ids = label
    if not any(ids):
        return _plain(family)
    return f"{_plain(family)}({','.join(_plain(part) for part in ids)})"


def _plain(text: str) -> str:
    """ASCII letters, digits, point and underscore; German letters are written out, other accents dropped."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", text).translate(_GERMAN))
    letters = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return _UNSAFE.sub("_", letters)
