"""The first chapters: what is proposed and how sure it is, why there may be no proposal, and what else is possible."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from allocate.analyses.conflicts.conflict_words import grouped
from allocate.analyses.conflicts.why_no_plan import Conflict
from allocate.report.columns import labelled
from allocate.report.sections.section import Section, Sheet
from allocate.report.sections.tables import Tables, by_key
from allocate.report.wording import Voice, aims_said
from allocate.results.floor_kinds import minima, missed, targets
from allocate.results.measures import Measures
from allocate.solve.solution import Status

OPTIONS = (
    "option", "status", "weighted_coverage", "lowest_space_coverage", "covered_units", "duplication_eur", "moved_eur",
    "spent_eur",
)  # fmt: skip
NEAR = (
    "plan_label", "below_best", "to_proposal_eur", "to_today_eur", "raised", "lowered", "weighted_coverage",
    "lowest_space_coverage", "duplication_eur",
)  # fmt: skip


def proposal(voice: Voice, tables: Tables) -> Section | None:
    """What today is like, or why there is no plan; a proposal is told by page one and the main report."""
    content = voice.content
    if content.is_proposal:
        return None
    return _none(voice, tables) if content.proposal else _judged(voice)


def causes(voice: Voice) -> list[str]:
    """What of the change of coverage is due to other inputs, to other users of today's places, and to money."""
    steps = voice.content.comparison.steps
    own = steps[(steps["scenario_id"] == voice.content.proposal) & (steps["measure"] == "weighted_coverage")]
    if own.empty:
        return []
    row = own.iloc[0]
    parts = {name: voice.points(float(row[f"from_{name}"])) for name in ("inputs", "reassignment", "money")}
    return [voice.say("proposal.causes", total=voice.points(float(row["after"]) - float(row["before"])), **parts)]


def beside_parent(voice: Voice) -> list[str]:
    """A proposal with less money than the scenario it derives from stands beside that one too."""
    parents = voice.content.comparison.parents
    rows = parents[parents["scenario_id"] == voice.content.proposal]
    if rows.empty:
        return []
    own = by_key(rows, "measure")
    money, coverage, lowest = (own[name] for name in ("money_eur", "weighted_coverage", "lowest_space_coverage"))
    parent = str(money["parent_id"])
    values = {
        "less": voice.euro(float(money["parent"]) - float(money["value"])),
        "coverage": voice.percent(float(coverage["value"])),
        "coverage_parent": voice.percent(float(coverage["parent"])),
        "lowest": voice.percent(float(lowest["value"])),
        "lowest_parent": voice.percent(float(lowest["parent"])),
    }
    return [voice.say("proposal.parent", parent=str(money["parent_title"]) or parent, **values)]


def _judged(voice: Voice) -> Section:
    """No scenario optimises anything: the report says how things stand."""
    measures = _measures(voice)
    sentences = (
        voice.say("today.only"),
        voice.say(
            "today.coverage",
            coverage=voice.percent(measures.weighted_coverage) or voice.say("today.no_demand"),
            lowest=voice.percent(measures.lowest_space_coverage) or voice.say("today.no_demand"),
            duplication=voice.euro(measures.duplication_eur),
        ),
        _floors_today(voice),
    )
    return Section("proposal", voice.say("section.today"), sentences, note=voice.say("today.note"))


def _floors_today(voice: Voice) -> str:
    plan = voice.content.plan
    floors = minima(plan)
    said = voice.say("today.no_floors")
    if len(floors):
        key = "today.floors" if missed(floors) else "today.floors_met"
        said = voice.say(key, missed=missed(floors), total=len(floors))
    return " ".join([said, *aims_said(voice, targets(plan))])


def _none(voice: Voice, tables: Tables) -> Section:
    """No plan meets all rules: which ones clash and what would reconcile them."""
    content = voice.content
    title = voice.scenario(content.proposal)
    infeasible = content.plan.status is Status.INFEASIBLE
    sentences = [voice.say("none.what" if infeasible else "none.limit", title=title)]
    sheets: list[Sheet] = []
    conflict = content.conflict
    if conflict is None:
        sentences.append(content.plan.message(voice.lang))
    else:
        members, hidden = _published(voice, conflict)
        # The message counts the units of a floor; where they are withheld the other remarks say enough.
        told = [remark.text(voice.lang) for remark in conflict.remarks] if hidden else conflict.message(voice.lang)
        sentences += told
        repairs = conflict.short_repairs(voice.lang)
        sheets = [
            tables.sheet("clash", members, [name for name in CLASH if name in members.columns]),
            tables.sheet("repairs", repairs, [name for name in REPAIRS if name in repairs.columns]),
        ]
    note = voice.say("none.note") if infeasible else ""
    return Section("proposal", voice.say("section.none"), tuple(sentences), tuple(sheets), note=note)


