"""Handed: a frame that an answer keeps and hands out, so that what a reader writes into it stays with the reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import update_wrapper
from html import escape
from typing import Any, Protocol, overload

import pandas as pd

from allocate.arguments import methods_checked
from allocate.plain import Record

_LONGEST = 100
# So many rows of a table does a notebook show.
_SHOWN_ROWS = 20


class Handed:
    """A field of a frozen dataclass that holds a frame: every reading of it gives a copy.

    Nothing is copied before somebody writes (pandas' copy-on-write). ``optional``: where nothing is given, the frame
    is empty.
    """

    def __init__(self, *, optional: bool = False) -> None:
        self._optional = optional
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = f"_{name}"

    @overload
    def __get__(self, holder: None, owner: type) -> None: ...
    @overload
    def __get__(self, holder: object, owner: type) -> pd.DataFrame: ...
    def __get__(self, holder: object | None, owner: type) -> pd.DataFrame | None:
        if holder is None:
            if self._optional:
                return None  # what ``dataclass`` takes for the default
            raise AttributeError(self._name)
        frame: pd.DataFrame = vars(holder)[self._name]
        return frame.copy(deep=False)

    def __set__(self, holder: object, frame: pd.DataFrame | None) -> None:
        vars(holder)[self._name] = pd.DataFrame() if frame is None else frame.copy(deep=False)


class Said(Protocol):
    """A sentence about an answer."""

    def text(self, lang: str = "en") -> str:
        """The sentence in the reader's language."""
        ...


class OneLine:
    """An answer that shows itself in one line: its plain values, and how many rows its tables have.

    Such answers are compared by identity (``eq=False``): whether two frames are equal is no yes or no. Their public
    methods refuse what they do not take. Own rules under which a question was asked (``under``) are named in the line
    and, as ``own_rules``, in the JSON.
    """

    _own: tuple[Said, ...] = ()

    def __init_subclass__(cls) -> None:
        if "to_json" in vars(cls):
            setattr(cls, "to_json", _named(vars(cls)["to_json"]))  # noqa: B010  (this base itself has none)
        methods_checked(cls)

    def under(self, own: tuple[Said, ...]) -> None:
        """Name the own rules under which the question was asked."""
        vars(self)["_own"] = own

    def own_rules(self, lang: str = "en") -> list[str]:
        """The own rules that every plan of this answer meets, in words."""
        return [one.text(lang) for one in self._own]

    def __repr__(self) -> str:
        names: list[str] = [one.name for one in fields(self)] if is_dataclass(self) else []
        told = [f"{name}={_told(getattr(self, name))}" for name in names]
        told += [f"own_rules={len(self._own)}"] if self._own else []
        line = f"{type(self).__name__}({', '.join(told)})"
        return line if len(line) <= _LONGEST + 2 else f"{line[:_LONGEST]}...)"

    def _repr_html_(self) -> str:
        """What a notebook shows: the line, and every table to be unfolded."""
        names: list[str] = [one.name for one in fields(self)] if is_dataclass(self) else []
        return notebook(repr(self), {name: getattr(self, name) for name in names})


def notebook(line: str, parts: Mapping[str, object]) -> str:
    """HTML of an answer for a notebook: one line, and the first rows of those parts that are tables, folded."""
    tables = {name: part for name, part in parts.items() if isinstance(part, pd.DataFrame) and len(part)}
    folded = "".join(
        f"<details><summary>{escape(name)} ({len(table)})</summary>"
        f"{table.to_html(max_rows=_SHOWN_ROWS, border=0, index=False)}</details>"
        for name, table in tables.items()
    )
    return f"<p>{escape(line)}</p>{folded}"


def _named(to_json: Callable[..., Record]) -> Callable[..., Record]:
    """The JSON of an answer, with the own rules under which the question was asked behind it."""

    def with_own(self: OneLine, *given: Any, **named: Any) -> Record:
        document = to_json(self, *given, **named)
        lang = str(named.get("lang", given[0] if given else "en"))
        return {**document, "own_rules": self.own_rules(lang)} if self._own else document

    return update_wrapper(with_own, to_json)


def _told(value: object) -> str:
    """A value in a few letters."""
    if isinstance(value, pd.DataFrame | pd.Series):
        return f"{len(value)} rows"
    if value is None or isinstance(value, bool | int | float):
        return f"{value:.6g}" if isinstance(value, float) else str(value)
    if isinstance(value, str):
        return repr(str(value))
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return f"{len(value)} entries"
    return type(value).__name__
