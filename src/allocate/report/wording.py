"""Wording: the sentences of the report, with numbers and names in the reader's language."""

from __future__ import annotations

import math
from collections.abc import Callable

import pandas as pd

from allocate.inputs.case import split_list
from allocate.inputs.names import TABLES
from allocate.inputs.speaker import Speaker
from allocate.language import Texts, euro, no_more, number, percent
from allocate.report.columns import said
from allocate.report.content import Content
from allocate.results.floor_kinds import missed
from allocate.units import UNITS

TEXTS = Texts("allocate.report")
NAMED = 3
# A smaller amount of a sentence is said to the euro.
ROUNDED_FROM = 10_000.0


class Voice(Speaker):
    """Says what a content holds, in one language."""

    texts = TEXTS

    def __init__(self, content: Content, lang: str) -> None:
        super().__init__(content.case, lang)
        self.content = content

    def euro(self, value: float) -> str:
        """Money in a sentence, in thousands from ten thousand on; tables and resolutions say it to the euro."""
        return euro(round(value, -3) if abs(value) >= ROUNDED_FROM else value, self.lang)

    def least_euro(self, value: float) -> str:
        """Money that it is at least, as ``euro`` says it."""
        return euro(no_more(value, -3 if abs(value) >= ROUNDED_FROM else 0), self.lang)

    def exact_euro(self, value: float) -> str:
        """Money, whole euros."""
        return euro(value, self.lang)

    def percent(self, share: float) -> str:
        """A share 0..1 with one decimal."""
        return percent(share, self.lang)

    def units(self, value: float) -> str:
        """Need or capacity units, whole."""
        return number(value, self.lang)

    def change(self, value: float) -> str:
        """A change in units with its sign."""
        return UNITS["count_change"].written(value, self.lang)

    def points(self, value: float) -> str:
        """A change of a share in percentage points, one decimal, with its sign."""
        return UNITS["share_change"].written(value, self.lang)

    def word(self, key: str) -> str:
        """A fixed value in the reader's language."""
        return said(key, self.lang)

    def trend(self, before: float, after: float, write: Callable[[float], str]) -> str:
        """``rises from 48.0% to 54.4%``, falls, or stays: told by what is written, so that it never contradicts it."""
        old, new = write(before), write(after)
        if math.isnan(before) or math.isnan(after):
            return new or old
        if old == new:
            return self.say("trend.same", after=new)
        return self.say("trend.up" if after > before else "trend.down", before=old, after=new)

    def scenario(self, id: str) -> str:
        """A scenario by its title."""
        plan = self.content.plans.get(id)
        return plan.scenario.label(self.lang) if plan is not None else id

    def name(self, key: str, id: str) -> str:
        """A thing by name and id, ``Altstadt (S01)``; the id alone where it has no name."""
        name = self.names(key).get(id, "")
        return f"{name} ({id})" if name and name != id else id

    def named(self, key: str, ids: pd.Series) -> list[str]:
        """Many things by name and id."""
        return [self.name(key, str(id)) if id else "" for id in ids.tolist()]

    def each(self, key: str, cell: str) -> str:
        """The things of a list cell, by name and id."""
        return "; ".join(self.name(key, id) for id in split_list(cell))

    def need(self, id: str) -> str:
        """A need by its name alone, for sentences."""
        return self.alone("need_id", id)

    def floor_place(self, scope_id: str) -> str:
        """The place of a floor: the town, a region or a space."""
        if scope_id in ("", "*"):
            return self.word("all")
        space = self.names("space_id").get(scope_id)
        return f"{space} ({scope_id})" if space else self._region(scope_id)

    def _region(self, id: str) -> str:
        return f"{self.regions[id]} ({id})" if self.regions.get(id) else id

    def group(self, kind: str, id: str) -> str:
        """A group of spaces or needs: a region, burdened spaces or the others, a target group."""
        if kind == "region":
            return self._region(id) or self.say("group.none")
        if kind == "target_group":
            return self.groups.get(id, id)
        return self.word(id) if kind == "burden" else id

    def label(self, dimension: str, id: str) -> str:
        """A group of the comparison (space, region, need, target_group, provider, department)."""
        if not id:
            return self.say("group.none")
        if dimension in ("region", "target_group"):
            return self.group(dimension, id)
        return self.name(f"{dimension}_id", id) if f"{dimension}_id" in TABLES else id


def aims_said(voice: Voice, aims: pd.DataFrame) -> list[str]:
    """The sentence on targets, which bind no plan; none where there are none."""
    if not len(aims):
        return []
    return [voice.say("targets.said" if missed(aims) else "targets.met", missed=missed(aims), total=len(aims))]
