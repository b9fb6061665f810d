"""Opening: a session on the case that a command was given, with its what-if as one of the scenarios."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allocate.cli.options import (
    PlannerCommand,
    Request,
    case_argument,
    command,
    scenario_option,
    table_option,
    time_limit_option,
)
from allocate.cli.what_if import WhatIf, what_if_options

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


def scenario_command(name: str) -> Callable[[Callable[..., int | None]], PlannerCommand]:
    """A command about one scenario: it gets the request, the session, the scenario's id, and its own options by name.

    CASE and ``--scenario`` stand before its own options, ``--table`` behind.
    """

    def decorate(function: Callable[..., int | None]) -> PlannerCommand:
        @wraps(function)
        def opened(request: Request, case: Path, scenario: str, **own: Any) -> int | None:
            return function(request, open_session(case), scenario, **own)

        return command(name)(case_argument(scenario_option(_behind(opened, table_option))))

    return decorate


def what_if_command(name: str) -> Callable[[Callable[..., int | None]], PlannerCommand]:
    """The same of a scenario or its what-if, whose options stand before the command's own, ``--time-limit`` behind."""

    def decorate(function: Callable[..., int | None]) -> PlannerCommand:
        @wraps(function)
        def opened(
            request: Request, case: Path, scenario: str, what_if: WhatIf, time_limit: float | None, **own: Any
        ) -> int | None:
            session, shown = open_what_if(case, [scenario], "highs", time_limit, what_if)
            return function(request, session, shown[-1], **own)

        asked = what_if_options(_behind(opened, time_limit_option, table_option))
        return command(name)(case_argument(scenario_option(asked)))

    return decorate


def _behind(function: Callable[..., Any], *options: Callable[..., Any]) -> Callable[..., Any]:
    """Options behind those that a function has; click collects them from the last to the first."""
    own = vars(function).pop("__click_params__", [])
    for add in reversed(options):
        add(function)
    vars(function)["__click_params__"] += own
    return function
