"""Syllables: where a word that no line holds may be parted, so that it is read at once.

No dictionary: behind a hyphen or stroke, else before the consonants that begin a syllable in German, which serves
English names well enough. Pictures have no other help, and not every browser that prints knows how to part words.
"""

from __future__ import annotations

import re

_VOWELS = "aeiouyäöüàâáèéêíîóôúû"
_ONSET = r"sch|st|sp|(?<!s)ch|ph|th|qu|(?<!s)[tp]|(?<![cpst])h|(?<!c)k|[bdfgjl-nrsvwxzß]"
_JOINT = re.compile(rf"(?<=\w{{2}}[-/])(?=\w{{3}})|(?<=\w{{3}})(?=(?:{_ONSET})[{_VOWELS}]\w)", re.IGNORECASE)


def joints(word: str) -> list[int]:
    """The places before which a word may be parted; at least three letters stand on each side."""
    return [found.start() for found in _JOINT.finditer(word)]


def parted(head: str) -> str:
    """The beginning of a parted word as it ends a line: with a hyphen, where it has none."""
    return head if head.endswith(("-", "/")) else f"{head}-"
