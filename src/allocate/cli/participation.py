"""``allocate participation``: what groups would plan, what costs all of them least, and answers to suggestions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from allocate.cli.numbers import Number, Whole
from allocate.cli.options import Request, case_argument, command, option, scenario_option, table_option
from allocate.cli.paths import WORKBOOK, Reads, Writes
from allocate.cli.speech import say

if TYPE_CHECKING:
    import pandas as pd

    from allocate.analyses.participation.participation import Participation
    from allocate.cli.output import Display
    from allocate.questions.limits import Method, Way
    from allocate.questions.session import Session

_TEXTS = "participation.csv"
TABLES = (
    "plans", "decisions", "needs", "weights", "aggregation", "sets", "suggestions", "regrets", "offers", "cells",
    "moves", "findings",
)  # fmt: skip
_ONLY_ASKED = ("regrets", "offers", "cells", "moves", "sets", "findings")
_SHOWN = {
    "plans": (
        "plan_of", "differs_eur", "turned", "regret", "regret_least", "weighted_coverage", "reference_coverage",
        "lowest_space_coverage", "moved_eur", "duplication_eur", "spent_eur",
    ),
    "decisions": (
        "offer_id", "agreement", "direction", "baseline_cost_eur", "lowest_cost_eur", "highest_cost_eur",
        "least_regret_eur", "raised_by", "lowered_by", "kept_by",
    ),
    "weights": ("need_id", "asked_about", "experts", "together", "lower_quarter", "upper_quarter", "deviation"),
    "aggregation": (
        "way", "left_out", "differs_from_all_eur", "turned", "regret_of_all", "largest_need_id",
        "largest_weight_change",
    ),
    "sets": ("plan_of", "set_source", "ballots", "persons"),
    "suggestions": (
        "suggestion_id", "suggestion", "outcome", "weighted_coverage_change", "gained_units", "lost_units",
        "handed_over_eur", "suggestion_status", "decided", "made_by", "decision_reason",
    ),
    "regrets": ("plan_of", "weights_of", "regret", "best_value", "reached_value"),
    "offers": ("plan_of", "offer_id", "direction", "capacity", "cost_eur", "change_eur"),
    "cells": ("suggestion_id", "space_id", "need_id", "covered_change", "covered_before", "covered", "demand"),
    "moves": ("suggestion_id", "from_kind", "from_id", "to_kind", "to_id", "amount_eur"),
}  # fmt: skip
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
@option("--ballots", "ballots", type=Reads(), multiple=True)
@option("--method", type=click.Choice(["points", "ranking", "swing"]), default=None)
@option("--by", type=click.Choice(["ballots", "groups", "population", "median"]), default="ballots", show_default=True)
@option("--bound", type=Number(min=1), default=None)
@option("--skip-invalid", is_flag=True)
@option("--suggestions", type=Reads())
@option("--suggest", "suggested", multiple=True)
@option("--sheet", type=WORKBOOK)
@option("--group", "groups", multiple=True)
@option("--forms", type=Whole(1, 200), default=1, show_default=True)
@option("--weights-out", type=Writes())
@table_option(*TABLES)
def participation(
    request: Request, case: Path, scenario: str, ballots: tuple[Path, ...], method: Method | None, by: Way,
    bound: float | None, skip_invalid: bool, suggestions: Path | None, suggested: tuple[str, ...], sheet: Path | None,
    groups: tuple[str, ...], forms: int, weights_out: Path | None,
) -> int:  # fmt: skip
    """Plans of groups, ballots, suggestions; or the form for them."""
    from allocate.cli.answers import open_session
    from allocate.cli.progress import progress
    from allocate.errors import InputError
    from allocate.inputs.voices.given import ballots_of, suggestions_of

    session = open_session(case)
    if sheet is not None:
        return _write_sheet(request, session, scenario, sheet, groups, forms)
    try:
        told = ballots_of(ballots, session.case, method or "", skip_invalid=skip_invalid)
        table = suggestions_of(suggestions, suggested)
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
    from allocate.cli.output import emit
    from allocate.questions.document import document

    frames = {name: frame for name, frame in _frames(request, found).items() if _wanted(request, name, frame)}
    notes = {"plans": found.sentences(request.lang)}
    told = zip(found.answers, found.ledger.sentences(found.answers, request.lang), strict=True)
    notes["suggestions"] = [f"{one.suggestion_id}: {sentence}" for one, sentence in told]
    displays = [_display(request, found, name, frame, notes.get(name, ())) for name, frame in frames.items()]
    emit(request, document(session, found, request.lang), displays)
    return 0


def _wanted(request: Request, name: str, frame: pd.DataFrame) -> bool:
    """Detailed tables only where they are asked for; of the others those that hold something."""
    if request.table:
        return name == request.table
    return len(frame) > 0 and name not in _ONLY_ASKED


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
    from allocate.cli.check import SHOWN, places_of
    from allocate.cli.output import Display
    from allocate.inputs.finding_groups import grouped
    from allocate.inputs.names import named

    title = say(f"participation.{name}", _TEXTS, scenario=found.scenario_id, title=_title(request, found))
    if name == "needs":
        return Display(name, title, *_needs_side_by_side(request, found), notes, tidy=frame)
    if name == "findings" and len(frame):
        groups = grouped(frame, request.lang)
        return Display(name, title, groups.assign(place=places_of(groups)), SHOWN, notes, tidy=frame)
    drawn = frame.rename(columns=_RENAMED.get(name, {}))
    if name == "decisions":
        # Where all agree, the direction says it; the names of all sets would only fill the screen.
        drawn[["raised_by", "lowered_by", "kept_by"]] = drawn[["raised_by", "lowered_by", "kept_by"]].where(
            drawn["agreement"] == "parted", ""
        )
    for column in ("plan_of", "weights_of", "left_out", "raised_by", "lowered_by", "kept_by"):
        if column in drawn.columns:
            drawn[column] = drawn[column].map(_label)
    kept = [column for column in _SHOWN.get(name, tuple(drawn.columns)) if column in drawn.columns]
    drawn, columns = named(found.case, drawn, kept, request.lang)
    return Display(name, title, drawn, columns, notes, tidy=frame)


def _title(request: Request, found: Participation) -> str:
    from allocate.inputs.scenario.variant import scenario

    return scenario(found.case, found.scenario_id).label(request.lang)


def _label(names: object) -> str:
    """Sets of weights by the words people know; several joined by commas."""
    from allocate.analyses.participation.telling import label_of
    from allocate.cli.speech import lang

    return ", ".join(label_of(part, lang()) for part in str(names).split(";") if part)


def _needs_side_by_side(request: Request, found: Participation) -> tuple[pd.DataFrame, list[str]]:
    """Coverage of every need (rows) in every plan (columns)."""
    from allocate.inputs.names import named
    from allocate.language import percent

    wide = found.needs.pivot_table(index="need_id", columns="weight_set", values="coverage", sort=False, dropna=False)
    text = wide.map(lambda share: percent(float(share), request.lang)).rename(columns=_label).reset_index()
    table, first = named(found.case, text, ["need_id"], request.lang)
    return table, [*first, *(str(column) for column in text.columns if column != "need_id")]


def _refused(request: Request, refused: Exception) -> int:
    """All findings of ballots or suggestions that cannot be used; what has none is said by the guard."""
    from allocate.cli.check import SHOWN, places_of
    from allocate.cli.guard import BAD_INPUT, tell
    from allocate.cli.output import Display, emit
    from allocate.errors import InputError
    from allocate.inputs.finding_groups import grouped
    from allocate.inputs.findings import render

    if not isinstance(refused, InputError) or refused.findings is None:
        raise refused
    table = render(refused.findings, request.lang)
    groups = grouped(table, request.lang)
    title = say("participation.findings", _TEXTS, scenario="", title="")
    display = Display(request.table or "findings", title, groups.assign(place=places_of(groups)), SHOWN, tidy=table)
    emit(request, {"findings": table}, [display])
    tell(refused.text(request.lang))
    return BAD_INPUT


def _write_weights(found: Participation, path: Path) -> None:
    from allocate.cli.output import as_csv
    from allocate.files import write_whole

    write_whole(path, as_csv(found.weight_table()).encode("utf-8"))


def _write_sheet(
    request: Request, session: Session, scenario: str, sheet: Path, groups: tuple[str, ...], forms: int
) -> int:
    """The workbook to fill in; what is there already is never overwritten, because people may have filled it in."""
    import pandas as pd

    from allocate.analyses.participation.stakes import stakes_of
    from allocate.cli.output import Display, emit
    from allocate.errors import UsageError
    from allocate.files import draft
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
    emit(
        request,
        {"sheet": str(sheet), "needs": table},
        [Display(request.table or "needs", heading, table, notes=(note,))],
    )
    return 0
