"""Behind: what a number on the page is made of, by the same functions as the commands."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from allocate.analyses.comparison.compare import status_quo_of
from allocate.analyses.comparison.gains import DEMANDED, DIMENSIONS, gains, view
from allocate.analyses.duplication.made_visible import duplication
from allocate.errors import UsageError
from allocate.inputs.names import names_of
from allocate.language import number
from allocate.plain import Record, records
from allocate.results.ledger import ledger
from allocate.session import Session
from allocate.web.reply import Reply, sheet
from allocate.web.shown import FIGURES
from allocate.web.speech import say


def twice(session: Session, scenario_id: str, _about: str, lang: str) -> Reply:
    """Where a plan has more than is needed, and why."""
    found = duplication(session, [scenario_id])
    rows = found.cells[found.cells["scenario_id"] == scenario_id]
    shown = ("space_id", "need_id", "assessment", "duplication_eur", "duplication", "locked_until", "offers")
    sentence = say("twice.none", lang) if rows.empty else ""
    return Reply(found.to_json(lang), (sentence,) if sentence else (), (sheet(session, "cells", rows, shown, lang),))


def cell(session: Session, scenario_id: str, about: str, lang: str) -> Reply:
    """Who serves a need in a space; ``about`` is ``S01|N03``."""
    plan = session.run(scenario_id)
    space, _, need = about.partition("|")
    at = plan.coverage[(plan.coverage["space_id"] == space) & (plan.coverage["need_id"] == need)]
    if at.empty:
        raise UsageError("question-unknown", question=about, known=" | ".join(plan.coverage["space_id"].unique()[:3]))
    rows = ledger(session.compiled(scenario_id).town, plan)
    rows = rows[(rows["space_id"] == space) & (rows["need_id"] == need)].reset_index(drop=True)
    one = at.iloc[0]
    names = {key: names_of(session.case, f"{key}_id", lang)[id] for key, id in (("space", space), ("need", need))}
    given = {name: number(float(one[name]), lang, 1) for name in ("demand", "covered", "gap")}
    told = say("cell.told" if one["demand"] > 0 else "cell.no-demand", lang, **names, **given)
    nobody = () if len(rows) else (say("cell.nobody", lang),)
    document: Record = {"scenario_id": scenario_id, "cell": records(at)[0], "suppliers": records(rows)}
    shown = ("offer_id", "supply", "covered", "cost_eur")
    return Reply(document, (told, *nobody), (sheet(session, "suppliers", rows, shown, lang),))


def figure(session: Session, scenario_id: str, about: str, lang: str) -> Reply:
    """What a main figure is made of."""
    if about not in FIGURES:
        raise UsageError("question-unknown", question=about, known=", ".join(FIGURES))
    told = (say(f"figure.{about}.told", lang),)
    if about == "duplication_eur":
        found = twice(session, scenario_id, "", lang)
        return replace(found, sentences=(*told, *found.sentences))
    if about == "moved_eur":
        offers = session.run(scenario_id).offers
        offers = offers[offers["change_eur"].abs() >= 0.5].sort_values("change_eur", kind="stable")
        shown = ("offer_id", "baseline_cost_eur", "cost_eur", "change_eur")
        return Reply({"offers": records(offers)}, told, (sheet(session, "changes", offers, shown, lang),))
    by = "need" if about == "weighted_coverage" else "space"
    table = _by(session, scenario_id, by).sort_values("coverage", kind="stable")
    columns = ("name", "demand", "covered", "coverage", "coverage_before")
    return Reply({"groups": records(table)}, told, (sheet(session, f"groups.{by}", table, columns, lang),))


def group(session: Session, scenario_id: str, about: str, lang: str) -> Reply:
    """Whom a group's gain or loss comes from; ``about`` is ``provider:PR04``, ``target_group:0–5``."""
    by, _, id = about.partition(":")
    if by not in DIMENSIONS:
        raise UsageError("question-unknown", question=about, known=", ".join(DIMENSIONS))
    table = _by(session, scenario_id, by)
    table = table[table["id"] == id]
    if table.empty:
        raise UsageError("question-unknown", question=about, known=", ".join(DIMENSIONS))
    entries = view(session.compiled(scenario_id), session.run(scenario_id)).offers_of(by, id)
    covered = ("name", "covered_before", "covered", "coverage_before", "coverage")
    first = covered if by in DEMANDED else ("name", "cost_before_eur", "cost_eur", "change_eur")
    sheets = (
        sheet(session, "group", table, first, lang),
        sheet(session, "group.offers", entries, ("offer_id", "covered", "cost_eur"), lang),
    )
    return Reply({"group": records(table)[0], "offers": records(entries)}, (), sheets)


def _by(session: Session, scenario_id: str, by: str) -> pd.DataFrame:
    """Every group of a dimension against today (``analyses.comparison.gains``)."""
    today, plan = status_quo_of(session), session.run(scenario_id)
    before, after = session.compiled(today), session.compiled(scenario_id)
    views = view(before, session.run(today)), view(after, session.status_quo(scenario_id)), view(after, plan)
    return gains(*views, [session.variant(scenario_id).case], (by,))
