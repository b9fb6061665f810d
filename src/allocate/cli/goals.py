"""``allocate goals``: goals strictly in order, or the least money that reaches given targets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from allocate.cli.options import Request, case_argument, command, option, scenario_option, table_option
from allocate.cli.speech import say

if TYPE_CHECKING:
    from allocate.analyses.tradeoffs.goals import GoalOrder
    from allocate.analyses.tradeoffs.targets import LeastCost
    from allocate.cli.output import Display
    from allocate.inputs.case import Case

_TEXTS = "goals.csv"
TABLES = ("stages", "targets", "pots", "offers")
_SHOWN = {
    "targets": ("scope", "target_key", "required", "today", "achieved", "met", "best_possible"),
    "pots": ("pot_id", "pot_name", "amount_eur", "spent_eur", "extra_eur"),
    "offers": ("offer_id", "offer_name", "capacity", "cost_eur", "change_eur", "baseline_cost_eur"),
}


@command("goals")
@case_argument
@scenario_option
@option("--order", default="coverage,duplication,equity,movement,cost", show_default=True)
@option("--target", "targets", multiple=True)
@table_option(*TABLES)
def goals(request: Request, case: Path, scenario: str, order: str, targets: tuple[str, ...]) -> int:
    """The plan of a strict order of goals, or the cheapest plan that reaches the targets."""
    from allocate.cli.answers import open_session
    from allocate.cli.guard import NO_PLAN, OK
    from allocate.cli.output import emit, ended
    from allocate.questions.document import document

    session = open_session(case)
    if targets:
        reached = session.goals(scenario, target=targets)
        emit(request, document(session, reached, request.lang), _targets(request, session.case, reached))
        code = NO_PLAN if reached.status == "unreachable" else OK
        return ended(request, code, [remark.text(request.lang) for remark in reached.remarks])
    answer = session.goals(scenario, order=order)
    emit(request, document(session, answer, request.lang), _order(request, session.case, answer))
    return OK


def _order(request: Request, case: Case, answer: GoalOrder) -> list[Display]:
    from allocate.cli.output import Display

    shown = answer.stages[["stage", "goal"]].copy()
    for column in ("best", "kept", "reached"):
        shown[f"{column}_text"] = [
            _told(measure, value, request.lang)
            for measure, value in zip(answer.stages["measure"], answer.stages[column], strict=True)
        ]
    title = say("goals.stages", _TEXTS, scenario=answer.scenario_id)
    remarks = [remark.text(request.lang) for remark in answer.remarks]
    return [
        Display("stages", title, shown, None, remarks, tidy=answer.stages),
        _offers(case, answer.plan.offers, answer.scenario_id),
    ]


def _told(measure: str, value: float, lang: str) -> str:
    """A value of a measure in its unit; shares to the hundredth of a per cent, because tolerances are that small."""
    from allocate.language import percent
    from allocate.results.columns import unit_of

    unit = unit_of(measure)
    return percent(value, lang, 2) if unit.base == "share" else unit.written(value, lang)


def _targets(request: Request, case: Case, answer: LeastCost) -> list[Display]:
    from allocate.cli.output import Display
    from allocate.language import euro

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
    names = case["pots"].set_index("pot_id")["name"]
    pots = answer.pots.assign(pot_name=answer.pots["pot_id"].map(names))
    title = say("goals.targets", _TEXTS, scenario=scenario)
    shown = answer.targets.rename(columns={"key": "target_key"})
    displays = [
        Display("targets", title, shown, _SHOWN["targets"], remarks, tidy=answer.targets),
        Display("pots", say("goals.pots", _TEXTS, scenario=scenario), pots, _SHOWN["pots"], tidy=answer.pots),
    ]
    if answer.plan is not None:
        displays.append(_offers(case, answer.plan.offers, scenario))
    return displays


def _offers(case: Case, offers: Any, scenario: str) -> Display:
    from allocate.cli.output import Display

    names = case["offers"].set_index("offer_id")["name"]
    frame = offers.assign(offer_name=offers["offer_id"].map(names))
    return Display("offers", say("goals.offers", _TEXTS, scenario=scenario), frame, _SHOWN["offers"], tidy=offers)
