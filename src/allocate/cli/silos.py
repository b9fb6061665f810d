"""``allocate silos``: what departments gain by seeing each other, covering for each other, and pooling."""

from __future__ import annotations

from pathlib import Path

import click

from allocate.cli.options import Request, case_argument, command, complete_scenario, table_option
from allocate.cli.speech import say

_TEXTS = "silos.csv"
TABLES = ("levels", "steps", "needs", "departments", "pairs", "coalitions", "pot_shares")
_SHOWN = {
    "levels": (
        "level", "status", "weighted_coverage", "lowest_space_coverage", "coverage_value", "objective",
        "duplication_eur", "moved_eur", "shortfall_units", "spent_eur",
    ),
    "steps": (
        "step", "covered_units_gain", "coverage_value_gain", "objective_gain", "extra_money_eur", "money_less_eur",
        "gain_eur_marginal",
    ),
    "needs": (
        "need_id", "need_name", "lead_department_id", "gain_units", "demand", "covered_silo", "covered_coordinated",
        "covered_earmarks", "covered_pooled",
    ),
    "departments": (
        "department_id", "department_name", "claimed_value", "led_value_silo", "led_value_pooled", "led_value_gain",
        "stable_gain", "fair_gain", "shortfall_alone_units",
    ),
    "pairs": ("department_a", "department_b", "objective_gain", "extra_money_eur"),
    "coalitions": ("members", "value"),
    "pot_shares": ("pot_id", "department_id", "share"),
}  # fmt: skip


@command("silos")
@case_argument
@click.option("-s", "--scenario", "scenario", shell_complete=complete_scenario)
@table_option(*TABLES)
def silos(request: Request, case: Path, scenario: str | None) -> int:
    """The value of integration: levels, steps, needs, departments, pairs."""
    from allocate.cli.answers import open_session
    from allocate.cli.guard import NO_PLAN, OK
    from allocate.cli.output import Display, emit, ended
    from allocate.inputs.names import with_names
    from allocate.language import number
    from allocate.questions.document import document

    session = open_session(case)
    answer = session.silos(scenario)
    frames = {name: getattr(answer, name) for name in TABLES}
    frames["needs"] = with_names(session.case, frames["needs"], request.lang, ("need_id",))
    rule = answer.no_loser
    cost = number(rule.cost_of_rule, request.lang, 4)
    is_free = rule.status == "optimal" and cost == number(0.0, request.lang, 4)
    no_loser = say(f"silos.no_loser.{'free' if is_free else rule.status}", _TEXTS, cost=cost)
    notes = {"levels": [*(remark.text(request.lang) for remark in answer.remarks), no_loser]}
    shown = TABLES if request.table else TABLES[:5]
    displays = [
        Display(
            name,
            say(f"silos.{name}", _TEXTS, scenario=answer.scenario_id),
            frames[name],
            _SHOWN[name],
            notes.get(name, ()),
        )
        for name in shown
    ]
    emit(request, document(session, answer, request.lang), displays)
    code = OK if (answer.levels["status"] != "infeasible").all() else NO_PLAN
    return ended(request, code, answer.without_plan(request.lang))
