"""Reply: the answer to a question, as the document of a command and as the page shows it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from allocate.inputs.names import named
from allocate.plain import Record
from allocate.report.sections.section import Sheet
from allocate.session import Session
from allocate.web.curve import Curve
from allocate.web.origins import Origin
from allocate.web.speech import say

# Rows of a table that are shown; the document holds all.
_MOST = 25


@dataclass(frozen=True)
class Reply:
    """The JSON of the command that answers the same question, and how the page shows it."""

    document: Record
    sentences: tuple[str, ...] = ()
    sheets: tuple[Sheet, ...] = field(default=())
    curve: Curve | None = None
    origins: tuple[Origin, ...] = ()


def sheet(session: Session, name: str, frame: pd.DataFrame, shown: tuple[str, ...], lang: str) -> Sheet:
    """A table of a reply, with names behind its ids."""
    there = tuple(column for column in shown if column in frame.columns)
    table, columns = named(session.case, frame.reset_index(drop=True), there, lang)
    return Sheet(name, say(f"table.{name}", lang), table, columns, most=_MOST)
