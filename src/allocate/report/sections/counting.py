"""Counting people: tables and sentences on how many are reached, where the needs say what a unit stands for."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from allocate.language import no_less, no_more
from allocate.report.sections.section import Sheet
from allocate.report.sections.tables import Tables
from allocate.report.wording import Voice
from allocate.results.people import people_by_need, people_by_situation, states_people
from allocate.results.precision import stepped
from allocate.town.facts import NeedFacts

NEEDS = ("need_id", "life_situation", "people_demand", "people_before", "people_covered")
SITUATIONS = ("life_situation", "people_least_before", "people_most_before", "people_least", "people_most")
_BOUNDS = ("least", "most", "least_before", "most_before")


def counts(voice: Voice, tables: Tables) -> tuple[list[Sheet], list[str]]:
    """The sheets by need and by life situation, and a sentence for each situation; nothing where nobody says it."""
    content = voice.content
    if not states_people(content.plan.variant.case):
        return [], []
    today, then = people_by_need(content.today), people_by_need(content.plan)
    needs = then.assign(people_before=today["people_covered"].to_numpy()).dropna(subset="people_covered")
    needs = _in_steps(voice, needs)
    sheets = [tables.sheet("people_needs", needs, NEEDS, hidden=tables.of_needs(needs) | _few(voice, needs))]
    before = people_by_situation(content.today).set_index("life_situation")
    found = people_by_situation(content.plan)
    for name in ("people_least", "people_most"):
        found[f"{name}_before"] = before[name].reindex(found["life_situation"]).to_numpy()
    if found.empty:
        return sheets, []
    hidden = _withheld(voice, found)
    sheets.append(tables.sheet("people_situations", found, SITUATIONS, hidden=hidden))
    return sheets, [_said(voice, row) for row in found[~hidden].to_dict("records")]


def _in_steps(voice: Voice, needs: pd.DataFrame) -> pd.DataFrame:
    """People of needs with a withheld cell, in the steps in which its covered units are told."""
    mask, veiled = voice.content.mask, {need for _, need in voice.content.mask.hidden}
    each = needs["participants"].to_numpy(dtype=float)
    step = np.where(needs["need_id"].isin(list(veiled)), each * mask.threshold, 0.0)
    names = ("people_before", "people_covered")
    return needs.assign(**{name: stepped(needs[name].to_numpy(dtype=float), step) for name in names})


def _withheld(voice: Voice, found: pd.DataFrame) -> pd.Series:
    """Situations that hold a withheld cell: their bounds might tell it."""
    needs = NeedFacts(voice.content.plan.variant.case)
    touched = needs.of(needs.life_situation, pd.Index([need for _, need in voice.content.mask.hidden]))
    return found["life_situation"].isin(touched) | _few(voice, found)


def _few(voice: Voice, table: pd.DataFrame) -> pd.Series:
    """Rows with a number of people below the threshold, which units alone may not show."""
    numbers = table[[name for name in table.columns if str(name).startswith("people_")]]
    return (numbers.gt(0) & numbers.lt(voice.content.mask.threshold)).any(axis=1)


def _said(voice: Voice, row: Mapping[Hashable, Any]) -> str:
    """One situation as a range, or as a number where its bounds are one."""
    written = {name: voice.units(float(row[f"people_{name}"])) for name in _BOUNDS}
    same = written["least"] == written["most"] and written["least_before"] == written["most_before"]
    if not same:
        bound = {"least": no_more, "most": no_less}
        written = {name: voice.units(bound[name.split("_")[0]](float(row[f"people_{name}"]))) for name in _BOUNDS}
    key = "people.situation_one" if same else "people.situation"
    return voice.say(key, situation=row["life_situation"], **written)
