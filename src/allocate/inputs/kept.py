"""What is made of tables, kept while what it was made of is the same.

Scenarios, draws and looks at single figures come by hundreds, and each replaces one or two of thirty tables, or a few
columns of them. A function of a case that is ``kept`` is carried out once for the tables and columns that it has read;
which these are is noted while it reads them, so that nobody has to list them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import is_dataclass
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Concatenate

import numpy as np

if TYPE_CHECKING:
    from allocate.inputs.case import Case

# By function and arguments: what was read (table, column or blank for all of it, what stood there), the arrays that
# were given, and what was made of it all; the last asked for first.
type Read = list[tuple[str, str, object]]
type Made = dict[object, tuple[tuple[Read, tuple[Any, ...], Any], ...]]
# So many results of a function are kept, those asked for last: the scenario's own and a few of its variants.
LAST = 4
_reading: ContextVar[tuple[set[tuple[str, str]], ...]] = ContextVar("reading", default=())


def note(table: str, *columns: str) -> None:
    """A table that is read now, or some columns of it, for the functions that are at work."""
    for read in _reading.get():
        read.update((table, column) for column in columns or ("",))


def kept[**Given, Result](
    function: Callable[Concatenate[Case, Given], Result],
) -> Callable[Concatenate[Case, Given], Result]:
    """Carry a function of a case out once for what it reads and its other arguments: arrays, and what can be hashed.

    It must depend on nothing else. Arrays in what it makes are closed, as all who ask share them.
    """

    def asked(case: Case, /, *given: Given.args, **named: Given.kwargs) -> Result:
        now, made = case._made_of
        arrays = tuple(one for one in given if isinstance(one, np.ndarray))
        others = tuple(one for one in given if not isinstance(one, np.ndarray)) if arrays else given
        key = (function, others, tuple(named.items()))
        known = made.get(key, ())
        for entry in known:
            read: Read = entry[0]
            result: Result = entry[2]
            if all(now.standing(*name) is what for *name, what in read) and all(map(_same, entry[1], arrays)):
                if entry is not known[0]:
                    made[key] = (entry, *(other for other in known if other is not entry))
                _pass_on(read)
                return result
        names: set[tuple[str, str]] = set()
        token = _reading.set((*_reading.get(), names))
        try:
            result = function(case, *given, **named)
        finally:
            _reading.reset(token)
        for part in result if isinstance(result, tuple) else (result,):
            close(part)
        found = [(*name, now.standing(*name)) for name in sorted(names)]
        own = tuple(one.copy() if one.flags.writeable else one for one in arrays)
        made[key] = ((found, own, result), *known[: LAST - 1])
        return result

    return update_wrapper(asked, function)


def _pass_on(read: Read) -> None:
    """What was read for a result that is kept, for the functions that are at work."""
    for names in _reading.get():
        names.update((table, column) for table, column, _ in read)


def _same(one: Any, other: Any) -> bool:
    return one is other or (one.dtype == other.dtype and bool(np.array_equal(one, other)))


def close(value: object) -> None:
    """Make the arrays of a dataclass, and of those it holds, read-only.

    What has been made is asked again and again; a reader who writes into it would change every later answer.
    """
    if isinstance(value, np.ndarray):
        value.setflags(write=False)
    elif is_dataclass(value):
        for one in vars(value).values():
            close(one)
