"""``allocate frontier``: what more of one goal costs in coverage, persons and euros."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from allocate.cli.drawn import tables_of
from allocate.cli.numbers import Number, Whole
from allocate.cli.opening import scenario_command
from allocate.cli.options import Request, option
from allocate.cli.output import Display, respond
from allocate.cli.speech import say

if TYPE_CHECKING:
    import pandas as pd

    from allocate.questions.limits import Axis
    from allocate.questions.session import Session

_TEXTS = "frontier.csv"
_AXIS_KIND = {"duplication": "eur", "moved": "eur", "budget": "eur", "equity": "share"}


@scenario_command("frontier")
@option("--against", type=click.Choice(tuple(_AXIS_KIND)), required=True)
@option("--exact", is_flag=True)
@option("--gap", type=Number(min=0, max=1), default=0.005, show_default=True)
@option("--solves", type=Whole(min=4), default=40, show_default=True)
@option("--points", type=Whole(min=2), default=10, show_default=True)
@option("--plan", type=Whole(min=0))
def frontier(request: Request, session: Session, scenario: str, plan: int | None, against: Axis, **asked: Any) -> None:
    """The curve of best plans: coverage value against another goal."""
    answer = session.frontier(scenario, against=against, **asked)
    names = session.case["offers"].set_index("offer_id")["name"]
    frames: dict[str, pd.DataFrame] = {name: getattr(answer, name) for name in tables_of("frontier")}
    frames["capacities"] = frames["capacities"].assign(offer_name=frames["capacities"]["offer_id"].map(names))
    if plan is not None:
        frames["capacities"] = frames["capacities"][frames["capacities"]["point"] == plan]
    kind = _AXIS_KIND[against]
    labels = {"axis": f"axis_{kind}", "axis_change": f"axis_{kind}_change"}
    remarks = [remark.text(request.lang) for remark in answer.remarks]
    if plan is None and not request.table:
        del frames["capacities"]
    goal = say(f"frontier.against.{against}", _TEXTS)
    displays = [
        Display(
            name,
            say(f"frontier.{name}", _TEXTS, scenario=scenario, against=goal),
            frame.rename(columns=labels),
            [labels.get(column, column) for column in request.columns(name)],
            remarks if name == "points" else (),
            tidy=frame,
        )
        for name, frame in frames.items()
    ]
    respond(request, session, answer, displays)
