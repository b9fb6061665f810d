"""``allocate duplication``: where money may be spent twice, whether that is wanted, and what holds it in place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from allocate.cli.numbers import Number
from allocate.cli.opening import open_session
from allocate.cli.options import Request, case_argument, command, option, scenarios_option, solver_options, table_option
from allocate.cli.output import Display, respond
from allocate.cli.progress import progress
from allocate.cli.speech import say

if TYPE_CHECKING:
    import pandas as pd

    from allocate.analyses.duplication.made_visible import Duplication

_TEXTS = "duplication.csv"


@command("duplication")
@case_argument
@scenarios_option
@option("--fewest", is_flag=True)
@option("--within", type=Number(0, 1), default=0.01, show_default=True)
@solver_options
@table_option
def duplication(
    request: Request, case: Path, scenarios: tuple[str, ...], fewest: bool, within: float, solver: str,
    time_limit: float | None,
) -> int:  # fmt: skip
    """Show duplication in the status quo and in scenarios; with ``--fewest`` also how much of it could go."""
    from allocate.analyses.duplication.fewest_parallel import SECONDS
    from allocate.cli import answers
    from allocate.results.runs import Runs
    from allocate.solve.solution import Status

    session = open_session(case, solver, time_limit)
    wanted = scenarios or session.scenario_ids
    fewest, seconds = fewest or request.table == "fewest", time_limit or SECONDS
    with progress(request, say("duplication.progress", _TEXTS), len(wanted) + 1) as step:
        found = session.duplication(*wanted, fewest=fewest, within=within, seconds=seconds, progress=step)
    respond(request, session, found, [*_tables(request, found, scenarios), *_fewest(request, found)])
    # Where nobody asked for a scenario by name, one without a plan is a row of dashes and no failure.
    meant = {id: plan for id, plan in found.plans.items() if scenarios or plan.status is not Status.INFEASIBLE}
    results = answers.Results(case, session, Runs(session.case, session.fingerprint, meant))
    if not request.quiet:
        results.point_out()
    return results.exit_code()


def _tables(request: Request, found: Duplication, asked: tuple[str, ...]) -> list[Display]:
    """The totals of all plans; on a screen the details only of today and of the scenarios named."""
    from allocate.inputs.in_places import is_in_places
    from allocate.inputs.names import all_called, with_names

    names = [name for name in request.tables if name != "fewest"]
    displays = []
    if "totals" in names:
        notes = [say("duplication.totals.note", _TEXTS)]
        title = say("duplication.totals", _TEXTS, case=found.case.town_name)
        displays.append(Display("totals", title, found.totals, request.columns("totals"), notes))
    for id, plan in found.plans.items():
        for name in names:
            if name == "totals" or not plan.has_plan:
                continue
            if not (asked or request.table or id == found.status_quo):
                continue
            whole: pd.DataFrame = getattr(found, name)
            part = whole[whole["scenario_id"] == id]
            title = say(f"duplication.{name}", _TEXTS, scenario=id, title=plan.scenario.label(request.lang))
            notes = [say(f"duplication.{name}.note", _TEXTS)] if name in ("cells", "pairs", "resteerable") else []
            if name == "resteerable":
                part = part[part["change_eur"].abs() > 0.005].sort_values("change_eur", kind="stable")
            if is_in_places(found.case):
                part = part.drop(columns="one_site_eur", errors="ignore")
            part = with_names(found.case, part, request.lang, ("space_id", "need_id", "offer_id"))
            for side in ("offer_id_a", "offer_id_b"):
                if side in part.columns:
                    part = part.assign(**{side: all_called(found.case, "offer_id", part[side].tolist(), request.lang)})
            displays.append(Display(name, title, part, request.columns(name), notes, tidy=whole))
    return displays


def _fewest(request: Request, found: Duplication) -> list[Display]:
    import pandas as pd

    least = found.fewest
    if not least:
        return []
    table = pd.DataFrame([one.row() for one in least])
    title = say("duplication.fewest", _TEXTS, case=found.case.town_name)
    return [Display("fewest", title, table, None, [one.sentence(request.lang) for one in least])]
