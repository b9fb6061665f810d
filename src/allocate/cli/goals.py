"""``allocate goals``: goals strictly in order, or the least money that reaches given targets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from allocate.cli.options import Request, case_argument, command, option, scenario_option, table_option
from allocate.cli.speech import say

if TYPE_CHECKING:
    from allocate.cli.output import Display
    from allocate.inputs.case import Case
    from allocate.session import Session

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
    from allocate import __version__
    from allocate.cli.answers import open_session
    from allocate.cli.guard import NO_PLAN, OK
    from allocate.cli.output import emit

    session = open_session(case)
    ask = _targets if targets else _order
    document, displays, reached = ask(request, session, scenario, targets or (order,))
    head = {"allocate": __version__, "case": session.case.name, "fingerprint": session.fingerprint}
    emit(request, {**head, **document}, displays)
    return OK if reached else NO_PLAN


def _order(
    request: Request, session: Session, scenario: str, words: tuple[str, ...]
) -> tuple[dict[str, Any], list[Display], bool]:
    from allocate.analyses.tradeoffs.goals import in_order, parse_order
    from allocate.cli.output import Display
    from allocate.language import euro, percent

    answer = in_order(session, scenario, parse_order(words[0]))
    shown = answer.stages[["stage", "goal"]].copy()
    money = answer.stages["measure"].str.endswith("_eur")
    for column in ("best", "kept", "reached"):
        shown[f"{column}_text"] = [
            euro(value, request.lang) if is_money else percent(value, request.lang, 2)
            for value, is_money in zip(answer.stages[column], money, strict=True)
        ]
    title = say("goals.stages", _TEXTS, scenario=scenario)
    remarks = [remark.text(request.lang) for remark in answer.remarks]
    displays = [
        Display("stages", title, shown, None, remarks, tidy=answer.stages),
        _offers(session.case, answer.plan.offers, scenario),
    ]
    return answer.to_json(request.lang), displays, True


def _targets(
    request: Request, session: Session, scenario: str, words: tuple[str, ...]
) -> tuple[dict[str, Any], list[Display], bool]:
    from allocate.analyses.tradeoffs.targets import least_cost, parse_target
    from allocate.cli.output import Display
    from allocate.language import euro

    answer = least_cost(session, scenario, [parse_target(word) for word in words])
    lang = request.lang
    money = say(
        "goals.money",
        _TEXTS,
        cost=euro(answer.cost_eur, lang),
        today=euro(answer.today_eur, lang),
        budget=euro(answer.budget_eur, lang),
        extra=euro(answer.extra_money_eur, lang),
    )
    remarks = [*(remark.text(lang) for remark in answer.remarks), money]
    names = session.case["pots"].set_index("pot_id")["name"]
    pots = answer.pots.assign(pot_name=answer.pots["pot_id"].map(names))
    title = say("goals.targets", _TEXTS, scenario=scenario)
    shown = answer.targets.rename(columns={"key": "target_key"})
    displays = [
        Display("targets", title, shown, _SHOWN["targets"], remarks, tidy=answer.targets),
        Display("pots", say("goals.pots", _TEXTS, scenario=scenario), pots, _SHOWN["pots"], tidy=answer.pots),
    ]
    if answer.plan is not None:
        displays.append(_offers(session.case, answer.plan.offers, scenario))
    return answer.to_json(lang), displays, answer.status != "unreachable"


def _offers(case: Case, offers: Any, scenario: str) -> Display:
    from allocate.cli.output import Display

    names = case["offers"].set_index("offer_id")["name"]
    frame = offers.assign(offer_name=offers["offer_id"].map(names))
    return Display("offers", say("goals.offers", _TEXTS, scenario=scenario), frame, _SHOWN["offers"], tidy=offers)
