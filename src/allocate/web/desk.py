"""Desk: a working copy, a scenario that is not saved yet, as the change rows that were made, in their order.

A desk is plain data. What it means for a town is asked of ``open_town``.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace

# The title under which the steps are answered; no scenario of a town can have it, for ids are never blank inside.
WORKING = "working copy"
# A step in this table sets what a scenario says of itself (pooling, cap), not a cell of the town.
SETTINGS_TABLE = "scenarios"
# Capacity that an offer has to have and must not exceed: what sets it by hand.
BY_HAND = ("max_capacity", "committed_capacity")


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
        """What the step changes; of whole rows two steps are only the same where they do the same."""
        return self.table, self.key, self.column or f"{self.how} {self.value}"


@dataclass(frozen=True)
class Desk:
    """A working copy of scenario ``base`` of the case at ``path``.

    ``made`` are the changes in their order, each of one step or of several that belong together (a repair, a move);
    ``undone`` can be done again (the last one first). ``version`` grows with every change, so that an answer to an
    older question is known as such. ``name`` is what the case was called where it came from; ``first`` the working copy
    that this one was branched from, blank where it is none.
    """

    id: str
    path: str
    name: str
    base: str
    made: tuple[tuple[Step, ...], ...] = ()
    undone: tuple[tuple[Step, ...], ...] = ()
    version: int = 0
    saved: tuple[str, ...] = field(default=())
    first: str = ""

    @property
    def family(self) -> str:
        """The working copy that all branches of it share."""
        return self.first or self.id

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps in force: of several that change the same cell, the last."""
        last = {step.cell: step for change in self.made for step in change}
        order = list(dict.fromkeys(step.cell for change in reversed(self.made) for step in reversed(change)))
        return tuple(last[cell] for cell in reversed(order))

    @property
    def rows(self) -> tuple[Step, ...]:
        """The steps that are change rows."""
        return tuple(one for one in self.steps if one.table != SETTINGS_TABLE)

    @property
    def settings(self) -> dict[str, str]:
        """The settings that the steps give the scenario, by column."""
        return {one.column: one.value for one in self.steps if one.table == SETTINGS_TABLE}

    @property
    def by_hand(self) -> tuple[str, ...]:
        """The offers that the steps set by hand: to a capacity that they have to have and must not exceed."""
        set_to = {one.cell: one.value for one in self.rows if one.how == "set"}
        offers = dict.fromkeys(one.key for one in self.rows if one.table == "offers")
        pairs = {key: [set_to.get(("offers", key, column)) for column in BY_HAND] for key in offers}
        return tuple(key for key, (most, least) in pairs.items() if most is not None and most == least)

    def with_steps(self, *steps: Step) -> Desk:
        """One change more, of one or several steps."""
        return replace(self, made=(*self.made, steps), undone=(), version=self.version + 1)

    def with_reason(self, number: int, reason: str) -> Desk:
        """Another reason for step ``number`` (from 1); figures do not depend on it. Raises ``IndexError``."""
        if not 1 <= number <= len(self.steps):
            raise IndexError(number)
        cell = self.steps[number - 1].cell
        made = [
            tuple(replace(one, reason=reason) if one.cell == cell else one for one in change) for change in self.made
        ]
        return replace(self, made=tuple(made))

    def without_last(self) -> Desk:
        """The last change undone."""
        if not self.made:
            return self
        return replace(self, made=self.made[:-1], undone=(*self.undone, self.made[-1]), version=self.version + 1)

    def with_last_again(self) -> Desk:
        """The change undone last, done again."""
        if not self.undone:
            return self
        return replace(self, made=(*self.made, self.undone[-1]), undone=self.undone[:-1], version=self.version + 1)

    def back_to(self, base: str) -> Desk:
        """No steps, on a scenario; those that there were can be done again there, one after the other."""
        undone = (*self.undone, *reversed(self.made))
        return replace(self, base=base, made=(), undone=undone, version=self.version + 1)

    def branched(self, id: str) -> Desk:
        """A second working copy with the same steps, to go on from in another direction."""
        return replace(self, id=id, first=self.family, version=0)

    def as_text(self) -> str:
        """As one text, to be kept."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def of_text(cls, text: str) -> Desk:
        """A desk as it was kept. Raises ``KeyError`` or ``TypeError`` for one of another version of the program."""
        kept = json.loads(text)
        made, undone = (
            tuple(tuple(Step(**one) for one in change) for change in kept.pop(name)) for name in ("made", "undone")
        )
        return cls(made=made, undone=undone, saved=tuple(kept.pop("saved")), **kept)
