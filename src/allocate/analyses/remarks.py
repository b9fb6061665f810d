"""Remarks: sentences that go with an analysis, kept as keys and values so that they can be said in either language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from allocate.language import Texts, number


@dataclass(frozen=True)
class Figure:
    """A number in a sentence, with so many decimals, in the notation of whoever reads it."""

    value: float
    digits: int = 0


@dataclass(frozen=True)
class Remark:
    """A sentence of one of the analyses' files of texts; ``file`` from the room down, ``silos/texts.csv``."""

    file: str
    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    def text(self, lang: str = "en") -> str:
        """The sentence in the reader's language."""
        values = {
            name: number(value.value, lang, value.digits) if isinstance(value, Figure) else value
            for name, value in self.values.items()
        }
        return Texts("allocate.analyses", self.file).say(self.key, lang, **values)


def said(remarks: tuple[Remark, ...], lang: str = "en") -> list[str]:
    """All sentences in the reader's language."""
    return [remark.text(lang) for remark in remarks]
