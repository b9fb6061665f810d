"""Gathering what a report or a workbook shows, with progress in words, and the exit code of what came out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from allocate.cli.guard import LIMIT, NO_PLAN, OK
from allocate.cli.options import Request
from allocate.cli.progress import progress
from allocate.cli.speech import say
from allocate.questions.reports import Report
from allocate.questions.session import Session
from allocate.report.asking import STAGES
from allocate.report.content import steps_of


def gathered(
    request: Request, session: Session, scenarios: Sequence[str], offer: Sequence[str] = (), **asked: Any
) -> Report:
    """The report of a session (options as of ``Session.report``), saying in words what is being asked."""
    with progress(request, say("gathering.progress"), steps_of(session, scenarios, offer)) as step:
        return session.report(
            *scenarios,
            offer=offer,
            lang=request.lang,
            progress=lambda name: step(say(f"gathering.{name}") if name in STAGES else name),
            **asked,
        )


def exit_code(report: Report) -> int:
    """1 where the proposal has no feasible plan, 3 where a limit stopped it, else 0."""
    return {"infeasible": NO_PLAN, "limit": LIMIT}.get(report.status, OK)
