"""Origins: the chapter of the annex that says of every figure before it which cells it rests on and what prints it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from allocate.report.blocks.block import Block
from allocate.report.blocks.block_words import Telling
from allocate.report.columns import Column, labelled
from allocate.report.content import Content
from allocate.report.front.front_page import FrontPage
from allocate.report.sections.section import Section, Sheet
from allocate.report.sources import origin, rows_of

# Parts of page one beside its tiles, as the register of sources calls them.
_PARTS = ("gains", "losses", "law", "turning", "places", "groups", "options", "years")


def origins(content: Content, front: FrontPage, main: Sequence[Block], lang: str) -> Section:
    """Every tile and table of page one and of the main report, then every row of the main report by its own cells."""
    say = Telling(content, lang)
    named = [(f"tile-{tile.key}", tile.label) for tile in front.tiles]
    named += [(f"front-{part}", say(f"origins.{part}")) for part in _PARTS if getattr(front, part)]
    named += [("front-budget", say("origins.budget"))] if any(one.budget for one in front.options) else []
    sheets = [sheet for block in main for sheet in block.sheets]
    named += [(sheet.key, sheet.title) for sheet in sheets]
    table, own = _table(content, named, lang), _columns(say, _SHOWN)
    found = [Sheet("origins", say("sheet.origins"), table, _SHOWN, own=own, most=100)]
    rows = _rows(content, sheets, lang)
    if len(rows):
        own = _columns(say, ("row", "source"))
        found.append(Sheet("origin_rows", say("sheet.origin_rows"), rows, ("row", "source"), own=own, most=400))
    return Section("origins", say("title.origins"), (say("origins.intro"),), tuple(found))


_SHOWN = ("item", "command", "cells")


def _columns(say: Telling, names: Sequence[str]) -> dict[str, Column]:
    return labelled(dict.fromkeys(names, "text"), **{name: say(f"column.{name}") for name in names})


def _table(content: Content, named: Sequence[tuple[str, str]], lang: str) -> pd.DataFrame:
    rows = []
    for key, label in named:
        one = origin(content, key, lang)
        rows.append((f"from-{key}", label, "; ".join(one.commands), "; ".join(one.cells)))
    return pd.DataFrame(rows, columns=["anchor", *_SHOWN])


def _rows(content: Content, sheets: Sequence[Sheet], lang: str) -> pd.DataFrame:
    """The rows of all tables, each named once."""
    found: dict[str, str] = {}
    for sheet in sheets:
        for cells, source in zip(sheet.cells(lang), rows_of(content, sheet.frame, lang), strict=True):
            if source:
                found.setdefault(source, cells[0])
    return pd.DataFrame([(label, source) for source, label in found.items()], columns=["row", "source"])
