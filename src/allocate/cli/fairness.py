"""``allocate fairness``: who is covered how well, and what fairness and each floor cost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from allocate.cli.numbers import Number
from allocate.cli.options import Request, case_argument, command, option, scenario_option, table_option
from allocate.cli.speech import say
from allocate.language import number

if TYPE_CHECKING:
    import pandas as pd

    from allocate.analyses.fairness.fairness import Fairness
    from allocate.cli.output import Display
    from allocate.inputs.case import Case
    from allocate.questions.limits import FairObjective

_TEXTS = "fairness.csv"
TABLES = (
    "summary", "spaces", "groups", "unreachable", "floors", "floor_effects", "curve", "fair_spaces", "stages",
    "fair_offers",
)  # fmt: skip
_SHOWN = {
    "summary": ("when", "lowest_space_coverage", "lowest_space_id", "short_units", "highest_minus_lowest"),
    "spaces": (
        "space_id", "space_name", "today", "plan", "reachable", "short_units_plan", "short_units_today", "population",
    ),
    "groups": ("group_kind", "group", "today", "plan", "short_units_plan", "short_units_today", "reachable"),
    "unreachable": (
        "space_id", "space_name", "need_id", "need_name", "unreachable_units", "unreachable_share", "demand",
    ),
    "floors": (
        "floor_id", "need_name", "scope", "worth_eur", "objective_gain", "covered_units_gain", "binding",
        "floor_places", "coverage_value_gain",
    ),
    "floor_effects": ("floor_id", "space_id", "space_name", "need_id", "need_name", "covered_units_change"),
    "curve": ("point", "lowest_space_coverage", "coverage_value", "weighted_coverage", "covered_units", "knee"),
    "fair_spaces": ("space_id", "space_name", "chosen", "fair"),
    "stages": ("stage", "level_share", "settled"),
    "fair_offers": ("offer_id", "offer_name", "capacity", "cost_eur", "change_eur", "baseline_cost_eur"),
}  # fmt: skip
_NAMED = ("space_id", "need_id", "offer_id")


@command("fairness")
@case_argument
@scenario_option
@option("--target", type=Number(min=0, max=1), default=0.6, show_default=True)
@option("--burden")
@option("--objective", type=click.Choice(("leximin", "balanced", "shortfall", "lexicographic")))
@option("--no-curve", is_flag=True)
@table_option(*TABLES)
def fairness(
    request: Request,
    case: Path,
    scenario: str,
    target: float,
    burden: str | None,
    objective: FairObjective | None,
    no_curve: bool,
) -> None:
    """Coverage by space, region and group; unreachable parts; prices of floors and of fairness; fair plans."""
    from allocate.cli.answers import open_session
    from allocate.cli.output import emit
    from allocate.questions.document import document

    session = open_session(case)
    answer = session.fairness(scenario, target=target, burden=burden, objective=objective, no_curve=no_curve)
    emit(request, document(session, answer, request.lang), _displays(request, session.case, answer))


def _displays(request: Request, case: Case, answer: Fairness) -> list[Display]:
    from allocate.cli.output import Display
    from allocate.inputs.names import with_names

    frames: dict[str, pd.DataFrame] = {name: getattr(answer, name) for name in TABLES[:6]}
    frames["groups"] = frames["groups"].rename(columns={"kind": "group_kind"})
    frames["floors"] = frames["floors"].rename(columns={"places": "floor_places"})
    if answer.curve is not None:
        frames["curve"] = answer.curve.points.rename(columns={"axis": "lowest_space_coverage"})
    if answer.fair is not None:
        frames["fair_spaces"] = answer.fair.spaces
        frames["stages"] = answer.fair.stages.rename(columns={"level": "level_share"})
        frames["fair_offers"] = answer.fair.plan.offers
    remarks = {"summary": [remark.text(request.lang) for remark in answer.remarks]}
    if answer.fair is not None:
        said = say(
            "fairness.price", _TEXTS, objective=answer.fair.objective, price=number(answer.fair.price, request.lang, 4)
        )
        remarks["fair_spaces"] = [said, *(remark.text(request.lang) for remark in answer.fair.remarks)]
    left_out = () if request.table else ("floor_effects", "curve", "stages", "fair_offers")
    values = {"scenario": answer.scenario_id, "target": f"{answer.target * 100:g}"}
    asked = {name: frame for name, frame in frames.items() if name not in left_out and (len(frame) or request.table)}
    named = {name: with_names(case, frame, request.lang, _NAMED) for name, frame in asked.items()}
    return [
        Display(
            name,
            say(f"fairness.{name}", _TEXTS, **values),
            named[name],
            [column for column in _SHOWN[name] if column in named[name].columns],
            remarks.get(name, ()),
            tidy=frame,
        )
        for name, frame in asked.items()
    ]
