"""``allocate participation``: what groups would plan, what costs all of them least, and answers to suggestions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from allocate.cli.check import findings_display
from allocate.cli.guard import BAD_INPUT, tell
from allocate.cli.numbers import Number, Whole
from allocate.cli.opening import open_session
from allocate.cli.options import Request, case_argument, command, option, scenario_option, table_option
from allocate.cli.output import Display, as_csv, emit, named_display, respond
from allocate.cli.paths import WORKBOOK, Reads, Writes
from allocate.cli.progress import progress
from allocate.cli.speech import lang, say
from allocate.errors import InputError, UsageError
from allocate.files import draft, write_whole
from allocate.language import percent

if TYPE_CHECKING:
    import pandas as pd

    from allocate.analyses.participation.group_answers import Participation
    from allocate.questions.limits import Method, Way
    from allocate.questions.session import Session

_TEXTS = "participation.csv"
_RENAMED = {
    "plans": {"plan": "plan_of"},
    "sets": {"weight_set": "plan_of", "source": "set_source"},
    "suggestions": {"title": "suggestion", "status": "suggestion_status"},
    "regrets": {"plan": "plan_of", "weight_set": "weights_of", "best": "best_value", "value": "reached_value"},
    "offers": {"plan": "plan_of"},
    "weights": {"asked": "asked_about", "low": "lower_quarter", "high": "upper_quarter"},
    "aggregation": {"differs_eur": "differs_from_all_eur", "regret": "regret_of_all"},
}


@command("participation")
@case_argument
@scenario_option
@option("--ballots", type=Reads(), multiple=True)
@option("--method", type=click.Choice(["points", "ranking", "swing"]), default=None)
@option("--by", type=click.Choice(["ballots", "groups", "population", "median"]), default="ballots", show_default=True)
@option("--bound", type=Number(min=1), default=None)
@option("--skip-invalid", is_flag=True)
@option("--suggestions", type=Reads())
@option("--suggest", multiple=True)
@option("--sheet", type=WORKBOOK)
@option("--group", "groups", multiple=True)
@option("--forms", type=Whole(1, 200), default=1, show_default=True)
@option("--weights-out", type=Writes(endings=(".csv",)))
@table_option
def participation(
    request: Request, case: Path, scenario: str, ballots: tuple[Path, ...], method: Method | None, by: Way,
    bound: float | None, skip_invalid: bool, suggestions: Path | None, suggest: tuple[str, ...], sheet: Path | None,
    groups: tuple[str, ...], forms: int, weights_out: Path | None,
) -> int:  # fmt: skip
    """Plans of groups, ballots, suggestions; or the form for them."""
    from allocate.inputs.voices.given import ballots_of, suggestions_of

    session = open_session(case)
    if sheet is not None:
        return _write_sheet(request, session, scenario, sheet, groups, forms)
    try:
        told = ballots_of(ballots, session.case, method or "", skip_invalid=skip_invalid)
        table = suggestions_of(suggestions, suggest)
    except InputError as refused:
        return _refused(request, refused)
    sets = session.case["weight_sets"]["weight_set"].nunique() + 1
    if told is not None:
        sets += int(told.table["group"].nunique()) + 1
    with progress(request, say("participation.progress", _TEXTS), sets) as step:
        found = session.participation(scenario, ballots=told, suggestions=table, by=by, bound=bound, progress=step)
    if weights_out is not None:
        _write_weights(found, weights_out)
    return _show(request, session, found)


def _show(request: Request, session: Session, found: Participation) -> int:
    frames = {name: frame for name, frame in _frames(request, found).items() if _wanted(request, name, frame)}
    notes = {"plans": found.sentences(request.lang), "suggestions": found.ledger.sentences(request.lang)}
    displays = [_display(request, found, name, frame, notes.get(name, ())) for name, frame in frames.items()]
    respond(request, session, found, displays)
    return 0


def _wanted(request: Request, name: str, frame: pd.DataFrame) -> bool:
    """Detailed tables only where they are asked for; of the others those that hold something."""
    return name in request.tables and (len(frame) > 0 or bool(request.table))


def _frames(request: Request, found: Participation) -> dict[str, pd.DataFrame]:
    """All tables as they are computed."""
    import pandas as pd

    from allocate.inputs.findings import render

    ledger, lang = found.ledger, request.lang
    findings = found.ballot_findings
    return {
        "plans": found.plans,
        "suggestions": ledger.table,
        "decisions": found.decisions,
        "needs": found.needs,
        "weights": found.weights if found.groups.weights is not None else found.weights.head(0),
        "aggregation": found.ways,
        "sets": found.groups.table,
        "regrets": pd.DataFrame() if found.regret is None else found.regret.regrets,
        "offers": found.offers,
        "cells": ledger.cells,
        "moves": ledger.moves,
        "findings": render(findings, lang) if len(findings) else findings,
    }


def _display(
    request: Request, found: Participation, name: str, frame: pd.DataFrame, notes: list[str] | tuple[str, ...]
) -> Display:
    title = say(f"participation.{name}", _TEXTS, scenario=found.scenario_id, title=_title(request, found))
    if name == "needs":
        return Display(name, title, *_needs_side_by_side(request, found), notes, tidy=frame)
    if name == "findings" and len(frame):
        return findings_display(request, name, title, frame)
    drawn = frame.rename(columns=_RENAMED.get(name, {}))
    if name == "decisions":
        # Where all agree, the direction says it; the names of all sets would only fill the screen.
        names = ["raised_by", "lowered_by", "kept_by"]
        drawn[names] = drawn[names].where(drawn["agreement"] == "parted", "")
    for column in ("plan_of", "weights_of", "left_out", "raised_by", "lowered_by", "kept_by"):
        if column in drawn.columns:
            drawn[column] = drawn[column].map(_label)
    return named_display(request, found.case, name, title, drawn, notes, frame)


def _title(request: Request, found: Participation) -> str:
    from allocate.inputs.scenario.variant import scenario

    return scenario(found.case, found.scenario_id).label(request.lang)


def _label(names: object) -> str:
    """Sets of weights by the words people know; several joined by commas."""
    from allocate.analyses.participation.group_words import label_of

    return ", ".join(label_of(part, lang()) for part in str(names).split(";") if part)


def _needs_side_by_side(request: Request, found: Participation) -> tuple[pd.DataFrame, list[str]]:
    """Coverage of every need (rows) in every plan (columns)."""
    from allocate.inputs.names import named

    wide = found.needs.pivot_table(index="need_id", columns="weight_set", values="coverage", sort=False, dropna=False)
    text = wide.map(lambda share: percent(float(share), request.lang)).rename(columns=_label).reset_index()
    table, first = named(found.case, text, ["need_id"], request.lang)
    return table, [*first, *(str(column) for column in text.columns if column != "need_id")]


def _refused(request: Request, refused: Exception) -> int:
    """All findings of ballots or suggestions that cannot be used; what has none is said by the guard."""
    from allocate.inputs.findings import render

    if not isinstance(refused, InputError) or refused.findings is None:
        raise refused
    table = render(refused.findings, request.lang)
    title = say("participation.findings", _TEXTS, scenario="", title="")
    emit(request, {"findings": table}, [findings_display(request, request.table or "findings", title, table)])
    tell(refused.text(request.lang))
    return BAD_INPUT


def _write_weights(found: Participation, path: Path) -> None:
    write_whole(path, as_csv(found.weight_table()).encode("utf-8"))


def _write_sheet(
    request: Request, session: Session, scenario: str, sheet: Path, groups: tuple[str, ...], forms: int
) -> int:
    """The workbook to fill in; what is there already is never overwritten, because people may have filled it in."""
    import pandas as pd

    from allocate.analyses.participation.stakes import stakes_of
    from allocate.inputs.scenario.variant import scenario as settings
    from allocate.inputs.voices.ballot_form import write_ballot_form

    if sheet.exists():
        raise UsageError("template-exists", place=str(sheet))
    title = settings(session.case, scenario).label(request.lang)
    stakes = stakes_of(session, scenario, request.lang)
    heading = say("participation.form", _TEXTS, case=session.case.town_name, title=title)
    with draft(sheet) as aside:
        write_ballot_form(aside, stakes, title=heading, groups=groups, forms=forms, lang=request.lang)
    table = pd.DataFrame(
        [{"need_id": one.need_id, "coverage": one.coverage_today, "demand": one.demand} for one in stakes]
    )
    note = say("participation.form_next", _TEXTS, sheet=sheet.name, scenario=scenario)
    display = Display(request.table or "needs", heading, table, notes=(note,))
    emit(request, {"sheet": str(sheet), "needs": table}, [display])
    return 0
