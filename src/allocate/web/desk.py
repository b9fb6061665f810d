"""Desk: a working copy, a scenario that is not saved yet, as the change rows of its steps in their order.

A desk is plain data. What it means for a town is asked of ``open_town``.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace

# The title under which the steps are answered; no scenario of a town can have it, for ids are never blank inside.
WORKING = "working copy"
# A step in this table sets what a scenario says of itself (pooling, cap), not a cell of the town.
SETTINGS_TABLE = "scenarios"


@dataclass(frozen=True)
class Step:
    """One change row, as it was made on the page; ``name`` is how the list of steps calls it."""

    table: str
    key: str
    column: str
    how: str
    value: str
    reason: str = ""

    @property
    def cell(self) -> tuple[str, str, str]:
        """What the step changes."""
        return self.table, self.key, self.column


@dataclass(frozen=True)
class Desk:
    """A working copy of scenario ``base`` of the case at ``path``.

    ``steps`` are in force, ``undone`` can be done again (the last one first). ``version`` grows with every change, so
    that an answer to an older question is known as such. ``name`` is what the case was called where it came from.
    """

    id: str
    path: str
    name: str
    base: str
    steps: tuple[Step, ...] = ()
    undone: tuple[Step, ...] = ()
    version: int = 0
    saved: tuple[str, ...] = field(default=())

    @property
    def rows(self) -> tuple[Step, ...]:
        """The steps that are change rows."""
        return tuple(one for one in self.steps if one.table != SETTINGS_TABLE)

    @property
    def settings(self) -> dict[str, str]:
        """The settings that the steps give the scenario, by column."""
        return {one.column: one.value for one in self.steps if one.table == SETTINGS_TABLE}

    def with_steps(self, *steps: Step) -> Desk:
        """Further steps; one that changes the same cell again takes the place of the one before."""
        kept = [one for one in self.steps if one.cell not in {step.cell for step in steps}]
        return replace(self, steps=(*kept, *steps), undone=(), version=self.version + 1)

    def with_reason(self, number: int, reason: str) -> Desk:
        """Another reason for step ``number`` (from 1); figures do not depend on it. Raises ``IndexError``."""
        if not 1 <= number <= len(self.steps):
            raise IndexError(number)
        steps = list(self.steps)
        steps[number - 1] = replace(steps[number - 1], reason=reason)
        return replace(self, steps=tuple(steps))

    def without_last(self) -> Desk:
        """The last step undone."""
        if not self.steps:
            return self
        return replace(self, steps=self.steps[:-1], undone=(*self.undone, self.steps[-1]), version=self.version + 1)

    def with_last_again(self) -> Desk:
        """The step undone last, done again."""
        if not self.undone:
            return self
        return replace(self, steps=(*self.steps, self.undone[-1]), undone=self.undone[:-1], version=self.version + 1)

    def back_to(self, base: str) -> Desk:
        """No steps, on a scenario."""
        return replace(self, base=base, steps=(), undone=(), version=self.version + 1)

    def to_json(self) -> str:
        """As one text, to be kept."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Desk:
        """A desk as it was kept."""
        kept = json.loads(text)
        steps, undone = (tuple(Step(**one) for one in kept.pop(name)) for name in ("steps", "undone"))
        return cls(steps=steps, undone=undone, saved=tuple(kept.pop("saved")), **kept)
