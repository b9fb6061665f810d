"""``allocate report``: the trade-off report of a town as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from allocate.cli.options import (
    Request,
    case_argument,
    command,
    complete_scenario,
    option,
    scenarios_option,
    solver_options,
)
from allocate.cli.speech import say

if TYPE_CHECKING:
    from allocate.report.content import Content
    from allocate.session import Session

_TEXTS = "report.csv"
FILE = Path("report.html")


@command("report")
@case_argument
@scenarios_option
@option("--proposal", metavar="ID", shell_complete=complete_scenario)
@option("--offer", "offers", metavar="ID", multiple=True)
@option("--mask-providers", is_flag=True)
@solver_options
def report(
    request: Request,
    case: Path,
    scenarios: tuple[str, ...],
    proposal: str | None,
    offers: tuple[str, ...],
    mask_providers: bool,
    solver: str,
    time_limit: float | None,
) -> int:
    """Write the report; with ``--format json`` the numbers behind it."""
    from allocate.cli.output import as_json, write_safely
    from allocate.errors import UsageError
    from allocate.report.page import draw
    from allocate.report.record import record
    from allocate.report.sections import sections

    if request.format == "csv":
        raise UsageError("report-format")
    session, asked = _session(request, case, offers, mask_providers, solver, time_limit)
    found = _content(request, session, scenarios, proposal or "", asked)
    chapters = sections(found, request.lang)
    if request.format == "json":
        text = as_json(record(found, chapters, request.lang))
        if request.out is None:
            request.stream.write(text)
            return _exit_code(found)
    else:
        text = draw(found, chapters, request.lang, masked=mask_providers)
    path = request.out or FILE
    write_safely(path, text.encode("utf-8"))
    if request.out is None and not request.quiet:
        request.stream.write(say("report.written", _TEXTS, path=path) + "\n")
    return _exit_code(found)


def _session(
    request: Request,
    path: Path,
    offers: tuple[str, ...],
    masked: bool,
    solver: str,
    time_limit: float | None,
) -> tuple[Session, tuple[str, ...]]:
    """The session, of the masked case where that is wanted, and the offers asked for as this case calls them."""
    from allocate.cli.answers import open_session
    from allocate.report.masking import Veil
    from allocate.session import Session as Fresh

    session = open_session(path, solver, time_limit)
    if not masked:
        return session, offers
    veil = Veil(session.case, request.lang)
    return Fresh(veil.case, solver=solver, limits=session.limits), tuple(veil.text(offer) for offer in offers)


def _content(
    request: Request, session: Session, scenarios: tuple[str, ...], proposal: str, offers: tuple[str, ...]
) -> Content:
    from allocate.cli.progress import progress
    from allocate.report.content import gather, steps_of

    with progress(request, say("report.progress", _TEXTS), steps_of(session, scenarios)) as step:
        return gather(session, scenarios, proposal, offers, progress=step)


def _exit_code(content: Content) -> int:
    """1 where the proposal has no feasible plan, 3 where a limit stopped it, else 0."""
    from allocate.cli.guard import LIMIT, NO_PLAN, OK

    if not content.proposal:
        return OK
    return {"infeasible": NO_PLAN, "limit": LIMIT}.get(str(content.plan.status), OK)
