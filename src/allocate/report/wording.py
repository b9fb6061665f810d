"""Wording: the sentences of the report, with numbers and names in the reader's language."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property

import pandas as pd

from allocate.inputs.case import split_list
from allocate.inputs.names import TABLES, names_of, region_names
from allocate.language import Texts, euro, number, percent, signed
from allocate.report.columns import said
from allocate.report.content import Content
from allocate.results.floor_kinds import missed

TEXTS = Texts("allocate.report")
NAMED = 3
# A smaller amount of a sentence is said to the euro.
ROUNDED_FROM = 10_000.0


class Voice:
    """Says what a content holds, in one language."""

    def __init__(self, content: Content, lang: str) -> None:
        self.content = content
        self.lang = lang

    def say(self, key: str, **values: object) -> str:
        """A sentence of texts.csv."""
        return TEXTS.say(key, self.lang, **values)

    def knows(self, key: str) -> bool:
        """Whether texts.csv has a sentence of this key."""
        return key in TEXTS.sentences

    def euro(self, value: float) -> str:
        """Money in a sentence, in thousands from ten thousand on; tables and resolutions say it to the euro."""
        return euro(round(value, -3) if abs(value) >= ROUNDED_FROM else value, self.lang)

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
        text = number(value, self.lang)
        return signed(text) if value > 0 and text.strip("0") else text

    def points(self, value: float) -> str:
        """A change of a share in percentage points, one decimal, with its sign."""
        text = number(value * 100, self.lang, 1)
        return signed(text) if value > 0 and text.strip("0,.") else text

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
        name = self._names(key).get(id, "")
        return f"{name} ({id})" if name and name != id else id

    def named(self, key: str, ids: pd.Series) -> list[str]:
        """Many things by name and id."""
        return [self.name(key, str(id)) if id else "" for id in ids.tolist()]

    def each(self, key: str, cell: str) -> str:
        """The things of a list cell, by name and id."""
        return "; ".join(self.name(key, id) for id in split_list(cell))

    def need(self, id: str) -> str:
        """A need by its name alone, for sentences."""
        return self._names("need_id").get(id, "") or id

    def floor_place(self, scope_id: str) -> str:
        """The place of a floor: the town, a region or a space."""
        if scope_id in ("", "*"):
            return self.word("all")
        space = self._names("space_id").get(scope_id)
        return f"{space} ({scope_id})" if space else self._regions.get(scope_id, scope_id)

    def listed(self, parts: Sequence[str], total: int | None = None) -> str:
        """``a, b and c``, or ``a, b, c and 4 more``."""
        rest = (len(parts) if total is None else total) - len(parts)
        if rest > 0:
            return self.say("list.more", parts=", ".join(parts), count=rest)
        if len(parts) < 2:
            return "".join(parts)
        return self.say("list.and", parts=", ".join(parts[:-1]), last=parts[-1])

    def _names(self, key: str) -> dict[str, str]:
        if key not in self._known:
            self._known[key] = names_of(self.content.case, key, self.lang)
        return self._known[key]

    @cached_property
    def _known(self) -> dict[str, dict[str, str]]:
        return {}

    @cached_property
    def _regions(self) -> dict[str, str]:
        return {id: f"{name} ({id})" if name else id for id, name in region_names(self.content.case).items()}

    def group(self, kind: str, id: str) -> str:
        """A group of spaces or needs: a region, burdened spaces or the others, a target group."""
        if kind == "region":
            return self._regions.get(id, id) or self.say("group.none")
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
