"""Question: what every method of a session that is asked something has in common."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Protocol, cast

from allocate.arguments import arguments_checked
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.inputs.handed import OneLine
from allocate.model.own_rules import own_names, own_of
from allocate.results.allocation import own_notes
from allocate.solve.turns import Locked

# Who works in this process: a function that somebody wrote does not travel to another one.
HERE = "serial"
# Refusals for want of a plan, which may be the doing of own rules.
_NO_PLAN = ("no-feasible-plan", "explain-no-plan")


class Holding(Locked, Protocol):
    """A session that knows another one, of the same case, in which own rules hold."""

    case: Case

    def with_rules(self, extra: Any) -> Holding:
        """The session in which they hold."""
        ...


def question[Method: Callable[..., Any]](method: Method) -> Method:
    """A method that refuses what it does not take, waits for its turn, and asks another session where own rules hold.

    Its parameter ``extra``, where it has one, is for own rules: the method itself is asked of ``with_rules(extra)`` and
    gets none. What it answers names the own rules.
    """

    def asking(self: Holding, /, *given: Any, **named: Any) -> Any:
        extra = named.pop("extra", None)
        asked = self if extra is None else self.with_rules(extra)
        if own_of(asked.case) is not None and not str(named.get("executor", HERE)).startswith((HERE, "threads")):
            raise UsageError("own-elsewhere", place="executor", given=named["executor"])
        with self._lock:
            try:
                answer = method(asked, *given, **named)
            except UsageError as refused:
                raise _with_own(refused, asked.case) from None
        own = own_notes(asked.case)
        if own and isinstance(answer, OneLine):
            answer.under(tuple(own))
        return answer

    return cast("Method", arguments_checked(update_wrapper(asking, method)))


def _with_own(refused: UsageError, case: Case) -> UsageError:
    """A refusal for want of a plan names the own rules that leave none; any other is as it is."""
    names = own_names(case)
    if not names or refused.id not in _NO_PLAN:
        return refused
    return UsageError("own-no-plan", place="extra", names=names, scenario=refused.values["scenario"])
