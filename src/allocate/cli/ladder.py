"""``allocate ladder``: nested plans from small to large budgets, and the price of that steadiness."""

from __future__ import annotations

from pathlib import Path

from allocate.cli.numbers import Number
from allocate.cli.options import Request, case_argument, command, option, scenario_option, table_option
from allocate.cli.speech import say

_TEXTS = "ladder.csv"
_STEPS = (
    "budget_share", "budget_eur", "status", "weighted_coverage", "lowest_space_coverage", "moved_eur", "price_eur",
    "price", "spent_eur", "unspent_eur", "duplication_eur", "objective", "free_objective",
)  # fmt: skip


@command("ladder")
@case_argument
@scenario_option
@option("--step", "steps", multiple=True, type=Number(min=0))
@option("--pot", "pots", multiple=True)
@table_option("steps", "offers")
def ladder(request: Request, case: Path, scenario: str, steps: tuple[float, ...], pots: tuple[str, ...]) -> None:
    """Nested plans along the budget."""
    from allocate.analyses.tradeoffs.ladder import DEFAULT_STEPS
    from allocate.cli.answers import open_session
    from allocate.cli.output import Display, emit
    from allocate.cli.progress import progress
    from allocate.inputs.names import named
    from allocate.language import number
    from allocate.questions.document import document

    session = open_session(case)
    total = len({100.0, *steps}) if steps else len(DEFAULT_STEPS)
    with progress(request, say("ladder.progress", _TEXTS), total) as tick:
        answer = session.ladder(scenario, step=steps, pot=pots, progress=tick)
    levels = {name: f"{float(name[3:]) * 100:g} %" for name in answer.offers.columns if name.startswith("at_")}
    drawn = answer.offers.rename(columns=levels)
    for level in ("baseline_capacity", *levels.values()):
        drawn[level] = [number(value, request.lang, 1) for value in drawn[level]]
    frame, shown = named(session.case, drawn, ("offer_id", "baseline_capacity", *levels.values()), request.lang)
    remarks = [remark.text(request.lang) for remark in answer.remarks]
    title = {
        name: say(f"ladder.{name}", _TEXTS, scenario=scenario, pots=", ".join(answer.pots))
        for name in ("steps", "offers")
    }
    displays = [
        Display("steps", title["steps"], answer.steps, _STEPS, remarks),
        Display("offers", title["offers"], frame, shown, tidy=answer.offers),
    ]
    # The drawn answer begins with the steps; the offers are a page of their own.
    emit(request, document(session, answer, request.lang), displays if request.table else displays[:1])
