"""Saying: how page one writes names and numbers: whole per cent, thousands, names without ids."""

from __future__ import annotations

import re

from allocate.analyses.decision.decide import Decision
from allocate.inputs.speaker import Speaker
from allocate.language import Texts, euro, no_less, no_more, number, percent, signed
from allocate.report.content import Content
from allocate.report.wording import Voice
from allocate.results.allocation import Allocation
from allocate.results.floor_kinds import minima, missed

TEXTS = Texts("allocate.report", "texts_front.csv")
_BRACKETS = re.compile(r"\s*\([^()]*\)\s*$")
_PER_CENT = 0.01
# From here on a row of amounts is written in thousands.
_THOUSANDS_FROM, _HUNDREDS_FROM = 10_000.0, 1_000.0
# From these on a price has no cents, a change no decimal.
_HUNDRED, _TENTH = 100.0, 0.1


class Saying(Speaker):
    """Says what page one holds, in one language; called with a key it is a sentence of ``texts_front.csv``."""

    texts = TEXTS
    __call__, name = Speaker.say, Speaker.alone

    def __init__(self, content: Content, lang: str) -> None:
        super().__init__(content.plan.variant.case, lang)
        self.content = content
        self.voice = Voice(content, lang)

    @property
    def decision(self) -> Decision:
        """The decision of a content that has a proposal; raises ``ValueError`` for any other."""
        if self.content.decision is None:
            raise ValueError(self.content.proposal)
        return self.content.decision

    def percent(self, share: float) -> str:
        """A share 0..1 in whole per cent."""
        return percent(share, self.lang, 0)

    @property
    def is_coarse(self) -> bool:
        """Whether the lowest coverage of a space is told in wider steps than whole per cent."""
        return self.content.mask.lowest > _PER_CENT

    def points(self, share: float) -> str:
        """A change of a share in whole percentage points, with its sign."""
        text = number(share * 100, self.lang)
        return signed(text) if share > 0 and text != "0" else text

    def euro(self, value: float) -> str:
        """Money, in thousands from ten thousand on, in hundreds from a thousand on."""
        return self.voice.euro(round(value, -2) if abs(value) >= _HUNDREDS_FROM else value)

    def moved(self, value: float) -> str:
        """Money that is moved, 0 where it is none."""
        return self.euro(value) if value >= 1 else self.number(0)

    def missed(self, plan: Allocation) -> str:
        """How many floors a plan misses, a dash where there is none to miss."""
        floors = minima(plan)
        return self.number(missed(floors)) if len(floors) else "–"

    def euros(self, value: float) -> str:
        """A change of money with its sign, without that of the currency, rounded as in sentences."""
        shown = round(value, -3) if abs(value) >= _THOUSANDS_FROM else round(value)
        text = number(shown, self.lang)
        return signed(text) if shown > 0 else text

    def number(self, value: float) -> str:
        """A whole number."""
        return number(value, self.lang)

    def change(self, share: float) -> str:
        """How much more or less a figure is, without its sign: whole per cent, below ten one decimal."""
        return self._change(round(abs(share) * 1000))

    def threshold(self, share: float) -> str:
        """A change from which on something holds: the same, rounded away from nothing."""
        return self._change(round(no_less(abs(share), 2 if abs(share) >= _TENTH else 3) * 1000))

    def price(self, value: float) -> str:
        """A price up to which something holds: whole units of the currency, small ones with cents, rounded down."""
        digits = 0 if abs(value) >= _HUNDRED else 2
        return euro(no_more(value, digits), self.lang, digits)

    def _change(self, tenths: int) -> str:
        return percent(tenths / 1000, self.lang, 0 if tenths >= 100 or tenths % 10 == 0 else 1)

    def lowest(self, share: float) -> str:
        """The lowest coverage of a space, marked where it is told in wide steps; blank where there is none."""
        text = self.percent(share)
        return self("about", share=text) if text and self.is_coarse else text

    def title(self, id: str) -> str:
        """The title of a scenario, without what stands in brackets at its end unless two would be called the same."""
        whole = {one: self.voice.scenario(one) for one in self.content.plans}
        short = {one: _BRACKETS.sub("", title) or title for one, title in whole.items()}
        return short[id] if list(short.values()).count(short[id]) == 1 else whole[id]
