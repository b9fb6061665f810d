"""Remarks: sentences that go with an analysis, kept as keys and values so that they can be said in either language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from allocate.language import Texts, number, percent


@dataclass(frozen=True)
class Figure:
    """A number in a remark, written as the reader's language writes it; ``share`` 0..1 is said in per cent."""

    value: float
    digits: int = 0
    share: bool = False

    def text(self, lang: str = "en") -> str:
        """``6,1`` in German, ``6.1`` in English; a share ``85 %`` and ``85%``."""
        return (percent if self.share else number)(self.value, lang, self.digits)


@dataclass(frozen=True)
class Remark:
    """A sentence of one of the analyses' files of texts; ``file`` from the room down, ``silos/texts.csv``."""

    file: str
    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    def text(self, lang: str = "en") -> str:
        """The sentence in the reader's language."""
        values = {name: one.text(lang) if isinstance(one, Figure) else one for name, one in self.values.items()}
        return Texts("allocate.analyses", self.file).say(self.key, lang, **values)


def said(remarks: tuple[Remark, ...], lang: str) -> list[str]:
    """All sentences in the reader's language."""
    return [remark.text(lang) for remark in remarks]
