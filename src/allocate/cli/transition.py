"""``allocate transition``: how to get from today to the plan, year by year."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from allocate.cli.numbers import Whole
from allocate.cli.opening import open_what_if
from allocate.cli.options import (
    Request,
    case_argument,
    command,
    option,
    scenario_option,
    table_option,
    time_limit_option,
)
from allocate.cli.output import named_display, respond
from allocate.cli.path_answers import unstated, without_idle
from allocate.cli.speech import say
from allocate.cli.what_if import WhatIf, what_if_options

_TEXTS = "transition.csv"


@command("transition")
@case_argument
@scenario_option
@what_if_options
@option("--years", default="")
@option("--decided", default="")
@option("--delay", type=Whole(min=0), multiple=True)
@time_limit_option
@table_option
def transition(
    request: Request, case: Path, scenario: str, what_if: WhatIf, time_limit: float | None, **asked: Any
) -> None:
    """The path of a scenario, what changes when and why not earlier, and what a delay costs."""
    session, shown_ids = open_what_if(case, [scenario], "highs", time_limit, what_if)
    scenario = shown_ids[-1]
    answer = session.transition(scenario, **asked)
    displays = []
    for name in request.tables:
        tidy = getattr(answer, name)
        shown = without_idle(tidy, request.columns(name))
        drawn = tidy.astype({"year": str}) if "year" in tidy else tidy
        notes = answer.messages(request.lang) if name == "years" else unstated(name, tidy)
        title = say(f"transition.{name}", _TEXTS, scenario=scenario)
        displays.append(named_display(request, session.variant(scenario).case, name, title, drawn, notes, tidy, shown))
    respond(request, session, answer, [one for one in displays if request.table or len(one.frame)])
