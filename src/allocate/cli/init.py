"""``allocate init``: a new case, ready to be filled in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from allocate.cli.numbers import Whole
from allocate.cli.options import Request, command, option
from allocate.cli.output import Display, emit
from allocate.cli.paths import Writes
from allocate.cli.speech import say

_TEXTS = "init.csv"


@command("init")
@click.argument("folder", type=Writes(folder=True))
@option("--excel", is_flag=True)
@option("--land", type=Whole(2, 100_000))
@option("--seed", type=Whole(min=0), show_default="1")
def init(request: Request, folder: Path, **asked: Any) -> None:
    """Write a folder of CSV files, one workbook, or a folder of invented towns; what is there is never touched."""
    from allocate import init as ask

    begun = ask(folder, lang=request.lang, **asked)
    title, target = say("init.title", _TEXTS, target=begun.path), begun.path
    if begun.is_land:
        note = say("init.land.next", _TEXTS, target=target)
        display = Display("towns", title, begun.tables, notes=(note,))
    else:
        from allocate.inputs.workbook.example import sheet_name

        tables = begun.tables
        shown = tables.assign(table=[sheet_name(table, request.lang) for table in tables["table"]])
        display = Display("tables", title, shown, notes=(say("init.next", _TEXTS, target=target),), tidy=tables)
    emit(request, begun.to_json(request.lang), [display])
