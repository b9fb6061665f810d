"""``allocate conflicts``: which rules of a scenario clash, what is missing, and what would repair it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from allocate.cli.numbers import Number
from allocate.cli.options import Request, case_argument, command, option, scenario_option, table_option
from allocate.cli.speech import say
from allocate.cli.what_if import WhatIf, what_if_options

if TYPE_CHECKING:
    import pandas as pd

_TEXTS = "conflicts.csv"
_MEMBERS = ("name", "gives_way_text", "basis", "decider")
_REPAIRS = ("repair", "status", "eur", "places", "posts", "points", "what", "decider", "verified")
_STEPS = ("repair_id", "name", "change", "change_unit", "before", "after", "decided_by", "decider")
_PRECHECKS = ("check", "id", "place", "needed", "available", "unit")


@command("conflicts")
@case_argument
@scenario_option
@what_if_options
@option("--years", default="")
@option("--time-limit", type=Number(min=0, min_open=True))
@table_option("clash", "repairs", "steps", "prechecks")
def conflicts(
    request: Request, case: Path, scenario: str, what_if: WhatIf, years: str, time_limit: float | None
) -> None:
    """Explain an infeasible scenario; a feasible one is named as such."""
    from allocate.cli import path_answers
    from allocate.cli.answers import open_what_if
    from allocate.cli.output import Display, emit
    from allocate.questions.document import document

    session, shown = open_what_if(case, [scenario], "highs", time_limit, what_if)
    scenario = shown[-1]
    if years:
        path_answers.refuse_table(request, ("clash", "repairs"), True, ("clash", "repairs"))
        path_answers.show_clash(request, session, session.conflicts(scenario, years=years))
        return
    answer = session.conflicts(scenario)
    lang = request.lang
    clash = Display(
        "clash",
        say("conflicts.clash", _TEXTS, scenario=scenario, title=session.variant(scenario).scenario.label(lang)),
        answer.short_members(lang),
        _MEMBERS,
        answer.message(lang),
        tidy=answer.members(lang),
    )
    repairs = Display(
        "repairs",
        say("conflicts.repairs", _TEXTS, scenario=scenario),
        short := answer.short_repairs(lang),
        [name for name in _REPAIRS if name in short.columns],
        _alone(answer.repairs(), lang),
        tidy=answer.repairs(),
    )
    displays = [clash]
    if not answer.is_feasible or request.table == "repairs":
        displays.append(repairs)
    if not answer.prechecks.empty or request.table == "prechecks":
        title = say("conflicts.prechecks", _TEXTS, scenario=scenario)
        displays.append(Display("prechecks", title, answer.prechecks, _PRECHECKS))
    if request.table == "steps":
        displays.append(Display("steps", say("conflicts.steps", _TEXTS, scenario=scenario), answer.steps(lang), _STEPS))
    emit(request, document(session, answer, lang), displays)


def _alone(repairs: pd.DataFrame, lang: str) -> list[str]:
    """A sentence naming the single changes that repair nothing by themselves."""
    from allocate.analyses.conflicts.conflict_words import repair_name

    idle = repairs[(repairs["status"] == "impossible") & (repairs["kind"] != "combined")]
    names = [repair_name(id, kind, lang) for id, kind in zip(idle["repair_id"], idle["kind"], strict=True)]
    return [say("conflicts.alone", _TEXTS, rules="; ".join(names))] if names else []
