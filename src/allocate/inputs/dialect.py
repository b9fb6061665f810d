"""Dialect: how a file is written, decided once per file from all its rows and never cell by cell.

Encoding, separator and number notation are found here. Two notations of numbers are known; both take a space, a
no-break space, a narrow space or an apostrophe for thousands as well:

    POINT   1234.5   1,234.5   1 234.5        COMMA   1234,5   1.234,5   1 234,5

A file is written in a notation if every number in it can be read that way. Where both are possible and some
number reads differently (``1.234``), nobody can know, and the number is reported instead of guessed.
"""

from __future__ import annotations

import codecs
import csv
import io
import math
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SEPARATORS = (",", ";", "\t")
MOST_HEADER = 1_000_000  # characters in which the first row must end
_EXCEL_HINT = "sep="
_LEGACY = "cp1252"
_CONTROL = bytes(code for code in range(32) if code not in b"\t\n\r")
_MOST_CONTROL = 0.01  # a stray control character is a slip of typing, one in a hundred is no text
_MARK = "\ufeff"
_BOMS_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SIGNATURES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff")

# UTF-8 read as Windows-1252 gives pairs that begin with Ã; ä and ö of MS-DOS become quotation marks inside a word.
_GARBLED = re.compile(r"\w*(?:Ã[¤¶¼Ÿ„–œ]|[^\W\d_][„”][a-zß])\w*")

_SPACE = "[ \u00a0\u2007\u2009\u202f'\u2019]"
_MINUS = ("\u2212", "-")


class Unreadable(Exception):
    """Bytes that are no text: ``reason`` is ``binary`` or ``encoding``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Notation(Enum):
    """How numbers are written: the decimal mark and the mark that may group thousands."""

    POINT = (".", ",")
    COMMA = (",", ".")

    @property
    def pattern(self) -> str:
        """The regular expression of a whole number in this notation."""
        decimal, grouping = self.value
        decimal, grouping = f"[{decimal}]", f"(?:[{grouping}]|{_SPACE})"
        grouped = rf"[1-9]\d{{0,2}}(?:{grouping}\d{{3}})+(?:{decimal}\d+)?"
        plain = rf"(?:\d+(?:{decimal}\d+)?|{decimal}\d+)(?:[eE][+-]?\d+)?"
        return rf"^[+-]?(?:{grouped}|{plain})$"


@dataclass(frozen=True)
class Readings:
    """Texts read in both notations: float64, NaN where the text is no number in that notation."""

    point: NDArray[np.float64]
    comma: NDArray[np.float64]

    def of(self, notation: Notation) -> NDArray[np.float64]:
        """The reading in one notation."""
        return self.point if notation is Notation.POINT else self.comma

    @property
    def differ(self) -> NDArray[np.bool_]:
        """Where both notations give a number, but not the same one."""
        both = ~np.isnan(self.point) & ~np.isnan(self.comma)
        return np.asarray(both & (self.point != self.comma), dtype=np.bool_)

    @property
    def only_point(self) -> NDArray[np.bool_]:
        """Where only a decimal point makes a number."""
        return ~np.isnan(self.point) & np.isnan(self.comma)

    @property
    def only_comma(self) -> NDArray[np.bool_]:
        """Where only a decimal comma makes a number."""
        return np.isnan(self.point) & ~np.isnan(self.comma)

    @property
    def none(self) -> NDArray[np.bool_]:
        """Where neither notation makes a number."""
        return np.isnan(self.point) & np.isnan(self.comma)


def read_numbers(texts: pd.Series) -> Readings:
    """Read texts (no surrounding blanks) in both notations; ``nan`` and ``inf`` are no numbers, 1e999 is inf."""
    read = np.array([read_number(text) for text in texts.tolist()], dtype=np.float64).reshape(-1, 2)
    return Readings(np.ascontiguousarray(read[:, 0]), np.ascontiguousarray(read[:, 1]))


@lru_cache(maxsize=100_000)
def read_number(text: str) -> tuple[float, float]:
    """One text (no surrounding blanks) read in both notations, as ``read_numbers`` reads many."""
    text = text.replace(*_MINUS)
    return _number(text, Notation.POINT), _number(text, Notation.COMMA)


@cache
def _expressions(notation: Notation) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What a number looks like in a notation, and the signs in it that count for nothing."""
    _, grouping = notation.value
    return re.compile(notation.pattern, re.ASCII), re.compile(f"[{grouping}+]|{_SPACE}")


