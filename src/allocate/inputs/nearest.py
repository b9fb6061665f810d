"""The nearest known name to one that is not known: what a message offers as "did you mean".

Suggestions never change anything by themselves; a planner decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

NONE = "–"  # what stands in a sentence where no name is near
ENOUGH_ALIKE = 0.6
SHORT = 3  # of so few letters one in two is enough: P9 is near to P1
MOST_NAMES = 5_000  # beyond this many names the comparison costs more than the hint is worth


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name most like ``name``, whatever the case of its letters, or ``""`` where none is near."""
    folded: dict[str, str] = {}
    for candidate in known:
        folded.setdefault(candidate.casefold(), candidate)
        if len(folded) >= MOST_NAMES:
            break
    wanted = name.strip().casefold()
    cutoff = ENOUGH_ALIKE if len(wanted) > SHORT else 0.5
    match = get_close_matches(wanted, folded, n=1, cutoff=cutoff)
    return folded[match[0]] if match else ""
