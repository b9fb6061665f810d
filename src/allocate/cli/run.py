"""``allocate run``: a verified proposal, or a verdict on the status quo, for each scenario."""

from __future__ import annotations

from pathlib import Path

from allocate.cli.options import Request, case_argument, command, scenarios_option, solver_options, table_option
from allocate.cli.output import respond
from allocate.cli.what_if import WhatIf, what_if_options


@command("run")
@case_argument
@scenarios_option
@what_if_options
@solver_options
@table_option
def run(
    request: Request, case: Path, scenarios: tuple[str, ...], what_if: WhatIf, solver: str, time_limit: float | None
) -> int:
    """Run the scenarios and show their measures, or one table of them."""
    from allocate.cli import answers

    results = answers.run_all(request, case, scenarios, solver, time_limit, what_if)
    respond(request, results.session, results.runs, results.displays(request.lang, request.table))
    if not request.quiet:
        results.point_out()
    return results.exit_code()
