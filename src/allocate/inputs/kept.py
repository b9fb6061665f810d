"""What is made of tables, kept while they are the same.

Scenarios, draws and looks at single figures come by hundreds, and each replaces one or two of thirty tables. A function
of a case that is ``kept`` is carried out once for the tables that it has read; which these are is noted while it reads
them, so that nobody has to list them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import fields, is_dataclass
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Concatenate

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from allocate.inputs.case import Case

# By function and arguments: the tables read, and what was made of them; the last asked for first.
type Read = list[tuple[str, pd.DataFrame | None]]
type Made = dict[object, tuple[tuple[Read, Any], ...]]
# So many results of a function are kept, those asked for last: the scenario's own and a few of its variants.
LAST = 4
_reading: ContextVar[tuple[set[str], ...]] = ContextVar("reading", default=())


def note(*tables: str) -> None:
    """Tables that are read now, for the functions that are at work."""
    for read in _reading.get():
        read.update(tables)


def kept[**Given, Result](
    function: Callable[Concatenate[Case, Given], Result],
) -> Callable[Concatenate[Case, Given], Result]:
    """Carry a function of a case out once for the tables that it reads and its other arguments, which can be hashed.

    It must depend on nothing else. Arrays in what it makes are closed, as all who ask share them.
    """

    def asked(case: Case, /, *given: Given.args, **named: Given.kwargs) -> Result:
        now, made = case._made_of
        key = (function, given, tuple(named.items()))
        known = made.get(key, ())
        for entry in known:
            read: Read = entry[0]
            result: Result = entry[1]
            if all(now.get(name) is table for name, table in read):
                if entry is not known[0]:
                    made[key] = (entry, *(other for other in known if other is not entry))
                note(*(name for name, _ in read))
                return result
        names: set[str] = set()
        token = _reading.set((*_reading.get(), names))
        try:
            result = function(case, *given, **named)
        finally:
            _reading.reset(token)
        for part in result if isinstance(result, tuple) else (result,):
            close(part)
        made[key] = (([(name, now.get(name)) for name in sorted(names)], result), *known[: LAST - 1])
        return result

    return update_wrapper(asked, function)


def close(value: object) -> None:
    """Make the arrays of a dataclass, and of those it holds, read-only.

    What has been made is asked again and again; a reader who writes into it would change every later answer.
    """
    if isinstance(value, np.ndarray):
        value.setflags(write=False)
    elif is_dataclass(value):
        for one in fields(value):
            close(getattr(value, one.name))
