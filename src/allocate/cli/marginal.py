"""``allocate marginal``: what a little more or less of every pot and rule is worth, and where a step does most."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from allocate.cli.numbers import Number, Whole
from allocate.cli.options import Request, case_argument, command, option, scenario_option, table_option
from allocate.cli.speech import say
from allocate.cli.what_if import WhatIf, what_if_options

if TYPE_CHECKING:
    import pandas as pd

    from allocate.analyses.margins.marginal import Marginal
    from allocate.cli.output import Display
    from allocate.inputs.case import Case

_TEXTS = "marginal.csv"
_SHOWN = {
    "pots": (
        "pot_id", "more_value", "more_up_to_eur", "less_value", "less_up_to_eur", "unspent_eur", "differ", "along_eur",
        "spent_eur", "amount_eur",
    ),
    "step": (
        "pot_id", "objective_gain", "covered_units_gain", "objective_loss", "value_per_eur", "coverage_value_gain",
    ),
    "effects": ("pot_id", "space_id", "need_id", "covered_units_change", "unit"),
    "uses": ("pot_id", "offer_id", "change_eur", "capacity_change"),
    "split": ("pot_id", "part_eur", "objective_gain"),
    "idle": ("pot_id", "unspent_eur", "cause", "otherwise_worth_eur", "worth"),
    "floors": (
        "floor_id", "scope_id", "need_id", "required", "point_less_worth_eur", "point_more_cost_eur",
        "lifted_worth_eur", "lower_up_to", "raise_up_to", "point_less_gain", "point_more_loss", "lifted_gain",
    ),
    "rules": (
        "name", "lifted_worth_eur", "more_worth_eur", "more_up_to", "less_cost_eur", "less_up_to", "lifted_gain",
        "decider",
    ),
}  # fmt: skip
# Which part of the work each table comes from.
_PHASE_OF = {name: "step" if name in ("effects", "uses", "split") else name for name in _SHOWN}
# The drawn answer holds what a planner asks first, and of long tables the head; --table shows a table whole.
_AT_ONCE = ("pots", "step", "effects", "idle", "floors", "rules")
_HEAD = 10


@command("marginal")
@case_argument
@scenario_option
@what_if_options
@option("--step", type=Number(min=0, min_open=True), default=None, show_default="1000")
@option("--pot", "pots", multiple=True)
@option("--most", type=Whole(min=0), default=10, show_default=True)
@option("--years", default="")
@option("--time-limit", type=Number(min=0, min_open=True))
@table_option(*_SHOWN)
def marginal(
    request: Request,
    case: Path,
    scenario: str,
    what_if: WhatIf,
    step: float | None,
    pots: tuple[str, ...],
    most: int,
    years: str,
    time_limit: float | None,
) -> None:
    """Values of pots, floors and other rules; where a step goes; idle money with its cause."""
    from allocate.analyses.margins.marginal import PHASES
    from allocate.cli import path_answers
    from allocate.cli.answers import open_what_if
    from allocate.cli.output import emit
    from allocate.cli.progress import progress
    from allocate.questions.document import document

    session, shown = open_what_if(case, [scenario], "highs", time_limit, what_if)
    if years:
        path_answers.refuse_table(request, ("pots",), True, ("pots",))
        path_answers.show_values(request, session, session.marginal(shown[-1], step=step, years=years))
        return
    # One table of a large town is there in a few seconds, all of them are not.
    wanted = request.table or ("pots" if request.format == "csv" else "")
    phases = (_PHASE_OF[wanted],) if wanted and request.format != "json" else PHASES
    with progress(request, say("marginal.progress", _TEXTS), len(PHASES)) as tick:
        answer = session.marginal(shown[-1], step=step, pot=pots, most=most, phases=phases, progress=tick)
    displays = _displays(request, session.case, answer, answer.messages(request.lang))
    emit(request, document(session, answer, request.lang), displays)


def _displays(request: Request, case: Case, answer: Marginal, told: list[str]) -> list[Display]:
    from allocate.analyses.margins.marginal_words import cause_text
    from allocate.cli.output import Display
    from allocate.inputs.names import named
    from allocate.language import euro

    values = {"scenario": answer.scenario_id, "step": euro(answer.step_eur, request.lang)}
    displays = []
    for name in (request.table,) if request.table else _AT_ONCE:
        tidy: pd.DataFrame = answer.named_rules(request.lang) if name == "rules" else getattr(answer, name)
        if not request.table and tidy.empty and name != "pots":
            continue
        drawn = tidy if request.table else tidy.head(_HEAD)
        notes = list(told) if name == "pots" and not request.table else []
        if len(drawn) < len(tidy):
            notes.append(say("marginal.more", _TEXTS, count=len(tidy) - len(drawn), table=name))
        if name == "idle":
            drawn = drawn.assign(cause=[cause_text(cause, "cause", request.lang) for cause in drawn["cause"]])
        frame, columns = named(case, drawn, _SHOWN[name], request.lang)
        displays.append(Display(name, say(f"marginal.{name}", _TEXTS, **values), frame, columns, notes, tidy))
    return displays
