"""``allocate sweep``: one what-if with a number in it, run for many values of that number."""

from __future__ import annotations

from pathlib import Path

from allocate.cli.guard import LIMIT, NO_PLAN, OK
from allocate.cli.opening import open_session
from allocate.cli.options import (
    Request,
    case_argument,
    command,
    executor_option,
    option,
    scenario_option,
    table_option,
    time_limit_option,
)
from allocate.cli.output import Display, ended, named_display, respond
from allocate.cli.progress import progress
from allocate.cli.speech import say
from allocate.cli.what_if import refusal
from allocate.errors import InputError

_TEXTS = "sweep.csv"


@command("sweep")
@case_argument
@scenario_option
@option("--change", multiple=True, required=True)
@option("--over", required=True)
@executor_option
@time_limit_option
@table_option
def sweep(
    request: Request,
    case: Path,
    scenario: str,
    change: tuple[str, ...],
    over: str,
    executor: str,
    time_limit: float | None,
) -> int:
    """A plan for every value; where the slope bends; offers that change direction."""
    from allocate.inputs.reading.placeholders import values_over

    values = values_over(over)
    session = open_session(case, "highs", time_limit)
    with progress(request, say("sweep.progress", _TEXTS), len(values) + 1) as tick:
        tick(scenario)
        try:
            answer = session.sweep(scenario, change=change, over=values, executor=executor, progress=tick)
        except InputError as refused:
            raise refusal(refused) from refused
    steps, turns = (
        say(f"sweep.{name}", _TEXTS, scenario=scenario, changes="; ".join(change)) for name in ("steps", "turns")
    )
    drawn = answer.steps.rename(columns={"slope": "slope_value"})
    shown = [name for name in request.columns("steps") if name != "input_value" or drawn["input_value"].notna().any()]
    displays = [
        Display("steps", steps, drawn, shown, answer.messages(request.lang), tidy=answer.steps),
        named_display(request, session.case, "turns", turns, answer.turns),
    ]
    respond(request, session, answer, displays)
    planned = answer.steps["objective"].notna().any()
    code = LIMIT if "limit" in set(answer.steps["status"]) else OK if planned else NO_PLAN
    return ended(request, code, answer.without_plan(request.lang))