def _published(voice: Voice, conflict: Conflict) -> tuple[pd.DataFrame, bool]:
    """The rules that clash in few lines, and whether the units of some had to be withheld."""
    members = conflict.members(voice.lang)
    mask = voice.content.mask
    pairs = zip(members["place"].astype(str), members["need_id"].astype(str), strict=True)
    hidden = [mask.hides_place(place, need) for place, need in pairs]
    members.loc[hidden, ["gives_way", "gives_way_points"]] = float("nan")
    # The name of a floor counts its units.
    members.loc[hidden, "name"] = [
        voice.say("clash.withheld", floor=row["id"], need=voice.need(str(row["need_id"])), place=row["place"])
        for row in members[hidden].to_dict("records")
    ]
    return grouped(members, voice.lang), any(hidden)


CLASH = ("name", "gives_way_text", "basis", "decider")
REPAIRS = ("repair", "status", "eur", "places", "posts", "points", "what", "decider", "verified")


def options(voice: Voice, tables: Tables) -> Section:
    """All scenarios of the report side by side, doing nothing among them; then the plans almost as good."""
    content = voice.content
    sentences = [voice.say("options.intro" if len(content.plans) > 1 else "options.alone", count=len(content.plans))]
    for id, plan in content.plans.items():
        if not plan.has_plan:
            infeasible = plan.status is Status.INFEASIBLE
            message = voice.say("options.infeasible") if infeasible else plan.message(voice.lang)
            sentences.append(voice.say("options.none", title=voice.scenario(id), message=message))
    if content.is_proposal:
        sentences += [*causes(voice), *beside_parent(voice)]
    frame = content.comparison.measures
    label = {id: voice.say("options.label", title=voice.scenario(id), id=id) for id in content.plans}
    label[content.status_quo] = voice.say("options.today", title=voice.scenario(content.status_quo))
    if content.proposal:
        label[content.proposal] = voice.say("options.proposal", title=voice.scenario(content.proposal))
    frame = frame.assign(option=frame["scenario_id"].map(label))
    order = {content.proposal: 0, content.status_quo: 1}
    frame = frame.sort_values("scenario_id", key=lambda ids: ids.map(order).fillna(2), kind="stable")
    own = labelled(option=voice.say("column.option"))
    sheets = [
        tables.sheet("options", frame, OPTIONS, own=own),
        *_years(voice, tables, label),
        *_steps(voice, tables),
        *_near(voice, tables),
    ]
    if content.alternatives is not None:
        sentences += content.alternatives.sentences(voice.lang)
    return Section("options", voice.say("section.options"), tuple(sentences), tuple(sheets))


def _years(voice: Voice, tables: Tables, label: Mapping[str, str]) -> list[Sheet]:
    """What every option costs this year and in each of the next three if everybody keeps to it."""
    years = voice.content.comparison.years
    if years.empty:
        return []
    years = years.assign(
        option=years["scenario_id"].map(label), lost=[voice.each("offer_id", ids) for ids in years["orphaned"]]
    )
    own = labelled(option=voice.say("column.option"), lost=voice.say("column.lost_pot"))
    carried = ("carried_eur",) if years["carried_eur"].gt(0).any() else ()
    shown = ("option", "year", "cost_eur", "money_eur", *carried, "short_eur", "stated", "lost")
    return [tables.sheet("years", years, shown, own=own)]


def _steps(voice: Voice, tables: Tables) -> list[Sheet]:
    """What of the gain is due to other inputs, to other users, and to money."""
    steps = voice.content.comparison.steps
    steps = steps[(steps["scenario_id"] == voice.content.proposal)]
    steps = steps[steps["measure"].isin(["weighted_coverage", "lowest_space_coverage"])]
    if steps.empty:
        return []
    kinds = {"before": "share", "after": "share", "from_inputs": "share_change", "from_reassignment": "share_change"}
    kinds["from_money"] = "share_change"
    own = labelled(kinds, **{name: voice.say(f"column.{name}") for name in kinds})
    shown = ("measure", "before", "from_inputs", "from_reassignment", "from_money", "after")
    return [tables.sheet("steps", steps, shown, own=own)]


def _near(voice: Voice, tables: Tables) -> list[Sheet]:
    found = voice.content.alternatives
    if found is None:
        return []
    labels = [_plan_label(voice, id) for id in found.overview["plan_id"].tolist()]
    near = found.overview.assign(plan_label=labels)
    own = labelled(plan_label=voice.say("column.plan"))
    return [tables.sheet("near", near, NEAR, own=own), _agreement(voice, tables, found.agreement)]


def _plan_label(voice: Voice, plan_id: str) -> str:
    kind, _, number = plan_id.rpartition("_")
    if kind == "different":
        return voice.say("plan.different", number=number)
    return voice.say(f"plan.{plan_id}") if voice.knows(f"plan.{plan_id}") else voice.word(plan_id)


def _agreement(voice: Voice, tables: Tables, agreed: pd.DataFrame) -> Sheet:
    """How far the plans agree on each offer, the sure ones first."""
    table = agreed.sort_values(["share", "offer_id"], ascending=[False, True], kind="stable")
    own = labelled(direction=voice.say("column.mostly"), share=voice.say("column.agree"))
    shown = ("offer_id", "direction", "share", "how_often", "raised", "lowered", "kept")
    return tables.sheet("agreement", table, shown, own=own)


def _measures(voice: Voice) -> Measures:
    measures = voice.content.plan.measures
    if measures is None:
        raise ValueError(voice.content.proposal)
    return measures
