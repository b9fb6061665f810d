"""Gathering what a report, a workbook or a council paper shows, with progress and an exit code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from allocate.cli.guard import LIMIT, NO_PLAN, OK
from allocate.cli.options import Request
from allocate.cli.output import in_writable_folder
from allocate.cli.progress import progress
from allocate.cli.speech import say
from allocate.inputs.reading import read_case
from allocate.report.content import Content, gather, steps_of
from allocate.report.masking import masked_providers
from allocate.session import Session
from allocate.solve.solution import Status

_TEXTS = "export.csv"


@dataclass(frozen=True)
class Gathered:
    """A content, and the exit code that its proposal calls for."""

    content: Content

    @property
    def exit_code(self) -> int:
        """1 if no plan meets the rules of the proposal, 3 if it was stopped by a limit, else 0."""
        if self.content.plan.status is Status.INFEASIBLE:
            return NO_PLAN
        return LIMIT if self.content.plan.status is Status.LIMIT else OK


def gathered(
    request: Request,
    path: Path,
    scenarios: Sequence[str],
    target: Path,
    *,
    mask_providers: bool = False,
    proposal: str = "",
    asked: Sequence[str] = (),
) -> Gathered:
    """Read the case and ask all questions of a report; a ``target`` that cannot be written is refused before that."""
    with in_writable_folder(target):
        pass
    case = read_case(path)
    session = Session(masked_providers(case, request.lang) if mask_providers else case)
    with progress(request, say("export.progress", _TEXTS), steps_of(session, scenarios)) as step:
        return Gathered(gather(session, scenarios, proposal, asked, step))
