"""Question: what every method of a session that is asked something has in common."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, cast

from allocate.arguments import arguments_checked
from allocate.solve.turns import in_turn


def question[Method: Callable[..., Any]](method: Method) -> Method:
    """A method that refuses what it does not take, and then waits for its turn."""
    return cast("Method", arguments_checked(update_wrapper(in_turn(method), method)))
