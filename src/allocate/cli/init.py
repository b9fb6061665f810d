"""``allocate init``: a new case, ready to be filled in."""

from __future__ import annotations

from pathlib import Path

import click

from allocate.cli.numbers import Whole
from allocate.cli.options import Request, command, option
from allocate.cli.paths import Writes
from allocate.cli.speech import say

_TEXTS = "init.csv"
_WORKBOOK = ".xlsx"


@command("init")
@click.argument("folder", type=Writes(folder=True))
@option("--excel", is_flag=True)
@option("--land", "towns", type=Whole(2, 100_000))
@option("--seed", type=Whole(min=0), show_default="1")
def init(request: Request, folder: Path, excel: bool, towns: int | None, seed: int | None) -> None:
    """Write a folder of CSV files, one workbook, or a folder of invented towns; what is there is never touched."""
    from allocate.errors import UsageError

    if towns is not None:
        if excel or folder.suffix.lower() == _WORKBOOK:
            raise UsageError("init-land-workbook", place=str(folder))
        _init_land(request, folder, towns, 1 if seed is None else seed)
        return
    if seed is not None:
        raise UsageError("init-seed-alone", place=f"--seed {seed}")
    import pandas as pd

    from allocate.cli.output import Display, emit
    from allocate.inputs import dictionary
    from allocate.inputs.workbook.example import sheet_name
    from allocate.inputs.workbook.template import write_template_folder, write_template_workbook

    if folder.suffix.lower() == _WORKBOOK:
        target = write_template_workbook(folder, request.lang)
    elif excel:
        target = write_template_workbook(folder.with_name(folder.name + _WORKBOOK), request.lang)
    else:
        write_template_folder(folder, request.lang)
        target = folder
    tables = pd.DataFrame(
        [
            {"table": table.name, "table_needed": table.required, "meaning": table.meaning(request.lang)}
            for table in dictionary.tables().values()
        ]
    )
    title = say("init.title", _TEXTS, target=target)
    note = say("init.next", _TEXTS, target=target)
    shown = tables.assign(table=[sheet_name(table, request.lang) for table in tables["table"]])
    display = Display("tables", title, shown, notes=(note,), tidy=tables)
    emit(request, {"case": str(target), "tables": tables}, [display])


def _init_land(request: Request, folder: Path, towns: int, seed: int) -> None:
    """Invented towns that share a pot, each a folder, and what the Land says of them."""
    from allocate.analyses.land.writing import write_land
    from allocate.cli.output import Display, emit

    table = write_land(folder, towns, seed)
    note = say("init.land.next", _TEXTS, target=folder)
    display = Display("towns", say("init.title", _TEXTS, target=folder), table, notes=(note,))
    emit(request, {"land": str(folder), "towns": table}, [display])
