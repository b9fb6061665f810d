"""Gathering what a report, a workbook or a council paper shows: one session, one content, one exit code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from allocate.cli.answers import open_what_if
from allocate.cli.guard import LIMIT, NO_PLAN, OK
from allocate.cli.options import Request
from allocate.cli.progress import progress
from allocate.cli.speech import say
from allocate.cli.what_if import WhatIf
from allocate.inputs.voices.ballots import read_ballots
from allocate.inputs.voices.suggestions import read_suggestions
from allocate.report.asking import STAGES, Voices
from allocate.report.audience import Audience
from allocate.report.content import Content, gather, steps_of
from allocate.report.papers.masking import Veil
from allocate.session import Session


@dataclass(frozen=True)
class Draft:
    """The session a report is drawn from, the veil over its providers in a masked draft, and the scenarios to show."""

    session: Session
    veil: Veil | None = None
    scenarios: tuple[str, ...] = ()

    def offers(self, asked: Sequence[str]) -> tuple[str, ...]:
        """Offers asked for, as this case calls them."""
        return tuple(asked) if self.veil is None else tuple(self.veil.text(offer) for offer in asked)

    def voices(self, ballots: Sequence[Path], suggestions: Path | None) -> Voices:
        """Ballots and suggestions from their files; in a masked draft neither names a provider."""
        needs = [str(need) for need in self.session.case["needs"]["need_id"]]
        told = read_ballots(list(ballots), needs) if ballots else None
        table = read_suggestions(suggestions).table if suggestions else None
        if self.veil is not None:
            told = told and replace(told, table=self.veil.groups(told.table))
            table = None if table is None else self.veil.table(table)
        return Voices(told, table)


def draft_of(
    request: Request,
    path: Path,
    masked: bool = False,
    solver: str = "highs",
    time_limit: float | None = None,
    what_if: WhatIf | None = None,
    scenarios: Sequence[str] = (),
) -> Draft:
    """The session, of the masked case where that is wanted; ``what_if``: changes of the one scenario asked for."""
    session, shown = open_what_if(path, scenarios, solver, time_limit, what_if)
    if not masked:
        return Draft(session, scenarios=tuple(shown))
    veil = Veil(session.case, request.lang)
    return Draft(Session(veil.case, solver=solver, limits=session.limits), veil, tuple(shown))


def content_of(
    request: Request,
    session: Session,
    scenarios: Sequence[str],
    proposal: str = "",
    asked: Sequence[str] = (),
    voices: Voices | None = None,
    audience: Audience | None = None,
    years: tuple[int, int] | None = None,
) -> Content:
    """All questions of a report, asked with progress that says in words what is being asked."""
    with progress(request, say("gathering.progress"), steps_of(session, scenarios, asked)) as step:
        return gather(
            session,
            scenarios,
            proposal,
            asked,
            progress=lambda name: step(say(f"gathering.{name}") if name in STAGES else name),
            voices=voices,
            audience=audience,
            years=years,
        )


def exit_code(content: Content) -> int:
    """1 where the proposal has no feasible plan, 3 where a limit stopped it, else 0."""
    if not content.proposal:
        return OK
    return {"infeasible": NO_PLAN, "limit": LIMIT}.get(str(content.plan.status), OK)
