"""``allocate land``: many towns side by side, and pots that they share divided by need."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from allocate.cli.numbers import Number
from allocate.cli.options import Request, command, executor_option, option, scenario_option, table_option
from allocate.cli.paths import Reads, Writes
from allocate.cli.speech import say

if TYPE_CHECKING:
    from allocate.analyses.land.land import Land
    from allocate.cli.output import Display

_TEXTS = "land.csv"
_SHOWN = {
    "divisions": (
        "division", "keep_share", "land_objective", "objective_lost", "shifted_eur", "lowest_town", "lowest_objective",
        "proven_gap", "left_eur", "bound",
    ),
    "towns": (
        "town_id", "key_eur", "allotment_eur", "allotment_change_eur", "coverage_today", "coverage_by_key",
        "coverage_by_allotment", "population", "allotment_per_person", "marginal_value", "integration_value",
        "duplication_share", "duplication_eur", "objective_by_key", "objective_by_allotment", "name",
    ),
    "allotments": ("town_id", "pot_id", "key_eur", "allotment_eur", "allotment_change_eur", "least_eur"),
    "needs": (
        "town_id", "need_id", "need_name", "coverage_today", "median_coverage", "coverage_planned",
        "demand_per_thousand", "demand",
    ),
    "peers": (
        "town_id", "need_id", "coverage_today", "peer_id", "peer_coverage", "spent_per_person", "peer_spent_per_person",
    ),
    "uses": ("town_id", "offer_id", "offer_name", "cost_by_key", "cost_by_allotment", "change_eur"),
    "curves": ("town_id", "pot_id", "amount_eur", "objective", "marginal_value"),
    "left_out": ("town_id", "message"),
}  # fmt: skip


@command("land")
@click.argument("folder", type=Reads())
@scenario_option
@option("--pot", "pots", multiple=True)
@option("--keep", type=Number(min=0, max=1), default=0.0, show_default=True)
@option("--fair", is_flag=True)
@option("--into", type=Writes(endings=(".sqlite", ".db")))
@executor_option
@table_option(*_SHOWN)
def land(
    request: Request,
    folder: Path,
    scenario: str,
    pots: tuple[str, ...],
    keep: float,
    fair: bool,
    into: Path | None,
    executor: str,
) -> int:
    """Divisions of the Land's pots, what each town gets and would do with it, and how the towns compare."""
    from allocate import __version__
    from allocate import land as ask
    from allocate.cli.output import emit
    from allocate.cli.progress import counted

    with counted(request, say("land.progress", _TEXTS)) as (begin, tick):
        answer = ask(
            folder,
            scenario,
            pot=pots,
            keep=keep,
            fair=fair,
            into=into,
            executor=executor,
            begin=begin,
            progress=tick,
        )
    head = {"allocate": __version__, "results": None if into is None else str(into)}
    shown = _displays(request, answer)
    # Divisions and towns are the answer; the rest are pages of their own.
    emit(request, {**head, **answer.to_json(request.lang)}, shown if request.table else shown[:2])
    return 0


def _displays(request: Request, answer: Land) -> list[Display]:
    from allocate.cli.output import Display
    from allocate.inputs.names import best_names

    notes = answer.messages(request.lang)
    found = []
    for name, columns in _SHOWN.items():
        frame = getattr(answer, name)
        drawn = frame.rename(columns={f"message_{request.lang}": "message"})
        for table, column in (("needs", "need_name"), ("uses", "offer_name")):
            if name == table:
                drawn = drawn.assign(**{column: best_names(drawn, request.lang)})
        title = say(f"land.{name}", _TEXTS)
        found.append(Display(name, title, drawn, columns, notes if name == "divisions" else (), tidy=frame))
    return found
