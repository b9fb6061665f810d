"""``allocate frontier``: what more of one goal costs in coverage, persons and euros."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from allocate.cli.numbers import Number, Whole
from allocate.cli.options import Request, case_argument, command, option, scenario_option, table_option
from allocate.cli.speech import say

if TYPE_CHECKING:
    import pandas as pd

    from allocate.questions.limits import Axis

_TEXTS = "frontier.csv"
TABLES = ("points", "marks", "segments", "capacities")
_AXIS_KIND = {"duplication": "eur", "moved": "eur", "budget": "eur", "equity": "share"}
_SHOWN = {
    "points": ("point", "coverage_value", "axis", "weighted_coverage", "covered_units", "knee", "proven_gap"),
    "marks": (
        "mark", "coverage_value", "axis", "weighted_coverage", "covered_units", "below_curve", "floors_missed",
    ),
    "segments": (
        "from_point", "to_point", "axis_change", "covered_units_change", "coverage_value_change", "coverage_worth_eur",
        "proven_gap", "contains_chosen",
    ),
    "capacities": ("point", "offer_id", "offer_name", "capacity", "cost_eur"),
}  # fmt: skip


@command("frontier")
@case_argument
@scenario_option
@option("--against", type=click.Choice(tuple(_AXIS_KIND)), required=True)
@option("--exact", is_flag=True)
@option("--gap", type=Number(min=0, max=1), default=0.005, show_default=True)
@option("--solves", type=Whole(min=4), default=40, show_default=True)
@option("--points", type=Whole(min=2), default=10, show_default=True)
@option("--plan", type=Whole(min=0))
@table_option(*TABLES)
def frontier(
    request: Request,
    case: Path,
    scenario: str,
    against: Axis,
    exact: bool,
    gap: float,
    solves: int,
    points: int,
    plan: int | None,
) -> None:
    """The curve of best plans: coverage value against another goal."""
    from allocate.cli.answers import open_session
    from allocate.cli.output import Display, emit
    from allocate.questions.document import document

    session = open_session(case)
    answer = session.frontier(scenario, against=against, exact=exact, gap=gap, solves=solves, points=points)
    names = session.case["offers"].set_index("offer_id")["name"]
    frames: dict[str, pd.DataFrame] = {name: getattr(answer, name) for name in TABLES}
    frames["capacities"] = frames["capacities"].assign(offer_name=frames["capacities"]["offer_id"].map(names))
    if plan is not None:
        frames["capacities"] = frames["capacities"][frames["capacities"]["point"] == plan]
    kind = _AXIS_KIND[against]
    labels = {"axis": f"axis_{kind}", "axis_change": f"axis_{kind}_change"}
    remarks = [remark.text(request.lang) for remark in answer.remarks]
    wanted = TABLES if request.table or plan is not None else TABLES[:3]
    displays = [
        Display(
            name,
            say(f"frontier.{name}", _TEXTS, scenario=scenario, against=say(f"frontier.against.{against}", _TEXTS)),
            frames[name].rename(columns=labels),
            [labels.get(column, column) for column in _SHOWN[name] if column in frames[name].columns],
            remarks if name == "points" else (),
            tidy=frames[name],
        )
        for name in wanted
    ]
    emit(request, document(session, answer, request.lang), displays)
