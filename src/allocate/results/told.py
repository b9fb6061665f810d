"""Told: what a question gives, with one declaration of what its JSON holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import is_dataclass
from typing import ClassVar

import pandas as pd

from allocate import __version__
from allocate.inputs.case import Case
from allocate.inputs.handed import OneLine
from allocate.plain import Record, plain, records


class Told(OneLine):
    """An answer whose JSON has the parts that ``JSON`` names, in that order; their names are those of the contract.

    ``name``: an attribute; ``name=some.path``: an attribute elsewhere (nothing where the path leads over None);
    ``*name``: the entries of a mapping, or of what a method of the language gives, one by one. A part is a value, a
    table, a method of the language (sentences), something that has ``to_json`` or ``text`` of its own, or a dataclass
    of plain values. Without ``JSON`` all fields are told.
    """

    JSON: ClassVar[tuple[str, ...]] = ()

    def to_json(self, lang: str = "en") -> Record:
        """The stable JSON of the question; only its sentences depend on the language."""
        return parts(self, self.JSON or vars(self), lang)


def heading(case: Case) -> Record:
    """What every document begins with: which program answered about which tables."""
    return {"allocate": __version__, "case": case.name, "fingerprint": case.fingerprint}


def parts(holder: object, names: Iterable[str], lang: str) -> Record:
    """Some parts of an answer by their names in its JSON, as plain values."""
    found: Record = {}
    for name in names:
        key, _, path = name.removeprefix("*").partition("=")
        part: object = holder
        for step in (path or key).split("."):
            part = None if part is None else getattr(part, step)
        if name.startswith("*"):
            found |= plain(part(lang) if callable(part) else part)
        else:
            found[key] = told(part, lang)
    return found


def told(part: object, lang: str) -> object:
    """A part of an answer as plain values; remarks become sentences."""
    if isinstance(part, pd.DataFrame):  # before anything else: a frame has a ``to_json`` that means something else
        return records(part)
    if callable(part):
        return told(part(lang), lang)
    for way in ("to_json", "text"):
        if hasattr(part, way):
            return getattr(part, way)(lang)
    if isinstance(part, tuple | list):
        return [told(one, lang) for one in part]
    return plain(vars(part) if is_dataclass(part) else part)
