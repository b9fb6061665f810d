"""``allocate transition``: how to get from today to the plan, year by year."""

from __future__ import annotations

from pathlib import Path

from allocate.cli.numbers import Number, Whole
from allocate.cli.options import Request, case_argument, command, option, scenario_option, table_option
from allocate.cli.speech import say
from allocate.cli.what_if import WhatIf, what_if_options

_TEXTS = "transition.csv"
# By table the columns of the drawn form, the most important ones first.
_SHOWN = {
    "years": (
        "year", "weighted_coverage", "lowest_space_coverage", "floors_missed", "spent_eur", "money_eur", "once_eur",
        "carry_on_eur", "free_eur", "moved_eur", "objective",
    ),
    "steps": (
        "year", "offer_id", "path_step", "capacity_before", "capacity", "change_eur", "held_back", "possible_from",
    ),
    "offers": ("year", "offer_id", "capacity", "cost_eur", "capacity_before", "change_eur", "once_eur"),
    "pots": (
        "year", "pot_id", "amount_eur", "carried_eur", "spent_eur", "once_eur", "carry_on_eur", "free_eur", "short_eur",
    ),
    "staff": ("year", "staff_id", "posts", "used_posts", "free_posts", "short_posts"),
    "needs": ("year", "need_id", "coverage", "demand", "covered"),
    "spaces": ("year", "space_id", "coverage"),
    "coverage": ("year", "space_id", "need_id", "demand", "covered", "gap", "duplication", "wanted_reserve", "supply"),
    "floors": ("year", "floor_id", "scope_id", "need_id", "floor_kind", "required", "achieved", "met"),
    "delays": (
        "delay_months", "status", "objective_change", "covered_units_change", "spent_change_eur", "floors_missed",
    ),
    "last": (
        "last_plan", "weighted_coverage", "lowest_space_coverage", "spent_eur", "duplication_eur", "coverage_value",
        "objective",
    ),
}  # fmt: skip
_DRAWN = ("years", "steps", "staff", "delays", "last")


@command("transition")
@case_argument
@scenario_option
@what_if_options
@option("--years", default="")
@option("--decided", default="")
@option("--delay", "delays", type=Whole(min=0), multiple=True)
@option("--time-limit", type=Number(min=0, min_open=True))
@table_option(*_SHOWN)
def transition(
    request: Request, case: Path, scenario: str, what_if: WhatIf, years: str, decided: str, delays: tuple[int, ...],
    time_limit: float | None,
) -> int:  # fmt: skip
    """The path of a scenario, what changes when and why not earlier, and what a delay costs."""
    from allocate.cli.answers import open_what_if
    from allocate.cli.output import Display, emit
    from allocate.cli.path_answers import unstated
    from allocate.inputs.names import named
    from allocate.questions.document import document

    session, shown_ids = open_what_if(case, [scenario], "highs", time_limit, what_if)
    scenario = shown_ids[-1]
    answer = session.transition(scenario, years=years, decided=decided, delay=delays)
    displays = []
    for name, wanted in _SHOWN.items():
        tidy = getattr(answer, name)
        # What falls due once is no column where nothing does.
        shown = [one for one in wanted if one != "once_eur" or tidy["once_eur"].gt(0).any()]
        frame, columns = named(
            session.case, tidy.astype({"year": str}) if "year" in tidy else tidy, shown, request.lang
        )
        notes = answer.messages(request.lang) if name == "years" else unstated(name, tidy)
        title = say(f"transition.{name}", _TEXTS, scenario=scenario)
        displays.append(Display(name, title, frame, columns, notes, tidy=tidy))
    drawn = displays if request.table else [one for one in displays if one.name in _DRAWN and len(one.frame)]
    emit(request, document(session, answer, request.lang), drawn)
    return 0
