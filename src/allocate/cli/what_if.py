"""``--change``, ``--reason``, ``--save-as``: a quick what-if beside the scenarios of a case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from allocate.cli.guard import tell
from allocate.cli.speech import lang, say
from allocate.errors import InputError, UsageError

if TYPE_CHECKING:
    from allocate.inputs.case import Case
    from allocate.inputs.scenario.variant import Change


@dataclass(frozen=True)
class WhatIf:
    """What was asked for: changes as typed, their reason, and the id to store them under (None: do not store)."""

    changes: tuple[str, ...] = ()
    reason: str = ""
    save_as: str | None = None

    def added_to(self, case: Case, asked: Sequence[str]) -> tuple[Case, list[str]]:
        """The case with the what-if as a scenario, and the scenarios to show: the one asked for and its what-if.

        Without changes both come back as they were. Stores the scenario where that is wanted. Raises ``UsageError``
        and ``InputError`` as ``allocate.inputs.scenario.changes`` does.
        """
        from allocate.inputs.scenario.changes import WHAT_IF, parse_changes, with_what_if

        if not self.changes:
            if self.save_as:
                raise UsageError("change-save-alone")
            return case, list(asked)
        if len(set(asked)) != 1:
            raise UsageError("change-one-base")
        changes = parse_changes(self.changes, self.reason, case)
        new_id = self.save_as or WHAT_IF
        try:
            widened = with_what_if(case, asked[0], changes, new_id=new_id)
        except InputError as refused:
            raise refusal(refused) from refused
        for sentence in no_effect(case, asked[0], changes):
            tell(sentence)
        if self.save_as:
            from allocate.inputs.scenario.saving import save_scenario

            files = ", ".join(path.name for path in save_scenario(widened, new_id))
            tell(say("what_if.saved", scenario=new_id, files=files))
        return widened, [asked[0], new_id]


NO_CHANGE = WhatIf()


def no_effect(case: Case, base_id: str, changes: Sequence[Change]) -> list[str]:
    """One sentence for every typed change on which no plan of the what-if can depend."""
    from allocate.checking.idle import changes_no_plan
    from allocate.inputs.scenario.variant import apply, scenario
    from allocate.inputs.years import plan_year

    indivisible = scenario(case, base_id).indivisible
    moved = any(one.table == "parameters" and one.key in ("plan_year", "*") for one in changes)
    planned = None if moved else plan_year(apply(case, base_id).case)
    said = []
    for one in changes:
        rule = changes_no_plan(one.table, one.column, one.key, indivisible, planned)
        place = one.key if one.table == "parameters" else f"{one.table}.{one.column}"
        if rule:
            said.append(say(f"what_if.{rule.replace('-', '_')}", place=place))
    return said


def refusal(refused: InputError) -> UsageError | InputError:
    """The findings on a typed change in one line, because there is no table they stand in."""
    from allocate.inputs.findings import errors, render

    if refused.findings is None:
        return refused
    rows = render(errors(refused.findings), lang()).to_dict("records")
    said = " ".join(f"({row['row']}) {row['message']} {row['fix']}" for row in rows)
    return UsageError("change-refused", place="--change", findings=said)


def what_if_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the three options; the command gets them as one ``WhatIf`` called ``what_if``."""

    def with_what_if(*given: Any, change: tuple[str, ...], reason: str, save_as: str | None, **own: Any) -> int | None:
        answer: int | None = function(*given, what_if=WhatIf(change, reason, save_as), **own)
        return answer

    with_what_if.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]
    with_what_if.__doc__ = function.__doc__
    for add in (
        click.option("--save-as"),
        click.option("--reason", default=""),
        click.option("--change", multiple=True),
    ):
        add(with_what_if)
    return with_what_if
