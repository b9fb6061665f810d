"""Rule controls: what a scenario says beside its tables, pooling of the pots and the cap on re-steered money."""

from __future__ import annotations

import math
from dataclasses import dataclass

from allocate.inputs.dictionary import find_column
from allocate.inputs.in_places import is_in_places
from allocate.inputs.scenario.settings import POOLINGS, with_settings
from allocate.inputs.scenario.variant import Scenario, scenario
from allocate.language import as_it_is, euro
from allocate.web.desk import SETTINGS_TABLE, Desk
from allocate.web.open_town import OpenTown
from allocate.web.speech import say


@dataclass(frozen=True)
class RuleControl:
    """One setting: its column, what it is called, its value as text, how that is said, and its choices (id, word).

    Without choices it is an amount of money, blank where there is none.
    """

    column: str
    label: str
    value: str
    words: str
    scenario: str
    moved: bool
    choices: tuple[tuple[str, str], ...] = ()
    table: str = SETTINGS_TABLE


def rule_controls(town: OpenTown, desk: Desk, lang: str) -> list[RuleControl]:
    """Pooling and cap of the working copy; where there is no money nothing can be pooled."""
    base = scenario(town.case, desk.base)
    now = with_settings(base, desk.settings)
    choices = tuple((one, say(f"pooling.{one}", lang)) for one in POOLINGS)
    pooling = [
        RuleControl(
            "pooling",
            _label("pooling", lang),
            now.pooling,
            say(f"pooling.{now.pooling}", lang),
            say(f"pooling.{base.pooling}", lang),
            now.pooling != base.pooling,
            choices,
        ),
    ]
    return [
        *(pooling if not is_in_places(town.case) else []),
        RuleControl(
            "max_moved",
            _label("max_moved", lang),
            "" if math.isinf(now.max_moved) else as_it_is(now.max_moved, lang),
            _cap(now, lang),
            _cap(base, lang),
            now.max_moved != base.max_moved,
        ),
    ]


def _label(column: str, lang: str) -> str:
    found = find_column(SETTINGS_TABLE, column)
    return found.label(lang) if found else column


def _cap(one: Scenario, lang: str) -> str:
    return say("rules.no-cap", lang) if math.isinf(one.max_moved) else euro(one.max_moved, lang)
