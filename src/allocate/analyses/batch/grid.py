"""Grid: which scenarios a batch asks for, and the values that are put into their changes.

Placeholders are single letters in braces. Every combination of the values of all placeholders is one question:

    pots:P1:amount*{x}   demand:*:demand*{y}      over x=0.9;1;1.1 and y=1;1.05      six questions a scenario
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from allocate.errors import UsageError
from allocate.inputs.reading.placeholders import values_over, written

# More questions than this in one batch are a slip of the finger.
MOST_QUESTIONS = 1_000_000
_PLACEHOLDER = re.compile(r"\{([a-z])\}")
_AXIS = re.compile(r"\s*(?:([a-z])\s*=)?(.*)", re.DOTALL)
_ONLY = "x"

type Values = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Question:
    """One scenario of one town with its changes: ``lines`` as of ``--change``, ``values`` those filled in."""

    scenario_id: str
    lines: tuple[str, ...] = ()
    values: Values = ()

    def key(self, town: str, fingerprint: str) -> str:
        """The name of the question in a file of results: the same for the same town, scenario and changes."""
        words = "\x1f".join([town, fingerprint, self.scenario_id, *self.lines])
        return hashlib.sha256(words.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Grid:
    """Changes with placeholders, and the values of each placeholder in the order in which they are run."""

    lines: tuple[str, ...] = ()
    axes: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def questions(self, scenario_ids: Sequence[str]) -> list[Question]:
        """Every scenario with every combination of values; the last placeholder changes fastest."""
        found = []
        for values in product(*self.axes.values()):
            pairs = tuple(zip(self.axes, values, strict=True))
            filled = tuple(_filled(line, dict(pairs)) for line in self.lines)
            found.append((filled, pairs))
        return [Question(one, lines, values) for one in scenario_ids for lines, values in found]


def grid_of(lines: Sequence[str], over: Sequence[str]) -> Grid:
    """The grid of ``--change`` and ``--over`` (``x=FROM:TO:STEP``; without a letter it is ``x``).

    Raises ``UsageError``: sweep-over and number-ambiguous for values, batch-axis where placeholders and values do not
    belong together, batch-large.
    """
    axes: dict[str, tuple[float, ...]] = {}
    for text in over:
        match = _AXIS.fullmatch(text)
        letter, values = (match[1] or _ONLY, match[2]) if match else (_ONLY, text)
        if letter in axes:
            raise UsageError("batch-axis", place="--over", letter=letter)
        axes[letter] = values_over(values)
    used = {letter for line in lines for letter in _PLACEHOLDER.findall(line)}
    for letter in sorted(used ^ set(axes)):
        raise UsageError("batch-axis", place="--over" if letter in axes else "--change", letter=letter)
    count = 1
    for values in axes.values():
        count *= len(values)
    if count > MOST_QUESTIONS:
        raise UsageError("batch-large", count=count, most=MOST_QUESTIONS)
    return Grid(tuple(lines), axes)


def _filled(line: str, values: Mapping[str, float]) -> str:
    return _PLACEHOLDER.sub(lambda found: written(values[found[1]]), line)
