"""The blocks that compare: the options side by side, what changes offer by offer, why this proposal and no other."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from allocate.analyses.decision.changes import CUT
from allocate.report.blocks.block import Block
from allocate.report.blocks.block_words import Telling
from allocate.report.columns import NO_NUMBER, WITHHELD, Column, labelled, written_date
from allocate.report.front.options import beside
from allocate.report.sections.money import next_step
from allocate.report.sections.proposal import beside_parent, causes
from allocate.report.sections.section import Sheet
from allocate.report.sections.tables import by_key
from allocate.solve.solution import Status

# So many options and so many changed offers have room on six pages.
OPTIONS, CHANGES = 8, 30


def side_by_side(say: Telling) -> Block:
    """The options by one yardstick: today as the baseline, the differences, and how sure the proposal is."""
    table = by_key(say.decision.options, "scenario_id")
    own, today = table[say.content.proposal], table[say.content.status_quo]
    short = say.short
    missed = int(today["missed_count"])
    finding = say(
        "side_by_side.gain" if missed else "side_by_side.gain_only",
        coverage=short.points(float(own["coverage_gain"])),
        lowest=short.points(float(own["lowest_gain"])),
        missed=missed,
    )
    span = say.decision.promised.of("weighted_coverage")
    sure = []
    if span is not None:
        sure = [say("side_by_side.sure", low=short.percent(span[0]), high=short.percent(span[1]))]
    return Block(
        "side_by_side",
        say("title.side_by_side"),
        finding,
        (*causes(say.voice), *beside_parent(say.voice), *sure, _proof(say)),
        sheets=(_options(say),),
        details=("options", "budgets", "cooperation"),
    )


def _proof(say: Telling) -> str:
    """In which sense no plan is better: always with the aims by which it is judged."""
    plan = say.content.plan
    if plan.status is not Status.OPTIMAL:
        return say("side_by_side.limit")
    return say("side_by_side.aims_indivisible" if plan.scenario.indivisible else "side_by_side.aims")


def _options(say: Telling) -> Sheet:
    content = say.content
    frame = say.decision.options
    shown_ids = {content.status_quo, content.proposal, *say.decision.comparable}
    frame = frame[frame["scenario_id"].isin(shown_ids)]
    first = {content.status_quo: 0, content.proposal: 1}
    order = frame["scenario_id"].map(first).fillna(2)
    frame = frame.assign(_order=order).sort_values("_order", kind="stable").drop(columns="_order").head(OPTIONS)
    titles = {id: say.voice.scenario(id) for id in content.plans}
    titles[content.status_quo] = say.short("option.today")
    titles[content.proposal] = say.short("option.proposal", title=titles[content.proposal])
    sure = [_tested(say, row) for row in frame.to_dict("records")]
    frame = frame.assign(option=frame["scenario_id"].map(titles), sure=sure)
    own = labelled(
        {"sure": "text"},
        option=say.short("head.option"),
        weighted_coverage=say.short("head.coverage"),
        coverage_gain=say("column.coverage_gain"),
        lowest_space_coverage=say("column.lowest"),
        lowest_gain=say("column.coverage_gain"),
        missed_count=say("column.missed_count"),
        short_next_eur=say("column.short_next"),
        sure=say("column.sure"),
    )
    # Where no year to come is known, or there is no money, nothing can be lacking later.
    later = frame["short_next_eur"].notna().any()
    shown = (
        "option", "weighted_coverage", "coverage_gain", "lowest_space_coverage", "lowest_gain", "missed_count",
        "duplication_eur", "moved_eur", *(["short_next_eur"] if later else []),
        *(["sure"] if frame["runs"].gt(0).any() else []),
    )  # fmt: skip
    title = say("sheet.main_options" if later else "sheet.main_options_now")
    return Sheet("main_options", title, frame.reset_index(drop=True), shown, own=own)


def changes(say: Telling) -> Block:
    """Cuts and expansions in one table: places, euros, price of keeping, how sure in both tests, from when."""
    table = say.decision.changes
    if table.empty:
        return Block("changes", say("title.changes"), say("changes.none"), details=("reasons",))
    less = int(table["kind"].isin(CUT).sum())
    words = table["sure"].value_counts()
    values = {"less": less, "more": len(table) - less, "robust": int(words.get("robust", 0))}
    values["weak"] = int(words.get("open", 0) + words.get("fragile", 0))
    tested = table["sure"].ne("").any()
    key = "changes.untested" if not tested else "changes.finding" if values["weak"] else "changes.finding_sure"
    return Block(
        "changes",
        say("title.changes"),
        say(key, **values),
        (*([say("changes.words")] if tested else []), say("changes.keeping")),
        sheets=(_changes(say, table),),
        details=("reasons", "timing", "robustness"),
    )


def _tested(say: Telling, row: dict[Any, Any]) -> str:
    """How far the coverage of a kept plan may lie from what is promised, and in how many runs it misses a floor."""
    if row["scenario_id"] == say.content.status_quo:
        return NO_NUMBER
    if not row["runs"]:
        return say.short("note.untested")
    low, high = (say.short.percent(float(row[name])) for name in ("sure_low", "sure_high"))
    return say("side_by_side.tested", low=low, high=high, missed=int(row["missed_runs"]), runs=int(row["runs"]))


def change_columns(say: Telling, table: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Column]]:
    """A table of changed offers (``decision.changes.COLUMNS``) with what is shown of each, and the columns of it."""
    short = say.short
    rows = table.to_dict("records")
    table = table.assign(
        name=[short.name("offer_id", str(row["offer_id"])) for row in rows],
        places=[_places(say, row) for row in rows],
        near=[_of(say, row["near_same"], row["near_plans"]) for row in rows],
        tested=[_of(say, row["runs_same"], row["runs"]) for row in rows],
        sure_label=[short(f"sure.{row['sure']}") if row["sure"] else short("note.untested") for row in rows],
        earliest=[written_date(str(row["earliest"]), say.lang) for row in rows],
    )
    own = labelled(
        {"places": "text", "earliest": "text"},
        name=short("head.offer"),
        places=say("column.places"),
        keeping_eur=say("column.keeping_eur"),
        near=say("column.near"),
        tested=say("column.runs"),
        sure_label=say("column.sure"),
        earliest=say("column.earliest"),
    )
    return table, own


def _changes(say: Telling, table: pd.DataFrame) -> Sheet:
    table, own = change_columns(say, table)
    shown = ("name", "places", "change_eur", "keeping_eur", "near", "tested", "sure_label", "earliest")
    return Sheet(
        "main_changes",
        say("sheet.main_changes"),
        table,
        shown,
        say("note.main_changes"),
        own,
        withheld(say, table),
        CHANGES,
    )


def withheld(say: Telling, table: pd.DataFrame) -> pd.DataFrame | None:
    """Which figures of changed offers are withheld; only a cut has a price of keeping."""
    mask, ids = say.content.mask, table["offer_id"]
    price = ids.isin(mask.prices) & table["keeping_eur"].isna() & table["kind"].isin(CUT)
    found = pd.DataFrame({"change_eur": ids.isin(mask.offers) | table["change_eur"].isna(), "keeping_eur": price})
    return found if found.to_numpy().any() else None


def _places(say: Telling, row: dict[Any, Any]) -> str:
    before, after = float(row["capacity_before"]), float(row["capacity"])
    if math.isnan(before) or math.isnan(after):
        return WITHHELD
    return f"{say.short.number(before)} → {say.short.number(after)}"


def _of(say: Telling, same: object, total: object) -> str:
    count = int(str(total))
    return say("of", same=int(str(same)), total=count) if count else NO_NUMBER


def why_here(say: Telling) -> Block | None:
    """What a further step costs on every curve, and plans that look better with what speaks against them."""
    said = [next_step(say.voice, curve, against) for against, curve in say.content.curves.items()]
    others = beside(say.short)
    if not said and not others:
        return None
    finding, *rest = [*others, *filter(None, said)]
    return Block("why_here", say("title.why_here"), finding, tuple(rest), details=("tradeoffs", "budgets", "rules"))
