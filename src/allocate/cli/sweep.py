"""``allocate sweep``: one what-if with a number in it, run for many values of that number."""

from __future__ import annotations

from pathlib import Path

from allocate.cli.numbers import Number
from allocate.cli.options import (
    Request,
    case_argument,
    command,
    executor_option,
    option,
    scenario_option,
    table_option,
)
from allocate.cli.speech import say

_TEXTS = "sweep.csv"
_STEPS = (
    "value", "input_value", "status", "weighted_coverage", "lowest_space_coverage", "covered_units_change",
    "objective_change", "slope_value", "bends", "moved_eur", "spent_eur", "duplication_eur", "coverage_value",
    "objective",
)  # fmt: skip
_TURNS = ("offer_id", "from_value", "to_value", "from_direction", "to_direction", "cost_from", "cost_to")


@command("sweep")
@case_argument
@scenario_option
@option("--change", "changes", multiple=True, required=True)
@option("--over", required=True)
@executor_option
@option("--time-limit", type=Number(min=0, min_open=True))
@table_option("steps", "turns")
def sweep(
    request: Request,
    case: Path,
    scenario: str,
    changes: tuple[str, ...],
    over: str,
    executor: str,
    time_limit: float | None,
) -> int:
    """A plan for every value; where the slope bends; offers that change direction."""
    from allocate.cli.answers import open_session
    from allocate.cli.guard import LIMIT, NO_PLAN, OK
    from allocate.cli.output import Display, emit, ended
    from allocate.cli.progress import progress
    from allocate.cli.what_if import refusal
    from allocate.errors import InputError
    from allocate.inputs.names import named
    from allocate.inputs.reading.placeholders import values_over
    from allocate.questions.document import document

    values = values_over(over)
    session = open_session(case, "highs", time_limit)
    with progress(request, say("sweep.progress", _TEXTS), len(values) + 1) as tick:
        tick(scenario)
        try:
            answer = session.sweep(scenario, change=changes, over=values, executor=executor, progress=tick)
        except InputError as refused:
            raise refusal(refused) from refused
    title = {
        name: say(f"sweep.{name}", _TEXTS, scenario=scenario, changes="; ".join(changes)) for name in ("steps", "turns")
    }
    drawn = answer.steps.rename(columns={"slope": "slope_value"})
    shown = [name for name in _STEPS if name != "input_value" or drawn["input_value"].notna().any()]
    frame, columns = named(session.case, answer.turns, _TURNS, request.lang)
    displays = [
        Display("steps", title["steps"], drawn, shown, answer.messages(request.lang), tidy=answer.steps),
        Display("turns", title["turns"], frame, columns, tidy=answer.turns),
    ]
    # The drawn answer is the steps; the offers that turn are a page of their own.
    emit(request, document(session, answer, request.lang), displays if request.table else displays[:1])
    planned = answer.steps["objective"].notna().any()
    code = LIMIT if "limit" in set(answer.steps["status"]) else OK if planned else NO_PLAN
    return ended(request, code, answer.without_plan(request.lang))
