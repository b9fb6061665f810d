"""Jobs: reports, papers and workbooks are made in the background, say how far they are, and can be stopped."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from allocate.errors import AllocateError

type Step = Callable[[str], None]
# Finished jobs that are kept, with their files.
_KEPT = 12
# So many files are made at once, so that steps are still answered beside them.
_AT_ONCE = threading.BoundedSemaphore(2)


class Stopped(Exception):
    """Somebody has stopped the job."""


@dataclass
class Job:
    """A file in the making: ``done`` of ``total`` steps, the name of the step, and what came of it."""

    filename: str
    total: int
    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    done: int = 0
    doing: str = ""
    content: bytes | None = None
    error: AllocateError | None = None
    failed: bool = False
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.content is not None or self.error is not None or self.failed or self.stopped.is_set()

    def step(self, name: str) -> None:
        """The next step begins. Raises ``Stopped``."""
        if self.stopped.is_set():
            raise Stopped
        self.done, self.doing = min(self.done + 1, self.total), name


class Jobs:
    """All jobs of this server; each has a thread of its own."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, filename: str, total: int, make: Callable[[Step], bytes]) -> Job:
        """Start making a file; ``make`` is given the function to call at each of its ``total`` steps."""
        job = Job(filename, total)
        with self._lock:
            self._jobs[job.id] = job
            for id in [id for id, one in self._jobs.items() if one.over][:-_KEPT]:
                del self._jobs[id]
        threading.Thread(target=_make, args=(job, make), name=f"job {filename}", daemon=True).start()
        return job

    def get(self, id: str) -> Job | None:
        """The job of that id."""
        with self._lock:
            return self._jobs.get(id)

    def stop_all(self) -> None:
        """Let every job end at its next step."""
        with self._lock:
            for job in self._jobs.values():
                job.stopped.set()


def _make(job: Job, make: Callable[[Step], bytes]) -> None:
    try:
        with _AT_ONCE:
            job.content = make(job.step)
    except Stopped:
        pass
    except AllocateError as error:
        job.error = error
    except Exception:
        job.failed = True
        raise
