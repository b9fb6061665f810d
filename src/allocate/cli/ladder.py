"""``allocate ladder``: nested plans from small to large budgets, and the price of that steadiness."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allocate.cli.numbers import Number
from allocate.cli.opening import scenario_command
from allocate.cli.options import Request, option
from allocate.cli.output import Display, named_display, respond
from allocate.cli.progress import progress
from allocate.cli.speech import say
from allocate.language import number

if TYPE_CHECKING:
    from allocate.questions.session import Session

_TEXTS = "ladder.csv"


@scenario_command("ladder")
@option("--step", multiple=True, type=Number(min=0))
@option("--pot", multiple=True)
def ladder(request: Request, session: Session, scenario: str, step: tuple[float, ...], pot: tuple[str, ...]) -> None:
    """Nested plans along the budget."""
    from allocate.analyses.tradeoffs.ladder import DEFAULT_STEPS

    total = len({100.0, *step}) if step else len(DEFAULT_STEPS)
    with progress(request, say("ladder.progress", _TEXTS), total) as tick:
        answer = session.ladder(scenario, step=step, pot=pot, progress=tick)
    levels = {name: f"{float(name[3:]) * 100:g} %" for name in answer.offers.columns if name.startswith("at_")}
    drawn = answer.offers.rename(columns=levels)
    capacities = ("baseline_capacity", *levels.values())
    for level in capacities:
        drawn[level] = [number(value, request.lang, 1) for value in drawn[level]]
    remarks = [remark.text(request.lang) for remark in answer.remarks]
    steps, offers = (
        say(f"ladder.{name}", _TEXTS, scenario=scenario, pots=", ".join(answer.pots)) for name in ("steps", "offers")
    )
    displays = [
        Display("steps", steps, answer.steps, request.columns("steps"), remarks),
        named_display(request, session.case, "offers", offers, drawn, (), answer.offers, ("offer_id", *capacities)),
    ]
    respond(request, session, answer, displays)
