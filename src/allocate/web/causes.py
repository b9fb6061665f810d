"""Causes: what each change of a scenario does to the main figures, named as the page names steps."""

from __future__ import annotations

from dataclasses import dataclass, replace

from allocate.analyses.comparison.attribution import Attribution, attribute
from allocate.inputs.case import LIST_SEPARATOR
from allocate.report.columns import labelled
from allocate.report.sections.section import Sheet
from allocate.results.columns import unit_of
from allocate.session import Session
from allocate.web.compared import called
from allocate.web.desk import SETTINGS_TABLE, Step
from allocate.web.reply import Reply, sheet
from allocate.web.shown import FIGURES
from allocate.web.speech import say
from allocate.web.step_names import change_name, column_name, value_word


def causes(session: Session, scenario_id: str, _about: str, lang: str) -> Reply:
    """What each change of the working copy does to the main figures, by its Shapley value.

    Raises ``UsageError`` (no-parent) for a scenario that stands beside no other.
    """
    found = attribute(session, scenario_id)
    return Reply(found.to_json(lang), told(found, lang), (effects(session, found, lang),))


@dataclass(frozen=True)
class Caused:
    """What caused the difference of one scenario to the one it comes from: sentences and the table."""

    told: tuple[str, ...]
    sheet: Sheet


def of_each(session: Session, ids: list[str], lang: str) -> list[Caused]:
    """The causes of every scenario that comes from another one."""
    own = [id for id in ids if session.variant(id).scenario.parent_id]
    found = [attribute(session, id) for id in own]
    return [_caused(session, one, lang) for one in found]


def _caused(session: Session, found: Attribution, lang: str) -> Caused:
    title = say("compare.caused", lang, scenario=called(found.scenario_id, lang), parent=found.parent_id)
    return Caused(told(found, lang), replace(effects(session, found, lang), title=title))


def told(found: Attribution, lang: str) -> tuple[str, ...]:
    """What the figures mean: the mean over orders, which is all that the page shows, and what limits it."""
    meaning = (say("causes.meaning", lang, parent=found.parent_id),) if found.orders else ()
    return (*meaning, *found.limits(lang))


def effects(session: Session, found: Attribution, lang: str) -> Sheet:
    """One row a change: what it is called, why it was made, and its mean effect on each main figure."""
    parts = found.effects.pivot_table(index="group", columns="measure", values="shapley", dropna=False)
    table = found.groups.merge(parts.reset_index(), on="group", how="left")
    cells = zip(*(table[name].astype(str).tolist() for name in ("group", "kind", "rows", "label")), strict=True)
    table = table.assign(label=[_called(session, group, kind, rows, label, lang) for group, kind, rows, label in cells])
    changes = {name: f"{unit_of(name).name}_change" for name in FIGURES}
    own = labelled(changes, **{name: say(f"figure.{name}", lang) for name in FIGURES})
    drawn = sheet(session, "causes", table, ("label", "reason", *own), lang)
    return replace(drawn, own=own)


def _called(session: Session, group: str, kind: str, rows: str, label: str, lang: str) -> str:
    """A setting by its column and both values, rows of changes as the list of steps calls them."""
    if kind == "setting":
        before, _, after = label.partition(": ")[2].partition(" -> ")
        old, new = (value_word(one, lang) for one in (before, after))
        return f"{column_name(SETTINGS_TABLE, group, lang)}: {old} → {new}"
    changes = session.case["changes"]
    own = changes.loc[[int(row) for row in rows.split(LIST_SEPARATOR)], ["table", "key", "column", "how", "value"]]
    return change_name(session.case, [Step(*map(str, row)) for row in own.itertuples(index=False)], lang)
