"""Speaker: what all who write sentences share: a room's texts in one language, the names of a case, and lists."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar

from allocate.inputs.case import Case
from allocate.inputs.names import names_of, region_names, target_group_names
from allocate.language import Texts

_LISTS = Texts("allocate.inputs", "texts_speaker.csv")


class Speaker:
    """Says the sentences of a room about one case in one language; each room says what of a name it writes."""

    texts: ClassVar[Texts]

    def __init__(self, case: Case, lang: str) -> None:
        self.case = case
        self.lang = lang
        self._known: dict[str, dict[str, str]] = {}

    def say(self, key: str, **values: object) -> str:
        """A sentence of the room."""
        return self.texts.say(key, self.lang, **values)

    def knows(self, key: str) -> bool:
        """Whether the room has a sentence of this key."""
        return key in self.texts.sentences

    def names(self, key: str) -> dict[str, str]:
        """The names of the things of an id column in the reader's language."""
        if key not in self._known:
            self._known[key] = names_of(self.case, key, self.lang)
        return self._known[key]

    def alone(self, key: str, id: str) -> str:
        """A thing by its name alone, the id where it has none."""
        return self.names(key).get(id, "") or id

    @cached_property
    def regions(self) -> dict[str, str]:
        """The names of regions, blank where they have none."""
        return region_names(self.case)

    @cached_property
    def groups(self) -> dict[str, str]:
        """The target groups of the needs in the reader's language."""
        return target_group_names(self.case, self.lang)

    def listed(self, parts: Sequence[str], total: int | None = None) -> str:
        """``a, b and c``, or ``a, b, c and 4 more``."""
        return listed(parts, self.lang, total, last=True)


def listed(parts: Sequence[str], lang: str, total: int | None = None, *, sign: str = ", ", last: bool = False) -> str:
    """Several things as part of a sentence, with how many more of ``total`` there are; ``last``: ``a, b and c``."""
    rest = (len(parts) if total is None else total) - len(parts)
    if rest > 0:
        return _LISTS.say("more", lang, parts=sign.join(parts), count=rest)
    if last and len(parts) > 1:
        return _LISTS.say("and", lang, parts=sign.join(parts[:-1]), last=parts[-1])
    return sign.join(parts)
