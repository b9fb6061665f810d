"""Told: what a question gives, with one declaration of what its JSON holds."""

from __future__ import annotations

from typing import ClassVar

import pandas as pd

from allocate.inputs.handed import OneLine
from allocate.results.plain import plain, records


class Told(OneLine):
    """An answer whose JSON has the parts that ``JSON`` names, in that order; their names are those of the contract.

    A part is a value, a table, a method of the language (sentences), or something that has ``to_json`` or ``text`` of
    its own.
    """

    JSON: ClassVar[tuple[str, ...]] = ()

    def to_json(self, lang: str = "en") -> dict[str, object]:
        """The stable JSON of the question; only its sentences depend on the language."""
        return {name: told(getattr(self, name), lang) for name in self.JSON}


def told(part: object, lang: str) -> object:
    """A part of an answer as plain values; remarks become sentences."""
    if isinstance(part, pd.DataFrame):  # before anything else: a frame has a ``to_json`` that means something else
        return records(part)
    if callable(part):
        return plain(part(lang))
    for way in ("to_json", "text"):
        if hasattr(part, way):
            return getattr(part, way)(lang)
    return [told(one, lang) for one in part] if isinstance(part, tuple | list) else plain(part)
