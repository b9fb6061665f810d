"""The chapters that answer doubts: what people said and what came of it, and whether the proposal holds."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from allocate.analyses.participation.group_answers import Participation
from allocate.analyses.participation.group_words import label_of
from allocate.analyses.participation.suggestion_ledger import ledger_of
from allocate.analyses.robustness.robust_words import parts_of
from allocate.analyses.robustness.robust_words import sentences as told
from allocate.inputs.case import split_list
from allocate.language import Texts
from allocate.report.columns import labelled
from allocate.report.sections.section import Section, Sheet
from allocate.report.sections.tables import Tables
from allocate.report.wording import Voice
from allocate.town.facts import NeedFacts

ROBUSTNESS = Texts("allocate.analyses.robustness")

PLANS = (
    "plan_label", "differs_eur", "turned", "regret", "regret_least", "weighted_coverage", "lowest_space_coverage",
    "moved_eur",
)  # fmt: skip
DECISIONS = (
    "offer_id", "agreement", "lowest_cost_eur", "highest_cost_eur", "least_regret_eur", "raised_by", "lowered_by",
    "kept_by",
)  # fmt: skip
SUGGESTIONS = (
    "suggestion", "outcome", "gained_units", "lost_units", "handed_over_eur", "suggestion_status", "decision_reason",
)  # fmt: skip


def participation(voice: Voice, tables: Tables) -> Section | None:
    """Weights of each group and what they would plan; every suggestion with its answer."""
    found = voice.content.participation
    if found is None:
        return None
    sentences = found.sentences(voice.lang)
    sheets = [_plans(voice, tables, found), _decisions(voice, tables, found), _weights(voice, tables, found)]
    if found.answers:
        # The report's own mask knows what its other chapters show.
        sentences += ledger_of(found.answers, voice.content.mask).sentences(voice.lang)
        sheets.append(suggestions_sheet(voice, tables, found))
    return Section("participation", voice.say("section.participation"), tuple(sentences), tuple(sheets))


def suggestions_sheet(
    voice: Voice, tables: Tables, found: Participation, *, key: str = "suggestions", most: int = 0
) -> Sheet:
    """Every suggestion with its answer."""
    table = ledger_of(found.answers, voice.content.mask).table
    table = table.rename(columns={"title": "suggestion", "status": "suggestion_status"})
    own = labelled(outcome=voice.say("column.answer"))
    return replace(tables.sheet("suggestions", table, SUGGESTIONS, own=own, most=most), key=key)


def _plans(voice: Voice, tables: Tables, found: Participation) -> Sheet:
    labels = [label_of(str(name), voice.lang) for name in found.plans["plan"].tolist()]
    own = labelled(plan_label=voice.say("column.plan_of"))
    return tables.sheet("group_plans", found.plans.assign(plan_label=labels), PLANS, own=own)


def _decisions(voice: Voice, tables: Tables, found: Participation) -> Sheet:
    """Only the offers about which the groups differ, the most disputed first."""
    parted = found.decisions[found.decisions["agreement"] != "shared"]
    for side in ("raised_by", "lowered_by", "kept_by"):
        named = [
            ", ".join(label_of(name, voice.lang) for name in split_list(str(cell))) for cell in parted[side].tolist()
        ]
        parted = parted.assign(**{side: named})
    return tables.sheet("disputed", parted, DECISIONS)


def _weights(voice: Voice, tables: Tables, found: Participation) -> Sheet:
    """The share each group gives to each need."""
    table = found.weight_table().pivot(index="need_id", columns="weight_set", values="weight")
    sets = [name for name in found.groups.sets if name in table.columns]
    order = [id for id in NeedFacts(voice.content.case).ids if id in table.index]
    frame = table.reindex(order)[sets].rename_axis(columns=None).reset_index()
    frame[sets] = frame[sets] / 100
    own = labelled(dict.fromkeys(sets, "share"), **{name: label_of(name, voice.lang) for name in sets})
    return tables.sheet("group_weights", frame, ("need_id", *sets), own=own)


def robustness(voice: Voice, tables: Tables) -> Section | None:
    """A light for every offer, what chance does to the coverage, and which figure turns a decision first."""
    found = voice.content.robustness
    if found is None:
        return None
    offers = found.offers.assign(_order=_rank(found.offers["light"])).sort_values("_order", kind="stable")
    shown: tuple[str, ...] = ("offer_id", "direction", "light", "same", "runs", "rests_on", "otherwise", "change_eur")
    sheets = [tables.sheet("lights", offers, shown)]
    if len(found.ranges):
        ranges = found.ranges.assign(
            cause_label=[voice.word(str(one)) for one in found.ranges["cause"].tolist()],
            plan_label=[_kept_or(voice, str(one)) for one in found.ranges["plan"].tolist()],
        )
        own = labelled(
            cause_label=voice.say("column.cause"),
            plan_label=voice.say("column.plan"),
            low=voice.say("column.low"),
            high=voice.say("column.high"),
        )
        shown = ("cause_label", "plan_label", "runs", "promised", "low", "middle", "high", "without_plan")
        sheets.append(tables.sheet("ranges", ranges, shown, own=own))
    if found.turning is not None and len(found.turning.table):
        sheets.append(_turning(voice, tables, found.turning.table))
    return Section("robustness", voice.say("section.robustness"), tuple(told(found, voice.lang)), tuple(sheets))


def _kept_or(voice: Voice, plan: str) -> str:
    """The proposal held to (elsewhere "kept" says that an offer stays as today), or another plan by its word."""
    return voice.say("plan.kept") if plan == "kept" else voice.word(plan)


def _rank(lights: pd.Series) -> pd.Series:
    return lights.map({"fragile": 0, "rather_stable": 1, "stable": 2}).fillna(3)


def _figure(voice: Voice, kind: str, key: str) -> str:
    """A figure by its kind and the names of its place: ``weight: Addiction counselling (N09)``; ``*`` is every one."""
    place = ", ".join(voice.name(column, id) for column, id in parts_of(kind, key))
    return ": ".join(part for part in (ROBUSTNESS.say(f"kind.{kind}", voice.lang), place) if part)


def _turning(voice: Voice, tables: Tables, table: pd.DataFrame) -> Sheet:
    """The figures that turn a decision first: how far each may be off, not what it is."""
    pairs = zip(table["kind"].tolist(), table["key"].tolist(), strict=True)
    labels = [_figure(voice, str(kind), str(key)) for kind, key in pairs]
    own = labelled(
        {"change": "share_change"},
        figure_label=voice.say("column.figure"),
        change=voice.say("column.change_percent"),
        from_direction=voice.say("column.from_direction"),
        to_direction=voice.say("column.to_direction"),
    )
    shown = ("figure_label", "change", "offer_id", "from_direction", "to_direction", "verified")
    return tables.sheet("turning", table.assign(figure_label=labels), shown, own=own)
