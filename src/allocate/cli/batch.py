"""``allocate batch``: many scenarios, values and towns in one run that can be interrupted and continued."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from allocate.cli.numbers import Number
from allocate.cli.options import (
    Request,
    cases_argument,
    command,
    executor_option,
    option,
    scenarios_option,
    table_option,
)
from allocate.cli.paths import Writes
from allocate.cli.speech import say

if TYPE_CHECKING:
    from allocate.analyses.batch.batch import Batch
    from allocate.cli.output import Display

_TEXTS = "batch.csv"
_SUMMARY = (
    "town", "scenario_id", "questions", "with_plan", "without_plan", "failed", "lowest_coverage", "median_coverage",
    "highest_coverage", "lowest_objective", "highest_objective",
)  # fmt: skip
_MEASURES = (
    "status", "weighted_coverage", "lowest_space_coverage", "duplication_eur", "moved_eur", "spent_eur", "objective",
)  # fmt: skip
_FAILURES = ("town", "scenario_id", "status", "message", "varied")
_OFFERS = ("town", "scenario_id", "offer_id", "capacity", "cost_eur", "change_eur")


@command("batch")
@cases_argument
@scenarios_option
@option("--change", "changes", multiple=True)
@option("--over", "axes", multiple=True)
@option("--into", type=Writes(endings=(".sqlite", ".db")))
@option("--offers", "with_offers", is_flag=True)
@executor_option
@option("--time-limit", type=Number(min=0, min_open=True))
@table_option("summary", "runs", "failures", "offers")
def batch(
    request: Request,
    cases: tuple[Path, ...],
    scenarios: tuple[str, ...],
    changes: tuple[str, ...],
    axes: tuple[str, ...],
    into: Path | None,
    with_offers: bool,
    executor: str,
    time_limit: float | None,
) -> int:
    """Ask every scenario of every town with every combination of values; continue where an earlier run stopped."""
    from allocate import __version__
    from allocate import batch as ask
    from allocate.cli.output import emit, ended
    from allocate.cli.progress import counted

    with counted(request, say("batch.progress", _TEXTS)) as (begin, tick):
        answer = ask(
            cases,
            *scenarios,
            change=changes,
            over=axes,
            into=into,
            offers=with_offers or request.table == "offers",
            executor=executor,
            time_limit=time_limit,
            begin=begin,
            progress=tick,
        )
    head = {"allocate": __version__, "results": None if into is None else str(into)}
    shown = _displays(request, answer)
    emit(request, {**head, **answer.to_json(request.lang)}, shown if request.table else shown[:1])
    return ended(request, _code(answer), answer.without_plan(request.lang))


def _displays(request: Request, answer: Batch) -> list[Display]:
    from allocate.cli.output import Display

    runs = answer.runs_in(request.lang)
    named = runs[["run", "town", "scenario_id"]].merge(answer.offers, on="run")
    without = runs[runs["objective"].isna()]
    notes = answer.messages(request.lang)
    return [
        Display("summary", say("batch.summary", _TEXTS), answer.summary, _SUMMARY, notes),
        Display("runs", say("batch.runs", _TEXTS), runs, ("town", "scenario_id", *answer.letters, *_MEASURES), notes),
        Display("failures", say("batch.failures", _TEXTS), without, _FAILURES),
        Display("offers", say("batch.offers", _TEXTS), named, _OFFERS),
    ]


def _code(answer: Batch) -> int:
    """3 where a limit stopped a question, 0 where any has a plan, 2 where all failed, else 1."""
    from allocate.cli.guard import BAD_INPUT, LIMIT, NO_PLAN, OK

    statuses = set(answer.runs["status"])
    if "limit" in statuses:
        return LIMIT
    if answer.runs["objective"].notna().any():
        return OK
    return BAD_INPUT if statuses == {"failed"} else NO_PLAN
