"""Many: one question asked of many cases, values or towns, answered by any executor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from allocate import __version__
from allocate.analyses.workers.executors import Failure, executor_named
from allocate.arguments import Positive, Share, arguments_checked
from allocate.errors import AllocateError
from allocate.inputs.case import Case
from allocate.questions.progress import Progress, several, told
from allocate.results.allocation import Allocation
from allocate.session import Session

if TYPE_CHECKING:
    from allocate.analyses.batch.many_questions import Batch, Town
    from allocate.analyses.land.side_by_side import Land

type Towns = Case | str | Path
type Begin = Callable[[int], None]
type _Job = tuple[Case, str]


@arguments_checked
def solve_many(
    cases: Sequence[Case], scenario: str, *, executor: str = "serial", progress: Progress = None
) -> list[Allocation]:
    """The plan of ``scenario`` in every case, in their order.

    ``executor``: ``serial``, ``threads:N``, ``processes:N`` or ``dask://host:port`` (processes need the caller's own
    code below ``if __name__ == "__main__":``). What one case cannot answer is raised when all others are done: that of
    the first such case.

    >>> [plan.status.value for plan in allocate.solve_many([case, case], "S2")]
    ['optimal', 'optimal']
    """
    jobs = [(case, scenario) for case in cases]
    answers: dict[int, Allocation] = {}
    refused: dict[int, AllocateError] = {}
    with closing(executor_named(executor)) as worker, told(progress) as step:
        for at, found in worker.run(_solved, jobs):
            step(jobs[at][0].name)
            if isinstance(found, Failure):
                refused[at] = AllocateError("solver-failed", solver=executor, reason=found.reason)
            elif isinstance(found, AllocateError):
                refused[at] = found
            else:
                answers[at] = found
    if refused:
        raise refused[min(refused)]
    return [answers[at] for at in range(len(jobs))]


@arguments_checked
def batch(
    cases: Towns | Sequence[Towns],
    *scenarios: str,
    change: str | Sequence[str] = (),
    over: str | Sequence[str] = (),
    into: str | Path | None = None,
    offers: bool = False,
    executor: str = "serial",
    time_limit: Positive | None = None,
    begin: Begin | None = None,
    progress: Progress = None,
) -> Batch:
    """Every scenario (none named: all) of every case with every combination of values: ``allocate batch``.

    ``cases``: cases, folders, workbooks, or folders that hold towns; ``change`` with placeholders (``{x}``) and their
    values ``over`` (``x=0.9:1.1:0.1``); ``into``: a file of results, which a later batch continues; ``offers``: also
    the offers of every plan; ``time_limit``: seconds for each question; ``begin`` hears how many questions there are.
    What goes wrong with one question is said in its row. Raises ``UsageError``.

    >>> answer = allocate.batch(case, "S2", change="pots:*:amount*{x}", over="0.9;1")
    >>> answer.runs[["scenario_id", "x", "status"]].values.tolist()
    [['S2', 0.9, 'optimal'], ['S2', 1.0, 'optimal']]
    """
    from allocate.analyses.batch.grid import grid_of
    from allocate.analyses.batch.many_questions import batch as ask
    from allocate.analyses.batch.results_file import results_file

    grid = grid_of(several(change), several(over))
    towns = _towns([cases] if isinstance(cases, Case | str | Path) else list(cases))
    file = None if into is None else Path(into)
    with (
        closing(executor_named(executor)) as worker,
        results_file(file, __version__) as results,
        told(progress) as step,
    ):
        return ask(
            towns,
            list(dict.fromkeys(scenarios)),
            grid,
            executor=worker,
            results=results,
            seconds=time_limit or float("inf"),
            with_offers=offers,
            begin=begin or (lambda _count: None),
            step=step,
        )


@arguments_checked
def land(
    folder: str | Path,
    scenario: str,
    *,
    pot: str | Sequence[str] = (),
    keep: Share = 0.0,
    fair: bool = False,
    into: str | Path | None = None,
    executor: str = "serial",
    begin: Begin | None = None,
    progress: Progress = None,
) -> Land:
    """The towns of a Land side by side, and the pots that they share divided by need: ``allocate land``.

    ``folder`` holds the towns (``musterland``: the invented Land that comes along); ``pot``: which pots are shared
    (none: those of ``land_pots``); ``keep``: the share of what the key gives that every town keeps at least; ``fair``:
    the lowest town first; ``into``: a file that takes all answers of the towns, which a later call continues. Raises
    ``UsageError``: land-....

    >>> allocate.land("musterland", "silo").towns["town_id"].tolist()
    ['T001', 'T002', 'T003', 'T004']
    """
    from allocate.analyses.land.answers_file import kept_in
    from allocate.analyses.land.side_by_side import land as ask
    from allocate.analyses.land.sources import land_at

    file = None if into is None else Path(into)
    with (
        closing(executor_named(executor)) as worker,
        kept_in(file, __version__, worker) as towns,
        told(progress) as step,
    ):
        jobs, stated = land_at(Path(folder), scenario, several(pot))
        quiet = begin or (lambda _count: None)
        answer = ask(jobs, stated, executor=towns, keep=keep, fair=fair, begin=quiet, step=step)
        return replace(answer, answered=towns.answered, kept=towns.kept)


def _towns(given: Sequence[Towns]) -> Iterator[Town]:
    """The towns of a batch in order, each named once: those at paths by their folders, cases by their own name."""
    from allocate.analyses.batch.many_questions import Town
    from allocate.analyses.batch.towns import towns_at

    for one in given:
        if isinstance(one, Case):
            yield Town(one.name, one)
    yield from towns_at([Path(one) for one in given if not isinstance(one, Case)])


def _solved(job: _Job) -> Allocation | AllocateError:
    case, scenario = job
    try:
        return Session(case).run(scenario)
    except AllocateError as error:
        return error
