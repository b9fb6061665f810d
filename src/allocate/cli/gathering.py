"""Gathering what a report, a workbook or a council paper shows: one session, one content, one exit code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from allocate.cli.answers import open_session
from allocate.cli.guard import LIMIT, NO_PLAN, OK
from allocate.cli.options import Request
from allocate.cli.output import in_writable_folder
from allocate.cli.progress import progress
from allocate.cli.speech import say
from allocate.inputs.ballots import read_ballots
from allocate.inputs.reading import read_case
from allocate.inputs.suggestions import read_suggestions
from allocate.report.content import Content, Voices, gather, steps_of
from allocate.report.masking import Veil
from allocate.session import Session


def session_of(
    request: Request,
    path: Path,
    offers: Sequence[str] = (),
    *,
    masked: bool = False,
    solver: str = "highs",
    time_limit: float | None = None,
) -> tuple[Session, tuple[str, ...]]:
    """The session, of the masked case where that is wanted, and the offers asked for as this case calls them."""
    session = open_session(path, solver, time_limit)
    if not masked:
        return session, tuple(offers)
    veil = Veil(session.case, request.lang)
    return Session(veil.case, solver=solver, limits=session.limits), tuple(veil.text(offer) for offer in offers)


def voices_of(
    request: Request, path: Path, session: Session, ballots: Sequence[Path], suggestions: Path | None, *, masked: bool
) -> Voices:
    """Ballots and suggestions from their files; in a masked draft suggestions name no provider either."""
    needs = [str(need) for need in session.case["needs"]["need_id"]]
    told = read_ballots(list(ballots), needs) if ballots else None
    table = read_suggestions(suggestions).table if suggestions else None
    if table is not None and masked:
        table = Veil(read_case(path), request.lang).table(table)
    return Voices(told, table)


def content_of(
    request: Request,
    session: Session,
    scenarios: Sequence[str],
    proposal: str = "",
    asked: Sequence[str] = (),
    voices: Voices | None = None,
) -> Content:
    """All questions of a report, asked with progress."""
    with progress(request, say("gathering.progress"), steps_of(session, scenarios)) as step:
        return gather(session, scenarios, proposal, asked, progress=step, voices=voices)


def refuse_unwritable(*targets: Path) -> None:
    """Refuse files that could not be written before minutes are spent on their content."""
    for target in targets:
        with in_writable_folder(target):
            pass


def exit_code(content: Content) -> int:
    """1 where the proposal has no feasible plan, 3 where a limit stopped it, else 0."""
    if not content.proposal:
        return OK
    return {"infeasible": NO_PLAN, "limit": LIMIT}.get(str(content.plan.status), OK)
