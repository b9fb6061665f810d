"""``allocate transition``: how to get from today to the plan, year by year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allocate.cli.numbers import Whole
from allocate.cli.opening import what_if_command
from allocate.cli.options import Request, option
from allocate.cli.output import named_display, respond
from allocate.cli.path_answers import unstated, without_idle
from allocate.cli.speech import say

if TYPE_CHECKING:
    from allocate.questions.session import Session

_TEXTS = "transition.csv"


@what_if_command("transition")
@option("--years", default="")
@option("--decided", default="")
@option("--delay", type=Whole(min=0), multiple=True)
def transition(request: Request, session: Session, scenario: str, **asked: Any) -> None:
    """The path of a scenario, what changes when and why not earlier, and what a delay costs."""
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
