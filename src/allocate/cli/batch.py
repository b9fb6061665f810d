"""``allocate batch``: many scenarios, values and towns in one run that can be interrupted and continued."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from allocate.cli.guard import BAD_INPUT, LIMIT, NO_PLAN, OK
from allocate.cli.options import (
    Request,
    cases_argument,
    command,
    executor_option,
    option,
    scenarios_option,
    table_option,
    time_limit_option,
)
from allocate.cli.output import Display, ended, respond_of_many
from allocate.cli.paths import Writes
from allocate.cli.progress import counted
from allocate.cli.speech import say

if TYPE_CHECKING:
    from allocate.analyses.batch.many_questions import Batch

_TEXTS = "batch.csv"


@command("batch")
@cases_argument
@scenarios_option
@option("--change", multiple=True)
@option("--over", multiple=True)
@option("--into", type=Writes(endings=(".sqlite", ".db")))
@option("--offers", is_flag=True)
@executor_option
@time_limit_option
@table_option
def batch(
    request: Request, cases: tuple[Path, ...], scenarios: tuple[str, ...], offers: bool, into: Path | None, **asked: Any
) -> int:
    """Ask every scenario of every town with every combination of values; continue where an earlier run stopped."""
    from allocate import batch as ask

    with counted(request, say("batch.progress", _TEXTS)) as (begin, tick):
        offers = offers or request.table == "offers"
        answer = ask(cases, *scenarios, offers=offers, into=into, begin=begin, progress=tick, **asked)
    respond_of_many(request, answer, into, _displays(request, answer))
    return ended(request, _code(answer), answer.without_plan(request.lang))


def _displays(request: Request, answer: Batch) -> list[Display]:
    runs = answer.runs_in(request.lang)
    named = runs[["run", "town", "scenario_id"]].merge(answer.offers, on="run")
    without = runs[runs["objective"].isna()]
    notes = answer.messages(request.lang)
    shown = ("town", "scenario_id", *answer.letters, *request.columns("runs"))
    return [
        Display("summary", say("batch.summary", _TEXTS), answer.summary, request.columns("summary"), notes),
        Display("runs", say("batch.runs", _TEXTS), runs, shown, notes),
        Display("failures", say("batch.failures", _TEXTS), without, request.columns("failures")),
        Display("offers", say("batch.offers", _TEXTS), named, request.columns("offers")),
    ]


def _code(answer: Batch) -> int:
    """3 where a limit stopped a question, 0 where any has a plan, 2 where all failed, else 1."""
    statuses = set(answer.runs["status"])
    if "limit" in statuses:
        return LIMIT
    if answer.runs["objective"].notna().any():
        return OK
    return BAD_INPUT if statuses == {"failed"} else NO_PLAN
