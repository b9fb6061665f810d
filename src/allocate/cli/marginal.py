"""``allocate marginal``: what a little more or less of every pot and rule is worth, and where a step does most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allocate.cli.numbers import Number, Whole
from allocate.cli.opening import what_if_command
from allocate.cli.options import Request, option
from allocate.cli.output import Display, named_display, respond
from allocate.cli.progress import progress
from allocate.cli.speech import say
from allocate.language import euro

if TYPE_CHECKING:
    import pandas as pd

    from allocate.analyses.margins.marginal import Marginal
    from allocate.inputs.case import Case
    from allocate.questions.session import Session

_TEXTS = "marginal.csv"
# Tables that come from the same part of the work as ``step``.
_OF_STEP = dict.fromkeys(("effects", "uses", "split"), "step")
# Of long tables the drawn answer holds the head; --table shows a table whole.
_HEAD = 10


@what_if_command("marginal")
@option("--step", type=Number(min=0, min_open=True), default=None, show_default="1000")
@option("--pot", multiple=True)
@option("--most", type=Whole(min=0), default=10, show_default=True)
@option("--years", default="")
def marginal(request: Request, session: Session, scenario: str, step: float | None, years: str, **asked: Any) -> None:
    """Values of pots, floors and other rules; where a step goes; idle money with its cause."""
    from allocate.analyses.margins.marginal import PHASES
    from allocate.cli import path_answers

    if years:
        path_answers.refuse_table(request, by_years=True)
        path_answers.show_values(request, session, session.marginal(scenario, step=step, years=years))
        return
    # One table of a large town is there in a few seconds, all of them are not.
    wanted = request.table or ("pots" if request.format == "csv" else "")
    phases = (_OF_STEP.get(wanted, wanted),) if wanted and request.format != "json" else PHASES
    with progress(request, say("marginal.progress", _TEXTS), len(PHASES)) as tick:
        answer = session.marginal(scenario, step=step, phases=phases, progress=tick, **asked)
    respond(request, session, answer, _displays(request, session.case, answer, answer.messages(request.lang)))


def _displays(request: Request, case: Case, answer: Marginal, told: list[str]) -> list[Display]:
    from allocate.analyses.margins.marginal_words import cause_text

    values = {"scenario": answer.scenario_id, "step": euro(answer.step_eur, request.lang)}
    displays = []
    for name in request.tables:
        tidy: pd.DataFrame = answer.named_rules(request.lang) if name == "rules" else getattr(answer, name)
        if not request.table and tidy.empty and name != "pots":
            continue
        drawn = tidy if request.table else tidy.head(_HEAD)
        notes = list(told) if name == "pots" and not request.table else []
        if len(drawn) < len(tidy):
            notes.append(say("marginal.more", _TEXTS, count=len(tidy) - len(drawn), table=name))
        if name == "idle":
            drawn = drawn.assign(cause=[cause_text(cause, "cause", request.lang) for cause in drawn["cause"]])
        title = say(f"marginal.{name}", _TEXTS, **values)
        displays.append(named_display(request, case, name, title, drawn, notes, tidy))
    return displays
