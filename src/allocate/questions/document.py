"""Document: an answer as the JSON of its command, with the version, the case and what was computed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from allocate.plain import Record
from allocate.results.told import heading
from allocate.session import Session


class Answer(Protocol):
    """What a question gives: tables, and all of it as plain values."""

    def to_json(self, lang: str = "en") -> Mapping[str, object]:
        """The stable JSON of the question; only its sentences depend on the language."""
        ...


def document(session: Session, answer: Answer, lang: str) -> Record:
    """The JSON of a command: which program answered about which tables, then the answer."""
    return {**heading(session.case), **answer.to_json(lang)}
