"""Circle: people in one room weigh the needs on their phones. What they send is kept in memory and nowhere else.

A ballot is a group and numbers. It has no name, no address and no time; a number drawn at random, which only the form
that sent it knows, lets its sender send it again in place of the first.
"""

from __future__ import annotations

import math
import secrets
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from allocate.analyses.participation.group_answers import Participation
from allocate.errors import UsageError
from allocate.inputs.findings import FindingList
from allocate.inputs.voices.ballots import COLUMNS, POINTS, Ballots

# Letters and digits that nobody takes for another when they are read from a wall.
_SIGNS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_LENGTH = 6
MOST_GROUPS, LONGEST_NAME, MOST_BALLOTS = 30, 40, 2000


@dataclass
class Circle:
    """A round of weighing for one working copy. ``found``: the plans of its ballots, once somebody has asked."""

    desk: str
    groups: tuple[str, ...]
    code: str = field(default_factory=lambda: "".join(secrets.choice(_SIGNS) for _ in range(_LENGTH)))
    found: Participation | None = None
    _sent: dict[str, tuple[str, Mapping[str, float]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, ballot: str, group: str, values: Mapping[str, float]) -> None:
        """Take a ballot, or another in its place. Raises ``UsageError`` (vote-group, vote-empty, vote-full)."""
        if group not in self.groups:
            raise UsageError("vote-group", group=group, known=", ".join(self.groups))
        if not any(value > 0 for value in values.values()):
            raise UsageError("vote-empty")
        with self._lock:
            if ballot not in self._sent and len(self._sent) >= MOST_BALLOTS:
                raise UsageError("vote-full", count=MOST_BALLOTS)
            self._sent[ballot] = group, dict(values)

    def counts(self) -> dict[str, int]:
        """Ballots by group."""
        with self._lock:
            sent = Counter(group for group, _ in self._sent.values())
        return {group: sent[group] for group in self.groups}

    def ballots(self, needs: Sequence[str]) -> Ballots:
        """The ballots as any others; one that gives points to none of ``needs`` is left out.

        Raises ``UsageError`` (vote-none) where there is no other.
        """
        with self._lock:
            sent = list(self._sent.values())
        # In an order that says nothing of who was first.
        valid = sorted((one for one in sent if any(one[1].get(need, 0.0) > 0 for need in needs)), key=repr)
        if not valid:
            raise UsageError("vote-none")
        asked = tuple(need for need in needs if any(need in values for _, values in valid))
        rows = [
            (str(number), group, 1.0, POINTS, need, values.get(need, math.nan))
            for number, (group, values) in enumerate(valid, 1)
            for need in asked
        ]
        table = pd.DataFrame(rows, columns=list(COLUMNS))
        return Ballots(table, asked, len(sent) - len(valid), FindingList().table())


class Circles:
    """The rounds that are open, at most one for each working copy."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, Circle] = {}

    def begin(self, desk: str, groups: Sequence[str]) -> Circle:
        """Open a round, in place of the one before. Raises ``UsageError`` (vote-groups)."""
        named = tuple(dict.fromkeys(one.strip() for one in groups if one.strip()))
        if not named or len(named) > MOST_GROUPS or max(map(len, named)) > LONGEST_NAME:
            raise UsageError("vote-groups", most=MOST_GROUPS, longest=LONGEST_NAME)
        circle = Circle(desk, named)
        with self._lock:
            self._open[desk] = circle
        return circle

    def end(self, desk: str) -> None:
        """Close a round; its ballots are gone."""
        with self._lock:
            self._open.pop(desk, None)

    def of(self, desk: str) -> Circle | None:
        """The round of a working copy."""
        return self._open.get(desk)

    def joined(self, code: str) -> Circle | None:
        """The round of a code, however it is typed."""
        typed = code.strip().upper().encode()
        return next(
            (one for one in list(self._open.values()) if secrets.compare_digest(one.code.encode(), typed)), None
        )
