"""Rule controls: what a scenario says beside its tables, pooling of the pots and the cap on re-steered money."""

from __future__ import annotations

import math
from dataclasses import dataclass

from allocate.inputs.in_places import is_in_places
from allocate.inputs.names import best_names
from allocate.inputs.scenario.settings import POOLINGS, with_settings
from allocate.inputs.scenario.variant import Scenario, scenario
from allocate.language import as_it_is, euro
from allocate.web.desk import SETTINGS_TABLE, Desk
from allocate.web.open_town import OpenTown
from allocate.web.speech import say
from allocate.web.step_names import YES_NO, column_name, value_word


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
    key: str = ""


def rule_controls(town: OpenTown, desk: Desk, reason: str, lang: str) -> list[RuleControl]:
    """Pooling and cap of the working copy, and of every pot whether it may be pooled; where there is no money nothing
    can be pooled. Raises as ``OpenTown.variant``.
    """
    base = scenario(town.case, desk.base)
    now = with_settings(base, desk.settings)
    choices = tuple((one, say(f"pooling.{one}", lang)) for one in POOLINGS)
    pooling = [
        RuleControl(
            "pooling",
            column_name(SETTINGS_TABLE, "pooling", lang),
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
            column_name(SETTINGS_TABLE, "max_moved", lang),
            "" if math.isinf(now.max_moved) else as_it_is(now.max_moved, lang),
            _cap(now, lang),
            _cap(base, lang),
            now.max_moved != base.max_moved,
        ),
        *(_pots(town, desk, reason, lang) if not is_in_places(town.case) else []),
    ]


def _pots(town: OpenTown, desk: Desk, reason: str, lang: str) -> list[RuleControl]:
    """One choice a pot: whether it may be used across departments where money is pooled."""
    base, now = town.session.variant(desk.base).case["pots"], town.variant(desk, reason).case["pots"]
    words = {one: value_word(one, lang) for one in YES_NO}
    before = dict(zip(base["pot_id"], base["pooled"], strict=True))
    found = []
    for id, name, pooled in zip(now["pot_id"], best_names(now, lang), now["pooled"], strict=True):
        value, scenario = (YES_NO[not one] for one in (pooled, before.get(id, pooled)))
        label = f"{id} {name}: {column_name('pots', 'pooled', lang)}"
        choices = tuple(words.items())
        moved = value != scenario
        found.append(
            RuleControl("pooled", label, value, words[value], words[scenario], moved, choices, "pots", str(id))
        )
    return found


def _cap(one: Scenario, lang: str) -> str:
    return say("rules.no-cap", lang) if math.isinf(one.max_moved) else euro(one.max_moved, lang)
