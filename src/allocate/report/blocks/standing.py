"""The last blocks: law and commitments, what people said, what nobody knows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.inputs.years import plan_year
from allocate.report.blocks.block import Block
from allocate.report.blocks.block_words import Telling
from allocate.report.columns import labelled
from allocate.report.sections.answers import suggestions_sheet
from allocate.report.sections.section import Sheet
from allocate.results.floor_kinds import minima, missed
from allocate.town.build_provision import offers_of

# So many suggestions and unsure offers are named.
_NAMED, _SUGGESTIONS = 5, 8


def lawful(say: Telling) -> Block:
    """Whether floors are met, with their basis in full, and what is bound."""
    content = say.content
    floors, today = minima(content.plan), minima(content.today)
    short = missed(floors)
    before = missed(today)
    met = "lawful.met" if before else "lawful.met_already"
    key = "lawful.none" if floors.empty else "lawful.missed" if short else met
    finding = say(key, total=len(floors), missed=short, today=before)
    bound = int(np.count_nonzero(offers_of(content.plan.variant.case).committed))
    sentences = [*([say("lawful.bound", count=bound)] if bound else []), say("lawful.note")]
    sheets = () if floors.empty else (_floors(say, floors, today),)
    return Block("lawful", say("title.lawful"), finding, tuple(sentences), sheets=sheets, details=("law", "rules"))


def _floors(say: Telling, floors: pd.DataFrame, today: pd.DataFrame) -> Sheet:
    """One row a floor: for how many places it holds and in how many it is met, today and in the proposal."""
    keys = ["floor_id", "need_id", "legal_basis"]
    counts = floors.assign(met=floors["met"].astype(bool)).groupby(keys, sort=False)["met"].agg(["size", "sum"])
    before = today.assign(met=today["met"].astype(bool)).groupby("floor_id")["met"].sum()
    table = counts.reset_index().rename(columns={"size": "required_at", "sum": "met_after"})
    table["met_before"] = table["floor_id"].map(before).fillna(0).astype(int)
    table["name"] = [say.short.name("need_id", str(id)) for id in table["need_id"].tolist()]
    own = labelled(name=say.voice.say("column.need"))
    shown = ("name", "legal_basis", "required_at", "met_before", "met_after")
    return Sheet("main_floors", say("sheet.main_floors"), table, shown, own=own)


def said(say: Telling) -> Block:
    """What people said: suggestions with their answers, or that nobody has been heard yet."""
    found = say.content.participation
    if found is None:
        return Block("said", say("title.said"), say("said.nothing"))
    if not found.answers:
        count = len(found.groups.sets)
        return Block("said", say("title.said"), say("said.groups", count=count), details=("participation",))
    finding = say("said.answered", count=len(found.answers))
    sheet = suggestions_sheet(say.voice, say.tables, found, key="main_suggestions", most=_SUGGESTIONS)
    return Block("said", say("title.said"), finding, sheets=(sheet,), details=("participation",))


def unknown(say: Telling) -> Block:
    """What fails, what was not asked, what is assumed and what is withheld."""
    content = say.content
    sentences = [*_weak(say), *_turning(say), *_years(say)]
    cells = len(content.mask.hidden)
    if cells or content.mask.offers:
        sentences.append(say("unknown.withheld", cells=cells, offers=len(content.mask.offers)))
    if content.omitted:
        names = say.voice.listed([say.voice.say(f"omitted.{name}") for name in content.omitted])
        sentences.append(say("unknown.omitted", names=names))
    return Block(
        "unknown",
        say("title.unknown"),
        say("unknown.finding"),
        tuple(sentences),
        details=("robustness", "indicators", "method"),
    )


def _weak(say: Telling) -> list[str]:
    """The offers whose direction is fragile or open, those with the most money first."""
    table = say.decision.sure
    weak = table[table["sure"].isin(["fragile", "open"])]
    if weak.empty:
        return []
    money = say.content.plan.offers.set_index("offer_id")["cost_eur"]
    order = weak.assign(_money=weak["offer_id"].map(money).fillna(0.0)).sort_values(
        ["sure", "_money"], ascending=[True, False], kind="stable"
    )
    names = [say.short.name("offer_id", str(id)) for id in order["offer_id"].head(_NAMED).tolist()]
    return [say("unknown.weak", names=say.voice.listed(names, len(order)))]


def _turning(say: Telling) -> list[str]:
    found = say.content.robustness
    if found is None or found.turning is None or found.turning.looked_at >= found.turning.inputs:
        return []
    numbers = {"looked": found.turning.looked_at, "inputs": say.short.number(found.turning.inputs)}
    return [say("unknown.turning", **numbers)]


def _years(say: Telling) -> list[str]:
    """Years for which no pot has an amount of its own."""
    years = say.content.comparison.years
    own = years[(years["scenario_id"] == say.content.proposal) & years["stated"].eq("stated_none")]
    if own.empty or plan_year(say.content.case) is None:
        return []
    named = [str(year) for year in own["year"].tolist()]
    return [say("unknown.years", years=say.voice.listed(named), count=len(named))]
