"""Ids as they are compared: letters composed (NFC), no signs that nobody sees; and what makes two ids look alike.

``Süd`` may be written with one ``ü`` or with ``u`` and two dots of their own; both are read as the first. What still
differs after that (case, blanks, marks, letters of another alphabet) makes two ids, which may be meant as one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

import pandas as pd

from allocate.language import Texts

_TEXTS = Texts("allocate.inputs", "texts_second_look.csv")
RESERVED = "|;"  # joins keys in changes, and ids in lists
EACH = "*"
_UNSEEN = ("Cf",)  # zero-width signs, soft hyphens, marks of direction, byte order marks
_VARIATIONS = range(0xFE00, 0xFE10)
_BETWEEN_DIGITS = r"(?<=\d){}+(?=\d)"
_MARKS = r"(?:[^\w\s]|_)"
_PLACE = "\u02d1"  # stands for what was left out between digits; no town writes it
# Letters of other alphabets that look like Latin ones: Cyrillic, then Greek.
_LIKE_LATIN = str.maketrans(
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0406\u0405\u0408"
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0455\u0458"
    "\u0391\u0392\u0395\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
    "\u03b1\u03bf\u03c1\u03c5\u03bd\u03b9",
    "ABEKMHOPCTYXISJ" + "aeopcyxisj" + "ABEHIKMNOPTYX" + "aopuvi",
)
_LIKE_DIGITS = str.maketrans("oOiIlL", "001111")


def plain(id: str) -> str:
    """An id as it is compared."""
    if id.isascii():
        return id
    seen = "".join(sign for sign in id if not _unseen(sign))
    return unicodedata.normalize("NFC", seen).strip()


def plain_ids(cells: pd.Series) -> pd.Series:
    """A column of ids (or of lists of ids) as they are compared."""
    changed = {id: plain(id) for id in cells.unique().tolist() if not id.isascii()}
    changed = {id: one for id, one in changed.items() if id != one}
    return cells.map(lambda id: changed.get(id, id)).astype(cells.dtype) if changed else cells


def left_out(id: str) -> str:
    """The signs of an id that its plain form does not have, by code and name."""
    kept = plain(id)
    return ", ".join(
        f"U+{ord(sign):04X} {unicodedata.name(sign, '?')}" for sign in dict.fromkeys(id) if sign not in kept
    )


def _unseen(sign: str) -> bool:
    return unicodedata.category(sign) in _UNSEEN or ord(sign) in _VARIATIONS


def _without(signs: str) -> Callable[[str], str]:
    """Without these signs; between digits they keep their place, for 1.1 is not 11."""

    def fold(text: str) -> str:
        return re.sub(signs, "", re.sub(_BETWEEN_DIGITS.format(signs), _PLACE, text))

    return fold


def _letters(text: str) -> str:
    """Letters as they look: of other alphabets, full width; O as 0 and l as 1 beside other signs."""
    usual = (sign if sign.isspace() else unicodedata.normalize("NFKC", sign) for sign in text)
    latin = "".join(usual).translate(_LIKE_LATIN)
    digits = latin.translate(_LIKE_DIGITS)
    return digits if re.search(r"[^\W_01]", digits) else latin


def _cases(text: str) -> str:
    return text.casefold()


# Letters come first, as some look alike in one case only.
_FOLDS: dict[str, Callable[[str], str]] = {
    "letters": _letters,
    "case": _cases,
    "blanks": _without(r"\s"),
    "marks": _without(_MARKS),
}


def look(id: str) -> str:
    """What an id looks like at a glance; equal for ids that are easily taken for each other."""
    return _folded(id, "")


def differences(one: str, other: str) -> list[str]:
    """In what two ids of the same look differ: ``case``, ``blanks``, ``marks``, ``letters``."""
    return [name for name in _FOLDS if _folded(one, name) != _folded(other, name)]


def in_words(ways: Iterable[str], lang: str) -> str:
    """Differences in the reader's language."""
    return ", ".join(_TEXTS.say(f"word-{way}", lang) for way in ways)


def _folded(id: str, kept: str) -> str:
    text = plain(id)
    for name, fold in _FOLDS.items():
        text = text if name == kept else fold(text)
    return text


def alike(ids: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of different ids of one look: each with the first one that looks so."""
    first: dict[str, str] = {}
    pairs = []
    for id in dict.fromkeys(ids):
        seen = look(id)
        if seen and first.setdefault(seen, id) != id:
            pairs.append((id, first[seen]))
    return pairs
