"""Reply: the answer to a question, as the document of a command and as the page shows it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from allocate.inputs.names import with_names
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

    document: dict[str, object]
    sentences: tuple[str, ...] = ()
    sheets: tuple[Sheet, ...] = field(default=())
    curve: Curve | None = None
    origins: tuple[Origin, ...] = ()


def sheet(session: Session, name: str, frame: pd.DataFrame, shown: tuple[str, ...], lang: str) -> Sheet:
    """A table of a reply, with names behind its ids."""
    there = tuple(column for column in shown if column in frame.columns)
    named = with_names(session.case, frame.reset_index(drop=True), lang, [key for key in there if key.endswith("_id")])
    names = [f"{key.removesuffix('_id')}_name" for key in there if key.endswith("_id")]
    beside = tuple(name for name in names if name in named.columns and name not in there)
    columns = tuple(one for key in there for one in (key, *(n for n in beside if n == f"{key[:-3]}_name")))
    return Sheet(name, say(f"table.{name}", lang), named, columns, most=_MOST)
