"""The chapters about people and places: who gains, who loses, whether it is fair, where needs are covered."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

import pandas as pd

from allocate.analyses.fairness.covered_how_well import BURDENED, OTHERS
from allocate.report.columns import labelled
from allocate.report.sections.counting import counts
from allocate.report.sections.section import Section, Sheet
from allocate.report.sections.tables import Tables, by_key
from allocate.report.wording import NAMED, Voice
from allocate.results.cell_coverage import cell_coverage

COVERED = (
    "name_label", "demand", "coverage_before", "coverage", "coverage_change", "falls", "covered_change", "direction",
)  # fmt: skip
PAID = (
    "name_label", "cost_before_eur", "cost_eur", "change_eur", "change_from_inputs_eur", "covered_before", "covered",
)  # fmt: skip
PEOPLE = ("space", "region", "need", "target_group")


def people(voice: Voice, tables: Tables) -> Section | None:
    """Who gains and who loses, by space, region, need, target group, provider and department."""
    content = voice.content
    gains = content.comparison.gains
    gains = gains[gains["scenario_id"] == content.proposal] if len(gains) else gains
    if gains.empty:
        return None
    sentences = [_winners(voice, gains[gains["by"] == by], by) for by in ("space", "need")]
    sentences.append(_providers(voice, gains[gains["by"] == "provider"]))
    sheets = [_gains(voice, tables, gains, by) for by in (*PEOPLE, "provider", "department")]
    counted, said = counts(voice, tables)
    sentences += said
    kept = (*(sheet for sheet in sheets if sheet is not None), *counted)
    return Section("people", voice.say("section.people"), tuple(filter(None, sentences)), kept)


def _gains(voice: Voice, tables: Tables, gains: pd.DataFrame, by: str) -> Sheet | None:
    rows = gains[gains["by"] == by]
    # Where nobody is named, a single row "not assigned" would say of nobody that he gains.
    if not any(rows["id"]):
        return None
    rows = rows.assign(name_label=[voice.label(by, str(id)) for id in rows["id"].tolist()])
    order = "coverage_change" if by in PEOPLE else "change_eur"
    rows = rows.sort_values(order, kind="stable")
    rows = rows.assign(falls=[_fall(voice, row) for row in rows.to_dict("records")])
    shown = COVERED if any(rows["falls"]) else tuple(name for name in COVERED if name != "falls")
    own = labelled(name_label=voice.say(f"column.{by}"))
    hidden = voice.content.mask.total_rows(by, rows["id"])
    # Whether a withheld group gains or loses is withheld as well.
    rows = rows.assign(direction=rows["direction"].mask(hidden, ""))
    return tables.sheet(f"gains_{by}", rows, shown if by in PEOPLE else PAID, own=own, hidden=hidden)


def _winners(voice: Voice, rows: pd.DataFrame, by: str) -> str:
    """How many gain and lose, and who most."""
    shown = rows[~voice.content.mask.total_rows(by, rows["id"])]
    gain = shown[shown["direction"] == "gains"].sort_values("coverage_change", ascending=False, kind="stable")
    lose = shown[shown["direction"] == "loses"].sort_values("coverage_change", kind="stable")
    if gain.empty and lose.empty:
        return ""
    values = {"gain": len(gain), "lose": len(lose), "most": _most(voice, gain, by), "least": _most(voice, lose, by)}
    key = "both" if len(gain) and len(lose) else "gain" if len(gain) else "lose"
    return voice.say(f"people.{by}.{key}", **values)


def _most(voice: Voice, rows: pd.DataFrame, by: str) -> str:
    """Those at the top with their change, and the need that falls although the whole rises."""
    named = []
    for row in rows.head(NAMED).to_dict("records"):
        points = voice.say("people.points", points=voice.points(float(row["coverage_change"])))
        fall = told_fall(voice, row, voice.percent)
        inside = voice.say("people.although", points=points, fall=fall) if fall else points
        named.append(f"{voice.label(by, str(row['id']))} ({inside})")
    return voice.listed(named)


def told_fall(voice: Voice, row: Mapping[Hashable, Any], percent: Callable[[float], str]) -> str:
    """The need that falls most within a group that gains, for the same sentence; blank where none falls or it loses."""
    need = str(row["worst_need_id"])
    if not need or row["direction"] != "gains":
        return ""
    if _is_withheld(voice, row):
        return voice.say("people.falls", need=voice.need(need))
    return _fall(voice, row, percent)


def _fall(voice: Voice, row: Mapping[Hashable, Any], percent: Callable[[float], str] | None = None) -> str:
    """The need whose coverage falls most within a group, without its figures where they are withheld."""
    need = str(row["worst_need_id"])
    if not need or _is_withheld(voice, row):
        return voice.need(need) if need else ""
    before, after = ((percent or voice.percent)(float(row[name])) for name in ("worst_need_before", "worst_need"))
    return voice.say("people.fall", need=voice.need(need), before=before, after=after)


def _is_withheld(voice: Voice, row: Mapping[Hashable, Any]) -> bool:
    mask, need, by, id = voice.content.mask, str(row["worst_need_id"]), str(row["by"]), str(row["id"])
    return mask.hides_place(id, need) if by in ("space", "region") else mask.hides_total("need", need)


def _providers(voice: Voice, rows: pd.DataFrame) -> str:
    rows = rows[rows["id"] != ""]
    less = rows[rows["change_eur"] < -1.0].sort_values("change_eur", kind="stable")
    more = rows[rows["change_eur"] > 1.0]
    if less.empty and more.empty:
        return ""
    top = less.head(NAMED)
    pairs = zip(top["id"].tolist(), top["change_eur"].tolist(), strict=True)
    named = [f"{voice.label('provider', str(id))} ({voice.euro(float(eur))})" for id, eur in pairs]
    key = "people.providers" if len(less) else "people.providers_more"
    return voice.say(key, less=len(less), more=len(more), most=voice.listed(named))


def fair(voice: Voice, tables: Tables) -> Section | None:
    """The least covered space, the burdened ones and the others, and what no money could reach."""
    found = voice.content.fairness
    if found is None:
        return None
    sentences = [_lowest(voice, by_key(found.summary, "when"))]
    groups = found.groups
    hidden = voice.content.mask.total_rows(groups["kind"], groups["group"])
    sentences += _burden(voice, by_key(groups[groups["kind"].eq("burden") & ~hidden], "group"))
    sentences += [remark.text(voice.lang) for remark in found.remarks if remark.key in ("burden", "reachable")]
    labels = [voice.group(str(kind), str(id)) for kind, id in zip(groups["kind"], groups["group"], strict=True)]
    groups = groups.rename(columns={"kind": "group_kind"}).assign(group=labels)
    short = voice.say("column.short_units", target=voice.percent(found.target))
    own = labelled(
        short_units_today=f"{short}: {voice.word('today')}", short_units_plan=f"{short}: {voice.word('plan')}"
    )
    shown: tuple[str, ...] = ("today", "plan", "reachable", "short_units_today", "short_units_plan")
    if not voice.content.is_proposal:
        shown = ("today", "reachable", "short_units_today")
    sheets = [tables.sheet("fair_groups", groups, ("group_kind", "group", *shown), own=own, hidden=hidden)]
    hidden = tables.of_spaces(found.spaces)
    sheets.append(tables.sheet("fair_spaces", found.spaces, ("space_id", "population", *shown), own=own, hidden=hidden))
    if len(found.unreachable):
        worst = found.unreachable.sort_values("unreachable_units", ascending=False, kind="stable")
        shown = ("space_id", "need_id", "demand", "unreachable_units", "unreachable_share")
        sheets.append(tables.sheet("unreachable", worst, shown))
    return Section("fair", voice.say("section.fair"), tuple(sentences), tuple(sheets))


def _lowest(voice: Voice, summary: dict[str, dict[str, Any]]) -> str:
    """The least covered space, without its name where its figures are withheld."""
    space = str(summary["plan"]["lowest_space_id"])
    hidden = voice.content.mask.hides_total("space", space)
    key = "fair.lowest_unnamed" if hidden else "fair.lowest"
    return voice.say(
        key if voice.content.is_proposal else f"{key}_today",
        space=voice.name("space_id", space),
        trend=_trend(voice, summary, "lowest_space_coverage"),
        apart=_trend(voice, summary, "highest_minus_lowest"),
    )


def _burden(voice: Voice, groups: dict[str, dict[str, Any]]) -> list[str]:
    """Burdened spaces beside the others, where both may be shown."""
    sides = (BURDENED, OTHERS)
    if not set(sides) <= set(groups):
        return []
    if not voice.content.is_proposal:
        return [voice.say("fair.burden_today", **{side: voice.percent(groups[side]["today"]) for side in sides})]
    trends = {side: voice.trend(groups[side]["today"], groups[side]["plan"], voice.percent) for side in sides}
    return [voice.say("fair.burden", **trends)]


def _trend(voice: Voice, summary: dict[str, dict[str, Any]], name: str) -> str:
    if not voice.content.is_proposal:
        return voice.percent(float(summary["today"][name]))
    return voice.trend(summary["today"][name], summary["plan"][name], voice.percent)


def places(voice: Voice, tables: Tables) -> Section:
    """Spaces by needs: how far each is covered, and what changes."""
    content = voice.content
    cells = cell_coverage(content.today, content.shown)
    sheets = [tables.matrix("coverage", cells, "coverage", "share")]
    if content.is_proposal:
        sheets.append(tables.matrix("change", cells, "change", "share_change"))
    hidden = len(content.mask.hidden)
    sentences = [voice.say("places.intro")]
    if hidden:
        sentences.append(voice.say("places.withheld", count=hidden, threshold=voice.units(content.mask.threshold)))
    return Section("places", voice.say("section.places"), tuple(sentences), tuple(sheets))
