"""``allocate conflicts``: which rules of a scenario clash, what is missing, and what would repair it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allocate.cli.drawn import tables_of
from allocate.cli.opening import what_if_command
from allocate.cli.options import Request, option
from allocate.cli.output import Display, respond
from allocate.cli.speech import say

if TYPE_CHECKING:
    import pandas as pd

    from allocate.questions.session import Session

_TEXTS = "conflicts.csv"


@what_if_command("conflicts")
@option("--years", default="")
def conflicts(request: Request, session: Session, scenario: str, years: str) -> None:
    """Explain an infeasible scenario; a feasible one is named as such."""
    from allocate.cli import path_answers

    if years:
        path_answers.refuse_table(request, by_years=True)
        path_answers.show_clash(request, session, session.conflicts(scenario, years=years))
        return
    answer = session.conflicts(scenario)
    lang = request.lang
    values = {"scenario": scenario, "title": session.variant(scenario).scenario.label(lang)}
    title = {name: say(f"conflicts.{name}", _TEXTS, **values) for name in tables_of("conflicts")}
    columns = request.columns
    message, members = answer.message(lang), answer.members(lang)
    displays = [Display("clash", title["clash"], answer.short_members(lang), columns("clash"), message, members)]
    if not answer.is_feasible or request.table == "repairs":
        short, whole = answer.short_repairs(lang), answer.repairs()
        displays.append(Display("repairs", title["repairs"], short, columns("repairs"), _alone(whole, lang), whole))
    if not answer.prechecks.empty or request.table == "prechecks":
        displays.append(Display("prechecks", title["prechecks"], answer.prechecks, columns("prechecks")))
    if request.table == "steps":
        displays.append(Display("steps", title["steps"], answer.steps(lang), columns("steps")))
    respond(request, session, answer, displays)


def _alone(repairs: pd.DataFrame, lang: str) -> list[str]:
    """A sentence naming the single changes that repair nothing by themselves."""
    from allocate.analyses.conflicts.conflict_words import repair_name

    idle = repairs[(repairs["status"] == "impossible") & (repairs["kind"] != "combined")]
    names = [repair_name(id, kind, lang) for id, kind in zip(idle["repair_id"], idle["kind"], strict=True)]
    return [say("conflicts.alone", _TEXTS, rules="; ".join(names))] if names else []
