"""``allocate land``: many towns side by side, and pots that they share divided by need."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from allocate.cli.drawn import tables_of
from allocate.cli.numbers import Number
from allocate.cli.options import Request, command, executor_option, option, scenario_option, table_option
from allocate.cli.output import Display, respond_of_many
from allocate.cli.paths import Reads, Writes
from allocate.cli.progress import counted
from allocate.cli.speech import say

if TYPE_CHECKING:
    from allocate.analyses.land.side_by_side import Land

_TEXTS = "land.csv"


@command("land")
@click.argument("folder", type=Reads())
@scenario_option
@option("--pot", multiple=True)
@option("--keep", type=Number(min=0, max=1), default=0.0, show_default=True)
@option("--fair", is_flag=True)
@option("--into", type=Writes(endings=(".sqlite", ".db")))
@executor_option
@table_option
def land(request: Request, folder: Path, scenario: str, into: Path | None, **asked: Any) -> None:
    """Divisions of the Land's pots, what each town gets and would do with it, and how the towns compare."""
    from allocate import land as ask

    with counted(request, say("land.progress", _TEXTS)) as (begin, tick):
        answer = ask(folder, scenario, into=into, begin=begin, progress=tick, **asked)
    respond_of_many(request, answer, into, _displays(request, answer))


def _displays(request: Request, answer: Land) -> list[Display]:
    from allocate.inputs.names import best_names

    notes = answer.messages(request.lang)
    found = []
    for name in tables_of("land"):
        frame = getattr(answer, name)
        drawn = frame.rename(columns={f"message_{request.lang}": "message"})
        for table, column in (("needs", "need_name"), ("uses", "offer_name")):
            if name == table:
                drawn = drawn.assign(**{column: best_names(drawn, request.lang)})
        title = say(f"land.{name}", _TEXTS)
        found.append(
            Display(name, title, drawn, request.columns(name), notes if name == "divisions" else (), tidy=frame)
        )
    return found
