"""The blocks of the main report in a reader's order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from allocate.report.audience import CHAPTER
from allocate.report.blocks.block import Block
from allocate.report.blocks.block_words import Telling
from allocate.report.blocks.comparing import changes, side_by_side, why_here
from allocate.report.blocks.feeling import felt, from_to
from allocate.report.blocks.own import own
from allocate.report.blocks.standing import lawful, said, unknown
from allocate.report.blocks.years import by_years
from allocate.report.content import Content
from allocate.report.pictures.register import illustrations
from allocate.report.sections.readers import pictures_for, sheets_for

type Writing = Callable[[Telling], Block | None]

BLOCKS: tuple[Writing, ...] = (own, side_by_side, changes, felt, from_to, why_here, by_years, lawful, said, unknown)


def blocks(content: Content, lang: str, *, pictures: bool = True) -> list[Block]:
    """The main report of a proposal; none where there is no proposal to explain."""
    if not content.is_proposal:
        return []
    say = Telling(content, lang)
    found = content.once(("blocks", lang), lambda: _written(say))
    if not pictures:
        return list(found)
    return [
        replace(block, pictures=pictures_for(content.audience, illustrations(say.voice, block.key))) for block in found
    ]


def _written(say: Telling) -> list[Block]:
    audience = say.content.audience
    written = [block for write in BLOCKS if (block := write(say)) is not None]
    found = [block for block in written if audience.shows(CHAPTER, block.key)]
    return [
        replace(
            block,
            sheets=sheets_for(audience, block.sheets),
            details=tuple(key for key in block.details if audience.shows(CHAPTER, key)),
        )
        for block in found
    ]
