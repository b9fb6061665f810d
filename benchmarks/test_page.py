"""The what-if page: the preview of a step beside a cold run of the same scenario, as the page and the command give it.

CPU seconds of one run, so that the ratio does not depend on the machine. The ratio is printed; both must give the same
objective.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from allocate.inputs.reading.package import ReadResult
from allocate.session import Session
from allocate.web.desk import Desk, Step
from allocate.web.open_town import OpenTown, widened
from benchmarks.conftest import SCENARIO, Bench

# Steps of one visitor: a pot smaller and larger, by a little and by a lot.
_FACTORS = (0.99, 0.98, 1.01, 0.95, 1.03)


def test_preview_of_a_step(benchmark: BenchmarkFixture, bench: Bench) -> None:
    """One pot, a little more and less."""
    if bench.size == "L":
        pytest.skip("a cold run of the large town takes minutes; S and M show the ratio")
    town = OpenTown(ReadResult(bench.case, pd.DataFrame({"severity": []})))
    pot = str(bench.case["pots"]["pot_id"].iloc[0])
    desks = [
        Desk("visitor", "", "", SCENARIO).with_steps(Step("pots", pot, "amount", "multiply", str(factor)))
        for factor in _FACTORS
    ]
    town.preview(desks[0].with_steps(Step("pots", pot, "amount", "multiply", "1.02")), "tried")

    def previews() -> list[float]:
        return [answer.plan.objective for desk in desks if (answer := town.preview(desk, "tried")) is not None]

    benchmark.group = f"page {bench.size}"
    started = time.process_time()
    quick = benchmark.pedantic(previews, rounds=1)
    middle = time.process_time()
    cold = [Session(widened(bench.case, desk, "tried")).run("working copy").objective for desk in desks[:2]]
    ended = time.process_time()
    np.testing.assert_allclose(quick[:2], cold, rtol=0, atol=1e-7)
    one, other = (middle - started) / len(desks), (ended - middle) / len(cold)
    benchmark.extra_info |= {"preview": one, "cold": other, "times_faster": other / one}
    print(f"\n{bench.size} a step on the page: {one:.3f} s preview, {other:.3f} s cold, {other / one:.1f} times faster")
