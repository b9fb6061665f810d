"""Opening: a session on the case that a command was given, with its what-if as one of the scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from allocate.cli.what_if import WhatIf

if TYPE_CHECKING:
    from allocate.questions.session import Session
    from allocate.solve.solution import Limits

# Sessions and tables are loaded when a case is opened, so that help and the shell's completion appear at once.


def open_session(path: Path, solver: str = "highs", time_limit: float | None = None) -> Session:
    """Read a case and be ready to run its scenarios within ``time_limit`` seconds altogether."""
    from allocate.inputs.grant_list import expect_town

    session = open_any(path, solver, time_limit)
    expect_town(session.case)
    return session


def open_any(path: Path, solver: str = "highs", time_limit: float | None = None) -> Session:
    """As ``open_session``, also of a list of grants, of which there is no plan."""
    from allocate.checking.opening import read_case
    from allocate.questions.session import Session

    limits = limited(time_limit)
    return Session(read_case(path), solver=solver, limits=limits)


def limited(time_limit: float | None) -> Limits:
    """Limits of so many seconds altogether, from now on."""
    from allocate.solve.solution import Limits

    return Limits.together(time_limit) if time_limit else Limits()


def open_what_if(
    path: Path, asked: Sequence[str], solver: str, time_limit: float | None, what_if: WhatIf
) -> tuple[Session, Sequence[str]]:
    """A session on the case with the what-if as one of its scenarios, and the scenarios to show."""
    return with_what_if(open_session(path, solver, time_limit), asked, what_if)


def open_for_report(
    path: Path, asked: Sequence[str], solver: str, time_limit: float | None, what_if: WhatIf
) -> tuple[Session, Sequence[str]]:
    """As ``open_what_if``; a list of grants, of which there is a report without a plan, is opened as it is."""
    from allocate.inputs.grant_list import is_grant_list

    session = open_any(path, solver, time_limit)
    return (session, asked) if is_grant_list(session.case.tables) else with_what_if(session, asked, what_if)


def with_what_if(session: Session, asked: Sequence[str], what_if: WhatIf) -> tuple[Session, Sequence[str]]:
    """A session on the same case with the what-if as one of its scenarios, and the scenarios to show."""
    from allocate.questions.session import Session

    case, shown = what_if.added_to(session.case, asked)
    return (session if case is session.case else Session(case, session.solver, session.limits)), shown