def _number(text: str, notation: Notation) -> float:
    fits, signs = _expressions(notation)
    return float(signs.sub("", text).replace(notation.value[0], ".")) if fits.fullmatch(text) else math.nan


@dataclass(frozen=True)
class Verdict:
    """The notation of a file. ``certain`` is False where both are possible; ``mixed`` where neither fits all."""

    notation: Notation
    certain: bool
    mixed: bool = False


def decide(known: Iterable[Readings], further: Iterable[Readings] = ()) -> Verdict:
    """The notation of a file from the readings of all its numeric columns.

    ``further`` (numeric columns the dictionary does not know) are asked only where ``known`` leave it open.
    """
    point, comma = _proofs(known)
    if not point and not comma:
        point, comma = _proofs(further)
        if point and comma:
            return Verdict(Notation.POINT, certain=False)
    if point and comma:
        return Verdict(Notation.COMMA if comma > point else Notation.POINT, certain=True, mixed=True)
    return Verdict(Notation.COMMA if comma else Notation.POINT, certain=bool(point or comma))


def _proofs(columns: Iterable[Readings]) -> tuple[int, int]:
    """How many cells can only be read with a decimal point, and how many only with a decimal comma."""
    point = comma = 0
    for readings in columns:
        point += int(readings.only_point.sum())
        comma += int(readings.only_comma.sum())
    return point, comma


def decode(content: bytes) -> str:
    """The text of a file: UTF-8 with or without BOM, UTF-16 with BOM, else Windows-1252.

    Raises ``Unreadable`` for bytes that are no text.
    """
    if content.startswith(_BOMS_UTF16):
        return _strictly(content, "utf-16").lstrip(_MARK)
    controls = len(content) - len(content.translate(None, _CONTROL))
    if content.startswith(_SIGNATURES) or b"\0" in content or controls > _MOST_CONTROL * len(content):
        raise Unreadable("binary")
    try:
        # Programs that each add a mark at the beginning leave two of them.
        return content.decode("utf-8-sig").lstrip(_MARK)
    except UnicodeDecodeError:
        return _strictly(content, _LEGACY)


def garbled(text: str) -> str:
    """The first word that looks like umlauts read in the wrong encoding (``NÃ¶rdlich``, ``N”rdlich``), or ``""``."""
    match = None if text.isascii() else _GARBLED.search(text)
    return match[0] if match else ""


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as failure:
        raise Unreadable("encoding") from failure


def separator(text: str, known: Collection[str]) -> str:
    """The separator of a CSV text: the one under which the header has most ``known`` names, then most names."""

    def score(mark: str) -> tuple[int, int]:
        names = header(text, mark)
        return len({name.casefold() for name in names} & set(known)), len(names)

    return max(SEPARATORS, key=score)


def without_hint(text: str) -> tuple[str, str]:
    """A first line ``sep=;`` of a CSV text, blank where there is none, and the rest.

    It tells Excel the separator, which shows it as no row: the line behind it is row 1.
    """
    if text[: len(_EXCEL_HINT)].casefold() != _EXCEL_HINT:
        return "", text
    first, end, rest = text.partition("\n")
    return first + end, rest


def header(text: str, mark: str) -> list[str]:
    """The names in the first row of a CSV text, without surrounding blanks; none where it cannot be split."""
    try:
        first = next(csv.reader(io.StringIO(text[:MOST_HEADER], newline=""), delimiter=mark), [])
    except csv.Error:
        return []
    return [name.strip() for name in first]
