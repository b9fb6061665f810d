"""Maximal covering by spopt, a library for locating facilities: ``python by_spopt.py ARRAYS``, prints its cost as JSON.

spopt asks for an older PuLP than we do, so this file is run by an interpreter of its own and imports nothing of ours.
``ARRAYS``: a file of ``people`` per area, the pairs ``site`` and ``area``, the numbers ``sites`` and ``most``.
"""

from __future__ import annotations

import json
import resource
import sys
import time

import numpy as np


def main() -> None:
    """Read the arrays, solve, print people reached, CPU seconds and peak memory in MB."""
    import pulp  # noqa: PLC0415
    from spopt.locate import MCLP  # noqa: PLC0415

    given = np.load(sys.argv[1])
    people, sites = given["people"], int(given["sites"])
    started = time.process_time()
    far = np.ones((len(people), sites))
    far[given["area"], given["site"]] = 0.0
    model = MCLP.from_cost_matrix(far, people, 0.5, int(given["most"])).solve(pulp.HiGHS(msg=False, threads=1))
    reached = float(pulp.value(model.problem.objective))
    spent = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"objective": reached, "cpu": spent, "peak": peak}))


if __name__ == "__main__":
    main()
