"""Cluster: the executor whose workers are those of a Dask scheduler, on one machine or many.

The workers need this program in the same version; towns and scenarios travel with the pieces, so that no folder has to
be shared. The scheduler gives a piece whose worker has died to another one, three times at most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from distributed import Client, Future, KilledWorker, as_completed

from allocate.analyses.workers.executors import AHEAD, DASK, WORKER_LOST, Done, Failure, tried
from allocate.errors import UsageError

# Seconds until a scheduler must have answered.
PATIENCE = 10


@dataclass(frozen=True)
class Cluster:
    """The workers of a scheduler."""

    name: str
    client: Client

    def run[Job, Answer](self, work: Callable[[Job], Answer], jobs: Sequence[Job]) -> Iterator[Done[Answer]]:
        """As they are ready. Raises ``UsageError`` (executor-unreachable) where the scheduler goes away."""
        left = iter(range(len(jobs)))
        numbers: dict[str, int] = {}
        ready = as_completed(loop=self.client.loop)

        def hand_out() -> None:
            while len(numbers) < AHEAD * max(1, sum(self.client.ncores().values())):
                at = next(left, None)
                if at is None:
                    return
                # A piece's answer is fetched once; two pieces of one batch are never the same.
                future = self.client.submit(tried, work, jobs[at], pure=False)
                numbers[future.key] = at
                ready.add(future)

        try:
            hand_out()
            while numbers:
                future = next(ready)
                number = numbers.pop(future.key)
                yield number, _answer(future)
                future.release()
                hand_out()
        except OSError as error:
            raise _unreachable(self.name, error) from error

    def close(self) -> None:
        """Leave the scheduler and its workers to others."""
        self.client.close()


def connected(name: str) -> Cluster:
    """The cluster whose scheduler answers at ``dask://host:port``. Raises ``UsageError`` (executor-unreachable)."""
    try:
        return Cluster(name, Client(f"tcp://{name.removeprefix(f'{DASK}://')}", timeout=PATIENCE, set_as_default=False))
    except (OSError, ValueError) as error:
        raise _unreachable(name, error) from error


def _answer[Answer](future: Future) -> Answer | Failure:
    try:
        answer: Answer | Failure = future.result()
        return answer
    except KilledWorker:
        return Failure(WORKER_LOST)
    except Exception as fault:
        return Failure(f"{type(fault).__name__}: {fault}")


def _unreachable(name: str, error: Exception) -> UsageError:
    return UsageError("executor-unreachable", given=name, reason=str(error) or type(error).__name__)
