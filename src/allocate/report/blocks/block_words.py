"""Telling: how the main report writes; its sentences stand in ``texts_blocks.csv``."""

from __future__ import annotations

from allocate.analyses.decision.decide import Decision
from allocate.inputs.speaker import Speaker
from allocate.language import Texts
from allocate.report.content import Content
from allocate.report.front.saying import Saying
from allocate.report.sections.tables import Tables

TEXTS = Texts("allocate.report", "texts_blocks.csv")


class Telling(Speaker):
    """Says what a block holds, in one language; called with a key it is a sentence of ``texts_blocks.csv``."""

    texts = TEXTS
    __call__ = Speaker.say

    def __init__(self, content: Content, lang: str) -> None:
        super().__init__(content.case, lang)
        self.content = content
        self.short = Saying(content, lang)
        self.voice = self.short.voice
        self.tables = Tables(content, self.voice)

    @property
    def decision(self) -> Decision:
        """The decision of a content that has a proposal; raises ``ValueError`` for any other."""
        return self.short.decision
