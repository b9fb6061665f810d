"""``allocate fairness``: who is covered how well, and what fairness and each floor cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from allocate.cli.numbers import Number
from allocate.cli.opening import scenario_command
from allocate.cli.options import Request, option
from allocate.cli.output import Display, respond
from allocate.cli.speech import say
from allocate.language import number

if TYPE_CHECKING:
    import pandas as pd

    from allocate.analyses.fairness.covered_how_well import Fairness
    from allocate.inputs.case import Case
    from allocate.questions.session import Session

_TEXTS = "fairness.csv"
_SAID = ("summary", "spaces", "groups", "unreachable", "floors", "floor_effects")
_NAMED = ("space_id", "need_id", "offer_id")


@scenario_command("fairness")
@option("--target", type=Number(min=0, max=1), default=0.6, show_default=True)
@option("--burden")
@option("--objective", type=click.Choice(("leximin", "balanced", "shortfall", "lexicographic")))
@option("--no-curve", is_flag=True)
def fairness(request: Request, session: Session, scenario: str, **asked: Any) -> None:
    """Coverage by space, region and group; unreachable parts; prices of floors and of fairness; fair plans."""
    answer = session.fairness(scenario, **asked)
    respond(request, session, answer, _displays(request, session.case, answer))


def _displays(request: Request, case: Case, answer: Fairness) -> list[Display]:
    from allocate.inputs.names import with_names

    frames: dict[str, pd.DataFrame] = {name: getattr(answer, name) for name in _SAID}
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
    values = {"scenario": answer.scenario_id, "target": f"{answer.target * 100:g}"}
    return [
        Display(
            name,
            say(f"fairness.{name}", _TEXTS, **values),
            with_names(case, frame, request.lang, _NAMED),
            request.columns(name),
            remarks.get(name, ()),
            tidy=frame,
        )
        for name, frame in frames.items()
        if len(frame) or request.table
    ]
