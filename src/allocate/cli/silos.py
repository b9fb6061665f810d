"""``allocate silos``: what departments gain by seeing each other, covering for each other, and pooling."""

from __future__ import annotations

from pathlib import Path

import click

from allocate.cli.guard import NO_PLAN, OK
from allocate.cli.opening import open_session
from allocate.cli.options import Request, case_argument, command, complete_scenario, table_option
from allocate.cli.output import Display, ended, respond
from allocate.cli.speech import say
from allocate.language import number

_TEXTS = "silos.csv"


@command("silos")
@case_argument
@click.option("-s", "--scenario", "scenario", shell_complete=complete_scenario)
@table_option
def silos(request: Request, case: Path, scenario: str | None) -> int:
    """The value of integration: levels, steps, needs, departments, pairs."""
    from allocate.inputs.names import with_names

    session = open_session(case)
    answer = session.silos(scenario)
    rule = answer.no_loser
    cost = number(rule.cost_of_rule, request.lang, 4)
    is_free = rule.status == "optimal" and cost == number(0.0, request.lang, 4)
    no_loser = say(f"silos.no_loser.{'free' if is_free else rule.status}", _TEXTS, cost=cost)
    notes = {"levels": [*(remark.text(request.lang) for remark in answer.remarks), no_loser]}
    displays = []
    for name in request.tables:
        frame = getattr(answer, name)
        if name == "needs":
            frame = with_names(session.case, frame, request.lang, ("need_id",))
        title = say(f"silos.{name}", _TEXTS, scenario=answer.scenario_id)
        displays.append(Display(name, title, frame, request.columns(name), notes.get(name, ())))
    respond(request, session, answer, displays)
    code = OK if (answer.levels["status"] != "infeasible").all() else NO_PLAN
    return ended(request, code, answer.without_plan(request.lang))
