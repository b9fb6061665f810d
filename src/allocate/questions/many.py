"""Many: the plans of one scenario in many cases, made by any executor."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from allocate.analyses.batch.executors import Failure, executor_named
from allocate.errors import AllocateError, expect
from allocate.inputs.case import Case
from allocate.questions.progress import Progress, told
from allocate.results.allocation import Allocation
from allocate.session import Session

type _Job = tuple[Case, str]


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
    for case, _ in jobs:
        expect(case, Case, "cases")
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


def _solved(job: _Job) -> Allocation | AllocateError:
    case, scenario = job
    try:
        return Session(case).run(scenario)
    except AllocateError as error:
        return error
