"""Conflict words: a clash and its repairs as a planner reads them, short tables and sentences in German or English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from allocate.analyses.conflicts.levers import FOUND, Lever, step_table
from allocate.analyses.conflicts.rule_names import TEXTS, RuleNames
from allocate.language import MINUS, as_it_is, euro, number, percent, signed
from allocate.model.rules.register import kinds, rule_of, way_of
from allocate.model.rules.rule import BEFORE_AFTER, CAPACITY_UNITS, POSTS, SENTENCE
from allocate.plain import Record


def amount_text(unit: str, amount: float, lang: str, points: float = float("nan")) -> str:
    """An amount in its unit: euros, places, or need units with percentage points."""
    if amount != amount:  # noqa: PLR0124  (NaN differs from itself)
        return ""
    if unit == "eur":
        return euro(amount, lang)
    if unit == "need_units" and points == points:  # noqa: PLR0124
        return TEXTS.say("amount.floor", lang, units=number(amount, lang, 1), points=number(points * 100, lang, 1))
    units = as_it_is(amount, lang, 2) if unit == POSTS else number(amount, lang, 1)
    return TEXTS.say(f"amount.{unit}", lang, units=units)


def capacity_text(amounts: Mapping[Any, Any], lang: str) -> str:
    """What a repair of capacity takes: places, posts or both."""
    found = [
        amount_text(unit, float(amounts[name]), lang)
        for unit, name in ((CAPACITY_UNITS, "places"), (POSTS, "posts"))
        if float(amounts[name]) > 0
    ]
    if len(found) == 2:
        return TEXTS.say("amount.and", lang, first=found[0], second=found[1])
    return found[0] if found else amount_text(CAPACITY_UNITS, 0.0, lang)


def grouped(members: pd.DataFrame, lang: str) -> pd.DataFrame:
    """The members of a clash, one line per floor and per kind of background rule; cheapest way out first in a line.

    Columns: ``name``, ``gives_way_text`` (what the easiest member of the line would have to give), ``basis``,
    ``decided_by``, ``decider``, ``members`` (how many).
    """
    if members.empty:
        return pd.DataFrame(columns=["name", "gives_way_text", "basis", "decided_by", "decider", "members"])
    # Most rules are the background of a clash; several of one kind share a line.
    apart = members["rule"].isin(kinds(lambda _, way: way.apart))
    key = members["rule"].mask(apart, members["rule"] + ":" + members["id"])
    lines = [_line(part.sort_values("gives_way", kind="stable"), lang) for _, part in members.groupby(key, sort=False)]
    return pd.DataFrame(lines)


def _line(part: pd.DataFrame, lang: str) -> Record:
    first = part.iloc[0]
    kind, count = str(first["rule"]), len(part)
    name = str(first["name"])
    if count > 1 and way_of(kind).in_points:
        places = ", ".join(sorted(part["place"]))
        share = percent(float(part["bound"].iloc[0]), lang)
        name = rule_of(kind).say("places", lang, id=first["id"], need=first["need_name"], share=share, places=places)
    elif count > 1:
        ids = ", ".join(dict.fromkeys(sorted(part["id"])))
        name = rule_of(kind).say("group", lang, ids=ids)
    points = float(part["gives_way_points"].iloc[0])
    return {
        "name": name,
        "gives_way_text": amount_text(str(first["gives_way_unit"]), float(part["gives_way"].iloc[0]), lang, points),
        "basis": ", ".join(text for text in dict.fromkeys(part["basis"]) if text),
        "decided_by": str(first["decided_by"]),
        "decider": ", ".join(dict.fromkeys(part["decider"])),
        "members": count,
    }


def repair_name(repair_id: str, kind: str, lang: str) -> str:
    """What a repair does, in a few words."""
    if kind == "combined":
        return TEXTS.say(f"repair.{repair_id}", lang)
    rule, id, *place = repair_id.split(":")
    if kind == "group":
        return rule_of(rule).say("everywhere", lang, id=id)
    where = f" ({place[0]})" if place and place[0] != "*" else ""
    return rule_of(rule).say("lever", lang, id=id) + where


def repair_lines(levers: tuple[Lever, ...], table: pd.DataFrame, names: RuleNames, lang: str) -> pd.DataFrame:
    """The possible repairs and all combined ones: name, status, amounts, what changes, who decides.

    ``table`` is that of ``levers.repair_table``.
    """
    steps = step_table(list(levers))
    words = names.table(steps["rule_number"].tolist(), lang)
    changes = pd.concat([steps[["repair_id", "change", "before", "after"]], words.drop(columns=["bound"])], axis=1)
    texts = [step_text(row, lang) for row in changes.to_dict("records")]
    told = changes.assign(text=texts).groupby("repair_id", sort=False)
    what = told["text"].agg("; ".join)
    who = told["decider"].agg(lambda deciders: ", ".join(dict.fromkeys(deciders)))
    shown = table[(table["status"] == FOUND) | (table["kind"] == "combined")]
    posts = {"posts": shown["posts"].to_numpy()} if shown["posts"].gt(0).any() else {}
    lines = pd.DataFrame(
        {
            "repair_id": shown["repair_id"].to_numpy(),
            "repair": [repair_name(id, kind, lang) for id, kind in zip(shown["repair_id"], shown["kind"], strict=True)],
            "status": shown["status"].to_numpy(),
            "eur": shown["eur"].to_numpy(),
            "places": shown["places"].to_numpy(),
            **posts,
            "points": 0.0 - shown["points"].to_numpy(),
            "what": shown["repair_id"].map(what).fillna("").to_numpy(),
            "decider": shown["repair_id"].map(who).fillna("").to_numpy(),
            "verified": shown["verified"].to_numpy(),
        }
    )
    # Two ways of asking that end in the same changes are one repair with two names.
    same = lines["what"].where(lines["what"] != "", lines["repair"])
    titles = lines.groupby(same, sort=False)["repair"].agg("; ".join)
    return lines.assign(repair=same.map(titles))[~same.duplicated()].reset_index(drop=True)


def step_text(step: Mapping[Any, object], lang: str) -> str:
    """One change in a few words, ``P2 +351,028 €`` or ``F07 S03 22.0 % → 8.0 %``."""
    kind, id, place = (str(step[name]) for name in ("rule", "id", "place"))
    where = f" {place}" if place not in ("", "*") else ""
    change, before, after = (float(str(step[name])) for name in ("change", "before", "after"))
    rule, way = rule_of(kind), way_of(kind)
    if way.told == BEFORE_AFTER:
        return f"{id}{where} {percent(before, lang)} → {percent(after, lang)}"
    if way.told == SENTENCE:
        return rule.say("step", lang, id=f"{id}{where}", euros=euro(change, lang))
    text = amount_text(rule.unit, change, lang)
    return f"{id}{where} {f'{MINUS}{text}' if way.down else signed(text)}"
