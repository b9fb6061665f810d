"""How many people one page answers at once: ``uv run python -m benchmarks.load --users 20 --minutes 1``.

Every visitor has a working copy of the example town and changes one number ten times a minute, as the page does it: a
step, whose preview is measured, and then the certified plan, unless the next step comes first. The server is a process
of its own. What comes out depends on the machine, so that nothing asserts it; docs/page.md tells what was found.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import numpy as np

# What visitors move: table, key, column, smallest and largest value.
_MOVED = (
    ("pots", "P1", "amount", 900_000, 1_300_000),
    ("pots", "P2", "amount", 920_000, 1_200_000),
    ("needs", "N01", "weight", 5, 25),
    ("offers", "O01", "max_capacity", 100, 250),
    ("offers", "O10", "unit_cost", 500, 2_000),
    ("floors", "F01", "min_coverage", 0.3, 0.6),
)
_PATIENCE = 120.0


@contextmanager
def served() -> Iterator[str]:
    """The address of a server with a home of its own."""
    with tempfile.TemporaryDirectory() as home:
        start = "import sys; from allocate.cli import main; sys.exit(main())"
        server = subprocess.Popen(
            [sys.executable, "-c", start, "serve", "--no-browser", "--port", "0"],
            stdout=subprocess.PIPE, text=True, env={**os.environ, "ALLOCATE_HOME": home},
        )  # fmt: skip
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.terminate()
            server.wait()


class Visitor:
    """Somebody who changes a number every few seconds."""

    def __init__(self, address: str, number: int, ends: float, per_minute: float) -> None:
        self.seconds: list[float] = []
        self._draw, self._ends, self._pause = random.Random(number), ends, 60.0 / per_minute
        self._client = httpx2.Client(base_url=address, follow_redirects=True, timeout=_PATIENCE)
        self._desk = str(self._client.post("/open/example").url).split("/t/")[1].split("/")[0]
        self._plan = threading.Thread()

    def visit(self) -> None:
        """Until the time is over."""
        time.sleep(self._draw.uniform(0, self._pause))
        while time.monotonic() < self._ends:
            table, key, column, low, high = self._draw.choice(_MOVED)
            step = {"table": table, "key": key, "column": column, "value": f"{self._draw.uniform(low, high):.4g}"}
            begun = time.monotonic()
            self._client.post(f"/api/t/{self._desk}/steps", json=step).raise_for_status()
            self.seconds.append(time.monotonic() - begun)
            self._plan = threading.Thread(target=self._client.get, args=(f"/api/t/{self._desk}/answer",), daemon=True)
            self._plan.start()
            time.sleep(max(0.0, begun + self._draw.uniform(0.5, 1.5) * self._pause - time.monotonic()))


def main() -> None:
    """Ask, and tell what was found."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--users", type=int, default=20)
    asked.add_argument("--minutes", type=float, default=1.0)
    asked.add_argument("--changes", type=float, default=10.0, help="of one user in a minute")
    given = asked.parse_args()
    with served() as address:
        Visitor(address, 0, 0.0, given.changes).visit()
        ends = time.monotonic() + 60.0 * given.minutes
        visitors = [Visitor(address, number, ends, given.changes) for number in range(given.users)]
        threads = [threading.Thread(target=one.visit) for one in visitors]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    seconds = np.array([one for visitor in visitors for one in visitor.seconds])
    middle, most, longest = np.quantile(seconds, (0.5, 0.95, 1.0))
    print(
        f"{len(seconds)} previews for {given.users} users: {np.mean(seconds < 1):.1%} under 1 s, "
        f"median {middle:.2f} s, 95 % under {most:.2f} s, longest {longest:.2f} s"
    )
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{(used.ru_utime + used.ru_stime) / len(seconds):.2f} s of processor time a change, with the certified plans"
    )


if __name__ == "__main__":
    main()
