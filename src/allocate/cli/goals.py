"""``allocate goals``: goals strictly in order, or the least money that reaches given targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allocate.cli.guard import NO_PLAN, OK
from allocate.cli.opening import scenario_command
from allocate.cli.options import Request, option
from allocate.cli.output import Display, ended, named_display, respond
from allocate.cli.speech import say
from allocate.language import euro, percent

if TYPE_CHECKING:
    import pandas as pd

    from allocate.analyses.tradeoffs.goals import GoalOrder
    from allocate.analyses.tradeoffs.targets import LeastCost
    from allocate.inputs.case import Case
    from allocate.questions.session import Session

_TEXTS = "goals.csv"


@scenario_command("goals")
@option("--order", default="coverage,duplication,equity,movement,cost", show_default=True)
@option("--target", multiple=True)
def goals(request: Request, session: Session, scenario: str, order: str, target: tuple[str, ...]) -> int:
    """The plan of a strict order of goals, or the cheapest plan that reaches the targets."""
    if target:
        reached = session.goals(scenario, target=target)
        respond(request, session, reached, _targets(request, session.case, reached))
        code = NO_PLAN if reached.status == "unreachable" else OK
        return ended(request, code, [remark.text(request.lang) for remark in reached.remarks])
    answer = session.goals(scenario, order=order)
    respond(request, session, answer, _order(request, session.case, answer))
    return OK


def _order(request: Request, case: Case, answer: GoalOrder) -> list[Display]:
    shown = answer.stages[["stage", "goal"]].copy()
    for column in ("best", "kept", "reached"):
        shown[f"{column}_text"] = [
            _told(measure, value, request.lang)
            for measure, value in zip(answer.stages["measure"], answer.stages[column], strict=True)
        ]
    title = say("goals.stages", _TEXTS, scenario=answer.scenario_id)
    remarks = [remark.text(request.lang) for remark in answer.remarks]
    stages = Display("stages", title, shown, None, remarks, tidy=answer.stages)
    return [stages, _named(request, case, "offers", answer.plan.offers, answer.scenario_id)]


def _told(measure: str, value: float, lang: str) -> str:
    """A value of a measure in its unit; shares to the hundredth of a per cent, because tolerances are that small."""
    from allocate.results.columns import unit_of

    unit = unit_of(measure)
    return percent(value, lang, 2) if unit.base == "share" else unit.written(value, lang)


def _targets(request: Request, case: Case, answer: LeastCost) -> list[Display]:
    lang, scenario = request.lang, answer.scenario_id
    money = say(
        "goals.money",
        _TEXTS,
        cost=euro(answer.cost_eur, lang),
        today=euro(answer.today_eur, lang),
        budget=euro(answer.budget_eur, lang),
        extra=euro(answer.extra_money_eur, lang),
    )
    remarks = [*(remark.text(lang) for remark in answer.remarks), money]
    title = say("goals.targets", _TEXTS, scenario=scenario)
    shown = answer.targets.rename(columns={"key": "target_key"})
    displays = [
        Display("targets", title, shown, request.columns("targets"), remarks, tidy=answer.targets),
        _named(request, case, "pots", answer.pots, scenario),
    ]
    if answer.plan is not None:
        displays.append(_named(request, case, "offers", answer.plan.offers, scenario))
    return displays


def _named(request: Request, case: Case, name: str, table: pd.DataFrame, scenario: str) -> Display:
    return named_display(request, case, name, say(f"goals.{name}", _TEXTS, scenario=scenario), table)
