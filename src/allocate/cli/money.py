"""``allocate money``: who pays what to whom, until when, and what of it is bound; no plan and no coverage."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from allocate.cli.numbers import Whole
from allocate.cli.opening import open_any
from allocate.cli.options import Request, case_argument, command, complete_scenario, option, table_option
from allocate.cli.output import Display, respond
from allocate.cli.speech import say

if TYPE_CHECKING:
    from allocate.analyses.grants.who_pays import Grants

_TEXTS = "money.csv"
_BY = ("payer", "recipient", "purpose", "department", "product", "duty", "end", "year")
_HEAD = 12  # rows of a long table that are drawn at once; --table shows it whole


@command("money")
@case_argument
@click.option("-s", "--scenario", default="", shell_complete=complete_scenario)
@option("--by", "dimensions", multiple=True, type=click.Choice(_BY))
@option("--year", type=Whole(1900, 2200))
@table_option
def money(request: Request, case: Path, scenario: str, dimensions: tuple[str, ...], year: int | None) -> None:
    """Sums of a list of grants, or of who pays a town's offers today."""
    session = open_any(case)
    found = session.money(scenario, year=year)
    respond(request, session, found, _displays(request, found, dimensions))


def _displays(request: Request, found: Grants, dimensions: tuple[str, ...]) -> list[Display]:
    from allocate.analyses.grants.grant_words import SHOWN, as_read, title_of

    tables = [request.table] if request.table else _chosen(found, dimensions)
    displays = []
    for name in tables:
        whole = found.by(name) if name in _BY else getattr(found, name)
        key = {"end": "ends", "year": "years"}.get(name, "groups" if name in _BY else name)
        drawn = as_read(found, whole, request.lang)
        notes = found.sentences(request.lang) if name == tables[0] and not request.table else []
        if not request.table and len(drawn) > _HEAD:
            notes = [say("money.more", _TEXTS, count=len(drawn) - _HEAD, table=key), *notes]
            drawn = drawn.head(_HEAD)
        displays.append(Display(name, title_of(found, name, request.lang), drawn, SHOWN[key], notes, whole))
    return displays


def _chosen(found: Grants, dimensions: tuple[str, ...]) -> list[str]:
    """What is drawn: the sums asked for; unasked who pays, years, ends and what is shared, where there is any."""
    if dimensions:
        return list(dict.fromkeys(dimensions))
    named = [name for name in ("department", "product", "duty") if found.by(name)["key"].ne("").any()]
    further = [name for name in ("years", "ends", "shared", "repeated") if len(getattr(found, name))]
    return ["payer", *named, *further]
